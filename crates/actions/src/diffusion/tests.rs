use core::ops::ControlFlow;

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::fill_normal;

fn schedule() -> NoiseSchedule {
    NoiseSchedule::cosine(100).unwrap()
}

/// The network of someone who knows the answer: whatever is not the sample is noise.
fn oracle(sample: f64) -> impl Fn(&[f64], usize, &mut [f64]) {
    let schedule = schedule();
    move |x, t, noise| {
        let (signal, share) = split(schedule.alpha(Some(t)));
        noise[0] = (x[0] - signal * sample) / share;
    }
}

proptest! {
    /// With the true noise every number of steps arrives, also when time runs out after a few.
    #[test]
    fn the_true_noise_arrives(
        sample in -1.0..1.0_f64, start in -2.0..2.0_f64, steps in 1..100_usize, allowed in 1..100_usize,
    ) {
        let oracle = oracle(sample);
        let mut asked = 0;
        let (mut x, mut scratch) = ([start], [f64::NAN]);
        let ddim = Ddim::new(schedule(), steps, true).unwrap();
        let taken = ddim.sample(&mut x, &mut scratch, |x, t, noise| {
            if asked == allowed {
                return ControlFlow::Break(());
            }
            asked += 1;
            oracle(x, t, noise);
            ControlFlow::Continue(())
        });
        prop_assert_eq!(taken, steps.min(allowed));
        prop_assert!((x[0] - sample).abs() < 1e-6, "{} for {}", x[0], sample);
    }

    /// Whatever the network says, a clipped sample stays in range.
    #[test]
    fn clipped_samples_stay_in_range(answer in -1e6..1e6_f64, steps in 1..20_usize) {
        let (mut x, mut scratch) = ([0.3], [0.0]);
        Ddim::new(schedule(), steps, true).unwrap().sample(&mut x, &mut scratch, |_, _, noise| {
            noise[0] = answer;
            ControlFlow::Continue(())
        });
        prop_assert!(x[0].abs() <= 1.0);
    }
}

/// The exact score of two narrow modes at -0.5 and 0.5: both samplers must find both, and little
/// between them.
#[test]
fn both_modes_are_found() {
    let schedule = schedule();
    let modes = |x: &[f64], t: usize, noise: &mut [f64]| {
        let alpha = schedule.alphas_cumulative()[t];
        let (signal, share) = split(alpha);
        let variance = alpha * 0.05 * 0.05 + 1.0 - alpha;
        let weight = |mode: f64| (-(x[0] - signal * mode).powi(2) / (2.0 * variance)).exp();
        let score = |mode: f64| -(x[0] - signal * mode) / variance;
        let (low, high) = (weight(-0.5) + 1e-300, weight(0.5) + 1e-300);
        noise[0] = -share * (low * score(-0.5) + high * score(0.5)) / (low + high);
        ControlFlow::Continue(())
    };
    let ddim = Ddim::new(schedule.clone(), 50, true).unwrap();
    let ddpm = Ddpm::new(schedule.clone(), true);
    let mut rng = Pcg64Mcg::seed_from_u64(11);
    for stochastic in [false, true] {
        let (mut low, mut high) = (0, 0);
        for _ in 0..400 {
            let (mut x, mut scratch) = ([0.0], [0.0]);
            fill_normal(&mut rng, &mut x);
            if stochastic {
                ddpm.sample(&mut rng, &mut x, &mut scratch, modes);
            } else {
                ddim.sample(&mut x, &mut scratch, modes);
            }
            low += i32::from((x[0] + 0.5).abs() < 0.2);
            high += i32::from((x[0] - 0.5).abs() < 0.2);
        }
        assert!(low > 150 && high > 150, "stochastic {stochastic}: {low} low, {high} high");
        assert!(low + high > 380, "stochastic {stochastic}: {low} low, {high} high");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let sample = |seed| {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let (mut x, mut scratch) = ([rng.random::<f64>()], [0.0]);
        Ddpm::new(schedule(), true).sample(&mut rng, &mut x, &mut scratch, |x, _, noise| {
            noise[0] = 0.5 * x[0];
            ControlFlow::Continue(())
        });
        x[0].to_bits()
    };
    assert_eq!(sample(1), sample(1));
    assert_ne!(sample(1), sample(2));
}

#[test]
fn schedules_and_steps_that_cannot_be_are_refused() {
    assert_eq!(NoiseSchedule::cosine(0), Err(ScheduleError(0)));
    for steps in [0, 101] {
        let refused = Ddim::new(schedule(), steps, true).map(|_| ());
        assert_eq!(refused, Err(StepsError { steps, training_steps: 100 }));
    }
}
