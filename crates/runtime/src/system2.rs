//! System 2's thread: slow, and allowed to die.

use rtrb::Producer;
use tandem_latest::{Reader, Writer};
use tandem_realtime::{Clock as _, MonotonicClock, PeriodicTimer};
use tandem_system2::{Model, Scene};
use tandem_types::{Frame, LatentGoal, Posture};

use crate::record::{Outcome, WorkRecord, Worker};
use crate::shared::Shared;
use crate::system1::{newest, push};

/// The thinking thread.
pub(crate) struct ThoughtThread {
    pub(crate) model: Model,
    pub(crate) timer: PeriodicTimer,
    pub(crate) frames: Vec<Reader<Frame>>,
    pub(crate) postures: Reader<Posture>,
    pub(crate) goals: Writer<LatentGoal>,
    pub(crate) goal: LatentGoal,
    pub(crate) records: Producer<WorkRecord>,
}

impl ThoughtThread {
    pub(crate) fn run(&mut self, shared: &Shared) {
        while !shared.stopping() {
            self.timer.wait();
            if shared.system2_must_die() {
                // A real death: the thread unwinds, and nobody starts it again.
                tracing::error!("System 2 was killed by a fault injection");
                std::panic::resume_unwind(Box::new("System 2 was killed by a fault injection"));
            }
            let began = MonotonicClock.now();
            let outcome = self.think(shared);
            let took = began.age_at(MonotonicClock.now());
            let record = WorkRecord { worker: Worker::Thought, began, took, outcome };
            push(&mut self.records, record, shared);
        }
    }

    /// One thought, if anything is asked for and there is something to see.
    fn think(&mut self, shared: &Shared) -> Outcome {
        let inputs = (shared.instruction(), newest(&mut self.frames), self.postures.latest());
        let (Some(instruction), Some(frames), Some(posture)) = inputs else {
            return Outcome::Idle;
        };
        let scene = Scene { frames: &frames, q: &posture.value.state.q };
        match self.model.think(scene, &instruction, &mut self.goal) {
            Ok(()) => {
                let goal = self.goal;
                self.goals.write(goal.observed, MonotonicClock.now(), |slot| *slot = goal);
                Outcome::Published
            }
            Err(error) => {
                tracing::warn!(%error, "System 2 cannot answer");
                Outcome::Failed
            }
        }
    }
}
