//! `tandem sim`: a simulated arm on the bus.

use crate::arguments::Run;
use crate::daemon::{interrupt, load};
use crate::failure::Failure;

pub(crate) fn run(arguments: &Run) -> Result<(), Failure> {
    let interrupt = interrupt(arguments)?;
    let config = load(arguments)?;
    let _ = (config, interrupt.flag()); Err(Failure::failed("wip"))
}
