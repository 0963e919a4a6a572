//! The thread that knows how the daemon is: it drains the rings, publishes the status and says
//! aloud what changed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rtrb::Consumer;
use tandem_bus::{Garbage, Publisher};
use tandem_control::{TaskMonitor, TaskSample};
use tandem_guard::{Ages, Mode};
use tandem_latest::Reader;
use tandem_realtime::{
    Clock as _, MonotonicClock, PeriodicTimer, Wake, resident_bytes, resident_bytes_max,
};
use tandem_types::{Epoch, InstructionId, Posture, Stamp};
use tandem_wire::{Counter, Report, Status, Text};

use crate::desk::Waiting;
use crate::record::{TickRecord, WorkRecord};
use crate::shared::Shared;
use crate::swap::Board;
use crate::tally::Tally;

/// How often the rings are drained. They hold half a second.
const DRAIN_EVERY: Duration = Duration::from_millis(20);

/// The status goes out at every fifth drain: 10 Hz.
const DRAINS_PER_STATUS: u32 = 5;

/// What never changes while the daemon lives, for status and report.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// When the daemon began to start.
    pub(crate) started: Stamp,
    pub(crate) epoch: Epoch,
    pub(crate) system2_bundle: String,
    pub(crate) joints: Vec<String>,
    pub(crate) garbage: Garbage,
    /// Name and value of everything else a report should say: scheduling granted, versions.
    pub(crate) texts: Vec<(String, String)>,
}

/// The rings, from their draining end.
pub(crate) struct Rings {
    pub(crate) ticks: Consumer<TickRecord>,
    pub(crate) work: Vec<Consumer<WorkRecord>>,
    pub(crate) floor: Consumer<Wake>,
}

/// The telemetry thread.
pub(crate) struct Telemetry {
    pub(crate) identity: Identity,
    pub(crate) rings: Rings,
    pub(crate) tally: Arc<Mutex<Tally>>,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) board: Arc<Board>,
    pub(crate) postures: Reader<Posture>,
    pub(crate) status: Publisher<Status>,
    pub(crate) said: Option<(Mode, &'static str)>,
    pub(crate) task: Task,
}

/// The task being watched.
pub(crate) struct Task {
    pub(crate) instruction: InstructionId,
    pub(crate) monitor: TaskMonitor,
}

impl Telemetry {
    pub(crate) fn run(&mut self, shared: &Shared) {
        let mut timer = PeriodicTimer::new(DRAIN_EVERY, Duration::ZERO);
        let mut drains = 0_u32;
        while !shared.stopping() {
            timer.wait();
            self.drain(shared);
            self.say_changes();
            self.watch_task(shared);
            drains = drains.wrapping_add(1);
            if drains.is_multiple_of(DRAINS_PER_STATUS) {
                let status = self.status(shared);
                if let Err(error) = self.status.send(&status) {
                    tracing::warn!(%error, "the status did not reach the bus");
                }
            }
        }
    }

