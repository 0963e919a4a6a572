//! How often a policy steps, and how long it may take.

use core::time::Duration;

use tandem_config::System1Section;

/// The pace of a policy on System 1's thread: a bundle made for a lower rate than the thread's steps
/// in every so manyth period, and has all of them to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    period: Duration,
    /// Periods from one step to the next, at least one.
    every: u32,
    /// After this much of its last period a step is to be done.
    deadline: Duration,
    /// The most steps that a head may take for a chunk.
    pub(crate) steps_max: Option<usize>,
}

impl Pace {
    /// For a bundle made for `rate_hz`, which was found to divide the thread's rate or to be above it.
    pub(crate) fn new(system1: &System1Section, rate_hz: u32) -> Self {
        Self {
            period: system1.period,
            every: (system1.rate_hz / rate_hz.max(1)).max(1),
            deadline: system1.deadline,
            steps_max: system1.steps_max,
        }
    }

    /// From one step to the next.
    pub(crate) fn period(&self) -> Duration {
        self.period.saturating_mul(self.every)
    }

    /// From the start of a step to the moment its head must answer.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline.saturating_add(self.period.saturating_mul(self.every.saturating_sub(1)))
    }
}

/// Counts the thread's periods to the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slots {
    left: u64,
}

impl Slots {
    /// The next period is the first one's.
    pub(crate) const START: Self = Self { left: 1 };

    /// `elapsed` periods have begun since the last question. Says whether a step is due now, and if
    /// so, how many periods late.
    pub(crate) fn pass(&mut self, elapsed: u64, pace: &Pace) -> Option<u64> {
        if elapsed < self.left {
            self.left -= elapsed;
            return None;
        }
        let late = elapsed - self.left;
        self.left = pace.every.into();
        Some(late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(every: u32) -> Pace {
        let (period, deadline) = (Duration::from_millis(5), Duration::from_millis(4));
        Pace { period, every, deadline, steps_max: None }
    }

    /// What comes of each wake, given the periods that began between it and the one before.
    fn check(every: u32, elapsed: &[u64], expected: &[Option<u64>]) {
        let mut slots = Slots::START;
        let found: Vec<_> = elapsed.iter().map(|&it| slots.pass(it, &pace(every))).collect();
        assert_eq!(found, expected, "every {every}");
    }

    #[test]
    fn a_fast_policy_steps_in_every_period() {
        check(1, &[1, 1, 3, 1], &[Some(0), Some(0), Some(2), Some(0)]);
    }

    #[test]
    fn a_slow_policy_has_its_periods_to_think_and_is_late_only_after_them() {
        check(4, &[1, 1, 1, 1, 1], &[Some(0), None, None, None, Some(0)]);
        // It thought for three periods, then for five.
        check(4, &[1, 3, 1, 5, 3, 1], &[Some(0), None, Some(0), Some(1), None, Some(0)]);
    }

    #[test]
    fn all_but_the_last_period_of_a_slot_is_for_thinking() {
        assert_eq!(pace(1).deadline(), Duration::from_millis(4));
        assert_eq!(pace(4).deadline(), Duration::from_millis(19));
        assert_eq!(pace(4).period(), Duration::from_millis(20));
    }
}
