//! The command line.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use tandem_learn::{CollectConfig, objective_names};

/// A real-time dual-system robot controller.
#[derive(Debug, Parser)]
#[command(name = "tandem", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// Say more (twice for everything); `TANDEM_LOG` sets an exact filter.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the simulated arm and the daemon side by side and let the arm do what sentences say.
    Demo(Demo),
    /// Run the daemon on a robot or a simulated arm.
    Run(Run),
    /// Run a simulated arm on the bus.
    Sim(Sim),
    /// Drive an arm of motors: between the bus and a serial port or CAN.
    Bridge(Bridge),
    /// Say everything that is wrong with a config and the bundles it names.
    Check(ConfigFile),
    /// Say what this machine grants a real-time program, and the mend for what it refuses.
    Doctor,
    /// Fetch what cannot be shipped.
    Setup(Setup),
    /// Talk to a running daemon.
    Ctl(Ctl),
    /// Record demonstrations of the scripted expert.
    Collect(Collect),
    /// Train policies from demonstrations.
    Train(Train),
    /// Write the networks of a bundle as ONNX.
    Export(Export),
    /// Play episodes in virtual time, as fast as the machine allows.
    Eval(Eval),
    /// Measure.
    Bench(Bench),
    /// Run an experiment that answers a question.
    Study(Study),
    /// The far end of an echo that `bench path` compares with.
    #[command(hide = true)]
    Echo(Run),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The scenario.
    #[arg(long, default_value = "configs/so101.toml")]
    pub(crate) config: PathBuf,
    /// The same for a scenario that ships, by its robot: `so101` or `so101-emulated`.
    #[arg(long, conflicts_with = "config")]
    pub(crate) robot: Option<String>,
    /// How many episodes to play.
    #[arg(long, default_value_t = 5)]
    pub(crate) episodes: u32,
    /// Seed of the first scene; the following episodes count up from it.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many of the episodes to play once more with an instruction that names another object on
    /// the table.
    #[arg(long, default_value_t = 2)]
    pub(crate) redirected: u32,
    /// Do not kill System 2 half-way through a last episode.
    #[arg(long)]
    pub(crate) keep_system2: bool,
    /// Write what was measured.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write a short animated picture of the run.
    #[arg(long, value_name = "FILE")]
    pub(crate) gif: Option<PathBuf>,
    /// Draw nothing but plain lines.
    #[arg(long)]
    pub(crate) headless: bool,
}

