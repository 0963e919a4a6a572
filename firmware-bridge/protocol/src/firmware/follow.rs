//! One joint's way from where it was told to be to where it should be, within its limits.
//!
//! All in integers, and whatever is asked: a setpoint never leaves the position limits, never
//! exceeds the speed limit, and its velocity never changes faster than the limit allows.

use crate::{JointLimits, Setpoint};

const US_PER_S: i64 = 1_000_000;

/// Where a command wants the joint now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Goal {
    /// urad; a command's position, moved on by its velocity and its age.
    pub(crate) position_urad: i64,
    /// urad/s.
    pub(crate) velocity_urad_s: i64,
}

impl Goal {
    /// Where `command` wants the joint when it is `age_us` old.
    pub(crate) fn of(command: Setpoint, age_us: i64) -> Self {
        let velocity_urad_s = i64::from(command.velocity_urad_s);
        let moved = velocity_urad_s.saturating_mul(age_us) / US_PER_S;
        Self {
            position_urad: i64::from(command.position_urad).saturating_add(moved),
            velocity_urad_s,
        }
    }
}

/// The next setpoint on the way to `goal`, `dt_us` later.
pub(crate) fn toward(limits: &JointLimits, from: Setpoint, goal: Goal, dt_us: i64) -> Setpoint {
    let error = goal.position_urad.saturating_sub(i64::from(from.position_urad));
    let there_now = error.saturating_mul(US_PER_S) / dt_us.max(1);
    let acceleration = i64::from(limits.acceleration_urad_s2_max);
    let change = acceleration.saturating_mul(dt_us) / US_PER_S;
    let mut relative = there_now.saturating_sub(goal.velocity_urad_s);
    // What one period sheds may be taken whole: the joint is there now, and at the goal's own speed
    // one period later. Anything faster must leave the way to brake.
    if relative.saturating_abs() > change {
        let catch_up = stoppable(error.saturating_abs(), acceleration, change);
        relative = relative.clamp(-catch_up, catch_up);
    }
    let wanted = goal.velocity_urad_s.saturating_add(relative);
    advance(limits, limits.acceleration_urad_s2_max, from, wanted, dt_us)
}

/// The next setpoint on the way to rest, `dt_us` later, at the joint's own deceleration.
pub(crate) fn brake(limits: &JointLimits, from: Setpoint, dt_us: i64) -> Setpoint {
    advance(limits, limits.deceleration_urad_s2, from, 0, dt_us)
}

fn advance(
    limits: &JointLimits,
    acceleration_urad_s2: i32,
    from: Setpoint,
    wanted: i64,
    dt_us: i64,
) -> Setpoint {
    let (position, velocity) = (i64::from(from.position_urad), i64::from(from.velocity_urad_s));
    let acceleration = i64::from(acceleration_urad_s2);
    let change = acceleration.saturating_mul(dt_us) / US_PER_S;
    let (low, high) = (i64::from(limits.position_urad_min), i64::from(limits.position_urad_max));
    let fast = i64::from(limits.velocity_urad_s_max);
    let wanted = wanted
        .clamp(-fast, fast)
        .min(stoppable(high.saturating_sub(position), acceleration, change))
        .max(stoppable(position.saturating_sub(low), acceleration, change).saturating_neg());
    let next = wanted.clamp(velocity.saturating_sub(change), velocity.saturating_add(change));
    let moved = next.saturating_mul(dt_us) / US_PER_S;
    Setpoint {
        position_urad: narrow(position.saturating_add(moved).clamp(low, high)),
        velocity_urad_s: narrow(next),
    }
}

/// The highest speed from which the joint, after one more period at that speed, can still brake
/// within `distance`: the `v` of `v dt + v^2 / (2 a) = distance`, where `change = a dt`.
fn stoppable(distance: i64, acceleration: i64, change: i64) -> i64 {
    let square = change
        .saturating_mul(change)
        .saturating_add(acceleration.saturating_mul(2).saturating_mul(distance.max(0)));
    root(square).saturating_sub(change).max(0)
}

fn root(square: i64) -> i64 {
    square.max(0).isqrt()
}

