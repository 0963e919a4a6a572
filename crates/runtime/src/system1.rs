//! System 1's two threads: the policy at its own rate, the eye whenever frames arrive.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rtrb::Producer;
use tandem_latest::{Reader, Writer};
use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer};
use tandem_system1::{Eye, Features, Policy, Shelf};
use tandem_types::{ActionChunk, Frame, LatentGoal, Posture, Stamp};

use crate::record::{Outcome, WorkRecord, Worker};
use crate::shared::Shared;

/// How long the eye waits before it looks whether the daemon stops.
const PATIENCE: Duration = Duration::from_millis(100);

/// The policy thread.
pub(crate) struct PolicyThread {
    pub(crate) policy: Policy,
    pub(crate) timer: PeriodicTimer,
    pub(crate) postures: Reader<Posture>,
    pub(crate) features: Reader<Features>,
    pub(crate) goals: Reader<LatentGoal>,
    pub(crate) shelf: Shelf,
    pub(crate) chunks: Writer<ActionChunk>,
    pub(crate) chunk: ActionChunk,
    pub(crate) records: Producer<WorkRecord>,
}

impl PolicyThread {
    pub(crate) fn run(&mut self, shared: &Shared) {
        while !shared.stopping() {
            let began = self.timer.wait().woke;
            let outcome = self.step(shared);
            let took = began.age_at(MonotonicClock.now());
            let record = WorkRecord { worker: Worker::Policy, began, took, outcome };
            push(&mut self.records, record, shared);
        }
    }

    /// One step. A goal that answers another instruction than the present one is no goal.
    fn step(&mut self, shared: &Shared) -> Outcome {
        if let Some(goal) = self.goals.latest() {
            self.shelf.put(&goal.value);
        }
        let inputs = (self.postures.latest(), self.features.latest());
        let (Some(posture), Some(features)) = inputs else { return Outcome::Idle };
        let goal = self.shelf.take(posture.value.stamp);
        let Some(goal) = goal.filter(|goal| goal.instruction == shared.wanted()) else {
            return Outcome::Idle;
        };
        let step = self.policy.step(&posture.value, &features.value, goal, &mut self.chunk);
        match step {
            Ok(()) => {
                let chunk = self.chunk;
                self.chunks.write(chunk.observed, MonotonicClock.now(), |slot| *slot = chunk);
                Outcome::Published
            }
            Err(error) => {
                tracing::warn!(%error, "System 1 step failed");
                Outcome::Failed
            }
        }
    }
}

/// The eye's thread.
pub(crate) struct EyeThread {
    pub(crate) eye: Eye,
    pub(crate) frames: Vec<Reader<Frame>>,
    pub(crate) bell: Receiver<()>,
    pub(crate) features: Writer<Features>,
    pub(crate) scratch: Features,
    pub(crate) records: Producer<WorkRecord>,
}

impl EyeThread {
    pub(crate) fn run(&mut self, shared: &Shared) {
        while !shared.stopping() {
            match self.bell.recv_timeout(PATIENCE) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let began = MonotonicClock.now();
            let Some(outcome) = self.look() else { continue };
            let took = began.age_at(MonotonicClock.now());
            let record = WorkRecord { worker: Worker::Eye, began, took, outcome };
            push(&mut self.records, record, shared);
        }
    }

    /// Looks once every camera has a picture newer than those of the last look.
    fn look(&mut self) -> Option<Outcome> {
        let frames = newest(&mut self.frames)?;
        let oldest = frames.iter().map(|frame| frame.stamp).min().unwrap_or(Stamp::ORIGIN);
        if oldest <= self.scratch.observed {
            return None;
        }
        Some(match self.eye.look(&frames, &mut self.scratch) {
            Ok(()) => {
                let scratch = &self.scratch;
                self.features.write(oldest, MonotonicClock.now(), |slot| {
                    slot.observed = scratch.observed;
                    slot.values.copy_from_slice(&scratch.values);
                });
                Outcome::Published
            }
            Err(error) => {
                tracing::warn!(%error, "System 1 cannot see");
                Outcome::Failed
            }
        })
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