    fn drain(&mut self, shared: &Shared) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        while let Ok(record) = self.rings.ticks.pop() {
            if let Some(answer) = record.answer {
                self.waiting.answer(answer);
            }
            tally.tick(record);
        }
        for ring in &mut self.rings.work {
            while let Ok(record) = ring.pop() {
                tally.work(record);
            }
        }
        while let Ok(wake) = self.rings.floor.pop() {
            tally.floor(wake);
        }
        tally.lost = shared.lost_records();
    }

    /// Logs each change of mode once, and of what keeps the arm from moving. Warnings come and go
    /// with every chunk; the counters keep them.
    fn say_changes(&mut self) {
        let (mode, _, cause, _) = self.tally.lock().unwrap_or_else(PoisonError::into_inner).now();
        let cause = cause.filter(|_| matches!(mode, Mode::Holding | Mode::Stopped));
        let now = (mode, cause.map_or("", |cause| cause.code()));
        if self.said == Some(now) {
            return;
        }
        self.said = Some(now);
        match cause {
            Some(cause) if mode == Mode::Stopped => tracing::error!("{mode:?}: {cause}"),
            Some(cause) => tracing::warn!("{mode:?}: {cause}"),
            None => tracing::info!("{mode:?}"),
        }
    }

    /// Looks whether the present task is over, and lets the next of the list begin.
    fn watch_task(&mut self, shared: &Shared) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = shared.wanted();
        if wanted != self.task.instruction {
            self.task.instruction = wanted;
            self.task.monitor.restart();
        }
        let Some(record) = tally.newest else { return };
        let follows = wanted != InstructionId::default() && record.instruction == wanted;
        let end = self.task.monitor.update(&TaskSample {
            now: record.wake.woke,
            is_under_way: follows && record.mode == Mode::Armed,
            progress: record.progress,
            speed_rad_s: record.speed_rad_s,
        });
        if let Some(end) = end {
            tally.task(end);
            match shared.next_instruction(wanted) {
                Some(next) => tracing::info!("task {}; next: {}", end.code(), next.text),
                None => tracing::info!("task {}", end.code()),
            }
        }
    }

    fn status(&mut self, shared: &Shared) -> Status {
        let posture = self.postures.latest().map_or_else(Posture::default, |posture| posture.value);
        let active = self.board.active();
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let (mode, reaction, cause, guard) = tally.now();
        let ages = tally.newest.map_or_else(Ages::default, |record| record.ages);
        Status {
            stamp: MonotonicClock.now(),
            epoch: self.identity.epoch,
            mode: mode_code(mode),
            mode_text: format!("{mode:?}").to_lowercase(),
            reaction: reaction as u8,
            cause: cause.map_or_else(String::new, |cause| cause.to_string()),
            instruction: shared.instruction().map_or_else(String::new, |held| held.text.clone()),
            system1_bundle: active.name,
            system2_bundle: self.identity.system2_bundle.clone(),
            engine: active.engine.to_string(),
            swap: self.board.line(),
            progress: tally.newest.map_or(0.0, |record| record.progress),
            control_hz: tally.control.hz(),
            system1_hz: tally.system1.hz(),
            system2_hz: tally.system2.hz(),
            state_age_ms: ms(ages.state),
            observation_age_ms: ms(ages.action),
            frame_age_ms: ms(ages.frame),
            latent_age_ms: ms(ages.latent),
            ticks: tally.ticks,
            missed: tally.missed,
            clamped: guard.clamped,
            refused: guard.refused,
            holds: guard.holds,
            garbage: self.identity.garbage.count(),
            joints: self.identity.joints.clone(),
            q: posture.state.q,
            command: posture.command.q,
            interventions: tally.interventions(),
        }
    }
}

/// Everything measured so far, as the bus carries it.
pub(crate) fn report(
    identity: &Identity,
    shared: &Shared,
    board: &Board,
    tally: &Mutex<Tally>,
) -> Report {
    let (active, conduct, ends) = (board.active(), shared.conduct(), board.ends());
    let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    let bytes = |bytes: Option<u64>| bytes.map_or(f64::NAN, |bytes| bytes as f64);
    let since_start = |stamp: Stamp| identity.started.age_at(stamp).as_secs_f64();
    let counters = [
        ("memory.resident_bytes", bytes(resident_bytes())),
        ("memory.resident_bytes_max", bytes(resident_bytes_max())),
        ("bus.garbage", identity.garbage.count() as f64),
        ("start_to_armed_s", tally.first_armed.map_or(f64::NAN, since_start)),
        ("system1.missed", conduct.missed as f64),
    ];
    let ends = ends.map(|(name, count)| (name, count as f64));
    let counters = counters.into_iter().chain(ends);
    let counters = counters.map(|(name, value)| Counter { name: name.to_owned(), value });
    let own = [
        ("system1.bundle", &active.name),
        ("system2.bundle", &identity.system2_bundle),
        ("system1.engine", &active.engine.to_string()),
    ];
    let text = |name: &str, value: &str| Text { name: name.to_owned(), value: value.to_owned() };
    let own = own.into_iter().map(|(name, value)| text(name, value));
    let texts = own.chain(identity.texts.iter().map(|(name, value)| text(name, value))).collect();
    tally.report(counters.collect(), texts)
}

/// The number of a mode on the wire, as `Status.msg` lists them.
const fn mode_code(mode: Mode) -> u8 {
    match mode {
        Mode::Disarmed => 0,
        Mode::Armed => 1,
        Mode::Holding => 2,
        Mode::Stopped => 3,
    }
}

/// NaN stands for "nothing yet", as `Status.msg` says.
fn ms(age: Option<Duration>) -> f64 {
    age.map_or(f64::NAN, |age| age.as_secs_f64() * 1e3)
}
