//! The scale of everything a policy reads and says, measured on a dataset.

use tandem_bundle::{Moments, Normalisation, System1Spec};
use tandem_system1::PostureScale;
use tandem_types::{JointVec, Posture};

use crate::batch::path_stride;
use crate::config::TrainConfig;
use crate::dataset::{Dataset, DatasetError, EpisodeIndex, Row};

/// The least standard deviation of a joint, so that a joint that never moves does not turn noise
/// into signal: 1 mrad, 1 mrad/s.
const DEVIATION_MIN: f64 = 1e-3;
/// The least scale of an action, rad: a tenth of the SO-101's encoder step (4096 a turn).
const ACTION_SCALE_RAD_MIN: f64 = 1.5e-4;
/// Paths that the action scale is measured on.
const PATHS: usize = 4096;

/// Means, deviations and scales.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scales {
    pub(crate) normalisation: Normalisation,
    /// What an output of one means for each joint, rad.
    pub(crate) action_rad: Vec<f64>,
    /// Mean and deviation of the objects' places, m.
    place: Moments,
}

impl Scales {
    /// Measures the dataset; the same data and settings give the same scales.
    pub(crate) fn measure(dataset: &Dataset, config: &TrainConfig) -> Result<Self, DatasetError> {
        let rows = dataset.rows();
        let q = moments(rows.iter().map(|row| row.q.clone()));
        let dq = moments(rows.iter().map(|row| row.dq.clone()));
        let lead = moments(rows.iter().map(lead));
        let places = dataset.episodes().iter().filter_map(|episode| {
            let objects = &rows.get(episode.first)?.objects;
            Some(objects.iter().take(episode.objects.len()))
        });
        let place = moments(places.flatten().map(|place| place.to_vec()));
        let action_rad = action_scale(dataset, config)?;
        Ok(Self { normalisation: Normalisation { q, dq, lead }, action_rad, place })
    }

    /// With the scales of a policy that is there already, for places alone are measured anew.
    pub(crate) fn adopt(self, spec: &System1Spec) -> Self {
        let (normalisation, action_rad) =
            (spec.normalisation.clone(), spec.action.scale_rad.clone());
        Self { normalisation, action_rad, ..self }
    }

    /// A posture as System 1's head reads it.
    pub(crate) fn posture(&self, row: &Row) -> Vec<f32> {
        let mut posture = Posture::default();
        posture.state.q = joints(&row.q);
        posture.state.dq = joints(&row.dq);
        posture.command.q = joints(&row.command);
        let mut packed = vec![0.0; 3 * row.q.len()];
        PostureScale::new(&self.normalisation).pack(&posture, &mut packed);
        packed
    }

    /// A place in units of the places' deviation.
    pub(crate) fn place(&self, place: [f32; 3]) -> Vec<f32> {
        scaled(&place, &self.place)
    }

    /// A scaled place back in metres.
    pub(crate) fn metres(&self, place: &[f32]) -> Vec<f32> {
        let moments = self.place.mean.iter().zip(&self.place.std);
        let values = place.iter().zip(moments);
        values.map(|(&value, (mean, std))| (f64::from(value) * std + mean) as f32).collect()
    }
}

fn joints(values: &[f32]) -> JointVec {
    let zeros = JointVec::zeros(values.len());
    zeros.map(|joint, _| values.get(joint).map_or(0.0, |&value| f64::from(value)))
}

fn lead(row: &Row) -> Vec<f32> {
    row.command.iter().zip(&row.q).map(|(command, q)| command - q).collect()
}

fn scaled(values: &[f32], moments: &Moments) -> Vec<f32> {
    let moments = moments.mean.iter().zip(&moments.std);
    let values = values.iter().zip(moments);
    values.map(|(&value, (mean, std))| ((f64::from(value) - mean) / std) as f32).collect()
}

fn moments(rows: impl Iterator<Item = Vec<f32>>) -> Moments {
    let (mut count, mut sums, mut squares) = (0.0_f64, Vec::new(), Vec::new());
    for row in rows {
        sums.resize(row.len(), 0.0);
        squares.resize(row.len(), 0.0);
        for ((&value, sum), square) in row.iter().zip(&mut sums).zip(&mut squares) {
            let value = f64::from(value);
            *sum += value;
            *square += value * value;
        }
        count += 1.0;
    }
    let mean: Vec<f64> = sums.iter().map(|sum| sum / count).collect();
    let variances = squares.iter().zip(&mean).map(|(square, mean)| square / count - mean * mean);
    let std = variances.map(|variance| variance.max(0.0).sqrt().max(DEVIATION_MIN)).collect();
    Moments { mean, std }
}

/// The root mean square of the chunk's offsets, for each joint.
pub(crate) fn action_scale(
    dataset: &Dataset,
    config: &TrainConfig,
) -> Result<Vec<f64>, DatasetError> {
    let sizes = dataset.sizes();
    let dof = sizes.dof();
    let stride = path_stride(config, sizes.path_step_ms);
    let mut path = vec![0.0; config.horizon * stride * dof];
    let mut squares = vec![0.0_f64; dof];
    let mut count = 0.0;
    let every = (dataset.rows().len() / PATHS).max(1);
    let of_episode = |episode: &EpisodeIndex| {
        let target = episode.target;
        (episode.first..episode.first + episode.moments).map(move |moment| (moment, target))
    };
    let moments: Vec<_> = dataset.episodes().iter().flat_map(of_episode).collect();
    for &(moment, target) in moments.iter().step_by(every) {
        dataset.path(moment, target, &mut path)?;
        for step in path.chunks_exact(dof.max(1)).skip(stride - 1).step_by(stride) {
            for (square, &offset) in squares.iter_mut().zip(step) {
                *square += f64::from(offset) * f64::from(offset);
            }
            count += 1.0;
        }
    }
    let scale = |square: f64| (square / f64::max(count, 1.0)).sqrt().max(ACTION_SCALE_RAD_MIN);
    Ok(squares.into_iter().map(scale).collect())
}
