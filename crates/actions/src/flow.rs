//! Flow matching (pi0, arXiv 2410.24164) in the time of openpi: t = 1 is noise, t = 0 is data.
//!
//! The paper counts the other way; both the network's input and the sign of its output follow the
//! convention, so a policy must say which it was trained with. This is openpi's and LeRobot's.

use core::ops::ControlFlow;

use rand::{Rng, RngExt as _};

/// Steps that pi0 takes.
pub const STEPS: u32 = 10;

/// Integrates from noise (t = 1), in `action`, towards data (t = 0) by Euler's method.
///
/// `velocity(x, t, v)` is the network: it writes the velocity at `x` and `t` to `v`, or breaks off
/// because time is up. Then the straight path's last word counts: as the velocity of a trained
/// network points from data to noise, `x - t v` is the best guess of the action, and that is what
/// `action` holds. Returns how many velocities were computed; after zero, `action` is still noise.
///
/// `scratch` holds the velocity and is as long as `action`.
pub fn euler(
    steps: u32,
    action: &mut [f64],
    scratch: &mut [f64],
    mut velocity: impl FnMut(&[f64], f64, &mut [f64]) -> ControlFlow<()>,
) -> u32 {
    let dt = -1.0 / f64::from(steps.max(1));
    let mut t = 1.0;
    for step in 0..steps {
        if velocity(action, t, scratch).is_break() {
            if step > 0 {
                // What is left of the way, at the last known velocity.
                advance(action, scratch, -t);
            }
            return step;
        }
        advance(action, scratch, dt);
        t += dt;
    }
    steps
}

/// The point of the straight path that training shows the network: `t noise + (1 - t) action`.
pub fn interpolate(t: f64, action: &[f64], noise: &[f64], point: &mut [f64]) {
    for ((point, action), noise) in point.iter_mut().zip(action).zip(noise) {
        *point = t * noise + (1.0 - t) * action;
    }
}

/// What the network should answer there: `noise - action`.
pub fn velocity_target(action: &[f64], noise: &[f64], velocity: &mut [f64]) {
    for ((velocity, action), noise) in velocity.iter_mut().zip(action).zip(noise) {
        *velocity = noise - action;
    }
}

/// A time to train at, from openpi's `Beta(1.5, 1) * 0.999 + 0.001`: mostly near noise.
pub fn training_time(rng: &mut impl Rng) -> f64 {
    // Beta(a, 1) has the distribution function x^a, whose inverse is simple.
    rng.random::<f64>().powf(1.0 / 1.5) * 0.999 + 0.001
}

fn advance(action: &mut [f64], velocity: &[f64], dt: f64) {
    for (action, velocity) in action.iter_mut().zip(velocity) {
        *action += dt * velocity;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng as _;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    /// A network that knows the answer.
    fn oracle(noise: f64, action: f64, steps: u32, allowed: u32) -> (f64, u32) {
        let (mut x, mut scratch, mut asked) = ([noise], [f64::NAN], 0);
        let taken = euler(steps, &mut x, &mut scratch, |_, _, velocity| {
            if asked == allowed {
                return ControlFlow::Break(());
            }
            asked += 1;
            velocity[0] = noise - action;
            ControlFlow::Continue(())
        });
        (x[0], taken)
    }

    proptest! {
        /// With the true velocity any number of steps arrives, also when time runs out after one.
        #[test]
        fn the_true_velocity_arrives(
            noise in -3.0..3.0_f64, action in -1.0..1.0_f64, steps in 1..40_u32, allowed in 1..40_u32,
        ) {
            let (x, taken) = oracle(noise, action, steps, allowed);
            prop_assert_eq!(taken, steps.min(allowed));
            prop_assert!((x - action).abs() < 1e-12);
        }
    }

    #[test]
    fn without_any_step_there_is_only_noise() {
        assert_eq!(oracle(0.7, 0.1, 10, 0), (0.7, 0));
    }

    /// dx/dt = a x has the solution e^(-a) x at t = 0; Euler closes in on it with more steps.
    #[test]
    fn more_steps_come_closer_to_the_solution() {
        let error = |steps| {
            let (mut x, mut scratch) = ([1.0], [0.0]);
            euler(steps, &mut x, &mut scratch, |x, _, velocity| {
                velocity[0] = 0.8 * x[0];
                ControlFlow::Continue(())
            });
            (x[0] - (-0.8_f64).exp()).abs()
        };
        let errors = [1, 4, 16, 64].map(error);
        assert!(errors.is_sorted_by(|coarse, fine| *coarse > 3.0 * fine), "{errors:?}");
    }

    #[test]
    fn training_times_are_mostly_noise() {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        let times: Vec<f64> = (0..100_000).map(|_| training_time(&mut rng)).collect();
        let mean = times.iter().sum::<f64>() / 1e5;
        assert!((mean - 0.6004).abs() < 0.003, "{mean}");
        assert!(times.iter().all(|t| (0.001..=1.0).contains(t)));
    }
}
