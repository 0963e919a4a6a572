//! Receding horizon: play a chunk for some steps, then go over to the newest one.
//!
//! The way most chunked policies are run. Between two hand-overs the arm follows one consistent
//! plan; the price is that nothing seen meanwhile changes it.

use super::{Rule, Setpoint};
use crate::plan::Plan;

#[derive(Clone, Debug)]
pub(crate) struct Receding {
    steps: u32,
    playing: Option<Turn>,
    waiting: Option<Plan>,
}

/// A chunk's turn.
#[derive(Clone, Debug)]
struct Turn {
    plan: Plan,
    until_tick: u64,
}

impl Turn {
    /// Begins at `tick`. The steps that a chunk is entered past do not count.
    fn new(plan: Plan, tick: u64, steps: u32) -> Self {
        let until_tick = tick.saturating_add(plan.ticks(steps));
        Self { plan, until_tick }
    }

    /// Whether its steps have been consumed; a path that has ended earlier is over as well.
    fn is_over(&self, tick: u64) -> bool {
        tick >= self.until_tick || self.plan.is_over(tick)
    }
}

impl Receding {
    pub(crate) const fn new(steps: u32) -> Self {
        Self { steps, playing: None, waiting: None }
    }
}

impl Rule for Receding {
    fn restart(&mut self, plan: Option<Plan>, tick: u64) {
        self.waiting = None;
        self.playing = plan.map(|plan| Turn::new(plan, tick, self.steps));
    }

    fn offer(&mut self, plan: Plan) -> bool {
        self.waiting = Some(plan);
        false
    }

    fn is_due(&self, tick: u64) -> bool {
        self.waiting.is_some() && self.playing.as_ref().is_none_or(|turn| turn.is_over(tick))
    }

    fn hand_over(&mut self, tick: u64) {
        if let Some(plan) = self.waiting.take() {
            self.playing = Some(Turn::new(plan, tick, self.steps));
        }
    }

    fn take_waiting(&mut self) -> Option<Plan> {
        self.waiting.take()
    }

    fn playing(&self) -> Option<&Plan> {
        self.playing.as_ref().map(|turn| &turn.plan)
    }

    fn setpoint(&self, tick: u64) -> Option<Setpoint> {
        self.playing().map(|plan| plan.at(tick))
    }
}
