//! `tandem collect`, `train` and `export`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;
use tandem_learn::{CollectConfig, objective_names};

#[derive(Debug, Args)]
pub(crate) struct Collect {
    /// The scenario.
    #[arg(long, default_value = "configs/so101.toml")]
    pub(crate) config: PathBuf,
    /// Where the demonstrations go; an interrupted collection goes on there.
    #[arg(long, default_value = "datasets/touch")]
    pub(crate) out: PathBuf,
    /// How many episodes to record.
    #[arg(long, default_value_t = CollectConfig::tabletop().episodes)]
    pub(crate) episodes: usize,
    /// Seed of the scenes; none of them is ever a scene of a demo or an evaluation.
    #[arg(long, default_value_t = CollectConfig::tabletop().seed)]
    pub(crate) seed: u64,
    /// Threads; the data do not depend on how many.
    #[arg(long, default_value_t = CollectConfig::tabletop().workers)]
    pub(crate) workers: usize,
}

impl Collect {
    /// The collection that the shipped policies were trained on.
    pub(crate) fn usual(config: &Path, out: &Path) -> Self {
        const USUAL: CollectConfig = CollectConfig::tabletop();
        let CollectConfig { episodes, seed, workers, .. } = USUAL;
        Self { config: config.into(), out: out.into(), episodes, seed, workers }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Train {
    /// The scenario.
    #[arg(long, default_value = "configs/so101.toml")]
    pub(crate) config: PathBuf,
    /// The demonstrations; collected first if they are not there.
    #[arg(long, default_value = "datasets/touch")]
    pub(crate) data: PathBuf,
    /// Where the bundles go; an interrupted training goes on from its checkpoint there.
    #[arg(long, default_value = "runs/touch")]
    pub(crate) out: PathBuf,
    /// Train only a System 1, against this System 2 bundle. Otherwise both are trained together.
    #[arg(long, value_name = "BUNDLE")]
    pub(crate) system2: Option<PathBuf>,
    /// Train only a head, of this representation, on the encoder of a System 1 and the System 2 that
    /// are there.
    #[arg(long, value_name = "NAME", conflicts_with = "horizon",
          value_parser = PossibleValuesParser::new(objective_names()))]
    pub(crate) representation: Option<String>,
    /// The System 1 bundle whose encoder a head is trained on, instead of the config's.
    #[arg(long, value_name = "BUNDLE", requires = "representation")]
    pub(crate) backbone: Option<PathBuf>,
    /// Samples that the demonstrations are seen as; heads that agree on them share the work.
    #[arg(long, requires = "representation")]
    pub(crate) samples: Option<usize>,
    /// The new bundle's name, instead of the representation's.
    #[arg(long, requires = "representation")]
    pub(crate) name: Option<String>,
    /// Steps in an action chunk.
    #[arg(long)]
    pub(crate) horizon: Option<usize>,
    /// Training steps.
    #[arg(long)]
    pub(crate) steps: Option<u32>,
    /// Settings that differ from the usual ones, as TOML: a key for each, under the names that
    /// `TrainConfig` (with `--representation`, `HeadConfig`) has in `tandem-learn`.
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Seed of everything random.
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The bundle's folder.
    pub(crate) bundle: PathBuf,
}
