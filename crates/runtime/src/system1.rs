//! System 1's two threads: the policy at its own rate, the eye whenever frames arrive.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rtrb::Producer;
use tandem_latest::{Reader, Writer};
use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer};
use tandem_system1::{Budget, Fade, Shelf};
use tandem_types::{ActionChunk, Frame, LatentGoal, Posture, Stamp};

use crate::pace::Slots;
use crate::record::{Outcome, WorkRecord, Worker};
use crate::seat::{EyeSeat, PolicySeat, Post};
use crate::shared::Shared;
use crate::witnesses::Bench;

/// How long the eye waits before it looks whether the daemon stops.
const PATIENCE: Duration = Duration::from_millis(100);

/// The policy thread.
pub(crate) struct PolicyThread {
    pub(crate) seat: PolicySeat,
    /// Where another policy arrives.
    pub(crate) post: Post<PolicySeat>,
    pub(crate) timer: PeriodicTimer,
    /// Periods to the policy's next step.
    pub(crate) slots: Slots,
    pub(crate) postures: Reader<Posture>,
    pub(crate) goals: Reader<LatentGoal>,
    pub(crate) shelf: Shelf,
    pub(crate) chunks: Writer<ActionChunk>,
    pub(crate) chunk: ActionChunk,
    /// What a policy in the shadow is tried on.
    pub(crate) rehearsals: Writer<Rehearsal>,
    pub(crate) easing: Easing,
    /// How long the motion under way is faded into a new policy's.
    pub(crate) fade: Duration,
    pub(crate) records: Producer<WorkRecord>,
    /// Testifies to the goals before the guard.
    pub(crate) bench: Bench,
}

/// One step of the policy in charge: what it knew, and what it said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rehearsal {
    pub(crate) posture: Posture,
    pub(crate) goal: LatentGoal,
    pub(crate) chunk: ActionChunk,
}

/// How far the policy in charge has taken over from the one before it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "a box would be made on System 1's thread")]
pub(crate) enum Easing {
    /// Wholly.
    Done,
    /// It has only arrived: its first step begins the fade.
    Due,
    /// It is fading in.
    Under(Fade),
}

impl PolicyThread {
    pub(crate) fn run(&mut self, shared: &Shared) {
        while !shared.stopping() {
            self.once(shared);
        }
    }

    /// One period.
    fn once(&mut self, shared: &Shared) {
        let wake = self.timer.wait();
        let mut due = self.slots.pass(wake.missed.saturating_add(1), &self.seat.pace);
        // Periods that were missed are the fault of whoever has had the thread until now.
        shared.missed_steps(due.unwrap_or(0));
        if self.post.change(&mut self.seat) {
            self.easing = Easing::Due;
            self.slots = Slots::START;
            due = self.slots.pass(1, &self.seat.pace);
        }
        self.suffer(shared);
        if due.is_none() {
            return;
        }
        let began = wake.woke;
        let outcome = self.step(began, shared);
        if outcome == Outcome::Failed {
            shared.failed_step();
        }
        let took = began.age_at(MonotonicClock.now());
        let record = WorkRecord { worker: Worker::Policy, began, took, outcome };
        push(&mut self.records, record, shared);
    }

