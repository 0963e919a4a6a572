//! How soon motion stops when a part of the chain dies, measured at the emulated servos.
//!
//! Daemon and bridge are real processes; the simulated world and the emulated servos are in this
//! one, which sees both the shafts and the commands. In each repeat an armed arm is on its way to an
//! object when something breaks. Motion *begins to stop* when the servo of the fastest joint drives
//! it as fast as it will after the last valid command: from then on it only slows it down. The shaft
//! follows with the arm's inertia; that is measured as well. What broke is mended then, and nothing
//! may move until people have acknowledged and armed.

mod chain;
mod fault;
mod motion;
mod relay;

use std::time::Duration;

use serde_json::{Value, json};
use tandem_config::Config;
use tandem_realtime::{Clock as _, Distribution, Histogram, MonotonicClock, Unit};

use crate::arguments::Bench;
use crate::bench::Facts;
use crate::bench::scenario::{edited, set};
use crate::bench::stop::chain::Chain;
use crate::bench::stop::fault::Fault;
use crate::bench::stop::motion::{Stop, still};
use crate::demo::episode::{begin, lay_out};
use crate::demo::link::pause;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::{progress, table};

/// How often each fault is made, unless told.
const REPEATS: u32 = 200;

/// From a fault to its mending: every stop is over by then.
const BROKEN_FOR: Duration = Duration::from_millis(250);

/// What a joint's speed must reach before something breaks, rad/s.
const SPEED_RAD_S_MIN: f64 = 0.25;

/// How long an arm may take to get so fast.
const MOVES_WITHIN: Duration = Duration::from_secs(3);

/// How long the daemon may take to notice, ms: shorter than in the shipped scenario, so that two
/// hundred repeats end within minutes. It is not what stops the arm.
const NOTICE_MS: f64 = 300.0;

/// What came of one fault.
struct Row {
    fault: Fault,
    stops: Vec<Stop>,
    latched: u32,
    /// Repeats in which the arm did not get under way, and nothing was broken.
    idle: u32,
}

pub(super) fn run(arguments: &Bench) -> Result<Facts, Failure> {
    let config = Config::load(&arguments.config).map_err(Failure::usage)?;
    let limit_rad_s2 = config
        .bridge
        .as_ref()
        .filter(|bridge| bridge.emulated)
        .map(|bridge| bridge.deceleration_rad_s2)
        .ok_or_else(|| {
            let file = config.file.display();
            Failure::usage(format!(
                "{file} has no emulated arm; add --config configs/so101-emulated.toml"
            ))
        })?;
    let faults = Fault::named(&arguments.fault)?;
    let dir = tempfile::tempdir()?;
    let file = edited(&config, dir.path(), |table| {
        set(table, "guard", "silence_age_ms_stop", NOTICE_MS);
        set(table, "control", "ramp_ms", 100.0);
    })?;
    let interrupt = Interrupt::install()?;
    let mut chain = Chain::start(&Config::load(&file)?)?;
    let repeats = arguments.runs.unwrap_or(REPEATS);
    let bar = progress::bar(u64::from(repeats) * faults.len() as u64);
    let (mut rows, mut counted) = (Vec::new(), 0);
    for fault in faults {
        let mut row = Row { fault, stops: Vec::new(), latched: 0, idle: 0 };
        let mut seed = 0;
        while row.stops.len() < repeats as usize && row.idle <= repeats {
            seed += 1;
            if interrupt.is_raised() {
                return Err(Failure::failed("interrupted"));
            }
            row.repeat(&mut chain, seed)?;
            bar.set_position(counted + row.stops.len() as u64);
        }
        counted += u64::from(repeats);
        progress::line(&bar, &row.line());
        rows.push(row);
    }
    bar.finish_and_clear();
    print(&rows, limit_rad_s2);
    let rows: Vec<Value> = rows.iter().map(|row| row.facts(limit_rad_s2)).collect();
    Ok(Facts::from_iter([("rows".to_owned(), rows.into())]))
}

impl Row {
    /// One fault on the way.
    fn repeat(&mut self, chain: &mut Chain, seed: u64) -> Result<(), Failure> {
        chain.be_ready(self.fault)?;
        let scene = lay_out(chain.link(), seed)?;
        begin(chain.link(), &scene.instruction)?;
        let moved = under_way(chain);
        // Faults come at any phase of the motion and of everybody's cycles.
        pause(Duration::from_micros(seed * 79_193 % 300_000));
        if !moved || chain.speed_rad_s() < SPEED_RAD_S_MIN {
            self.idle += 1;
            return Ok(());
        }
        let broke = MonotonicClock.now();
        self.fault.make(chain)?;
        pause(BROKEN_FOR);
        let last_command = chain.last_command(broke, self.fault.silences_the_daemon());
        let stop = Stop::measure(&chain.samples(), last_command, self.fault.mute_servo());
        self.fault.mend(chain)?;
        let mended = MonotonicClock.now();
        let latched = chain.wait_latched(self.fault);
        pause(Duration::from_millis(100));
        let moved = !still(&chain.samples(), mended);
        self.latched += u32::from(latched && !moved);
        self.stops.extend(stop);
        Ok(())
    }

    fn distribution_ms(&self, of: impl Fn(&Stop) -> Duration) -> Distribution {
        let mut histogram = Histogram::new();
        self.stops.iter().for_each(|stop| histogram.record(of(stop)));
        histogram.distribution(Unit::Milliseconds)
    }

    fn max(&self, of: impl Fn(&Stop) -> f64) -> f64 {
        self.stops.iter().map(of).fold(0.0, f64::max)
    }

    fn all_latched(&self) -> bool {
        usize::try_from(self.latched).is_ok_and(|latched| latched == self.stops.len())
    }

    fn line(&self) -> String {
        format!(
            "{}  {:.1} rad/s^2, latched {}",
            table::row(self.fault.name(), &self.distribution_ms(|stop| stop.begin)),
            self.max(|stop| stop.deceleration_rad_s2),
            self.latched,
        )
    }

    fn facts(&self, limit_rad_s2: f64) -> Value {
        json!({
            "fault": self.fault.name(),
            "n": self.stops.len(),
            "stop_begin_ms": table::json(&self.distribution_ms(|stop| stop.begin)),
            "shaft_stop_begin_ms": table::json(&self.distribution_ms(|stop| stop.shaft_begin)),
            "latched": self.all_latched(),
            "latched_n": self.latched,
            "deceleration_rad_s2_max": self.max(|stop| stop.deceleration_rad_s2),
            "deceleration_rad_s2_limit": limit_rad_s2,
            "speed_rad_s_max": self.max(|stop| stop.speed_rad_s),
            "not_at_rest": self.stops.iter().filter(|stop| !stop.rests).count(),
            "not_under_way": self.idle,
        })
    }
}

/// Waits until some joint is fast enough for a stop to be seen.
fn under_way(chain: &Chain) -> bool {
    let began = MonotonicClock.now();
    while began.age_at(MonotonicClock.now()) < MOVES_WITHIN {
        if chain.speed_rad_s() >= SPEED_RAD_S_MIN {
            return true;
        }
        pause(Duration::from_millis(2));
    }
    false
}

fn print(rows: &[Row], limit_rad_s2: f64) {
    println!("{}", table::heading("ms"));
    for row in rows {
        println!("{}", row.line());
    }
    println!("motion begins to stop so long after the last valid command; the joints may brake by");
    println!("{limit_rad_s2} rad/s^2, and stay where they are when all is mended");
}
