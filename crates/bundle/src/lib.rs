//! A policy on disk: manifest, hashes and weights, validated before use.
//!
//! A *bundle* is a folder with a `bundle.toml` (read into a [`Manifest`]), a `model.safetensors`
//! that holds the weights of all its networks, and perhaps one ONNX file per network.
//! [`Bundle::load`] reads, hashes and checks all of it; [`Bundle::mismatches`] compares a sound
//! bundle with the robot it shall drive; [`BundleWriter`] makes one. Whatever is wrong becomes a
//! [`BundleError`] or a [`Mismatch`], and every one of those names the file, the tensor or the
//! key, and the mend.
//!
//! [`Document`] is the reader of TOML files under a table of known keys, which keeps the place of
//! every key; the config of a robot is read with it too.
//!
//! ```
//! use tandem_bundle::{Bundle, BundleError};
//!
//! let error = Bundle::load("no/such/bundle").unwrap_err();
//! assert!(matches!(error, BundleError::Read { .. }));
//! assert!(error.to_string().starts_with("no/such/bundle/bundle.toml: cannot be read"));
//! ```
//!
//! What this crate does not do: it runs no network, and it knows no robot model, no config and no
//! bus. It allocates and reads files, so it has no place in a real-time thread; everything it
//! returns is `Send`.

mod bundle;
mod document;
mod error;
mod files;
mod finding;
#[cfg(test)]
mod fixture;
mod manifest;
mod mismatch;
mod parameters;
mod weights;
mod writer;

pub use bundle::{BUNDLE_FILE, Bundle, WEIGHTS_FILE};
pub use document::{Document, Key, Kind};
pub use error::{BundleError, TensorFault, WeightsFault};
pub use files::{Digest, DigestError};
pub use finding::{Finding, Position};
pub use manifest::{
    Action, Bins, CameraInput, Choice, ChunkRange, Diffusion, DiscreteDiffusion, E0, Fast, Flow,
    Hybrid, Latent, Manifest, Moments, NetworkSpec, Noise, NormRange, Normalisation, Oat, Order,
    Representation, Role, System1Spec, System2Spec, TensorSpec, Text, Vq,
};
pub use mismatch::{Expected, Mismatch, RoleName};
pub use weights::Tensor;
pub use writer::{BundleWriter, Precision};
