//! Temporal ensembling: the weighted mean of what every live chunk predicts for this moment.
//!
//! After T. Zhao et al., "Learning Fine-Grained Bimanual Manipulation with Low-Cost Hardware" (ACT,
//! 2023): the weights are `exp(-decay i)`, `i` counted from zero for the oldest chunk. A positive
//! decay trusts the oldest most, which smooths more and reacts later; a negative one the newest. A
//! chunk is live from its arrival until its last point is due.
//!
//! It takes out what is noise between one inference and the next, and blurs what is a decision:
//! of two ways round an obstacle the mean is the way into it.

use std::collections::VecDeque;

use tandem_types::JointVec;

use super::{Rule, Setpoint};
use crate::plan::Plan;

/// The most chunks that vote. A horizon of 32 steps at the rate of the policy itself is twice what
/// the chunks here have; of more, the oldest give way. Memory is 190 KiB.
const CHUNKS_MAX: usize = 32;

#[derive(Debug)]
pub(crate) struct TemporalEnsemble {
    /// Of each weight to the one before it: `exp(-decay)`.
    ratio: f64,
    // Oldest first. Invariant: at most CHUNKS_MAX, for which there is room, so it never grows.
    plans: VecDeque<Plan>,
}

impl TemporalEnsemble {
    pub(crate) fn new(decay: f64) -> Self {
        Self { ratio: (-decay).exp(), plans: VecDeque::with_capacity(CHUNKS_MAX) }
    }
}

impl Rule for TemporalEnsemble {
    fn restart(&mut self, plan: Option<Plan>, _tick: u64) {
        self.plans.clear();
        self.plans.extend(plan);
    }

    fn offer(&mut self, plan: Plan) -> bool {
        if self.plans.len() >= CHUNKS_MAX {
            self.plans.pop_front();
        }
        self.plans.push_back(plan);
        true
    }

    /// Whether the oldest chunk has nothing to say about this tick any more. The last one of all
    /// stays, and coasts.
    fn is_due(&self, tick: u64) -> bool {
        self.plans.len() > 1 && self.plans.front().is_some_and(|plan| plan.is_over(tick))
    }

    fn hand_over(&mut self, tick: u64) {
        while self.is_due(tick) {
            self.plans.pop_front();
        }
    }

    /// The newest: it says whether the policy is alive and what it sees now. Older ones fade out by
    /// themselves within their horizon.
    fn playing(&self) -> Option<&Plan> {
        self.plans.back()
    }

    fn setpoint(&self, tick: u64) -> Option<Setpoint> {
        let mut plans = self.plans.iter();
        let mut mean = plans.next()?.at(tick);
        let (mut weight, mut total) = (1.0, 1.0);
        for plan in plans {
            weight *= self.ratio;
            total += weight;
            // A running mean: equal predictions stay exactly what they are.
            let (share, vote) = (weight / total, plan.at(tick));
            let toward = |mean: &JointVec, vote: &JointVec| {
                mean.zip_with(vote, |mean, vote| mean + share * (vote - mean))
            };
            mean = Setpoint { q: toward(&mean.q, &vote.q), dq: toward(&mean.dq, &vote.dq) };
        }
        Some(mean)
    }
}

impl Clone for TemporalEnsemble {
    /// A derived clone would have room for no more chunks than it holds, and allocate later.
    fn clone(&self) -> Self {
        let mut plans = VecDeque::with_capacity(CHUNKS_MAX);
        plans.extend(self.plans.iter().cloned());
        Self { ratio: self.ratio, plans }
    }
}
