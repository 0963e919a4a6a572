//! Action representations: normalisers, tokenizers and samplers, and the bits each of them costs.
//!
//! A [`Representation`] writes an action chunk of a [`ChunkShape`] as tokens and reads it back:
//! [`Binned`] (RT-1, OpenVLA, E0), [`Fast`], [`VqChunk`], [`Oat`], and [`Continuous`] for no
//! tokenizer at all; [`Normalised`] puts a scaling before one, [`WithOffset`] a continuous remainder
//! behind it. [`account`] says what one costs and loses on given chunks. Around them stand a
//! [`Normaliser`] with its [`StatisticsFit`], and the samplers that turn a network's answers into
//! actions: [`Ddim`], [`Ddpm`], [`flow`], [`MaskedDecoder`], [`E0Denoiser`], and HybridVLA's
//! [`ConfidenceGate`]. Each sampler takes the network as a closure that may break off when time is
//! up, and then gives its best answer so far.
//!
//! ```
//! use tandem_actions::{Binned, ChunkShape, Fast, FitSettings, OpenVlaBins, account};
//!
//! // 50 smooth chunks of 16 steps and 2 joints, as a robot's demonstrations hold.
//! let shape = ChunkShape::new(16, 2)?;
//! let wave = |chunk: usize, i: usize| ((chunk + i / 2) as f64 * 0.1 + (i % 2) as f64).sin();
//! let chunks: Vec<Vec<f64>> =
//!     (0..50).map(|chunk| (0..32).map(|i| wave(chunk, i)).collect()).collect();
//! let chunks = || chunks.iter().map(|chunk| &chunk[..]);
//!
//! let bins = account(&mut Binned::new(shape, OpenVlaBins::new(256)), chunks());
//! let fast = account(&mut Fast::fit(shape, chunks(), &FitSettings::PAPER)?, chunks());
//! assert_eq!(bins.rate.bits_nominal, 256.0);
//! assert!(fast.rate.bits_nominal < bins.rate.bits_nominal / 2.0);
//! assert!(fast.distortion.mse > bins.distortion.mse, "but it loses more");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this crate does not do: it holds no network and names no framework, so encoders, decoders
//! and policies are the caller's; it reads no file and no clock; it does not touch the control tick.
//!
//! Threading and allocation: everything belongs to one thread at a time and can be cloned for
//! another. Fitting and accounting allocate. Encoding, decoding and sampling do not after the
//! first call. Randomness comes from a
//! generator that is passed in; the same inputs give the same bytes.
#![forbid(unsafe_code)]

mod bins;
mod bits;
mod choice;
mod continuous;
mod dct;
mod diffusion;
mod e0;
mod fast;
pub mod flow;
mod fsq;
mod gate;
mod masked;
mod noise;
mod normalise;
mod normalised;
mod oat;
mod offset;
mod representation;
mod shape;
pub mod smoothness;
mod vq;

pub use bins::{
    BinEdges, BinValue, Binned, Bins, OpenVlaBins, Rt1Bins, Rt1Discrete, Rt1Error, UniformBins,
};
pub use bits::{Account, Distortion, Rate, RoundTripError, account, round_trip};
pub use choice::{Choice, Chosen};
pub use continuous::Continuous;
pub use dct::Dct;
pub use diffusion::{Ddim, Ddpm, NoiseSchedule, ScheduleError, StepsError};
pub use e0::{E0Denoiser, E0Error, E0Settings, E0Signal, e0_noisy_one_hot};
pub use fast::{ByteBpe, Fast, FastSettings, FitError, FitSettings, ScaleError, TokenizerError};
pub use fsq::{Fsq, FsqError};
pub use gate::{Confidence, ConfidenceGate};
pub use masked::{
    MaskedDecoder, MaskedError, MaskedSettings, Remask, RevealSchedule, Rounds, Score,
};
pub use noise::{fill_normal, gumbel, normal};
pub use normalise::{
    DimStatistics, Normaliser, NormaliserError, Scaling, Statistics, StatisticsFit,
};
pub use normalised::{Normalised, NormalisedError};
pub use oat::{
    Autoencoder, NestedDropout, Oat, OatError, OatPrefix, Principal, PrincipalError, attention_mask,
};
pub use offset::WithOffset;
pub use representation::{DecodeError, EncodeError, Representation, TokenCount};
pub use shape::{ChunkShape, ShapeError};
pub use vq::{EmaCodebooks, OffsetError, Offsets, ResidualVq, VqChunk, VqError, VqLatent};
