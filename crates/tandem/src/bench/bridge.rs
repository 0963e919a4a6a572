//! The servo bus' cycle (goals to and readings from six servos at 1 Mbaud) beside the time that its
//! bytes take on the line, on an emulated bus behind a pseudo-terminal.

use serde_json::json;
use tandem_firmware_bridge::bench::cycles;
use tandem_realtime::{Histogram, Unit};

use crate::bench::Facts;
use crate::failure::Failure;
use crate::table;

pub(super) fn run(count: u32) -> Result<Facts, Failure> {
    // On a thread of its own, because it asks for a priority and keeps it.
    let measured = std::thread::spawn(move || cycles(count)).join();
    let found = measured.map_err(|_panic| Failure::failed("the cycle's thread panicked"))??;
    let cycle_us = found.cycle.distribution(Unit::Microseconds);
    let mut floor = Histogram::new();
    for _ in 0..cycle_us.n {
        floor.record(found.floor);
    }
    let floor_us = floor.distribution(Unit::Microseconds);
    let ratio = cycle_us.p50.zip(floor_us.p50).map(|(cycle, floor)| cycle / floor);

    println!("{}", table::heading("us"));
    println!("{}", table::row("cycle", &cycle_us));
    println!("{}  {} bytes at 1 Mbaud", table::row("byte floor", &floor_us), found.bytes);
    let said = ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.3}"));
    println!("cycle to floor: {said} at p50; {} answers did not come", found.missing);
    Ok(Facts::from_iter([
        ("cycle_us".to_owned(), table::json(&cycle_us)),
        ("byte_floor_us".to_owned(), table::json(&floor_us)),
        ("cycle_to_floor".to_owned(), json!({ "p50": ratio })),
        ("missing_answers".to_owned(), found.missing.into()),
        ("granted".to_owned(), found.granted.to_string().into()),
    ]))
}
