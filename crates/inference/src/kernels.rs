//! The arithmetic, on plain slices: nothing here knows Candle.
//!
//! Each kernel comes with its gradient. Work is cut by samples in pieces whose size does not
//! depend on the number of threads, and partial sums are added in one order, so that the same
//! inputs give the same bytes on any number of threads.

pub(crate) mod activation;
pub(crate) mod attention;
pub(crate) mod conv;
pub(crate) mod exp;
pub(crate) mod film;
pub(crate) mod keypoints;
pub(crate) mod layer_norm;
pub(crate) mod linear;
pub(crate) mod matrix;
pub(crate) mod parallel;
pub(crate) mod patches;
pub(crate) mod scratch;
