//! From a joint state on Zenoh to the command that answers it on Zenoh, beside a bare Zenoh echo.
//!
//! Three processes, as on a robot. This one is the robot: it sends joint states at the control rate,
//! pictures and receipts, and is where it is told to be. `tandem run` is the other end of the path,
//! whole and armed, with the state as its clock: by its own timer it would answer a state only at
//! its next tick, and half a period would be all there is to see. `tandem echo` is the other end of
//! the echo: it answers each message of a joint state's size with one of a command's size, from
//! within Zenoh's callback. Path and echo take turns, half a period apart, over links of the same
//! kind and in the same minute, so the machine's moods fall on both alike.
//!
//! A command answers a state if its tick began after the state was sent. On a machine with other
//! work to do, `chrt -f 40 tandem bench path` sets that work aside: Zenoh's threads, of the ordinary
//! class by themselves, then run before it in all three processes.

pub(crate) mod echo;
mod ping;
mod robot;

use std::time::Duration;

use serde_json::{Value, json};
use tandem_bus::{Bus, BusConfig};
use tandem_config::Config;
use tandem_realtime::{Distribution, Unit};
use tandem_wire::ControlKind;

use crate::arguments::Bench;
use crate::bench::path::ping::Ping;
use crate::bench::path::robot::Robot;
use crate::bench::scenario::{edited, set};
use crate::bench::{Facts, seconds};
use crate::demo::READY_WITHIN;
use crate::demo::episode::begin;
use crate::demo::link::{Link, pause};
use crate::demo::processes::Processes;
use crate::demo::report::spread;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::table;

/// What does not count: links warm up, the arm sets off.
const WARM_UP: Duration = Duration::from_secs(2);

/// What the daemon is asked for while it is timed. What it sees is black, so it does not matter.
const INSTRUCTION: &str = "touch the red cube";

/// What of the path is the tick's: from the ring that calls it to its begin, and to its end.
const OF_THE_TICK: [&str; 2] = ["control.lateness_us", "control.compute_us"];

/// What both ways came to.
struct Measured {
    echo: Distribution,
    path: Distribution,
    echo_lost: u64,
    path_lost: u64,
    mode: String,
}

pub(super) fn run(arguments: &Bench) -> Result<Facts, Failure> {
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let dir = tempfile::tempdir()?;
    let file = edited(&config, dir.path(), |table| {
        table.remove("sim");
        set(table, "control", "clock", "state");
        set(table, "control", "spin_us", 0.0);
    })?;
    let interrupt = Interrupt::install()?;
    let mut processes = Processes::start_each(&file, &[("run", &[]), ("echo", &[])])?;
    let endpoints = processes.endpoints().clone();
    let bus = Bus::open(&BusConfig { listen: vec![endpoints.robot.clone()], connect: vec![] })?;
    let (path, echo) = (Ping::default(), Ping::default());
    let robot = Robot::start(&config, &bus, &path, &echo)?;
    let link = Link::open(&config, &endpoints, false)?;
    link.wait_ready(READY_WITHIN, &mut processes, &interrupt)?;
    begin(&link, INSTRUCTION)?;
    pause(WARM_UP);
    path.forget();
    echo.forget();
    pause(seconds(arguments, 20));
    let measured = Measured {
        echo: echo.distribution(Unit::Microseconds),
        path: path.distribution(Unit::Microseconds),
        echo_lost: echo.lost(),
        path_lost: path.lost(),
        mode: link.status().mode_text,
    };
    let report = link.report()?;
    drop(robot);
    link.insist(ControlKind::Shutdown, "")?;
    processes.stop();

    print(&measured);
    let mut facts = facts(&measured, &config);
    let granted = report.texts.iter().find(|text| text.name == "control.granted");
    let granted = granted.map_or(Value::Null, |text| text.value.as_str().into());
    facts.insert("granted".to_owned(), granted);
    let ticks = report.distributions.iter().filter(|it| OF_THE_TICK.contains(&it.name.as_str()));
    let ticks = ticks.map(|it| (it.name.clone(), spread(it)));
    facts.insert("tick".to_owned(), Value::Object(ticks.collect()));
    Ok(facts)
}

fn print(measured: &Measured) {
    println!("{}", table::heading("us"));
    for (name, distribution, lost) in
        [("echo", &measured.echo, measured.echo_lost), ("path", &measured.path, measured.path_lost)]
    {
        println!("{}  {lost} lost", table::row(name, distribution));
    }
    let said = |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |r| format!("{r:.2}"));
    let [p50, p99] = ratios(measured).map(said);
    println!("path to echo: {p50} at p50, {p99} at p99; at the end the arm was {}", measured.mode);
}

fn facts(measured: &Measured, config: &Config) -> Facts {
    let [p50, p99] = ratios(measured);
    Facts::from_iter([
        ("echo_us".to_owned(), table::json(&measured.echo)),
        ("path_us".to_owned(), table::json(&measured.path)),
        ("path_to_echo".to_owned(), json!({ "p50": p50, "p99": p99 })),
        ("lost".to_owned(), json!({ "echo": measured.echo_lost, "path": measured.path_lost })),
        ("rate_hz".to_owned(), config.control.rate_hz.into()),
        ("clock".to_owned(), "state".into()),
        ("mode_at_end".to_owned(), measured.mode.as_str().into()),
    ])
}

fn ratios(measured: &Measured) -> [Option<f64>; 2] {
    let ratio = |path: Option<f64>, echo: Option<f64>| Some(path? / echo?);
    let Measured { echo, path, .. } = measured;
    [ratio(path.p50, echo.p50), ratio(path.p99, echo.p99)]
}