impl Demo {
    /// The scenario's file.
    pub(crate) fn scenario(&self) -> PathBuf {
        match &self.robot {
            Some(robot) => PathBuf::from(format!("configs/{robot}.toml")),
            None => self.config.clone(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Where a process meets the others, instead of where its config says.
#[derive(Debug, Default, Args)]
pub(crate) struct Place {
    /// The robot's endpoint, instead of `[bus] robot`.
    #[arg(long)]
    pub(crate) robot: Option<String>,
    /// The daemon's endpoint, instead of `[bus] daemon`.
    #[arg(long)]
    pub(crate) daemon: Option<String>,
    /// The bridge's endpoint, instead of `[bridge] listen`.
    #[arg(long)]
    pub(crate) bridge: Option<String>,
    /// The motors' port, instead of `[bridge] port`.
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<String>,
    /// Stop when standard input closes: the parent process is gone.
    #[arg(long, hide = true)]
    pub(crate) stop_with_parent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sim {
    #[command(flatten)]
    pub(crate) run: Run,
    /// Publish a picture of the whole scene for people, whatever the config says.
    #[arg(long)]
    pub(crate) spectator: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Bridge {
    /// The scenario, such as `configs/so101-arm.toml`.
    #[arg(required = true)]
    pub(crate) config: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) what: Option<BridgeWhat>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BridgeWhat {
    /// Put an emulated arm at the scenario's port, with nothing but air around it.
    Emulate(ConfigFile),
    /// Find out how the arm was put together, and write it where the scenario says.
    Calibrate(Calibrate),
    /// Say how the arm's own side is.
    Status(ConfigFile),
    /// Take note of a stop that the arm's own side has latched. Does not arm.
    Ack(ConfigFile),
    /// Let the motors go when the bridge has died.
    #[command(hide = true)]
    Guardian(GuardianOf),
}

/// The arm that a guardian stands guard over.
#[derive(Debug, Args)]
pub(crate) struct GuardianOf {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// The motors' port, instead of `[bridge] port`.
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Calibrate {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// Take it from LeRobot's calibration of the same arm, a JSON file.
    #[arg(long, value_name = "FILE")]
    pub(crate) import: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigFile {
    /// The scenario, such as `configs/so101.toml`.
    pub(crate) config: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Setup {
    /// What to fetch.
    pub(crate) what: SetupWhat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SetupWhat {
    /// The ONNX Runtime library, from its Python wheel.
    Onnxruntime,
}

#[derive(Debug, Args)]
pub(crate) struct Ctl {
    /// The scenario the daemon runs.
    #[arg(long, default_value = "configs/so101.toml")]
    pub(crate) config: PathBuf,
    /// The daemon's endpoint, instead of `[bus] daemon`.
    #[arg(long)]
    pub(crate) daemon: Option<String>,
    /// The bridge's endpoint, instead of `[bridge] listen`.
    #[arg(long)]
    pub(crate) bridge: Option<String>,
    #[command(subcommand)]
    pub(crate) what: CtlWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CtlWhat {
    /// Say how the daemon is.
    Status,
    /// Adopt the measured pose and begin to move.
    Arm {
        /// After a stop: the number that `ack` answered with.
        nonce: Option<u64>,
    },
    /// Come to rest and stop sending.
    Disarm,
    /// Clear a latched stop whose cause is gone. Does not arm, but says with which number `arm` may.
    Ack,
    /// Stop now, latched. A protective stop in software, never an emergency stop.
    Stop,
    /// Say what to do, in a sentence, or in several, to be done one after the other.
    Instruct {
        /// The sentences, each in quotes; a single empty one takes the goal away.
        #[arg(value_name = "TEXT", required_unless_present = "file", conflicts_with = "file")]
        texts: Vec<String>,
        /// Read them from a file, one in each line.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// System 1's policies: name them, or replace the one in charge while everything runs.
    Policy(Policy),
    /// Provoke a fault, where the config allows it.
    Fault {
        /// Which: `kill-system2`, `stall-system1` or `nan-system1`.
        name: String,
        /// How long a stall lasts.
        ms: Option<u64>,
    },
    /// End the daemon.
    Shutdown,
}

#[derive(Debug, Args)]
pub(crate) struct Policy {
    #[command(subcommand)]
    pub(crate) what: PolicyWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyWhat {
    /// Name the bundles at hand, which of them is active, and what came of the last swap.
    List,
    /// Replace the policy. The old one stays, or comes back, if anything is wrong with the new one.
    Swap {
        /// The bundle's name, as `list` says it.
        name: String,
        /// What is to run it, instead of the config's engine.
        #[arg(long)]
        engine: Option<Engine>,
        /// First run it beside the active one for so long, without acting, and say how far apart
        /// the two are.
        #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
        shadow: f64,
        /// Write what the shadow measured.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Engine {
    /// Built in.
    Candle,
    /// ONNX Runtime.
    Onnx,
}

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

#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// What to compare; without it, the config's policies are evaluated.
    #[arg(conflicts_with = "expert")]
    pub(crate) what: Option<EvalWhat>,
    /// Folders of System 1 bundles to compare, or such bundles; otherwise `[policies] folder`.
    #[arg(long, value_name = "DIR", num_args = 1.., requires = "what")]
    pub(crate) policies: Vec<PathBuf>,
    /// Demonstrations to compare chunks with, on the episodes held out of training.
    #[arg(long, requires = "what")]
    pub(crate) data: Option<PathBuf>,
    /// The scenario.
    #[arg(long, default_value = "configs/so101.toml")]
    pub(crate) config: PathBuf,
    /// How many episodes to play.
    #[arg(long, default_value_t = 50)]
    pub(crate) episodes: u32,
    /// Seed of the first scene; the following episodes count up from it.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Let the scripted expert play instead of the policies.
    #[arg(long)]
    pub(crate) expert: bool,
    /// Say System 1's chunks in the tokens of this bundle before they become motion: what a tokenizer
    /// costs by itself, before any network says a token wrong.
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["what", "expert"])]
    pub(crate) through: Option<PathBuf>,
    /// Name another object on the table than the scene's target.
    #[arg(long)]
    pub(crate) redirected: bool,
    /// Write what was measured.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum EvalWhat {
    /// Every System 1 at hand, on the same scenes.
    Representations,
    /// When `[task]` calls a task done, against when it is.
    Tasks,
}

#[derive(Debug, Args)]
pub(crate) struct Study {
    /// The question.
    #[arg(value_enum)]
    pub(crate) what: StudyWhat,
    /// The scenario.
    #[arg(long, default_value = "configs/so101.toml")]
    pub(crate) config: PathBuf,
    /// A smaller grid, shorter training and fewer flights: a quarter of an hour on two cores.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only measure this part (without: the first two); what other parts measured before stays in
    /// the results.
    #[arg(long)]
    pub(crate) part: Option<StudyPart>,
    /// Where results go; an interrupted study goes on from its cells there.
    #[arg(long, default_value = "docs/studies/compression-gap")]
    pub(crate) out: PathBuf,
    /// Demonstrations, for the factorial; collected first if they are not there.
    #[arg(long, default_value = "datasets/touch")]
    pub(crate) data: PathBuf,
    /// Where the factorial's weak backbone is, and its heads go; trained first if it is not there.
    #[arg(long, default_value = "runs/weak")]
    pub(crate) work: PathBuf,
    /// How often each cell is trained, with seeds of its own.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) seeds: u32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum StudyWhat {
    /// Does a codebook cap what better sight can bring to the motors?
    CompressionGap,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum StudyPart {
    /// Bits in against bits out, where both are known.
    Channel,
    /// Codebooks of many sizes behind a weak and a strong channel.
    Codebooks,
    /// Representations on pictures, on a weak and a strong encoder. Takes hours, and only runs when
    /// it is asked for.
    Factorial,
}

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// What to measure.
    pub(crate) what: BenchWhat,
    /// How many times, where things are counted (`train`, `camera`, `engines`, `swap`, `stall`,
    /// `codec`, `fast`, `bridge`, and each fault of `stop`).
    #[arg(long, alias = "repeats", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: Option<u32>,
    /// Which faults (`stop`); all of them if none is named.
    #[arg(long, value_name = "NAME")]
    pub(crate) fault: Vec<String>,
    /// For how long, where time is what counts (`latest`: each channel with its writer preempted;
    /// `tick`: all four blocks together; `path`).
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: Option<u32>,
    /// The scenario, where one is needed (`tick`, `path`, `engines`, `swap`, `stall`,
    /// `codec`, `fast`).
    #[arg(long, default_value = "configs/so101.toml")]
    pub(crate) config: PathBuf,
    /// The demonstrations of `codec` and `fast`; without them they collect some of their own, without
    /// pictures.
    #[arg(long, value_name = "DATASET")]
    pub(crate) data: Option<PathBuf>,
    /// Where `fast` leaves chunks and tokenizer for the official processor.
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Write what was measured.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Fail if a figure exceeds its limit in this file, such as `docs/budget.toml`.
    #[arg(long, value_name = "FILE")]
    pub(crate) budget: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum BenchWhat {
    /// One training step of a 57-MFLOP network at batch 64.
    Train,
    /// One 96x96 camera picture.
    Camera,
    /// The latest-value channel beside five others.
    Latest,
    /// The control tick beside the machine's own timer, and how it grows with the joints.
    Tick,
    /// From a joint state on Zenoh to its command on Zenoh, beside a bare echo.
    Path,
    /// Every bundle's networks on every engine.
    Engines,
    /// A thousand swaps of policies under motion, and what they cost the tick and the memory.
    Swap,
    /// System 1 stands still for half a second, and what that costs the tick.
    Stall,
    /// What each action representation costs and loses on demonstrations.
    Codec,
    /// FAST's encoder, beside the official processor on the same chunks.
    Fast,
    /// The servo bus' cycle beside the time that its bytes take.
    Bridge,
    /// How soon motion stops when a part of the chain to the servos dies.
    Stop,
}

impl BenchWhat {
    /// Its name on the command line and in a budget.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Camera => "camera",
            Self::Latest => "latest",
            Self::Tick => "tick",
            Self::Path => "path",
            Self::Engines => "engines",
            Self::Swap => "swap",
            Self::Stall => "stall",
            Self::Codec => "codec",
            Self::Fast => "fast",
            Self::Bridge => "bridge",
            Self::Stop => "stop",
        }
    }
}
