//! System 1: the fast visuomotor policy that turns what is seen and wanted into motion.
//!
//! A System 1 bundle has an encoder and a head. The [`Eye`] runs the visual encoder when frames arrive
//! and leaves its [`Features`]; the [`Policy`] runs the small head in every step and turns the newest
//! features, the [`Posture`](tandem_types::Posture) of the last control tick and the newest
//! [`LatentGoal`](tandem_types::LatentGoal) into an [`ActionChunk`](tandem_types::ActionChunk). The
//! [`PostureScale`] between joints and network inputs is shared with training, so that both see the
//! same numbers. A [`Shelf`] holds latent goals back that are younger than those of training. When
//! one policy takes over from another, a [`Fade`] leads over to its motion, and [`divergence`] says
//! how far apart two of them are. A [`NeuralAutoencoder`] is what a learned tokenizer of chunks runs, and
//! [`Policy::through`] shows what a tokenizer alone costs.
//!
//! ```
//! use tandem_bundle::{Moments, Normalisation};
//! use tandem_system1::PostureScale;
//! use tandem_types::{JointVec, Posture};
//!
//! let unit = Moments { mean: vec![0.0], std: vec![1.0] };
//! let centred = Moments { mean: vec![0.5], std: vec![0.25] };
//! let scale = PostureScale::new(&Normalisation { q: centred, dq: unit.clone(), lead: unit });
//! let mut posture = Posture::default();
//! posture.state.q = JointVec::splat(1, 1.0);
//! posture.state.dq = JointVec::splat(1, 0.0);
//! posture.command.q = JointVec::splat(1, 1.125);
//! let mut input = [0.0; 3];
//! scale.pack(&posture, &mut input);
//! assert_eq!(input, [2.0, 0.0, 0.125]);
//! ```
//!
//! A [`Head`] is what stands between the condition and the numbers of a chunk: one network, or a
//! sampler around one. [`head`] makes that of a bundle's representation. A head of many steps keeps
//! within a [`Budget`] and gives its best answer when time is up.
//!
//! # How to add a head
//! 1. `networks`: the networks it needs, each once, in `heads/`, and a variant of `Architecture`.
//! 2. `bundle`: a variant of `Representation` with its parameters, the keys of its table in
//!    `manifest/raw.rs`, and their checks and its networks' interfaces in `manifest/check/heads.rs`.
//! 3. Here: a file in `head/` with an `impl Head`, and an arm of [`head`].
//! 4. `learn`: a file in `objective/` with an `impl Objective`, and an arm of `objective`.
//! 5. A fixture in `head/tests.rs`, which every test of heads then runs.
//!
//! What this crate does not do: it reads no clock, owns no thread, and never talks to the robot:
//! its chunks go through the control tick and the guard like anybody's. A step on the Candle engine
//! allocates; it runs on System 1's own thread, never in the tick.

mod autoencoder;
mod budget;
mod divergence;
mod eye;
mod fade;
mod head;
mod policy;
mod precision;
mod scale;
mod shelf;
mod through;
mod tokenizer;
mod unit;

pub use autoencoder::{AutoencoderError, NeuralAutoencoder};
pub use budget::{Budget, no_deadline};
pub use divergence::divergence;
pub use eye::{Eye, Features, LookError};
pub use fade::Fade;
pub use head::{Condition, Head, Parts, TokenCost, head};
pub use policy::{BundleParts, LoadError, Policy, StepError};
pub use scale::PostureScale;
pub use shelf::Shelf;
pub use through::codec;
pub use tokenizer::{
    CODEBOOKS, NeuralOat, NeuralVq, TOKENIZER_KEY, TokenizerError, TokenizerHeader,
};
pub use unit::ChunkUnit;
