//! The few flags all threads of the daemon look at.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tandem_system2::Instruction;
use tandem_types::InstructionId;

/// State that belongs to no single thread. The tick and System 1 only load and add to atomics.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    stop: AtomicBool,
    kill_system2: AtomicBool,
    lost: AtomicU64,
    wanted: AtomicU64,
    instruction: Mutex<Option<Arc<Instruction>>>,
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

    /// What the arm is asked to do, if anything.
    pub(crate) fn instruction(&self) -> Option<Arc<Instruction>> {
        self.instruction.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The id of the instruction, for threads that must not take a lock.
    pub(crate) fn wanted(&self) -> InstructionId {
        InstructionId(self.wanted.load(Ordering::Acquire))
    }

    /// Replaces the instruction; `None` leaves the arm without a goal.
    pub(crate) fn instruct(&self, instruction: Option<Instruction>) {
        let id = instruction.as_ref().map_or(InstructionId::default(), |new| new.id);
        let mut held = self.instruction.lock().unwrap_or_else(PoisonError::into_inner);
        *held = instruction.map(Arc::new);
        self.wanted.store(id.0, Ordering::Release);
    }
}
