//! The thread graph of the daemon, and nothing else.
//!
//! [`Daemon::start`] loads both bundles, opens the bus, makes every channel and starts every
//! thread; dropping the [`Daemon`] takes all of it down. Which thread reads and writes what stands
//! in one place, `graph.rs`:
//!
//! | thread | class | reads | writes |
//! |---|---|---|---|
//! | `tick` | real-time | state, chunk, receipt, requests | command, posture, records |
//! | `sender` | real-time, below | command | bus |
//! | `system1` | real-time, below | posture, features, latent goal | chunk, records |
//! | `eye` | real-time, below | frames | features, records |
//! | `system2` | ordinary, nice | frames, posture, instruction | latent goal, records |
//! | `swap` | ordinary, nice | orders, frames, what System 1 knew and said | halves of a policy |
//! | `floor` | as `tick` | nothing | records, ticks of a silent robot |
//! | `telemetry` | ordinary | records, posture | status, log |
//!
//! ```no_run
//! use tandem_config::Config;
//! use tandem_runtime::Daemon;
//!
//! let daemon = Daemon::start(&Config::load("configs/so101.toml")?)?;
//! println!("{}", daemon.granted());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Rehearsal`] is the control thread alone, for measuring what it costs by itself.
//!
//! What this crate does not do: it decides nothing about motion (the control tick does), runs no
//! network (the engines do) and never arms by itself. A thread that dies, System 2's for example,
//! is not started again; the ages of what it no longer writes make the guard hold.

mod beat;
mod daemon;
mod desk;
mod error;
mod figures;
mod floor;
mod graph;
mod pace;
mod policies;
mod record;
mod rehearsal;
mod seat;
mod sender;
mod senses;
mod shared;
mod swap;
mod system1;
mod system2;
mod tally;
mod telemetry;
mod threads;
mod tick;
mod witnesses;

pub use daemon::Daemon;
pub use error::StartError;
pub use figures::TickFigures;
pub use policies::engine_kind;
pub use rehearsal::Rehearsal;
pub use senses::SenseError;
