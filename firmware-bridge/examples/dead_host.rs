//! Kills the host of a moving arm at any moment, and says what each kind of motor does then:
//! `cargo run -p tandem-firmware-bridge --example dead_host -- [KILLS] [SEED]`.
//!
//! Emulated motors on a line of virtual time, so that the numbers are those of the protocols and of
//! the motors' own timeouts, not of the machine. Six motors follow goals at 0.4 rad/s, one cycle every
//! 5 ms, in a loop that closes 25 times a second; the host ends somewhere in a cycle and nothing of it
//! runs any more. Time counts from the last goal that was sent; slower is a tenth slower, at rest is a
//! twentieth of the speed.
#![expect(clippy::print_stdout, reason = "a program for people")]

use std::f64::consts::TAU;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_firmware_bridge::can::SerialCan;
use tandem_firmware_bridge::dynamixel::{DynamixelBus, registers};
use tandem_firmware_bridge::emulator::{
    DynamixelServos, EmulatedMotors, FeetechBus, FreeShafts, MitMotors, Sample, VirtualLine,
};
use tandem_firmware_bridge::mit::{MitBus, MitMotor, ranges};
use tandem_firmware_bridge::serial::Line as _;
use tandem_firmware_bridge::sts::StsBus;
use tandem_firmware_bridge::{BusError, MotorBus, STEPS_PER_TURN, ShaftGoal};
use tandem_types::Stamp;

const IDS: [u8; 6] = [1, 2, 3, 4, 5, 6];
const BAUD: u32 = 1_000_000;
const PERIOD: Duration = Duration::from_millis(5);
const SPEED_RAD_S: f64 = 0.4;
const RAD_PER_STEP: f64 = TAU / STEPS_PER_TURN as f64;
const START: Stamp = Stamp::from_nanos(1_000_000_000);

fn main() -> Result<(), BusError> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let kills = arguments.next().unwrap_or(200);
    let seed = arguments.next().unwrap_or(1);
    println!("{kills} kills each, seed {seed}; from the last goal on, median and most");
    println!("{:<24} {:>16} {:>16} {:>18}", "motors", "slower, ms", "at rest, ms", "moved, mrad");
    let dynamixel = registers::model(1020).expect("an XM430");
    let damiao = ranges::kind("DM-J4310").expect("a Damiao motor");
    let ak80 = ranges::kind("AK80-9").expect("a CubeMars motor");
    let free = || Box::new(FreeShafts::default());
    let radians = || Box::new(FreeShafts::new(25.0, 20.0));
    let motors = |kind| IDS.map(|id| MitMotor { id, kind, kp: 50.0, kd: 2.0, damping: 1.0 });

    Kills::new(kills, seed).of(
        "Feetech",
        RAD_PER_STEP,
        || FeetechBus::new(&IDS.map(|id| (id, 2048.0)), BAUD, free(), 1),
        |line| StsBus::new(line, BAUD),
    )?;
    Kills::new(kills, seed).of(
        "Dynamixel",
        RAD_PER_STEP,
        || DynamixelServos::new(&IDS.map(|id| (id, dynamixel, 2048.0)), BAUD, free(), 1),
        |line| DynamixelBus::new(line, BAUD),
    )?;
    for (name, kind, timeout_ms) in
        [("Damiao", damiao, 0), ("CubeMars, 20 ms", ak80, 20), ("CubeMars, no timeout", ak80, 0)]
    {
        let timeout = Duration::from_millis(timeout_ms);
        Kills::new(kills, seed).of(
            name,
            1.0,
            || MitMotors::new(&IDS.map(|id| (id, kind, 0.0)), timeout, radians(), 1),
            |line| {
                let can = SerialCan::open(line).expect("a virtual line is there");
                MitBus::new(can, &motors(kind)).expect("gains within their ranges")
            },
        )?;
    }
    Ok(())
}

/// What becomes of motors of one kind.
struct Kills {
    count: u64,
    rng: Pcg64Mcg,
    slower_ms: Vec<f64>,
    rest_ms: Vec<f64>,
    moved_mrad: Vec<f64>,
}

