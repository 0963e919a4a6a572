//! The whole controller over its simulated arm, in motion, and what it counts meanwhile.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;
use std::time::Duration;

use serde_json::json;
use tandem_config::Config;
use tandem_wire::{ControlKind, EpisodeReply, Report};

use crate::bench::Facts;
use crate::bench::scenario::edited;
use crate::demo::READY_WITHIN;
use crate::demo::episode::{begin, lay_out};
use crate::demo::link::{Link, pause};
use crate::demo::processes::Processes;
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// The arm sets off, pools and caches get their sizes.
const WARM_UP: Duration = Duration::from_secs(2);

/// Two processes, an armed arm and a table with two objects to go to and fro between.
pub(super) struct Live {
    pub(super) link: Link,
    processes: Processes,
    interrupt: Interrupt,
    scene: EpisodeReply,
    errands: usize,
}

impl Live {
    /// Starts everything with a few keys of the scenario changed.
    pub(super) fn start(
        config: &Config,
        seed: u64,
        edit: impl FnOnce(&mut toml::Table),
    ) -> Result<Self, Failure> {
        let dir = tempfile::tempdir()?;
        let file = edited(config, dir.path(), edit)?;
        let config = Config::load(&file).map_err(Failure::usage)?;
        let interrupt = Interrupt::install()?;
        let mut processes = Processes::start(&config, false)?;
        let link = Link::open(&config, &processes.endpoints().clone(), false)?;
        link.wait_ready(READY_WITHIN, &mut processes, &interrupt)?;
        let scene = lay_out(&link, seed)?;
        begin(&link, &scene.instruction)?;
        pause(WARM_UP);
        Ok(Self { link, processes, interrupt, scene, errands: 0 })
    }

    /// Sends the arm to the other one of its two objects.
    pub(super) fn turn(&mut self) -> Result<(), Failure> {
        self.processes.check()?;
        if self.interrupt.is_raised() {
            return Err(Failure::failed("interrupted"));
        }
        let texts = [&self.scene.alternative_instruction, &self.scene.instruction];
        let [there, back] = texts;
        let text = if self.errands.is_multiple_of(2) { there } else { back };
        self.errands += 1;
        Ok(self.link.insist(ControlKind::Instruct, text)?)
    }

    /// What the daemon has counted so far.
    pub(super) fn count(&self) -> Result<Count, Failure> {
        Ok(Count(self.link.report()?))
    }

    /// Ends both processes, and says in which mode the arm was until then.
    pub(super) fn end(mut self) -> Result<String, Failure> {
        let mode = self.link.status().mode_text;
        self.link.insist(ControlKind::Shutdown, "")?;
        self.processes.stop();
        Ok(mode)
    }
}

/// What the daemon had counted at one moment.
pub(super) struct Count(Report);

impl Count {
    /// By how much a counter has grown since `before`; one that the daemon does not know is zero.
    pub(super) fn since(&self, before: &Self, name: &str) -> f64 {
        let value = |count: &Self| {
            let counters = &count.0.counters;
            counters
                .iter()
                .find(|counter| counter.name == name)
                .map_or(0.0, |counter| counter.value)
        };
        value(self) - value(before)
    }

    /// What the tick and the guard have had to bear since `before`.
    pub(super) fn cost_since(&self, before: &Self) -> Cost {
        let since = |name: &str| self.since(before, name);
        Cost {
            ticks: since("control.ticks"),
            missed: since("control.missed"),
            missed_floor: since("control.floor_missed"),
            clamped: since("guard.clamped"),
            refused: since("guard.refused"),
            holds: since("guard.holds"),
            held_for: self.held_for(before),
        }
    }

    /// Why the guard has held since `before`, and how often.
    fn held_for(&self, before: &Self) -> BTreeMap<String, f64> {
        let counters = &self.0.counters;
        let causes = counters.iter().filter_map(|counter| {
            let cause = counter.name.strip_prefix("holds.")?;
            Some((cause.to_owned(), self.since(before, &counter.name)))
        });
        causes.filter(|(_, times)| *times > 0.0).collect()
    }
}

/// What the tick and the guard had to bear.
#[derive(Clone, Debug, Default)]
pub(super) struct Cost {
    ticks: f64,
    missed: f64,
    missed_floor: f64,
    clamped: f64,
    refused: f64,
    holds: f64,
    held_for: BTreeMap<String, f64>,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, more: Self) {
        self.ticks += more.ticks;
        self.missed += more.missed;
        self.missed_floor += more.missed_floor;
        self.clamped += more.clamped;
        self.refused += more.refused;
        self.holds += more.holds;
        for (cause, times) in more.held_for {
            *self.held_for.entry(cause).or_default() += times;
        }
    }
}

impl Cost {
    pub(super) fn facts(&self) -> Facts {
        let missed = json!({ "control": self.missed, "floor": self.missed_floor });
        let beyond_floor = (self.missed - self.missed_floor).max(0.0);
        Facts::from_iter([
            ("ticks".to_owned(), self.ticks.into()),
            ("missed".to_owned(), missed),
            ("missed_beyond_floor".to_owned(), beyond_floor.into()),
            ("clamped".to_owned(), self.clamped.into()),
            ("refused".to_owned(), self.refused.into()),
            ("holds".to_owned(), self.holds.into()),
            ("held_for".to_owned(), json!(self.held_for)),
        ])
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ticks, missed, missed_floor, clamped, refused, holds, held_for } = self;
        write!(
            f,
            "{missed} of {ticks} ticks missed (the bare timer: {missed_floor}), {clamped} commands \
             clamped, {refused} chunks refused, {holds} holds"
        )?;
        held_for.iter().try_for_each(|(cause, times)| write!(f, " ({cause}: {times})"))
    }
}
