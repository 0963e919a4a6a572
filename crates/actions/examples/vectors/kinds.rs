//! One check for each list of cases of each kind of file.

// The paths are for the test, which takes this file as a module of another folder.
#[path = "kinds/bins.rs"]
mod bins;
#[path = "kinds/diffusion.rs"]
mod diffusion;
#[path = "kinds/fast.rs"]
pub(crate) mod fast;
#[path = "kinds/flow.rs"]
mod flow;
#[path = "kinds/gate.rs"]
mod gate;
#[path = "kinds/masked.rs"]
mod masked;
#[path = "kinds/quantisers.rs"]
mod quantisers;
#[path = "kinds/smooth.rs"]
mod smooth;

use tandem_actions::ChunkShape;

use crate::json::Value;
use crate::run::Check;

/// The check for a list of cases; none for what this crate does not do.
pub(crate) fn check_of(kind: &str, list: &str) -> Option<Check> {
    Some(match (kind, list) {
        ("openvla_bins", "cases") => bins::openvla,
        ("openvla_bins", "decode_cases") => bins::openvla_decode,
        ("openvla_bins", "normalize_cases") => bins::openvla_normalise,
        ("rt1_bins", "cases") => bins::rt1,
        ("rt1_bins", "discrete_cases") => bins::rt1_discrete,
        ("dct", "cases") => fast::dct,
        ("dct", "round_half_even") => fast::round_half_even,
        ("fsq", "cases") => quantisers::fsq,
        ("fsq", "decode_cases") => quantisers::fsq_decode,
        ("rvq", "cases") => quantisers::rvq,
        ("diffusion", "schedules") => diffusion::schedule,
        ("diffusion", "ddim") => diffusion::ddim,
        ("diffusion", "ddpm_steps") => diffusion::ddpm_step,
        ("diffusion", "add_noise") => diffusion::add_noise,
        ("flow", "euler") => flow::euler,
        ("flow", "oracle") => flow::oracle,
        ("flow", "interpolation") => flow::interpolation,
        ("reveal", "cases") => masked::reveal,
        ("reveal", "train_mask") => masked::train_mask,
        ("hybridvla_gate", "cases") => gate::gate,
        ("smoothness", "cases") => smooth::smoothness,
        _ => return None,
    })
}

/// Why a list of cases is not checked here.
pub(crate) fn why_skipped(kind: &str) -> &'static str {
    match kind {
        "wilson" => "success rates are tandem-evaluate's, whose tests check them",
        _ => "nothing in this crate answers to this name",
    }
}

/// The shape in a case's `T` and `D`.
fn shape(case: &Value) -> Result<ChunkShape, String> {
    ChunkShape::new(case.integer("T")?, case.integer("D")?).map_err(|error| error.to_string())
}

/// An error as a reason for a case to differ.
fn reason(error: impl core::fmt::Display) -> String {
    error.to_string()
}
