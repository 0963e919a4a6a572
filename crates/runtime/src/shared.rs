//! The few flags all threads of the daemon look at.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tandem_system2::Instruction;
use tandem_types::InstructionId;

/// State that belongs to no single thread. The tick and System 1 only load and add to atomics.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    stop: AtomicBool,
    kill_system2: AtomicBool,
    lost: AtomicU64,
    wanted: AtomicU64,
    tasks: Mutex<Tasks>,
}

/// What the arm is asked to do, one after the other.
#[derive(Debug, Default)]
struct Tasks {
    present: Option<Arc<Instruction>>,
    next: VecDeque<Instruction>,
}

impl Shared {
    /// Whether the daemon is going down.
    pub(crate) fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Asks every thread to return.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Counts a record that found its ring full.
    pub(crate) fn lost_record(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn lost_records(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Makes System 2's thread die at its next thought, for demonstrations of what follows.
    pub(crate) fn kill_system2(&self) {
        self.kill_system2.store(true, Ordering::Relaxed);
    }

    pub(crate) fn system2_must_die(&self) -> bool {
        self.kill_system2.load(Ordering::Relaxed)
    }

    /// What the arm is asked to do now, if anything.
    pub(crate) fn instruction(&self) -> Option<Arc<Instruction>> {
        self.tasks().present.clone()
    }

    /// The id of the instruction, for threads that must not take a lock.
    pub(crate) fn wanted(&self) -> InstructionId {
        InstructionId(self.wanted.load(Ordering::Acquire))
    }

    /// Replaces all instructions; none leaves the arm without a goal.
    pub(crate) fn instruct(&self, instructions: impl IntoIterator<Item = Instruction>) {
        let mut tasks = self.tasks();
        tasks.next = instructions.into_iter().collect();
        tasks.present = tasks.next.pop_front().map(Arc::new);
        self.want(&tasks);
    }

    /// The task of the instruction `ended` is over: the next one begins, if there is one. The last
    /// stays, and the arm where it has brought it.
    pub(crate) fn next_instruction(&self, ended: InstructionId) -> Option<Arc<Instruction>> {
        let mut tasks = self.tasks();
        if tasks.present.as_ref().map(|present| present.id) != Some(ended) {
            // Somebody has given other instructions meanwhile.
            return None;
        }
        let next = Arc::new(tasks.next.pop_front()?);
        tasks.present = Some(next.clone());
        self.want(&tasks);
        Some(next)
    }

    fn want(&self, tasks: &Tasks) {
        let id = tasks.present.as_ref().map_or(InstructionId::default(), |present| present.id);
        self.wanted.store(id.0, Ordering::Release);
    }

    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
