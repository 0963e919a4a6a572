//! `tandem bench`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
