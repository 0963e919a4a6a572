//! One [`Engine`] trait, and the two engines behind it: Candle (built in) and ONNX Runtime.
//!
//! [`load`] makes a network of a bundle ready on the engine that config names; an [`Engine`] then
//! maps input slices to output slices, one sample at a time. Behind the Candle engine stand
//! [`CandleOps`], the networks' operations over Candle tensors: the same operations over variables
//! (see [`Weights`]) are what training differentiates. Behind the other stands [`OnnxRuntime`],
//! which [`setup_onnxruntime`] fetches; nothing else here touches the network.
//!
//! ```
//! use tandem_inference::{CandleEngine, Engine as _, warm_up};
//! use tandem_networks::{Architecture, System1Head};
//!
//! let head = Architecture::System1Head(System1Head {
//!     features: 2, dof: 1, latent: 1, hidden: vec![], horizon: 2,
//! });
//! // Two inputs features, three of posture, one latent; two outputs that both add all up.
//! let (weight, bias) = (vec![1.0; 2 * 6], vec![0.0; 2]);
//! let mut engine = CandleEngine::load(&head, |name| match name {
//!     "out.weight" => Some((&[2, 6], &weight)),
//!     "out.bias" => Some((&[2], &bias)),
//!     _ => None,
//! })?;
//! warm_up(&mut engine, 3)?;
//! let mut chunk = [0.0; 2];
//! engine.run(&[&[1.0, 2.0], &[3.0, 4.0, 5.0], &[6.0]], &mut [&mut chunk])?;
//! assert_eq!(chunk, [21.0, 21.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What this crate does not do: it holds no policy, judges no output (a NaN is passed on) and
//! trains nothing by itself. Real-time: engines allocate, so they run on policy threads, never in
//! the control tick; at batch one both compute on the calling thread alone.

mod bench;
mod candle;
mod engine;
mod kernels;
mod load;
mod onnx;
mod ops;
mod plan;
mod weights;

pub use bench::{BENCH_EXTRA, BENCH_OUTPUTS, BENCH_PICTURE_PX, bench_network, bench_parameters};
pub use candle::CandleEngine;
pub use engine::{Engine, EngineError, EngineKind, UnknownEngine, warm_up};
pub use kernels::keypoints::keypoint_axis;
pub use load::{LoadError, load};
pub use onnx::{
    GraphError, ONNXRUNTIME_VERSION, OnnxEngine, OnnxRuntime, RuntimeError, SetupError, SetupStep,
    setup_onnxruntime,
};
pub use ops::{CandleOps, OpsError};
pub use plan::Plan;
pub use weights::Weights;
