//! Tokenizers of action chunks, fitted on demonstrations.
//!
//! Those that need no network are fitted by `actions` itself, on the [`ExpertChunks`] found here;
//! [`fit_oat`] and [`fit_vq`] train the networks of the others. The same chunks, sizes and seed give
//! the same bytes.

mod autoencoder;
mod chunks;
mod oat;
mod straight_through;
mod vq;

pub use autoencoder::{
    AutoencoderConfig, ReadyError, TOKENIZER_DECODER, TOKENIZER_ENCODER, TrainedAutoencoder,
};
pub use chunks::ExpertChunks;
pub use oat::fit_oat;
pub use vq::{VqSizes, fit_vq};

#[cfg(test)]
mod tests;
