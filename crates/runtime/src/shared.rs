//! The few flags all threads of the daemon look at.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use tandem_system2::Instruction;
use tandem_types::InstructionId;

/// State that belongs to no single thread. The tick and System 1 only use the
/// atomics.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    stop: AtomicBool,
    kill_system2: AtomicBool,
    system1_nan: AtomicBool,
    system1_stall_ms: AtomicU64,
    missed_steps: AtomicU64,
    failed_steps: AtomicU64,
    refused_chunks: AtomicU64,
    turn: Mutex<()>,
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

/// How often System 1 has failed since the daemon started; what counts is the difference of two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conduct {
    /// Periods without a step.
    pub(crate) missed: u64,
    /// Chunks that failed to be made or that the guard refused.
    pub(crate) unusable: u64,
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

    /// Makes the policy in charge say what is not a number until it is replaced.
    pub(crate) fn spoil_system1(&self) {
        self.system1_nan.store(true, Ordering::Relaxed);
    }

    pub(crate) fn take_system1_nan(&self) -> bool {
        self.system1_nan.load(Ordering::Relaxed) && self.system1_nan.swap(false, Ordering::Relaxed)
    }

    /// Keeps System 1's thread busy with nothing for so long, once.
    pub(crate) fn stall_system1(&self, stall_ms: u64) {
        self.system1_stall_ms.store(stall_ms, Ordering::Relaxed);
    }

    pub(crate) fn take_system1_stall(&self) -> Option<Duration> {
        if self.system1_stall_ms.load(Ordering::Relaxed) == 0 {
            return None;
        }
        Some(Duration::from_millis(self.system1_stall_ms.swap(0, Ordering::Relaxed)))
    }

    /// Counts periods of System 1 that passed without a step.
    pub(crate) fn missed_steps(&self, missed: u64) {
        if missed > 0 {
            self.missed_steps.fetch_add(missed, Ordering::Relaxed);
        }
    }

    /// Counts a step of System 1 that came to nothing.
    pub(crate) fn failed_step(&self) {
        self.failed_steps.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes how many chunks and setpoints the guard has refused so far.
    pub(crate) fn note_refused(&self, refused: u64) {
        self.refused_chunks.store(refused, Ordering::Relaxed);
    }

    /// What has gone wrong with System 1 so far.
    pub(crate) fn conduct(&self) -> Conduct {
        Conduct {
            missed: self.missed_steps.load(Ordering::Relaxed),
            unusable: self
                .failed_steps
                .load(Ordering::Relaxed)
                .saturating_add(self.refused_chunks.load(Ordering::Relaxed)),
        }
    }

    /// Waits for the turn to change policies. Whoever has it keeps the arm from being armed.
    pub(crate) fn wait_turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn to arm, unless policies are being changed.
    pub(crate) fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        match self.turn.try_lock() {
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
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
