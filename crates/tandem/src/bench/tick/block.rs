//! The four blocks.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tandem_config::Config;
use tandem_realtime::{
    Clock as _, Conditions, MonotonicClock, Policy, Schedule, measure_floor, prefault_stack,
};
use tandem_runtime::{Daemon, Rehearsal, TickFigures};

use crate::demo::READY_WITHIN;
use crate::demo::episode::{begin, lay_out};
use crate::demo::link::{Link, pause};
use crate::demo::processes::Processes;
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// How much of each block is not counted: caches fill, the arm sets off.
const WARM_UP: Duration = Duration::from_secs(1);

/// The scene of every block.
const SEED: u64 = 1;

/// What runs while the tick is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Floor,
    Null,
    Full,
    Stressed,
}

impl Block {
    pub(super) const ALL: [Self; 4] = [Self::Floor, Self::Null, Self::Full, Self::Stressed];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Null => "null",
            Self::Full => "full",
            Self::Stressed => "stressed",
        }
    }

    /// Whether it has a tick, and not only a timer.
    pub(super) fn ticks(self) -> bool {
        self != Self::Floor
    }
}

/// Where the blocks run.
pub(super) struct Stage {
    config: Config,
    file: PathBuf,
    interrupt: Interrupt,
}

impl Stage {
    pub(super) fn new(config: Config, file: &Path) -> anyhow::Result<Self> {
        Ok(Self { config, file: file.to_owned(), interrupt: Interrupt::install()? })
    }

    /// Runs a block for `length`; also says what the kernel granted.
    pub(super) fn run(
        &self,
        block: Block,
        length: Duration,
    ) -> Result<(TickFigures, String), Failure> {
        if self.interrupt.is_raised() {
            return Err(Failure::failed("interrupted"));
        }
        match block {
            Block::Floor => Ok(self.floor(length)),
            Block::Null => {
                let rehearsal = Rehearsal::start(&self.config)?;
                let figures = warm(length, || rehearsal.take_tick_figures());
                Ok((figures, rehearsal.granted().to_string()))
            }
            Block::Full => self.daemon(length),
            Block::Stressed => with_hogs(|| self.daemon(length)),
        }
    }

    fn floor(&self, length: Duration) -> (TickFigures, String) {
        let control = &self.config.control;
        let schedule = Schedule { policy: policy(control.priority), cpu: control.cpu };
        let timed = |length: Duration| {
            let end = MonotonicClock.now().after(length);
            measure_floor(control.period, || MonotonicClock.now() >= end)
        };
        let thread = thread::scope(|scope| {
            let body = || {
                let granted = schedule.apply();
                prefault_stack();
                timed(WARM_UP);
                (timed(length), granted)
            };
            scope.spawn(body).join()
        });
        // A panic there is a defect of ours; without figures, nothing will claim to be measured.
        let Ok((floor, granted)) = thread else { return Default::default() };
        let figures = TickFigures {
            ticks: floor.lateness.count(),
            missed: floor.missed,
            lateness: floor.lateness,
            ..TickFigures::default()
        };
        (figures, granted.to_string())
    }

    fn daemon(&self, length: Duration) -> Result<(TickFigures, String), Failure> {
        let mut processes = Processes::start_each(&self.file, &[("sim", &[])])?;
        let endpoints = processes.endpoints().clone();
        let config = self.config.clone();
        let config = config.with_endpoints(&endpoints.robot, &endpoints.daemon)?;
        let daemon = Daemon::start(&config)?;
        let link = Link::open(&config, &endpoints, false)?;
        link.wait_ready(READY_WITHIN, &mut processes, &self.interrupt)?;
        let scene = lay_out(&link, SEED)?;
        begin(&link, &scene.instruction)?;
        // Its session's threads would only be in the way from here.
        drop(link);
        let figures = warm(length, || daemon.take_tick_figures());
        Ok((figures, daemon.granted().to_string()))
    }
}

/// What `take` finds after `length`, less what came before.
fn warm(length: Duration, take: impl Fn() -> TickFigures) -> TickFigures {
    pause(WARM_UP);
    drop(take());
    pause(length);
    take()
}

/// Runs `body` beside a thread on each CPU that never sleeps, of the ordinary class.
fn with_hogs<R>(body: impl FnOnce() -> R) -> R {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..Conditions::read().cpus {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let outcome = body();
        stop.store(true, Ordering::Relaxed);
        outcome
    })
}

fn policy(priority: Option<u32>) -> Policy {
    let fifo = priority.and_then(|priority| u8::try_from(priority).ok());
    fifo.map_or(Policy::Normal { nice: 0 }, |priority| Policy::Fifo { priority })
}
