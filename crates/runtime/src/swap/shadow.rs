//! What a policy is like before it acts: how far from the active one, and how fast.

use std::time::Duration;

use tandem_realtime::{Histogram, Unit};
use tandem_system1::StepError;
use tandem_types::{ActionChunk, JointVec};
use tandem_wire::Distribution;

use crate::tally::distribution;

/// A candidate must be done within the period in all but one of this many steps.
const STEPS_PER_LATE_STEP: u64 = 100;

/// A percentile needs so many samples beyond it, as in every histogram of tandem.
const SAMPLES_BEYOND: usize = 10;

/// Collects what a candidate does in the shadow. Its times are time on the CPU: on this thread the
/// candidate is preempted by everything, on System 1's it will not be.
pub(crate) struct Shadow {
    joints: Vec<String>,
    period: Duration,
    /// How far apart the two paths were, mrad; one list for each joint.
    apart_mrad: Vec<Vec<f64>>,
    head: Histogram,
    encoder: Histogram,
    late: u64,
}

/// Why a candidate is not let in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShadowFault {
    /// There was nothing to go by.
    #[error(
        "it made no step in {} s: give an instruction (`tandem ctl instruct`), or swap without \
         --shadow", .time.as_secs_f64()
    )]
    Idle { time: Duration },
    /// A step failed.
    #[error("a step failed: {0}")]
    Step(#[from] StepError),
    /// It says what no guard lets through.
    #[error("it said what is not a number, at step {step}")]
    NotFinite { step: u64 },
    /// It cannot keep up.
    #[error(
        "{late} of {steps} steps took longer than System 1's period of {period:?}: use a smaller \
         policy or another engine, or lower [system1] rate_hz"
    )]
    Late { late: u64, steps: u64, period: Duration },
}

impl Shadow {
    pub(crate) fn new(joints: &[String], period: Duration) -> Self {
        Self {
            joints: joints.to_vec(),
            period,
            apart_mrad: vec![Vec::new(); joints.len()],
            head: Histogram::new(),
            encoder: Histogram::new(),
            late: 0,
        }
    }

    /// Counts a look of the encoder.
    pub(crate) fn looked(&mut self, took: Duration) {
        self.encoder.record(took);
    }

    /// Counts a step of the head, and how far it was from the active policy's (rad), where the two
    /// could be compared.
    pub(crate) fn stepped(
        &mut self,
        took: Duration,
        chunk: &ActionChunk,
        apart_rad: Option<&JointVec>,
    ) -> Result<(), ShadowFault> {
        self.head.record(took);
        self.late += u64::from(took > self.period);
        let mut rows = (0..chunk.steps()).filter_map(|step| chunk.step(step));
        if !rows.all(|row| row.iter().all(|value| value.is_finite())) {
            return Err(ShadowFault::NotFinite { step: self.head.count() });
        }
        let apart = apart_rad.into_iter().flat_map(|apart| apart.iter());
        for (list, apart) in self.apart_mrad.iter_mut().zip(apart) {
            list.push(apart * 1e3);
        }
        Ok(())
    }

    /// What it was like in a sentence, or why it is not let in.
    pub(crate) fn verdict(&self, time: Duration) -> Result<String, ShadowFault> {
        let (steps, late) = (self.head.count(), self.late);
        if steps == 0 {
            return Err(ShadowFault::Idle { time });
        }
        if late.saturating_mul(STEPS_PER_LATE_STEP) > steps {
            return Err(ShadowFault::Late { late, steps, period: self.period });
        }
        let farthest = |(name, list): (&String, &Vec<f64>)| {
            Some((name.clone(), list.iter().copied().reduce(f64::max)?))
        };
        let joints = self.joints.iter().zip(&self.apart_mrad).filter_map(farthest);
        Ok(match joints.max_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((joint, mrad)) => {
                format!("{steps} steps in the shadow, at most {mrad:.1} mrad apart, at `{joint}`")
            }
            None => format!("{steps} steps in the shadow, none of which could be compared"),
        })
    }

    /// Everything measured: divergence in mrad for each joint, then compute times.
    pub(crate) fn distributions(&self) -> Vec<Distribution> {
        let joints = self.joints.iter().zip(&self.apart_mrad);
        let mut all: Vec<_> = joints.map(|(name, list)| summary(name, list)).collect();
        all.push(distribution("head", &self.head, Unit::Microseconds));
        all.push(distribution("encoder", &self.encoder, Unit::Microseconds));
        all
    }
}

