//! Immediate: follow the newest chunk from the moment it arrives.
//!
//! Reacts fastest, and is right for a policy that departs from the command it was shown: where one
//! of its paths ends and the next begins they nearly agree. What step remains is the smoother's.

use super::{Rule, Setpoint};
use crate::plan::Plan;

#[derive(Clone, Debug)]
pub(crate) struct Immediate {
    plan: Option<Plan>,
}

impl Immediate {
    pub(crate) const fn new() -> Self {
        Self { plan: None }
    }
}

impl Rule for Immediate {
    fn restart(&mut self, plan: Option<Plan>, _tick: u64) {
        self.plan = plan;
    }

    fn offer(&mut self, plan: Plan) -> bool {
        self.plan = Some(plan);
        true
    }

    fn playing(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    fn setpoint(&self, tick: u64) -> Option<Setpoint> {
        self.plan.as_ref().map(|plan| plan.at(tick))
    }
}