impl Kills {
    fn new(count: u64, seed: u64) -> Self {
        let rng = Pcg64Mcg::seed_from_u64(seed);
        Self { count, rng, slower_ms: vec![], rest_ms: vec![], moved_mrad: vec![] }
    }

    fn of<D: EmulatedMotors, B: MotorBus>(
        mut self,
        name: &str,
        rad: f64,
        device: impl Fn() -> D,
        bus: impl Fn(VirtualLine<D>) -> B,
    ) -> Result<(), BusError> {
        for _ in 0..self.count {
            let line = VirtualLine::new(device(), START);
            let mut host = bus(line.clone());
            let told = self.drive(&line, &mut host)?;
            // Not dropped: a killed process runs no destructor. Its buffers die with this one's.
            line.wait_until(told.after(Duration::from_millis(500)));
            let samples: Vec<_> = line.with(|it| it.transcript().samples().cloned().collect());
            self.judge(&samples, told, rad);
        }
        let [slower, rest, moved] = [&mut self.slower_ms, &mut self.rest_ms, &mut self.moved_mrad]
            .map(|values| median_and_most(values));
        println!("{name:<24} {slower:>16} {rest:>16} {moved:>18}");
        Ok(())
    }

    /// Follows a path for a while, and stops speaking somewhere in a cycle; gives when the last goal
    /// was sent.
    fn drive<D: EmulatedMotors, B: MotorBus>(
        &mut self,
        line: &VirtualLine<D>,
        bus: &mut B,
    ) -> Result<Stamp, BusError> {
        IDS.iter().try_for_each(|id| bus.prepare(*id))?;
        let mut states = [None; 6];
        bus.sense(&IDS, &mut states)?;
        let began = states.map(|state| state.map_or(0, |state| state.position_urad));
        let mut told = line.now();
        let cycles = self.rng.random_range(60..80);
        for cycle in 0..cycles {
            line.wait_until(told.after(PERIOD));
            told = line.now();
            let moved = f64::from(cycle) * SPEED_RAD_S * PERIOD.as_secs_f64() * 1e6;
            let mut goals = [ShaftGoal::default(); 6];
            for ((goal, id), began) in goals.iter_mut().zip(IDS).zip(began) {
                *goal = ShaftGoal {
                    id,
                    position_urad: began + moved as i32,
                    velocity_urad_s: (SPEED_RAD_S * 1e6) as i32,
                };
            }
            bus.send_goals(&goals)?;
            if cycle == 0 {
                bus.switch_on(&IDS)?;
            }
            // In half of its deaths it does not come to ask what the motors do.
            if cycle + 1 < cycles || self.rng.random_bool(0.5) {
                bus.sense(&IDS, &mut states)?;
            }
        }
        Ok(told)
    }

    fn judge(&mut self, samples: &[Sample], told: Stamp, rad: f64) {
        let speed = |sample: &Sample| {
            sample.speeds.iter().map(|speed| speed.abs() * rad).fold(0.0, f64::max)
        };
        let ms = |sample: &Sample| told.age_at(sample.stamp).as_secs_f64() * 1e3;
        let then = samples.iter().rfind(|sample| sample.stamp <= told).expect("a sample");
        let after = || samples.iter().filter(|sample| sample.stamp > told);
        let slower = after().find(|sample| speed(sample) < 0.9 * speed(then));
        let last_motion = after().rfind(|sample| speed(sample) > SPEED_RAD_S / 20.0);
        let moved = then
            .positions
            .iter()
            .zip(&samples.last().expect("a sample").positions)
            .map(|(a, b)| (a - b).abs() * rad * 1e3)
            .fold(0.0, f64::max);
        self.slower_ms.push(slower.map_or(f64::INFINITY, ms));
        self.rest_ms.push(last_motion.map_or(0.0, ms));
        self.moved_mrad.push(moved);
    }
}

fn median_and_most(values: &mut [f64]) -> String {
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    format!("{:.1}, {:.1}", at(values.len() / 2), at(values.len().saturating_sub(1)))
}
