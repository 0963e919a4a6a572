//! The daemon's memory of how it runs: what status and report are made of.

use core::mem::take;
use core::time::Duration;

use tandem_control::TaskEnd;
use tandem_guard::{Ages, Cause, Counters, Mode, Reaction};
use tandem_realtime::{Distribution, Histogram, Unit, Wake};
use tandem_types::Stamp;
use tandem_wire::{Counter, Report, Text};

use crate::figures::TickFigures;
use crate::record::{Outcome, TickRecord, WorkRecord, Worker};

/// Everything counted since the daemon started.
pub(crate) struct Tally {
    pub(crate) control: Cadence,
    pub(crate) system1: Cadence,
    pub(crate) system2: Cadence,
    pub(crate) ticks: u64,
    pub(crate) missed: u64,
    armed: u64,
    pub(crate) newest: Option<TickRecord>,
    pub(crate) first_armed: Option<Stamp>,
    /// Records that found their ring full. Lost figures, never lost commands.
    pub(crate) lost: u64,
    holds: Vec<(&'static str, u64)>,
    tasks: Vec<(&'static str, u64)>,
    interventions: Vec<Intervention>,
    missed_floor: u64,
    failed: u64,
    lateness: Histogram,
    floor_lateness: Histogram,
    compute: Histogram,
    /// Distances, not durations: a radian is counted as a second.
    seam: Histogram,
    policy: Histogram,
    eye: Histogram,
    thought: Histogram,
    latent_age: Histogram,
    frame_age: Histogram,
    action_age: Histogram,
    state_age: Histogram,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            control: Cadence::default(),
            system1: Cadence::default(),
            system2: Cadence::default(),
            ticks: 0,
            missed: 0,
            armed: 0,
            newest: None,
            first_armed: None,
            lost: 0,
            holds: Vec::new(),
            tasks: Vec::new(),
            interventions: Vec::new(),
            missed_floor: 0,
            failed: 0,
            lateness: Histogram::new(),
            floor_lateness: Histogram::new(),
            compute: Histogram::new(),
            seam: Histogram::new(),
            policy: Histogram::new(),
            eye: Histogram::new(),
            thought: Histogram::new(),
            latent_age: Histogram::new(),
            frame_age: Histogram::new(),
            action_age: Histogram::new(),
            state_age: Histogram::new(),
        }
    }

    pub(crate) fn tick(&mut self, record: TickRecord) {
        self.ticks += 1;
        self.missed += record.wake.missed;
        self.control.beat(record.wake.woke);
        self.lateness.record(record.wake.lateness());
        self.compute.record(record.compute);
        if let Some(seam) = record.seam_rad.and_then(|rad| Duration::try_from_secs_f64(rad).ok()) {
            self.seam.record(seam);
        }
        if record.mode == Mode::Armed {
            self.armed += 1;
            self.first_armed.get_or_insert(record.wake.woke);
            self.ages(&record.ages);
        }
        let was_holding = self.newest.is_some_and(|before| before.mode == Mode::Holding);
        if record.mode == Mode::Holding && !was_holding {
            count_code(&mut self.holds, record.cause.map_or("unknown", |cause| cause.code()));
        }
        // A disarmed arm needs no intervention: its cause says what arming would meet.
        let before = self.newest.and_then(|before| before.cause).map(|cause| cause.code());
        if let Some(cause) = record.cause.filter(|_| record.mode != Mode::Disarmed) {
            self.intervene(&cause, before == Some(cause.code()));
        }
        self.newest = Some(record);
    }

    /// What the guard intervened for so far, each kind once.
    pub(crate) fn interventions(&self) -> Vec<tandem_wire::Intervention> {
        let row = |kind: &Intervention| tandem_wire::Intervention {
            code: kind.newest.code().to_owned(),
            times: kind.times,
            joint: kind.newest.joint().and_then(|joint| i32::try_from(joint).ok()).unwrap_or(-1),
            value: kind.newest.value().unwrap_or(f64::NAN),
            text: kind.newest.to_string(),
        };
        self.interventions.iter().map(row).collect()
    }

