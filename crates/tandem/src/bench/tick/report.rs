//! What the blocks came to, for people and for machines.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_realtime::{Distribution, Histogram, Unit};

use crate::bench::Facts;
use crate::bench::tick::block::Block;
use crate::bench::tick::{ROUNDS, Totals};
use crate::table;

pub(super) fn print(totals: &[Totals; 4], compute: &[(usize, Histogram)]) {
    let blocks = || Block::ALL.into_iter().zip(totals.iter().map(|totals| &totals.figures));
    let loops = || blocks().filter(|(block, _)| block.ticks());
    println!("{}", table::titled("lateness", "us"));
    for (block, figures) in blocks() {
        let row = table::row(&format!("  {}", block.name()), &us(&figures.lateness));
        println!("{row}  {} missed", figures.missed);
    }
    println!("{}", table::titled("a bare timer beside", "us"));
    for (block, figures) in loops().filter(|(_, figures)| figures.floor_lateness.count() > 0) {
        let row = table::row(&format!("  {}", block.name()), &us(&figures.floor_lateness));
        println!("{row}  {} missed", figures.floor_missed);
    }
    println!("{}", table::titled("compute", "us"));
    for (block, figures) in loops() {
        let row = table::row(&format!("  {}", block.name()), &us(&figures.compute));
        println!("{row}  {} of {} ticks armed", figures.armed, figures.ticks);
    }
    for (dof, times) in compute {
        println!("{}", table::row(&format!("  {dof} joints alone"), &us(times)));
    }
    let [floor, .., stressed] = totals;
    println!("{}\n{}", verdict(floor, stressed), stressed.granted);
}

/// The one line that says whether the loop is as good as the machine.
fn verdict(floor: &Totals, stressed: &Totals) -> String {
    let said = |us: Option<f64>| us.map_or_else(|| "-".to_owned(), |us| format!("{us:.1} us"));
    let (bare, loaded) = (us(&floor.figures.lateness).p99_9, us(&stressed.figures.lateness).p99_9);
    format!(
        "p99.9: floor {}, stressed {}, excess {}; missed: floor {}, stressed {}",
        said(bare),
        said(loaded),
        said(difference(loaded, bare)),
        floor.figures.missed,
        stressed.figures.missed
    )
}

pub(super) fn facts(
    totals: &[Totals; 4],
    compute: &[(usize, Histogram)],
    length: Duration,
) -> Facts {
    let (mut blocks, mut excess, mut missed) = (Facts::new(), Facts::new(), Facts::new());
    let [floor, ..] = totals;
    let bare = us(&floor.figures.lateness);
    for (block, totals) in Block::ALL.into_iter().zip(totals) {
        let lateness = us(&totals.figures.lateness);
        blocks.insert(block.name().to_owned(), of_block(block, totals));
        if block.ticks() {
            let over = json!({
                "p50": difference(lateness.p50, bare.p50),
                "p99": difference(lateness.p99, bare.p99),
                "p99_9": difference(lateness.p99_9, bare.p99_9),
            });
            excess.insert(block.name().to_owned(), over);
            let more = totals.figures.missed.cast_signed() - floor.figures.missed.cast_signed();
            missed.insert(block.name().to_owned(), more.into());
        }
    }
    let by_dof = compute.iter().map(|(dof, times)| (dof.to_string(), table::json(&us(times))));
    Facts::from_iter([
        ("blocks".to_owned(), Value::Object(blocks)),
        ("excess_us".to_owned(), Value::Object(excess)),
        ("missed_beyond_floor".to_owned(), Value::Object(missed)),
        ("compute_us_by_dof".to_owned(), Value::Object(by_dof.collect())),
        ("rounds".to_owned(), ROUNDS.into()),
        ("round_s".to_owned(), length.as_secs_f64().into()),
    ])
}

fn of_block(block: Block, totals: &Totals) -> Value {
    let figures = &totals.figures;
    let mut facts = json!({
        "ticks": figures.ticks,
        "missed": figures.missed,
        "lateness_us": table::json(&us(&figures.lateness)),
        "lateness_us_p99_by_round": totals.p99_us_by_round,
        "granted": totals.granted,
    });
    if block.ticks() {
        facts["armed_ticks"] = figures.armed.into();
        facts["compute_us"] = table::json(&us(&figures.compute));
        facts["beside_us"] = table::json(&us(&figures.floor_lateness));
        facts["beside_missed"] = figures.floor_missed.into();
    }
    facts
}

fn us(histogram: &Histogram) -> Distribution {
    histogram.distribution(Unit::Microseconds)
}

fn difference(of: Option<f64>, from: Option<f64>) -> Option<f64> {
    Some(of? - from?)
}