fn narrow(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::*;

    const LIMITS: JointLimits = JointLimits {
        position_urad_min: -1_000_000,
        position_urad_max: 1_500_000,
        velocity_urad_s_max: 2_000_000,
        acceleration_urad_s2_max: 30_000_000,
        deceleration_urad_s2: 40_000_000,
        jump_urad_max: 100_000,
        tracking_urad_max: 500_000,
    };

    proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(2000))]
        /// Any goals, in any order, at any rhythm: no limit is ever exceeded.
        #[test]
        fn no_goal_leads_beyond_a_limit(
            start in -1_000_000_i32..=1_500_000,
            goals in proptest::collection::vec(
                (any::<i32>(), any::<i32>(), 1_i64..20_000, any::<bool>()), 1..200),
        ) {
            let mut at = Setpoint { position_urad: start, velocity_urad_s: 0 };
            for (position, velocity, dt_us, braking) in goals {
                let goal = Goal {
                    position_urad: i64::from(position),
                    velocity_urad_s: i64::from(velocity),
                };
                let (next, limit) = if braking {
                    (brake(&LIMITS, at, dt_us), LIMITS.deceleration_urad_s2)
                } else {
                    (toward(&LIMITS, at, goal, dt_us), LIMITS.acceleration_urad_s2_max)
                };
                let change = i64::from(next.velocity_urad_s) - i64::from(at.velocity_urad_s);
                prop_assert!(change.abs() <= i64::from(limit) * dt_us / US_PER_S);
                prop_assert!(next.velocity_urad_s.abs() <= LIMITS.velocity_urad_s_max);
                prop_assert!((LIMITS.position_urad_min..=LIMITS.position_urad_max)
                    .contains(&next.position_urad));
                let moved = i64::from(next.position_urad) - i64::from(at.position_urad);
                prop_assert!(moved.abs() <= i64::from(next.velocity_urad_s).abs() * dt_us / US_PER_S);
                at = next;
            }
        }

        /// Braking takes no longer than the deceleration says, and never turns back.
        #[test]
        fn braking_ends_in_time(velocity in -2_000_000_i32..=2_000_000, dt_us in 200_i64..5_000) {
            let mut at = Setpoint { position_urad: 0, velocity_urad_s: velocity };
            let change = i64::from(LIMITS.deceleration_urad_s2) * dt_us / US_PER_S;
            let steps = i64::from(velocity).abs() / change + 1;
            for _ in 0..steps {
                let next = brake(&LIMITS, at, dt_us);
                prop_assert!(next.velocity_urad_s.abs() <= at.velocity_urad_s.abs());
                prop_assert!(i64::from(next.velocity_urad_s) * i64::from(velocity) >= 0);
                at = next;
            }
            prop_assert!(at.velocity_urad_s == 0);
        }
    }

    #[test]
    fn a_path_within_the_limits_is_followed_to_the_bit() {
        // 1 rad/s from rest at 20 rad/s^2, told every millisecond, arriving at odd ages.
        let mut at = Setpoint::default();
        let mut told = (0_i64, 0_i64);
        for step in 0..200_i64 {
            told.1 = (told.1 + 20_000).min(1_000_000);
            told.0 += told.1 / 1000;
            let command =
                Setpoint { position_urad: narrow(told.0), velocity_urad_s: narrow(told.1) };
            at = toward(&LIMITS, at, Goal::of(command, 0), 1000);
            assert_eq!(i64::from(at.position_urad), told.0, "step {step}");
        }
    }

    #[test]
    fn a_distant_goal_is_reached_without_running_over_it() {
        let mut at = Setpoint::default();
        let goal = Goal { position_urad: 700_000, velocity_urad_s: 0 };
        let mut highest = 0;
        for _ in 0..1500 {
            at = toward(&LIMITS, at, goal, 1000);
            highest = highest.max(at.position_urad);
        }
        assert_eq!(at, Setpoint { position_urad: 700_000, velocity_urad_s: 0 });
        // One period's motion at the last braking speeds: a tenth of a milliradian.
        assert!(highest <= 700_100, "{highest}");
    }
}
