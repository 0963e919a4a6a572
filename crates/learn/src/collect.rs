//! Demonstrations by the scripted expert, in lockstep.

mod demonstrator;
mod disturbance;
mod settings;

use core::ops::ControlFlow;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use sha2::{Digest as _, Sha256};
use tandem_sim::{
    Expert, ExpertError, Lockstep, LockstepConfig, LockstepError, SimConfig, SimError, World,
    vocabulary,
};

use crate::dataset::{DatasetError, DatasetManifest, DatasetWriter, Episode, hex};
use demonstrator::Demonstrator;

pub use settings::{CollectConfig, Disturbance};

/// Episodes that wait to be written, at most.
const WAITING_MAX: usize = 4;

/// What to collect, in which world, and where to put it.
#[derive(Clone, Copy, Debug)]
pub struct CollectJob<'a> {
    /// The settings.
    pub config: &'a CollectConfig,
    /// The world.
    pub sim: &'a SimConfig,
    /// The controller and the delays.
    pub lockstep: &'a LockstepConfig,
    /// The dataset's folder.
    pub out: &'a Path,
    /// The command that asked for it, noted in the dataset.
    pub command: &'a str,
}

/// How far a collection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollectProgress {
    /// Episodes there are.
    pub episodes: usize,
    /// Episodes wanted.
    pub wanted: usize,
    /// Moments recorded since the start of this call.
    pub moments: usize,
}

/// What a collection came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// Episodes on disk.
    pub episodes: usize,
    /// Moments on disk.
    pub moments: usize,
    /// Whether that is everything asked for; if not, the same job goes on.
    pub is_complete: bool,
}

/// A collection that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The dataset cannot be written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The world cannot be made.
    #[error(transparent)]
    World(#[from] SimError),
    /// World and controller do not fit together.
    #[error(transparent)]
    Lockstep(#[from] LockstepError),
    /// The expert cannot drive this robot.
    #[error(transparent)]
    Expert(#[from] ExpertError),
    /// An episode came without a single picture.
    #[error("episode with seed {seed} has no moments; ask for a longer duration_ms")]
    Empty {
        /// Its seed.
        seed: u64,
    },
}

/// Collects demonstrations, or goes on collecting.
///
/// Episode `i` depends on the settings and `i` alone, so an interrupted collection goes on with
/// the first shard that is missing and ends with the same bytes. `progress` hears of every
/// episode; breaking from it stops the collection, and unfinished shards are lost.
///
/// # Errors
/// If the world cannot be made, or the dataset cannot be written.
pub fn collect(
    job: &CollectJob<'_>,
    progress: &mut dyn FnMut(&CollectProgress) -> ControlFlow<()>,
) -> Result<Collected, CollectError> {
    let config = job.config;
    let mut writer = DatasetWriter::open(job.out, manifest(job))?;
    let missing: VecDeque<usize> =
        (0..config.shards()).filter(|n| !writer.manifest().shards.contains_key(n)).collect();
    let queue = Mutex::new(missing);
    thread::scope(|scope| {
        let (sender, episodes) = sync_channel(WAITING_MAX);
        for _ in 0..config.workers.max(1) {
            let (sender, queue) = (sender.clone(), &queue);
            scope.spawn(move || work(job, queue, &sender));
        }
        drop(sender);
        // The receiver goes with this call: a worker that can no longer hand over stops.
        receive(config, episodes, &mut writer, progress)
    })?;
    let shards = &writer.manifest().shards;
    Ok(Collected {
        episodes: shards.values().map(|shard| shard.episodes).sum(),
        moments: shards.values().map(|shard| shard.moments).sum(),
        is_complete: shards.len() == config.shards(),
    })
}

/// An episode of a shard, from a worker.
type Handover = (usize, Result<Episode, CollectError>);

fn receive(
    config: &CollectConfig,
    handovers: Receiver<Handover>,
    writer: &mut DatasetWriter,
    progress: &mut dyn FnMut(&CollectProgress) -> ControlFlow<()>,
) -> Result<(), CollectError> {
    let episodes = writer.manifest().shards.values().map(|shard| shard.episodes).sum();
    let mut report = CollectProgress { episodes, wanted: config.episodes, moments: 0 };
    let mut unfinished: BTreeMap<usize, Vec<Episode>> = BTreeMap::new();
    for (shard, episode) in handovers {
        let episode = episode?;
        report.episodes += 1;
        report.moments += episode.moments.len();
        let waiting = unfinished.entry(shard).or_default();
        waiting.push(episode);
        if waiting.len() == config.episodes_of(shard).len() {
            writer.write(shard, waiting)?;
            unfinished.remove(&shard);
        }
        if progress(&report).is_break() {
            break;
        }
    }
    Ok(())
}

/// A worker: takes shards from the queue until there are none or nobody listens.
fn work(job: &CollectJob<'_>, queue: &Mutex<VecDeque<usize>>, sender: &SyncSender<Handover>) {
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    while let Some(shard) = next() {
        // A stage for each shard: contacts leave traces of micrometres in a world, and what a shard
        // holds must not depend on what this thread has flown before.
        let mut stage = None;
        for index in job.config.episodes_of(shard) {
            let episode = demonstrate(job, index, &mut stage);
            let failed = episode.is_err();
            if sender.send((shard, episode)).is_err() || failed {
                return;
            }
        }
    }
}

/// Plays and records episode `index`, on a stage that is made for the first one of a shard.
fn demonstrate(
    job: &CollectJob<'_>,
    index: usize,
    stage: &mut Option<Stage>,
) -> Result<Episode, CollectError> {
    let seed = job.config.episode_seed(index);
    let stage = match stage {
        Some(stage) => stage,
        None => stage.insert(Stage::new(job, seed)?),
    };
    let lockstep = &mut stage.lockstep;
    lockstep.begin(&tandem_sim::Episode::new(seed))?;
    // The disturbances have a sequence of their own, so that they do not repeat the scene's.
    let rng = Pcg64Mcg::seed_from_u64(seed ^ 0x5EED_D157);
    let mut demonstrator = Demonstrator::new(job.config, stage.expert.clone(), rng);
    let ticks = demonstrator.duration().as_nanos() / job.lockstep.control.period.as_nanos().max(1);
    for _ in 0..ticks {
        lockstep.advance(&mut demonstrator)?;
    }
    demonstrator.into_episode(seed, lockstep.world()).ok_or(CollectError::Empty { seed })
}

/// What a worker plays on.
struct Stage {
    lockstep: Lockstep,
    expert: Expert,
}

impl Stage {
    fn new(job: &CollectJob<'_>, seed: u64) -> Result<Self, CollectError> {
        let expert = Expert::new(job.sim)?;
        let world = World::new(job.sim.clone(), seed)?;
        Ok(Self { lockstep: Lockstep::new(world, job.lockstep.clone())?, expert })
    }
}

fn manifest(job: &CollectJob<'_>) -> DatasetManifest {
    let config = job.config;
    let mut made = config.words();
    // The world has hundreds of numbers; together they are one word.
    let world = format!("{:?} {:?}", job.sim, job.lockstep);
    made.insert("world_sha256".to_owned(), hex(&Sha256::digest(world)));
    DatasetManifest {
        command: job.command.to_owned(),
        made,
        sizes: config.sizes(job.sim),
        words: vocabulary(),
        shards: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests;
