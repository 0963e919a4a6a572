//! Policies in episodes, and what their success rates say.
//!
//! [`Pair`] is System 1 and System 2 as the pilot of a lockstep run, at the daemon's rates and with
//! its delays; [`play`] plays a suite of episodes with any pilot and counts into a [`Proportion`],
//! whose Wilson interval says how sure the rate is; an [`Estimate`] carries the error of rates on to
//! their differences, and to the differences of those. [`Observed`] is a pair whose motion is
//! watched: how smooth it was, and what System 1 knew at its steps.
//!
//! ```
//! use tandem_evaluate::Proportion;
//!
//! let mut reached = Proportion::default();
//! (0..50).for_each(|episode| reached.count(episode != 7));
//! assert_eq!(reached.to_string(), "49/50 (98 %, 95 % interval 90-100 %)");
//! ```
//!
//! What this crate does not do: it trains nothing, opens no bus and measures no time. A lockstep
//! run is virtual: its success rates are real, its latencies are settings.

mod difference;
mod motion;
mod pair;
mod proportion;
mod suite;

pub use difference::Estimate;
pub use motion::{Moment, Observed, Smoothness};
pub use pair::{Cameras, Pacing, Pair, PairError};
pub use proportion::Proportion;
pub use suite::{Played, play};
