//! Real-time chunking with a hard prefix: blend from the old plan to the new, without a step.
//!
//! After K. Black et al., "Real-Time Execution of Action Chunking Flow Policies" (2025): the steps
//! that run while a new chunk is being computed are frozen, and the overlap of the two chunks leads
//! from one to the other. There, guidance by a backward pass through the policy makes the new chunk
//! agree with the old; here the two are blended, which works with any exported policy and costs
//! nothing.
//!
//! How many steps are frozen is not estimated: they are those that were consumed until the new chunk
//! was there. From the hand-over on, the old plan's weight over the blend's `u` in `[0, 1]` is
//!
//! ```text
//! w(u) = 1 - 3 u^2 + 2 u^3
//! ```
//!
//! which starts at 1 and ends at 0 with no slope, so that neither position nor velocity steps at
//! either end. (The paper's exponential decay has its steepest slope where the blend begins: times
//! the distance between the plans that would be a step of velocity.)

use tandem_types::JointVec;

use super::receding::Receding;
use super::{Rule, Setpoint};
use crate::plan::Plan;

#[derive(Clone, Debug)]
pub(crate) struct RealTimeChunking {
    blend_steps: u32,
    horizon: Receding,
    fading: Option<Fading>,
}

/// The plan before, while it still has weight.
#[derive(Clone, Debug)]
struct Fading {
    plan: Plan,
    from_tick: u64,
    ticks: u64,
}

impl RealTimeChunking {
    /// `blend_steps` must not exceed `steps`, so that there are never more than two plans.
    pub(crate) const fn new(steps: u32, blend_steps: u32) -> Self {
        Self { blend_steps, horizon: Receding::new(steps), fading: None }
    }
}

impl Rule for RealTimeChunking {
    fn restart(&mut self, plan: Option<Plan>, tick: u64) {
        self.fading = None;
        self.horizon.restart(plan, tick);
    }

    fn offer(&mut self, plan: Plan) -> bool {
        self.horizon.offer(plan)
    }

    fn take_waiting(&mut self) -> Option<Plan> {
        self.horizon.take_waiting()
    }

    fn is_due(&self, tick: u64) -> bool {
        // A path that ends within its blend coasts until that is done.
        let is_blended = self.fading.as_ref().is_none_or(|fading| fading.is_done(tick));
        is_blended && self.horizon.is_due(tick)
    }

    fn hand_over(&mut self, tick: u64) {
        let before = self.horizon.playing().cloned();
        self.horizon.hand_over(tick);
        let ticks = self.horizon.playing().map_or(0, |new| new.ticks(self.blend_steps));
        self.fading = before.map(|plan| Fading { plan, from_tick: tick, ticks });
    }

    fn playing(&self) -> Option<&Plan> {
        self.horizon.playing()
    }

    fn setpoint(&self, tick: u64) -> Option<Setpoint> {
        let new = self.horizon.setpoint(tick)?;
        let Some(fading) = &self.fading else { return Some(new) };
        Some(if fading.is_done(tick) { new } else { fading.blend(&new, tick) })
    }
}

impl Fading {
    const fn is_done(&self, tick: u64) -> bool {
        tick >= self.from_tick.saturating_add(self.ticks)
    }

    fn blend(&self, new: &Setpoint, tick: u64) -> Setpoint {
        let old = self.plan.at(tick);
        let number = |ticks: u64| f64::from(u32::try_from(ticks).unwrap_or(u32::MAX));
        let length = number(self.ticks);
        let u = number(tick.saturating_sub(self.from_tick)) / length;
        let weight = 1.0 - u * u * (3.0 - 2.0 * u);
        let mix = |old: &JointVec, new: &JointVec| {
            // Towards the new one by what is left, so that equal plans stay exactly what they are.
            old.zip_with(new, |old, new| new + weight * (old - new))
        };
        // The weight's own slope also moves the setpoint.
        let slope = 6.0 * u * (u - 1.0) / (length * self.plan.period_s());
        let apart = old.q.zip_with(&new.q, |old, new| slope * (old - new));
        let dq = mix(&old.dq, &new.dq).zip_with(&apart, |mixed, apart| mixed + apart);
        Setpoint { q: mix(&old.q, &new.q), dq }
    }
}