    /// One step. A goal that answers another instruction than the present one is no goal.
    fn step(&mut self, began: Stamp, shared: &Shared) -> Outcome {
        if let Some(goal) = self.goals.latest() {
            self.shelf.put(&goal.value);
        }
        let seat = &mut self.seat;
        let inputs = (self.postures.latest(), seat.features.latest());
        let (Some(posture), Some(features)) = inputs else { return Outcome::Idle };
        let posture = posture.value;
        let goal = self.shelf.take(posture.stamp);
        let Some(&goal) = goal.filter(|goal| goal.instruction == shared.wanted()) else {
            return Outcome::Idle;
        };
        self.bench.testify(&goal, MonotonicClock.now());
        let until = began.after(seat.pace.deadline());
        let mut is_over = || MonotonicClock.now() >= until;
        let mut budget = Budget::new(seat.pace.steps_max, &mut is_over);
        let step = seat.policy.step(&posture, &features.value, &goal, &mut budget, &mut self.chunk);
        match step {
            Ok(()) => {}
            // Like a period that was missed: the chunk before goes on.
            Err(error) if error.is_no_chunk() => {
                shared.missed_steps(1);
                return Outcome::Idle;
            }
            Err(error) => {
                tracing::warn!(%error, "System 1 step failed");
                return Outcome::Failed;
            }
        }
        self.chunk.renewed_after = self.seat.pace.period();
        self.ease(&posture);
        if self.seat.spoilt {
            let first = self.chunk.step_mut(0);
            first.into_iter().flatten().for_each(|value| *value = f32::NAN);
        }
        let (chunk, now) = (self.chunk, MonotonicClock.now());
        self.chunks.write(chunk.observed, now, |slot| *slot = chunk);
        self.rehearsals
            .write(chunk.observed, now, |slot| *slot = Rehearsal { posture, goal, chunk });
        Outcome::Published
    }

    /// Leads over from the motion that the policy before this one left behind.
    fn ease(&mut self, posture: &Posture) {
        if matches!(self.easing, Easing::Due) {
            self.easing = Easing::Under(Fade::new(posture, self.fade));
        }
        if let Easing::Under(fade) = self.easing {
            fade.blend(&mut self.chunk);
            if fade.is_over(self.chunk.observed) {
                self.easing = Easing::Done;
            }
        }
    }

    /// Does what a fault injection asks for.
    fn suffer(&mut self, shared: &Shared) {
        if shared.take_system1_nan() {
            tracing::error!("System 1 talks nonsense from now on, by a fault injection");
            self.seat.spoilt = true;
        }
        if let Some(stall) = shared.take_system1_stall() {
            tracing::error!(?stall, "System 1 was stalled by a fault injection");
            // Not a sleep: a network that takes too long is on the CPU all the while.
            let until = MonotonicClock.now().after(stall);
            while MonotonicClock.now() < until && !shared.stopping() {
                core::hint::spin_loop();
            }
        }
    }
}

/// The eye's thread.
pub(crate) struct EyeThread {
    pub(crate) seat: EyeSeat,
    /// Where another policy's encoder arrives.
    pub(crate) post: Post<EyeSeat>,
    /// One for each camera of the config, in its order.
    pub(crate) frames: Vec<Reader<Frame>>,
    pub(crate) bell: Receiver<()>,
    pub(crate) records: Producer<WorkRecord>,
}

impl EyeThread {
    pub(crate) fn run(&mut self, shared: &Shared) {
        while !shared.stopping() {
            let rung = self.bell.recv_timeout(PATIENCE);
            self.post.change(&mut self.seat);
            match rung {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let began = MonotonicClock.now();
            let Some(look) = self.seat.look(&mut self.frames) else { continue };
            let outcome = match look {
                Ok(()) => Outcome::Published,
                Err(error) => {
                    tracing::warn!(%error, "System 1 cannot see");
                    Outcome::Failed
                }
            };
            let took = began.age_at(MonotonicClock.now());
            let record = WorkRecord { worker: Worker::Eye, began, took, outcome };
            push(&mut self.records, record, shared);
        }
    }
}

/// The newest picture of every camera, or `None` until each has one.
pub(crate) fn newest(readers: &mut [Reader<Frame>]) -> Option<Vec<&Frame>> {
    readers.iter_mut().map(|reader| reader.latest().map(|sample| &sample.value)).collect()
}

/// Hands a record to telemetry; one that finds the ring full is only counted.
pub(crate) fn push(records: &mut Producer<WorkRecord>, record: WorkRecord, shared: &Shared) {
    if records.push(record).is_err() {
        shared.lost_record();
    }
}

#[cfg(test)]
mod tests;
