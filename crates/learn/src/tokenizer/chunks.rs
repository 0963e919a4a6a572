//! The expert's chunks, as a System 1 is trained to say them.

use tandem_actions::{ChunkShape, Normaliser, NormaliserError, Scaling, Statistics, StatisticsFit};

use crate::TrainError;
use crate::batch::scaled_chunk;
use crate::config::TrainConfig;
use crate::dataset::{Dataset, DatasetError};
use crate::scale::action_scale;
use crate::train::{check, split};

/// Chunks to fit tokenizers on, and chunks of other flights to judge them by.
///
/// A chunk is the expert's path to one object: each step's offset from the command at the
/// observation, in units of the root mean square of that joint's offsets. It is what every
/// representation has to say, so a mean square error of one is that of saying nothing.
#[derive(Clone, Debug)]
pub struct ExpertChunks {
    shape: ChunkShape,
    training: Vec<Vec<f64>>,
    held_out: Vec<Vec<f64>>,
    action_rad: Vec<f64>,
    statistics: Statistics,
}

impl ExpertChunks {
    /// Reads at most `most` chunks of either kind, spread evenly over the flights; `config` says
    /// how long a chunk is and which flights are held out.
    ///
    /// # Errors
    /// If the dataset is too small, cannot be read, or does not hold such chunks.
    pub fn read(dataset: &Dataset, config: &TrainConfig, most: usize) -> Result<Self, TrainError> {
        check(config, dataset)?;
        let sizes = dataset.sizes();
        // A horizon within the dataset's paths is within a chunk's bounds, too.
        let shape = ChunkShape::new(config.horizon, sizes.dof())
            .map_err(|_large| DatasetError::TooSmall { episodes: 0, needed: 1 })?;
        let action_rad = action_scale(dataset, config)?;
        let (training, held_out) = split(dataset.episodes().len(), config.validation.share)?;
        let read = |episodes: Vec<usize>| read(dataset, config, &action_rad, &episodes, most);
        let (training, held_out) = (read(training)?, read(held_out)?);
        let mut fit = StatisticsFit::new(shape.dims());
        training.iter().for_each(|chunk| fit.add(chunk));
        let none = DatasetError::TooSmall { episodes: 0, needed: 1 };
        let statistics = fit.statistics().ok_or(none)?;
        Ok(Self { shape, training, held_out, action_rad, statistics })
    }

    /// The shape of each chunk.
    #[must_use]
    pub const fn shape(&self) -> ChunkShape {
        self.shape
    }

    /// Chunks to fit on.
    pub fn training(&self) -> impl ExactSizeIterator<Item = &[f64]> + Clone {
        self.training.iter().map(Vec::as_slice)
    }

    /// Chunks of flights that none of the others came from.
    pub fn held_out(&self) -> impl ExactSizeIterator<Item = &[f64]> + Clone {
        self.held_out.iter().map(Vec::as_slice)
    }

    /// What a value of one means for each joint, rad.
    #[must_use]
    pub fn action_rad(&self) -> &[f64] {
        &self.action_rad
    }

    /// What is known of each joint's values over the training chunks.
    #[must_use]
    pub const fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// A scaling of all joints, fitted on the training chunks.
    ///
    /// # Errors
    /// If the chunks hold numbers too large to scale.
    pub fn normaliser(&self, scaling: Scaling) -> Result<Normaliser, NormaliserError> {
        Normaliser::all(scaling, self.statistics.clone())
    }

    /// The training chunks, normalised.
    #[must_use]
    pub fn normalised(&self, normaliser: &Normaliser) -> Vec<Vec<f64>> {
        let mut chunks = self.training.clone();
        chunks.iter_mut().for_each(|chunk| normaliser.normalise(chunk));
        chunks
    }
}

fn read(
    dataset: &Dataset,
    config: &TrainConfig,
    action_rad: &[f64],
    episodes: &[usize],
    most: usize,
) -> Result<Vec<Vec<f64>>, DatasetError> {
    let indices = episodes.iter().filter_map(|&at| dataset.episodes().get(at));
    let places: Vec<_> = indices
        .flat_map(|episode| {
            let moments = episode.first..episode.first + episode.moments;
            let objects = episode.objects.len();
            moments.flat_map(move |moment| (0..objects).map(move |object| (moment, object)))
        })
        .collect();
    let every = places.len().div_ceil(most.max(1)).max(1);
    let chunk = |&(moment, object): &(usize, usize)| {
        let chunk = scaled_chunk(dataset, config, action_rad, moment, object)?;
        Ok(chunk.into_iter().map(f64::from).collect())
    };
    places.iter().step_by(every).map(chunk).collect()
}
