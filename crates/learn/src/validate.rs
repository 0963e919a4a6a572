//! How good a policy is on episodes it was not trained on.

use serde::{Deserialize, Serialize};
use tandem_inference::Weights;

use crate::batch::Batcher;
use crate::error::TrainError;
use crate::learner::Learner;
use crate::parameters::with_values;
use crate::scale::Scales;

/// Measured on held-out episodes with the averaged weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Mean absolute error of a chunk's joint positions, mrad.
    pub action_error_mrad: f64,
    /// The same of a policy that says "stay": what there is to learn, mrad.
    pub action_at_rest_mrad: f64,
    /// Mean absolute error of the progress.
    pub progress_error: f64,
    /// How far from the named object the probe points, mm; `None` without a probe.
    pub place_error_mm_p50: Option<f64>,
    /// The same, 95th percentile.
    pub place_error_mm_p95: Option<f64>,
    /// Share of samples in which the probe points nearer to another object than to the named one.
    pub wrong_object_share: Option<f64>,
    /// The shortest and the longest Euclidean length of a latent goal; `None` if there was none.
    #[serde(default)]
    pub latent_norm: Option<[f64; 2]>,
}

/// Measures on batches `0..batches` of `batcher`.
pub(crate) fn measure(
    learner: &Learner,
    weights: &Weights,
    batcher: &Batcher,
    batches: u64,
    scales: &Scales,
) -> Result<Metrics, TrainError> {
    let mut sums = Sums::default();
    for number in 0..batches {
        let batch = batcher.batch(number)?;
        let answer = learner.answer(weights, &batch)?;
        with_values(&answer.chunk, |said| sums.actions(said, &batch.chunk, scales))?;
        with_values(&answer.progress, |said| {
            for (said, &wanted) in said.iter().zip(&batch.progress) {
                sums.progress += f64::from((said - wanted).abs());
                sums.progress_count += 1.0;
            }
        })?;
        let dim = answer.latent.dims().last().copied().unwrap_or(1);
        with_values(&answer.latent, |said| said.chunks_exact(dim).for_each(|it| sums.latent(it)))?;
        if let Some(place) = &answer.place {
            with_values(place, |said| sums.places(said, &batch.scenes, scales))?;
        }
    }
    Ok(sums.metrics())
}

#[derive(Default)]
struct Sums {
    action: f64,
    at_rest: f64,
    action_count: f64,
    progress: f64,
    progress_count: f64,
    place_mm: Vec<f64>,
    wrong: f64,
    latent_norm: Option<[f64; 2]>,
}

impl Sums {
    fn actions(&mut self, said: &[f32], wanted: &[f32], scales: &Scales) {
        let scale = scales.action_rad.iter().cycle();
        for ((&said, &wanted), scale_rad) in said.iter().zip(wanted).zip(scale) {
            self.action += f64::from((said - wanted).abs()) * scale_rad * 1e3;
            self.at_rest += f64::from(wanted.abs()) * scale_rad * 1e3;
            self.action_count += 1.0;
        }
    }

    fn latent(&mut self, goal: &[f32]) {
        let norm = goal.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
        let [min, max] = self.latent_norm.unwrap_or([norm; 2]);
        self.latent_norm = Some([min.min(norm), max.max(norm)]);
    }

    fn places(&mut self, said: &[f32], scenes: &[(Vec<[f32; 3]>, usize)], scales: &Scales) {
        for (said, (objects, target)) in said.as_chunks::<3>().0.iter().zip(scenes) {
            let said = scales.metres(said);
            let away = |object: &[f32; 3]| {
                let squares = object.iter().zip(&said).map(|(a, b)| f64::from(a - b).powi(2));
                squares.sum::<f64>().sqrt() * 1e3
            };
            let distances: Vec<f64> = objects.iter().map(away).collect();
            let Some(&own) = distances.get(*target) else { continue };
            self.place_mm.push(own);
            if distances.iter().any(|&other| other < own) {
                self.wrong += 1.0;
            }
        }
    }

    fn metrics(mut self) -> Metrics {
        self.place_mm.sort_by(f64::total_cmp);
        let count = self.place_mm.len();
        let percentile =
            |share: f64| self.place_mm.get(((count as f64 - 1.0) * share) as usize).copied();
        Metrics {
            action_error_mrad: self.action / self.action_count.max(1.0),
            action_at_rest_mrad: self.at_rest / self.action_count.max(1.0),
            progress_error: self.progress / self.progress_count.max(1.0),
            place_error_mm_p50: percentile(0.5),
            place_error_mm_p95: percentile(0.95),
            wrong_object_share: (count > 0).then(|| self.wrong / count as f64),
            latent_norm: self.latent_norm,
        }
    }
}
