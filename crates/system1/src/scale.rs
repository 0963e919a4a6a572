//! Joints as network inputs.

use tandem_bundle::{Moments, Normalisation};
use tandem_types::Posture;

/// Scales a posture to zero mean and unit deviation, joint by joint.
#[derive(Clone, Debug)]
pub struct PostureScale {
    q: Vec<Affine>,
    dq: Vec<Affine>,
    lead: Vec<Affine>,
}

#[derive(Clone, Copy, Debug)]
struct Affine {
    mean: f64,
    gain: f64,
}

impl PostureScale {
    /// The scale a bundle was trained with.
    #[must_use]
    pub fn new(normalisation: &Normalisation) -> Self {
        Self {
            q: affine(&normalisation.q),
            dq: affine(&normalisation.dq),
            lead: affine(&normalisation.lead),
        }
    }

    /// Degrees of freedom.
    #[must_use]
    pub const fn dof(&self) -> usize {
        self.q.len()
    }

    /// Writes measured positions, measured velocities and the command's lead over the measured
    /// position, each scaled, one after the other: `3 * dof` numbers. Surplus joints of the posture
    /// and surplus room in `out` are left alone.
    pub fn pack(&self, posture: &Posture, out: &mut [f32]) {
        let lead = posture.command.q.zip_with(&posture.state.q, |command, q| command - q);
        let joints = posture.state.q.iter().chain(posture.state.dq.iter()).chain(lead.iter());
        let scales = self.q.iter().chain(&self.dq).chain(&self.lead);
        for ((value, scale), out) in joints.zip(scales).zip(out) {
            *out = ((value - scale.mean) * scale.gain) as f32;
        }
    }
}

fn affine(moments: &Moments) -> Vec<Affine> {
    let pairs = moments.mean.iter().zip(&moments.std);
    pairs.map(|(&mean, &std)| Affine { mean, gain: 1.0 / std }).collect()
}
