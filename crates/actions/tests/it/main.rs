//! What holds for the crate as a whole: the reference vectors agree, and nothing allocates that
//! says it does not.

mod allocation;
mod vectors;

// The `vectors` example and its test are the same code, so that they cannot drift apart.
#[path = "../../examples/vectors/compare.rs"]
mod compare;
#[path = "../../examples/vectors/json.rs"]
mod json;
#[path = "../../examples/vectors/kinds.rs"]
mod kinds;
#[path = "../../examples/vectors/run.rs"]
mod run;
