//! How long the bus loop takes, measured at emulated servos.

use core::time::Duration;

use tandem_realtime::{
    Clock as _, Granted, Histogram, MonotonicClock, PeriodicTimer, Policy, Schedule,
};

use crate::BusError;
use crate::emulator::{Emulated, EmulatorError, FeetechBus, FreeShafts};
use crate::serial::{OpenError, SerialLine};
use crate::sts::{Reading, StsBus};

/// An arm's worth of servos.
const SERVOS: usize = 6;
const BAUD: u32 = 1_000_000;
const PERIOD: Duration = Duration::from_millis(5);
const PRIORITY: u8 = 85;

/// What cannot be measured, and why.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// There is no emulated bus.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It does not answer.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// There is no folder for its port.
    #[error("no folder for the emulated port ({0})")]
    Folder(#[from] std::io::Error),
}

/// What [`cycles`] found.
#[derive(Debug)]
pub struct Cycles {
    /// From the first byte of the goals to the last byte of the last answer.
    pub cycle: Histogram,
    /// Bytes of one cycle, both ways.
    pub bytes: usize,
    /// The time they take on the line.
    pub floor: Duration,
    /// Answers that did not come.
    pub missing: u64,
    /// What the kernel gave the host's thread.
    pub granted: Granted,
}

/// Writes goals to and reads six servos at 1 Mbaud, `count` times at 200 Hz. The calling thread gets
/// the class the bridge asks for, and keeps it.
///
/// # Errors
/// If the emulated bus cannot be made or is lost.
pub fn cycles(count: u32) -> Result<Cycles, BenchError> {
    let port = std::env::temp_dir().join(format!("tandem-bench-{}", std::process::id()));
    let ids: Vec<u8> = (1..).take(SERVOS).collect();
    let servos: Vec<_> = ids.iter().map(|id| (*id, 2048.0)).collect();
    let device = FeetechBus::new(&servos, BAUD, Box::new(FreeShafts::default()), 1);
    let plugged = Emulated::plug(device, &port)?;
    let line = SerialLine::open(&plugged.path().to_string_lossy(), BAUD)?;
    let mut bus = StsBus::new(line, BAUD);
    let granted = Schedule { policy: Policy::Fifo { priority: PRIORITY }, cpu: None }.apply();
    let mut readings: Vec<Option<Reading>> = vec![None; SERVOS];
    let mut timer = PeriodicTimer::new(PERIOD, Duration::ZERO);
    let (mut cycle, mut missing) = (Histogram::new(), 0);
    for index in 0..count {
        timer.wait();
        let began = MonotonicClock.now();
        let steps = 2048 + i32::try_from(index % 100).unwrap_or(0);
        let goals: Vec<_> = ids.iter().map(|id| (*id, steps)).collect();
        bus.write_goals(&goals)?;
        bus.read_all(&ids, &mut readings)?;
        cycle.record(began.age_at(MonotonicClock.now()));
        missing += readings.iter().filter(|reading| reading.is_none()).count() as u64;
    }
    let bytes = StsBus::<SerialLine>::cycle_bytes(SERVOS);
    Ok(Cycles { cycle, bytes, floor: bus.line_time(bytes), missing, granted })
}
