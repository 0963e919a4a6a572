//! How a policy moved: watched from outside, in virtual time.

use core::time::Duration;

use tandem_actions::smoothness::{
    SparcSettings, jerk_rms, log_dimensionless_jerk, seam_jump, sparc, speed_profile,
};
use tandem_sim::{Pilot, Senses};
use tandem_system1::Features;
use tandem_types::{ActionChunk, LatentGoal, Posture};

use crate::pair::Pair;

/// One step of System 1: all it knew.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Joints and command.
    pub posture: Posture,
    /// What it saw.
    pub features: Features,
    /// What it was to do.
    pub goal: LatentGoal,
}

/// A pair under observation: writes down the path of its commands, the seams between its chunks,
/// and some of its moments.
pub struct Observed {
    pair: Pair,
    /// Commanded positions, row by row, rad.
    path: Vec<f64>,
    dof: usize,
    last: Option<ActionChunk>,
    seams_rad: Vec<f64>,
    moments: Vec<Moment>,
    steps: usize,
}

/// How smooth the motion of an episode was.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Smoothness {
    /// Spectral arc length of the joints' common speed.
    pub sparc: Option<f64>,
    /// Log dimensionless jerk of the same.
    pub ldlj: Option<f64>,
    /// Root mean square jerk, rad/s^3.
    pub jerk_rms_rad_s3: Option<f64>,
    /// Root mean square over the chunks of how far the first point of each is from where the chunk
    /// before it had planned to be, in the joint that is farthest, mrad. None if chunks do not reach
    /// as far as the next one.
    pub seam_mrad: Option<f64>,
}

/// Every so manyth step is kept as a moment, up to as many.
const MOMENT_EVERY: usize = 7;
const MOMENTS_MAX: usize = 2000;

impl Observed {
    /// Watches `pair`.
    #[must_use]
    pub const fn new(pair: Pair) -> Self {
        Self {
            pair,
            path: Vec::new(),
            dof: 0,
            last: None,
            seams_rad: Vec::new(),
            moments: Vec::new(),
            steps: 0,
        }
    }

    /// The pair.
    pub const fn pair(&mut self) -> &mut Pair {
        &mut self.pair
    }

    /// What System 1 knew at some of its steps, over all episodes.
    #[must_use]
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// How smooth the motion since the last question was, given the time between two calls of the
    /// pilot.
    pub fn smoothness(&mut self, pilot_period: Duration) -> Smoothness {
        let rate_hz = 1.0 / pilot_period.as_secs_f64();
        let speed = speed_profile(&self.path, self.dof, rate_hz);
        let count = self.seams_rad.len();
        let squares: f64 = self.seams_rad.iter().map(|seam| seam * seam).sum();
        let found = Smoothness {
            sparc: sparc(&speed, rate_hz, &SparcSettings::PAPER).map(|found| found.value),
            ldlj: log_dimensionless_jerk(&speed, rate_hz),
            jerk_rms_rad_s3: jerk_rms(&self.path, self.dof, rate_hz),
            seam_mrad: (count > 0).then(|| 1e3 * (squares / count as f64).sqrt()),
        };
        self.path.clear();
        self.seams_rad.clear();
        self.last = None;
        found
    }

    /// How far a new chunk is from what the last one had planned for the same moment.
    fn seam(&mut self, chunk: &ActionChunk) {
        let planned = self.last.as_ref().and_then(|last| {
            let due = chunk.observed.after(chunk.step_period());
            let step = last.observed.age_at(due).as_nanos() / last.step_period().as_nanos().max(1);
            last.step(usize::try_from(step).ok()?.checked_sub(1)?)
        });
        if let (Some(planned), Some(first)) = (planned, chunk.step(0)) {
            let [planned, first] = [planned, first].map(widen);
            self.seams_rad.push(seam_jump(&planned, &first));
        }
        self.last = Some(*chunk);
    }

    fn keep(&mut self, posture: &Posture) {
        self.steps += 1;
        if !self.steps.is_multiple_of(MOMENT_EVERY) || self.moments.len() >= MOMENTS_MAX {
            return;
        }
        if let Some(goal) = self.pair.goal() {
            let (posture, goal) = (*posture, *goal);
            let features = self.pair.features().clone();
            self.moments.push(Moment { posture, features, goal });
        }
    }
}

impl Pilot for Observed {
    fn act(&mut self, posture: &Posture, senses: &mut Senses<'_>) -> Option<ActionChunk> {
        self.dof = posture.command.q.len();
        self.path.extend(posture.command.q.iter());
        let chunk = self.pair.act(posture, senses)?;
        self.seam(&chunk);
        self.keep(posture);
        Some(chunk)
    }
}

fn widen(row: &[f32]) -> Vec<f64> {
    row.iter().map(|&value| f64::from(value)).collect()
}