    pub(crate) fn work(&mut self, record: WorkRecord) {
        let cadence = match record.worker {
            Worker::Policy => Some(&mut self.system1),
            Worker::Thought => Some(&mut self.system2),
            Worker::Eye => None,
        };
        match record.outcome {
            Outcome::Published => {
                if let Some(cadence) = cadence {
                    cadence.beat(record.began);
                }
                self.latency(record.worker).record(record.took);
            }
            Outcome::Idle => {
                if let Some(cadence) = cadence {
                    cadence.rest();
                }
            }
            Outcome::Failed => self.failed += 1,
        }
    }

    const fn latency(&mut self, worker: Worker) -> &mut Histogram {
        match worker {
            Worker::Policy => &mut self.policy,
            Worker::Eye => &mut self.eye,
            Worker::Thought => &mut self.thought,
        }
    }

    pub(crate) fn floor(&mut self, wake: Wake) {
        self.missed_floor += wake.missed;
        self.floor_lateness.record(wake.lateness());
    }

    /// What was counted of the control thread since the last call; the counts begin anew.
    pub(crate) fn take_tick_figures(&mut self) -> TickFigures {
        TickFigures {
            ticks: take(&mut self.ticks),
            armed: take(&mut self.armed),
            missed: take(&mut self.missed),
            lateness: take(&mut self.lateness),
            compute: take(&mut self.compute),
            floor_lateness: take(&mut self.floor_lateness),
            floor_missed: take(&mut self.missed_floor),
        }
    }

    /// The mode, reaction, cause and counters of the newest tick.
    pub(crate) fn now(&self) -> (Mode, Reaction, Option<Cause>, Counters) {
        self.newest.map_or((Mode::Disarmed, Reaction::Ok, None, Counters::default()), |record| {
            (record.mode, record.reaction, record.cause, record.counters)
        })
    }

    /// Everything measured, for the bus. Counters and texts of the daemon itself come from the
    /// caller.
    pub(crate) fn report(&self, mut counters: Vec<Counter>, texts: Vec<Text>) -> Report {
        let (_, _, _, guard) = self.now();
        let own = [
            ("control.rate_hz", self.control.hz()),
            ("control.ticks", count(self.ticks)),
            ("control.missed", count(self.missed)),
            ("control.floor_missed", count(self.missed_floor)),
            ("system1.rate_hz", self.system1.hz()),
            ("system2.rate_hz", self.system2.hz()),
            ("workers.failed", count(self.failed)),
            ("guard.clamped", count(guard.clamped)),
            ("guard.refused", count(guard.refused)),
            ("guard.holds", count(guard.holds)),
            ("guard.stops", count(guard.stops)),
            ("telemetry.lost", count(self.lost)),
        ];
        let counter = |(name, value): (&str, f64)| Counter { name: name.to_owned(), value };
        counters.extend(own.map(counter));
        let holds = self.holds.iter();
        counters.extend(holds.map(|(code, n)| counter((&format!("holds.{code}"), count(*n)))));
        let tasks = self.tasks.iter();
        counters.extend(tasks.map(|(code, n)| counter((&format!("tasks.{code}"), count(*n)))));

        let distributions = vec![
            distribution("control.lateness_us", &self.lateness, Unit::Microseconds),
            distribution("control.floor_lateness_us", &self.floor_lateness, Unit::Microseconds),
            distribution("control.compute_us", &self.compute, Unit::Microseconds),
            tandem_wire::Distribution {
                unit: "mrad".to_owned(),
                ..distribution("control.seam_mrad", &self.seam, Unit::Milliseconds)
            },
            distribution("system1.latency_us", &self.policy, Unit::Microseconds),
            distribution("system1.encoder_us", &self.eye, Unit::Microseconds),
            distribution("system2.latency_ms", &self.thought, Unit::Milliseconds),
            distribution("latent_age_ms", &self.latent_age, Unit::Milliseconds),
            distribution("frame_age_ms", &self.frame_age, Unit::Milliseconds),
            distribution("action_age_ms", &self.action_age, Unit::Milliseconds),
            distribution("state_age_ms", &self.state_age, Unit::Milliseconds),
        ];
        Report { distributions, counters, texts }
    }

