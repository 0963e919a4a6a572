//! How long a training step takes.

use tandem_realtime::{MonotonicClock, Unit};

use crate::bench::Facts;
use crate::failure::Failure;
use crate::table;

pub(super) fn run(steps: u32) -> Result<Facts, Failure> {
    tandem_learn::prepare_process()?;
    let histogram = tandem_learn::bench_train(&MonotonicClock, steps as usize)?;
    let step_ms = histogram.distribution(Unit::Milliseconds);
    println!("{}", table::heading("ms"));
    println!("{}", table::row("train_step_ms", &step_ms));
    Ok(Facts::from_iter([("train_step_ms".to_owned(), table::json(&step_ms))]))
}
