//! Shafts that servos drive, and somebody who looks at them now and then.

use core::time::Duration;

use tandem_types::Stamp;

use super::plant::{Drive, Plant, Shaft};
use super::transcript::{Sample, Transcript};

/// From one look at the shafts to the next.
const SAMPLE_PERIOD: Duration = Duration::from_millis(1);

/// All shafts of a bus.
pub(super) struct Rig {
    pub(super) drives: Vec<Drive>,
    pub(super) shafts: Vec<Shaft>,
    plant: Box<dyn Plant>,
    sample_due: Stamp,
}

impl Rig {
    /// Shafts at these places, limp.
    pub(super) fn new(positions: impl Iterator<Item = f64>, plant: Box<dyn Plant>) -> Self {
        let shafts: Vec<_> = positions.map(Shaft::at).collect();
        let drives = vec![Drive::default(); shafts.len()];
        Self { drives, shafts, plant, sample_due: Stamp::ORIGIN }
    }

    /// Whether each servo drives its motor.
    pub(super) fn torques(&self) -> Vec<bool> {
        self.drives.iter().map(|drive| drive.on).collect()
    }

    /// Puts the shafts somewhere, as a hand would.
    pub(super) fn place(&mut self, positions: &[f64]) {
        for (shaft, position) in self.shafts.iter_mut().zip(positions) {
            *shaft = Shaft { position: *position, speed: 0.0, ..*shaft };
        }
    }

    /// Moves on.
    pub(super) fn step(&mut self, now: Stamp, transcript: &mut Transcript) {
        self.plant.step(now, &self.drives, &mut self.shafts);
        if self.is_due(now) {
            self.sample_due = now.after(SAMPLE_PERIOD);
            transcript.sample(Sample {
                stamp: now,
                on: self.torques(),
                positions: self.shafts.iter().map(|shaft| shaft.position).collect(),
                speeds: self.shafts.iter().map(|shaft| shaft.speed).collect(),
                driven: self.drives.iter().map(|drive| drive.goal_speed).collect(),
            });
        }
    }

    /// When it wants to be looked at next.
    pub(super) const fn due(&self) -> Stamp {
        self.sample_due
    }

    /// Whether that is now.
    pub(super) fn is_due(&self, now: Stamp) -> bool {
        now >= self.sample_due
    }
}
