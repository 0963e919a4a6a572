//! The neural networks of tandem, each written exactly once, over a trait of operations.
//!
//! A network here is a function over [`Ops`]: it asks for convolutions, linear layers and
//! attention by parameter name and never knows who answers. Four answer:
//! [`ShapeOps`] (here) follows the shapes and lists the parameters, the Candle engine evaluates,
//! the same Candle operations under autograd train, and the ONNX exporter records a graph. So the
//! network that was trained, the one that runs and the one that was exported cannot drift apart.
//!
//! The principal types: [`Architecture`] names a network and its sizes (it is what a bundle's
//! manifest holds), [`Signature`] its inputs and outputs, [`Parameter`] one of its weights.
//!
//! ```
//! use tandem_networks::{Architecture, System1Head};
//!
//! let head = Architecture::System1Head(System1Head {
//!     features: 64, dof: 6, latent: 32, hidden: vec![256, 256], horizon: 16,
//! });
//! assert_eq!(head.signature().outputs[0].shape, [16 * 6]);
//! assert!(head.parameters().unwrap().iter().any(|p| p.name == "out.weight"));
//! ```
//!
//! What this crate does not do: it holds no weights, computes nothing and names no framework.

mod architecture;
mod heads;
mod layers;
mod ops;
mod picture;
mod shape_ops;
mod signature;
mod system1;
mod system2;

pub use architecture::Architecture;
pub use heads::{
    ActHead, ActPosterior, ConditionSizes, Context, Denoiser, Next, Tokens, TokensSeen,
    time_features,
};
pub use layers::{Tower, TowerLayer};
pub use ops::{Activation, Conv, Ops};
pub use picture::{PictureError, picture_into};
pub use shape_ops::{Init, PARAMETER_ELEMENTS_MAX, Parameter, ShapeError, ShapeOps};
pub use signature::{Signature, TensorSpec};
pub use system1::{System1Encoder, System1Head};
pub use system2::System2;
