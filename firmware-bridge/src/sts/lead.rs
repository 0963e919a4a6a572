//! Goals from which a servo comes to rest by itself.
//!
//! An STS servo has no watchdog. But it has a profile with an acceleration, and comes to rest at its
//! goal by it. So the goal on the line is never where a shaft is to be now, but where it would *come to
//! rest* if nothing more were said: a period and its braking distance ahead. Following goals like that,
//! a servo moves as the setpoints do; and if the next goal does not come, it is braking already.

use core::f64::consts::TAU;
use core::time::Duration;

use crate::STEPS_PER_TURN;
use crate::motor_bus::ShaftGoal;

/// What one count of a servo's acceleration register stands for, steps/s^2.
const ACCELERATION_STEPS_S2: f64 = 100.0;

/// How far ahead of its setpoint a servo's goal is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lead {
    period_s: f64,
    /// The profile's acceleration as its register counts it, and in urad/s^2. Zero is no profile.
    count: i32,
    acceleration_urad_s2: f64,
}

impl Lead {
    /// Goals as they are, for a servo without a profile.
    pub(super) const NONE: Self = Self { period_s: 0.0, count: 0, acceleration_urad_s2: 0.0 };

    /// The profile brakes as hard as the arm may, in whole counts of the register.
    pub(super) fn new(period: Duration, deceleration_rad_s2: f64) -> Self {
        let count_rad_s2 = ACCELERATION_STEPS_S2 * TAU / f64::from(STEPS_PER_TURN);
        // Within the register's range, so the cast is exact.
        let count = (deceleration_rad_s2 / count_rad_s2).floor().clamp(1.0, 254.0);
        Self {
            period_s: period.as_secs_f64(),
            count: count as i32,
            acceleration_urad_s2: count * count_rad_s2 * 1e6,
        }
    }

    /// What belongs into the acceleration register.
    pub(super) const fn acceleration_count(&self) -> i32 {
        self.count
    }

    /// Where the shaft comes to rest if it moves on for one period and brakes then, urad.
    pub(super) fn goal_urad(&self, goal: &ShaftGoal) -> i32 {
        if self.count == 0 {
            return goal.position_urad;
        }
        let speed = f64::from(goal.velocity_urad_s);
        let braking = speed * speed.abs() / (2.0 * self.acceleration_urad_s2);
        // A fraction of a turn, so the cast is exact.
        goal.position_urad.saturating_add((speed * self.period_s + braking) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_a_period_and_a_braking_distance_ahead() {
        // 261 counts of 100 steps/s^2 would be 40 rad/s^2; the register ends at 254.
        let lead = Lead::new(Duration::from_millis(5), 40.0);
        assert_eq!(lead.acceleration_count(), 254);
        let braking_rad_s2 = 254.0 * 100.0 * TAU / 4096.0;
        for velocity_rad_s in [0.0_f64, 0.4, -1.5] {
            let goal = ShaftGoal {
                id: 1,
                position_urad: 100_000,
                velocity_urad_s: (1e6 * velocity_rad_s) as i32,
            };
            let ahead = 0.005 * velocity_rad_s
                + velocity_rad_s * velocity_rad_s.abs() / (2.0 * braking_rad_s2);
            let found = f64::from(lead.goal_urad(&goal)) / 1e6;
            assert!((found - 0.1 - ahead).abs() < 2e-6, "{velocity_rad_s}: {found}");
        }
    }
}
