//! What the simulated robot says about itself: state, receipts, and the truth for judges.

use core::time::Duration;

use tandem_bus::{Bus, BusError, Keys, Publisher};
use tandem_types::Stamp;
use tandem_wire::{JointState, Receipt, Truth};

use crate::{SimConfig, World};

/// From one truth to the next: often enough for a rule that counts quarters of a second.
const TRUTH_PERIOD: Duration = Duration::from_millis(20);

pub(super) struct Publications {
    state: Publisher<JointState>,
    receipt: Publisher<Receipt>,
    truth: Publisher<Truth>,
    message: JointState,
    state_due: Due,
    receipt_due: Due,
    truth_due: Due,
}

impl Publications {
    pub(super) fn new(bus: &Bus, keys: &Keys, config: &SimConfig) -> Result<Self, BusError> {
        let joints: Vec<String> =
            config.robot.joints().iter().map(|joint| joint.name.clone()).collect();
        Ok(Self {
            state: bus.publisher(&keys.state())?,
            receipt: bus.publisher(&keys.receipt())?,
            truth: bus.publisher(&keys.truth())?,
            message: JointState::new(&joints),
            state_due: Due::every(config.state_period),
            receipt_due: Due::every(config.receipt_period),
            truth_due: Due::every(TRUTH_PERIOD),
        })
    }

    /// After a step: whatever is due. What the servos say about themselves is left to them unless
    /// they are the simulation's `own`.
    pub(super) fn publish(&mut self, world: &World, own: bool) -> Result<(), BusError> {
        let now = world.now();
        if own && self.state_due.is_due(now) {
            self.message.set_state(world.state());
            self.state.send(&self.message)?;
        }
        if own && self.receipt_due.is_due(now) {
            self.receipt.send(&world.receipt())?;
        }
        if self.truth_due.is_due(now) {
            self.truth.send(&world.truth())?;
        }
        Ok(())
    }
}

/// A thing that is due at every multiple of a period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    period_ns: u64,
    next: Stamp,
}

impl Due {
    pub(super) fn every(period: Duration) -> Self {
        let period_ns = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX).max(1);
        Self { period_ns, next: Stamp::ORIGIN }
    }

    /// Whether it is due now; what was missed is not made up for.
    pub(super) const fn is_due(&mut self, now: Stamp) -> bool {
        if now.as_nanos() < self.next.as_nanos() {
            return false;
        }
        let into_ns = now.as_nanos() % self.period_ns;
        self.next = Stamp::from_nanos((now.as_nanos() - into_ns).saturating_add(self.period_ns));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_exact_and_nothing_is_made_up_for() {
        let mut due = Due::every(Duration::from_nanos(33_333_333));
        let step = |ms: u64| Stamp::from_nanos(5_000_000_000 + ms * 1_000_000);
        let in_ten_seconds = (0..10_000).filter(|ms| due.is_due(step(*ms))).count();
        assert!((300..=301).contains(&in_ten_seconds), "{in_ten_seconds}");
        // A gap of a second gives one, not thirty.
        let after_a_gap = (11_000..11_010).filter(|ms| due.is_due(step(*ms))).count();
        assert_eq!(after_a_gap, 1);
    }
}
