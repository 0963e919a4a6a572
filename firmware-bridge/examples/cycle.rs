//! Prints how long the bus loop takes: `cargo run -p tandem-firmware-bridge --example cycle`.
#![expect(clippy::print_stdout, reason = "a program for people")]

use tandem_firmware_bridge::bench::{BenchError, cycles};
use tandem_realtime::Unit;

fn main() -> Result<(), BenchError> {
    let found = cycles(2000)?;
    println!("{}", found.granted);
    println!("floor {:?}, missing answers {}", found.floor, found.missing);
    println!("{:?}", found.cycle.distribution(Unit::Microseconds));
    Ok(())
}
