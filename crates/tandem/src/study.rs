//! `tandem study`: experiments that answer a question.

mod factorial;

use core::ops::ControlFlow;
use std::fs;
use std::path::Path;
use std::thread;

use anyhow::Context as _;
use tandem_config::Config;
use tandem_learn::prepare_process;
use tandem_realtime::{Threaded, set_variable_default};
use tandem_sim::{LockstepConfig, SimConfig};
use tandem_study::{
    Cell, Flights, Part, Plan, Reach, Results, Store, StudyJob, StudyProgress, figures,
    fingerprint, fly_expert, refresh, run as measure, write_atomically,
};

use crate::arguments::{Study, StudyPart};
use crate::conditions::Watch;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::progress;

pub(crate) fn run(arguments: &Study) -> Result<(), Failure> {
    // Before the first thread, which the handler of interrupts would be.
    if let Err(threaded) = prepare(arguments.part) {
        eprintln!("training will take longer: {threaded}");
    }
    let interrupt = Interrupt::install()?;
    let watch = Watch::start();
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let reach =
        Reach::new(SimConfig::from_config(&config)?, LockstepConfig::from_config(&config)?)?;
    let seeds = u64::from(arguments.seeds);
    let plan = if arguments.quick { Plan::quick(seeds) } else { Plan::full(seeds) };
    let store = Store::open(&arguments.out.join("cells"))?;
    // Read before hours of work, not after them.
    let earlier = Store::open(&arguments.out)?.get::<Results>("results")?;
    let measured = match arguments.part {
        Some(StudyPart::Factorial) => factorial::run(arguments, &config, &store, &interrupt),
        part => controlled(part, &reach, &plan, &store, &interrupt),
    };
    // Whatever came of it: what was measured is told.
    let conditions = watch.finish(None);
    let gather = |conditions| {
        let (world, expert) = (fingerprint(&reach), fly_expert(&reach, &plan)?);
        Results::gather(&plan, &store, &world, &expert, progress::command(), conditions)
    };
    // The cells of the other half may be on another machine: what they said stays.
    let results = match arguments.part {
        Some(StudyPart::Factorial) => {
            let pictures = factorial::found(arguments, &config, &store, conditions.clone())?;
            let controlled = earlier.map_or_else(|| gather(conditions), Ok)?;
            Results { pictures: pictures.or(controlled.pictures), ..controlled }
        }
        _ => Results {
            pictures: earlier.and_then(|results| results.pictures),
            ..gather(conditions)?
        },
    };
    write(&arguments.out, &results)?;
    if measured? {
        Ok(())
    } else {
        Err(Failure::failed("interrupted; the same command goes on from there"))
    }
}

/// Sets the process up. In the controlled parts each core has a cell of its own, and threads of
/// its matrix products would only get in another's way; the factorial trains one head at a time.
fn prepare(part: Option<StudyPart>) -> Result<(), Threaded> {
    prepare_process()?;
    match part {
        Some(StudyPart::Factorial) => Ok(()),
        _ => set_variable_default("RAYON_NUM_THREADS", "1"),
    }
}

/// How many threads to work with.
fn workers() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn controlled(
    part: Option<StudyPart>,
    reach: &Reach,
    plan: &Plan,
    store: &Store,
    interrupt: &Interrupt,
) -> anyhow::Result<bool> {
    let parts: &[Part] = match part {
        Some(StudyPart::Channel) => &[Part::Channel],
        Some(StudyPart::Codebooks) => &[Part::Codebooks],
        Some(StudyPart::Heads) => &[Part::Heads],
        Some(StudyPart::Factorial) | None => &[Part::Channel, Part::Codebooks],
    };
    let job = StudyJob { reach, plan, parts, store, workers: workers() };
    let bar = progress::bar(0);
    bar.enable_steady_tick(core::time::Duration::from_secs(1));
    let mut hear = |progress: &StudyProgress<'_>| {
        bar.set_length(progress.wanted as u64);
        bar.set_position(progress.done as u64);
        if let Some(cell) = progress.cell {
            progress::line(&bar, &line(cell));
        }
        if interrupt.is_raised() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let is_complete = measure(&job, &mut hear, &|| interrupt.is_raised())?;
    bar.finish_and_clear();
    Ok(is_complete)
}

fn write(out: &Path, results: &Results) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(results).context("results that are no JSON")?;
    write_atomically(&out.join("results.json"), &(text + "\n"))?;
    for (name, chart) in figures(results) {
        write_atomically(&out.join(name), &chart.to_svg())?;
    }
    // The page beside the folder says what the numbers mean; only its tables are ours.
    let page = out.with_extension("md");
    if let Ok(text) = fs::read_to_string(&page) {
        write_atomically(&page, &refresh(&text, results))?;
    }
    println!("{}: {} of {} cells", out.display(), results.cells, results.cells_wanted);
    Ok(())
}

/// A cell for people.
fn line(cell: &Cell) -> String {
    let recipe = &cell.recipe;
    let last = cell.flights.last();
    let within = last.map(|flights| flights.within_mm(10.0)).unwrap_or_default();
    let reached = last.map(Flights::succeeded).unwrap_or_default();
    let bits = |bits: Option<f64>| bits.map_or_else(|| "-".to_owned(), |bits| format!("{bits:.1}"));
    format!(
        "{:?} {:<18} seed {}: {:>4.1} bits in, {:>6} out ({} measured), action knows {}; {}/{} \
         reached, {} within 10 mm; {:.2} mrad ({:.2} the tokenizer), ends {} mm away",
        recipe.looks,
        recipe.code.label(),
        recipe.seed,
        cell.bits.channel,
        bits(cell.bits.nominal),
        bits(cell.bits.expert),
        bits(cell.bits.action_at_least),
        reached.successes,
        reached.trials,
        within.successes,
        cell.errors.action_mrad,
        cell.errors.tokenizer_mrad,
        bits(cell.errors.end_mm_p50),
    )
}
