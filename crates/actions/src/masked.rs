//! Masked discrete diffusion (Discrete Diffusion VLA, arXiv 2508.20072): tokens appear in the order
//! of how sure the network is of them, a few more in each round.

mod decoder;
mod schedule;
mod score;

pub use decoder::{MaskedDecoder, MaskedError, MaskedSettings, Rounds};
pub use schedule::RevealSchedule;
pub use score::{Remask, Score};

#[cfg(test)]
mod tests;