    fn ages(&mut self, ages: &Ages) {
        let pairs = [
            (ages.latent, &mut self.latent_age),
            (ages.frame, &mut self.frame_age),
            (ages.action, &mut self.action_age),
            (ages.state, &mut self.state_age),
        ];
        for (age, histogram) in pairs {
            if let Some(age) = age {
                histogram.record(age);
            }
        }
    }

    /// A task is over.
    pub(crate) fn task(&mut self, end: TaskEnd) {
        count_code(&mut self.tasks, end.code());
    }

    /// Counts an intervention that begins; the newest stands for its kind.
    fn intervene(&mut self, cause: &Cause, goes_on: bool) {
        let times = u64::from(!goes_on);
        let mut known = self.interventions.iter_mut();
        match known.find(|kind| kind.newest.code() == cause.code()) {
            Some(kind) => (kind.times, kind.newest) = (kind.times + times, *cause),
            // The codes are a fixed, small set, so this list is bounded.
            None => self.interventions.push(Intervention { newest: *cause, times: 1 }),
        }
    }
}

/// Counts by code. The codes are a fixed, small set, so such a list is bounded.
fn count_code(counts: &mut Vec<(&'static str, u64)>, code: &'static str) {
    match counts.iter_mut().find(|(known, _)| *known == code) {
        Some((_, n)) => *n += 1,
        None => counts.push((code, 1)),
    }
}

/// One kind of intervention.
struct Intervention {
    newest: Cause,
    times: u64,
}

/// How often something happens while it happens: rests do not count.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cadence {
    last: Option<Stamp>,
    intervals: u64,
    time: Duration,
}

impl Cadence {
    pub(crate) fn beat(&mut self, stamp: Stamp) {
        if let Some(last) = self.last {
            self.intervals += 1;
            self.time += last.age_at(stamp);
        }
        self.last = Some(stamp);
    }

    /// Nothing was to be done: the next beat begins anew.
    pub(crate) const fn rest(&mut self) {
        self.last = None;
    }

    /// Beats per second; zero before the second beat.
    pub(crate) fn hz(&self) -> f64 {
        if self.time.is_zero() { 0.0 } else { count(self.intervals) / self.time.as_secs_f64() }
    }
}

/// Counts stay far below 2^53, where every whole number is an exact `f64`.
fn count(n: u64) -> f64 {
    n as f64
}

pub(crate) fn distribution(
    name: &str,
    histogram: &Histogram,
    unit: Unit,
) -> tandem_wire::Distribution {
    let Distribution { n, p50, p99, p99_9, max } = histogram.distribution(unit);
    let unit = match unit {
        Unit::Nanoseconds => "ns",
        Unit::Microseconds => "us",
        Unit::Milliseconds => "ms",
        Unit::Seconds => "s",
    };
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    tandem_wire::Distribution {
        name: name.to_owned(),
        unit: unit.to_owned(),
        n,
        p50: number(p50),
        p99: number(p99),
        p99_9: number(p99_9),
        max: number(max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_does_not_lower_the_rate() {
        let mut cadence = Cadence::default();
        for start_s in [10, 500] {
            cadence.rest();
            for step in 0..=200 {
                cadence.beat(Stamp::from_nanos(start_s * 1_000_000_000 + step * 5_000_000));
            }
        }
        assert!((cadence.hz() - 200.0).abs() < 1e-9, "{}", cadence.hz());
    }

    #[test]
    fn nothing_has_no_rate() {
        let mut cadence = Cadence::default();
        assert_eq!(cadence.hz(), 0.0);
        cadence.beat(Stamp::from_nanos(5));
        assert_eq!(cadence.hz(), 0.0);
    }
}
