//! The command line.

mod bench;
mod learn;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use bench::{Bench, BenchWhat};
pub(crate) use learn::{Collect, Export, Train};

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
    /// Own the arm until Ctrl-C, where the config asks for an owner: it stops when this ends, however
    /// it ends, or when somebody else takes it over.
    Attend,
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
    /// Have the bundles keep how long their latent goals were, for the guard to hold others against.
    #[arg(long, requires = "what")]
    pub(crate) write: bool,
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
    /// How long the latent goals are that a policy meets.
    Goals,
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
    /// System 1's own heads behind the same two channels.
    Heads,
    /// Representations on pictures, on a weak and a strong encoder. Takes hours, and only runs when
    /// it is asked for.
    Factorial,
}
