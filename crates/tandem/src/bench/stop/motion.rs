//! What the shafts did. Samples are in rad here.

use std::time::Duration;

use tandem_firmware_bridge::emulator::Sample;
use tandem_types::Stamp;

/// A joint slower than this is at rest, rad/s.
const REST_RAD_S: f64 = 0.05;

/// A joint that moves by less has not moved: two steps of an encoder and the settling of a servo
/// under gravity, rad.
const STILL_RAD: f64 = 0.02;

/// Speeds are compared across so many samples, ms: the slope of two neighbours is noise.
const SLOPE_SAMPLES: usize = 5;

/// How a motion ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    /// From the last valid command to the moment from which the servo of the fastest joint only
    /// slows it down.
    pub(super) begin: Duration,
    /// The same for the joint itself, which follows its servo with the arm's inertia: one that was
    /// gaining speed goes on doing so for a while.
    pub(super) shaft_begin: Duration,
    /// How fast that joint got.
    pub(super) speed_rad_s: f64,
    /// The hardest any servo slowed its joint down.
    pub(super) deceleration_rad_s2: f64,
    /// Whether all joints were at rest at the end.
    pub(super) rests: bool,
}

impl Stop {
    /// What the samples say about a stop after the last command; `None` if they say nothing.
    pub(super) fn measure(samples: &[Sample], last: Stamp, but: Option<u8>) -> Option<Self> {
        let after: Vec<&Sample> = samples.iter().filter(|sample| sample.stamp >= last).collect();
        let (begun, end) = (after.first()?, after.last()?);
        let joints: Vec<usize> = (0..begun.speeds.len())
            .filter(|joint| but.is_none_or(|id| usize::from(id) != joint + 1))
            .collect();
        let speed = |sample: &Sample, joint: usize| sample.speeds[joint].abs();
        let driven = |sample: &Sample, joint: usize| sample.driven[joint].abs();
        let fastest = joints.iter().copied();
        let fastest = fastest.max_by(|a, b| speed(begun, *a).total_cmp(&speed(begun, *b)))?;
        let slope = |pair: &[&Sample], joint: usize| {
            let (first, end) = (pair[0], pair[SLOPE_SAMPLES - 1]);
            let dt_s = first.stamp.age_at(end.stamp).as_secs_f64();
            (driven(first, joint) - driven(end, joint)) / dt_s.max(1e-4)
        };
        let slopes = after.windows(SLOPE_SAMPLES);
        let slopes = slopes.flat_map(|pair| joints.iter().map(move |joint| slope(pair, *joint)));
        Some(Self {
            begin: turn(&after, last, |sample| driven(sample, fastest))?,
            shaft_begin: turn(&after, last, |sample| speed(sample, fastest))?,
            speed_rad_s: after.iter().map(|sample| speed(sample, fastest)).fold(0.0, f64::max),
            deceleration_rad_s2: slopes.fold(0.0, f64::max),
            rests: joints.iter().all(|joint| speed(end, *joint) < REST_RAD_S),
        })
    }
}

/// From `last` to the moment from which a speed only falls.
fn turn(after: &[&Sample], last: Stamp, speed: impl Fn(&Sample) -> f64) -> Option<Duration> {
    let top = after.iter().map(|sample| speed(sample)).fold(0.0, f64::max);
    // What did not move did not stop; something else had stopped it before.
    if top < REST_RAD_S {
        return None;
    }
    // Within 2 per cent of the top is the top: an encoder has steps.
    let turned = after.iter().rev().find(|sample| speed(sample) >= 0.98 * top)?;
    Some(last.age_at(turned.stamp))
}

/// Whether no joint moved after a moment.
pub(super) fn still(samples: &[Sample], since: Stamp) -> bool {
    let mut after = samples.iter().filter(|sample| sample.stamp >= since);
    let Some(first) = after.next() else { return true };
    after.all(|sample| {
        let moved = sample.positions.iter().zip(&first.positions);
        // A motor that is switched off lets its joint sink; that is not the arm moving itself.
        let mut driven = moved.zip(&sample.on).filter(|(_, on)| **on);
        driven.all(|((now, then), _)| (now - then).abs() < STILL_RAD)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(ms: u64, speed_rad_s: f64) -> Sample {
        Sample {
            stamp: Stamp::from_nanos(ms * 1_000_000),
            on: vec![true, true],
            positions: vec![0.0, 0.0],
            speeds: vec![speed_rad_s, 0.1],
            driven: vec![speed_rad_s, 0.0],
        }
    }

    /// A joint that goes on for 12 ms and then loses 20 rad/s^2.
    #[test]
    fn the_beginning_of_a_stop_and_its_slope_are_found() {
        let speed = |ms: u64| (0.6 - 0.020 * ms.saturating_sub(112) as f64).max(0.0);
        let samples: Vec<_> = (0..200).map(|ms| sample(ms, speed(ms))).collect();
        let stop = Stop::measure(&samples, Stamp::from_nanos(100_000_000), None).unwrap();
        assert_eq!(stop.begin.as_millis(), 12);
        assert!((stop.deceleration_rad_s2 - 20.0).abs() < 1e-6, "{stop:?}");
        assert!(!stop.rests, "the second joint still moves");
        assert!(Stop::measure(&samples, Stamp::from_nanos(900_000_000), None).is_none());
    }

    #[test]
    fn what_moves_after_a_moment_is_seen_only_if_it_is_driven() {
        let mut samples: Vec<_> = (0..50).map(|ms| sample(ms, 0.0)).collect();
        assert!(still(&samples, Stamp::ORIGIN));
        samples[40].positions[1] = 1.0;
        assert!(!still(&samples, Stamp::ORIGIN));
        assert!(still(&samples, Stamp::from_nanos(45_000_000)));
        samples[40].on[1] = false;
        assert!(still(&samples, Stamp::ORIGIN));
    }
}