fn summary(joint: &str, mrad: &[f64]) -> Distribution {
    let mut sorted = mrad.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |beyond: usize| {
        let rank = sorted.len().saturating_sub(1) - sorted.len() / beyond;
        sorted.get(rank).copied().filter(|_| sorted.len() >= SAMPLES_BEYOND * beyond)
    };
    let median = sorted.get(sorted.len() / 2).copied();
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    Distribution {
        name: joint.to_owned(),
        unit: "mrad".to_owned(),
        n: u64::try_from(sorted.len()).unwrap_or(u64::MAX),
        p50: number(median),
        p99: number(quantile(100)),
        p99_9: number(quantile(1000)),
        max: number(sorted.last().copied()),
    }
}

#[cfg(test)]
mod tests {
    use tandem_types::Stamp;

    use super::*;

    const PERIOD: Duration = Duration::from_millis(5);

    fn shadow() -> Shadow {
        Shadow::new(&["swing".to_owned()], PERIOD)
    }

    fn chunk(value: f32) -> ActionChunk {
        let mut chunk = ActionChunk::at_rest(JointVec::zeros(1), Stamp::ORIGIN);
        chunk.set_path(PERIOD, &[value]).unwrap();
        chunk
    }

    #[test]
    fn a_candidate_that_never_ran_is_not_let_in() {
        let fault = shadow().verdict(Duration::from_secs(3)).unwrap_err();
        assert!(fault.to_string().contains("no step in 3 s"), "{fault}");
    }

    #[test]
    fn one_late_step_in_a_hundred_is_let_in_and_no_more() {
        let mut shadow = shadow();
        for step in 0..200 {
            let took = if step < 2 { 2 * PERIOD } else { PERIOD };
            shadow.stepped(took, &chunk(0.0), None).unwrap();
        }
        assert!(shadow.verdict(PERIOD).is_ok());
        shadow.stepped(2 * PERIOD, &chunk(0.0), None).unwrap();
        let fault = shadow.verdict(PERIOD).unwrap_err();
        assert!(matches!(fault, ShadowFault::Late { late: 3, steps: 201, .. }), "{fault}");
    }

    #[test]
    fn what_is_not_a_number_ends_it() {
        let mut shadow = shadow();
        shadow.stepped(PERIOD, &chunk(0.0), None).unwrap();
        let fault = shadow.stepped(PERIOD, &chunk(f32::NAN), None).unwrap_err();
        assert!(matches!(fault, ShadowFault::NotFinite { step: 2 }), "{fault}");
    }

    #[test]
    fn divergence_is_told_in_mrad_with_percentiles_that_are_supported() {
        let mut shadow = shadow();
        for step in 1..=1000_u16 {
            let apart = JointVec::splat(1, f64::from(step) * 1e-6);
            shadow.stepped(PERIOD, &chunk(0.0), Some(&apart)).unwrap();
        }
        let all = shadow.distributions();
        let (joint, head) = (&all[0], &all[1]);
        assert_eq!((&*joint.name, &*joint.unit, joint.n), ("swing", "mrad", 1000));
        let near = |found: f64, expected: f64| (found - expected).abs() < 2e-3;
        assert!(near(joint.p50, 0.5) && near(joint.p99, 0.99) && near(joint.max, 1.0), "{joint:?}");
        assert!(joint.p99_9.is_nan(), "a thousand samples support no 99.9th percentile");
        assert_eq!((&*head.name, head.n), ("head", 1000));
        let sentence = shadow.verdict(PERIOD).unwrap();
        assert!(sentence.contains("1.0 mrad apart, at `swing`"), "{sentence}");
    }
}
