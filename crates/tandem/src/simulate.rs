//! `tandem sim`: a simulated arm on the bus.

use crate::arguments::Sim;
use crate::daemon::{interrupt, load};
use crate::failure::Failure;

pub(crate) fn run(arguments: &Sim) -> Result<(), Failure> {
    let interrupt = interrupt(&arguments.run)?;
    let mut config = load(&arguments.run)?;
    if let Some(sim) = &mut config.sim {
        sim.spectator |= arguments.spectator;
    }
    tandem_sim::node::run(&config, interrupt.flag())?;
    Ok(())
}
