//! How long one cycle of goals and readings takes on each kind of bus, beside the time that its bytes
//! or frames take: `cargo run -p tandem-firmware-bridge --example every_cycle -- [CYCLES]`.
//!
//! Six emulated motors behind a pseudo-terminal, at 1 Mbaud or 1 Mbit/s, 200 times a second on the real
//! clock; the calling thread asks for the class that a bridge asks for.
#![expect(clippy::print_stdout, reason = "a program for people")]

use std::time::Duration;

use tandem_firmware_bridge::dynamixel::registers;
use tandem_firmware_bridge::emulator::Emulated;
use tandem_firmware_bridge::mit::{MitMotor, ranges};
use tandem_firmware_bridge::{Calibration, MotorCalibration, Motors, ShaftGoal};
use tandem_realtime::{
    Clock as _, Histogram, MonotonicClock, PeriodicTimer, Policy, Schedule, Unit,
};

const IDS: [u8; 6] = [1, 2, 3, 4, 5, 6];
const BAUD: u32 = 1_000_000;
const PERIOD: Duration = Duration::from_millis(5);

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let cycles = std::env::args().nth(1).map_or(Ok(2_000), |text| text.parse())?;
    let granted = Schedule { policy: Policy::Fifo { priority: 85 }, cpu: None }.apply();
    println!("{granted}; {cycles} cycles each, us");
    let model = registers::model(1020).expect("an XM430");
    let kind = ranges::kind("DM-J4310").expect("a Damiao motor");
    let mit = |id| MitMotor { id, kind, kp: 50.0, kd: 2.0, damping: 1.0 };
    measure(&Motors::Feetech { baud: BAUD }, cycles)?;
    let servos = IDS.map(|id| (id, model)).to_vec();
    measure(&Motors::Dynamixel { baud: BAUD, servos }, cycles)?;
    measure(&Motors::Mit(IDS.map(mit).to_vec()), cycles)
}

/// An arm whose joints read the middle of their range.
fn arm() -> Calibration {
    let motor = |id: u8| MotorCalibration {
        joint: id.to_string(),
        id,
        zero_steps: 2048,
        direction: 1,
        steps_min: 0,
        steps_max: 4095,
    };
    Calibration { motor: IDS.map(motor).to_vec() }
}

fn measure(motors: &Motors, cycles: u32) -> Result<(), Failure> {
    let port = std::env::temp_dir().join(format!("tandem-cycle-{}", std::process::id()));
    let plugged = Emulated::plug(motors.emulate(&arm(), &[0.0; 6]), &port)?;
    let mut bus = motors.open(&plugged.path().to_string_lossy())?;
    IDS.iter().try_for_each(|id| bus.prepare(*id))?;
    let mut states = [None; 6];
    bus.sense(&IDS, &mut states)?;
    let start = states.map(|state| state.map_or(0, |state| state.position_urad));
    let mut goals = [ShaftGoal::default(); 6];
    for ((goal, id), position_urad) in goals.iter_mut().zip(IDS).zip(start) {
        *goal = ShaftGoal { id, position_urad, velocity_urad_s: 0 };
    }
    bus.send_goals(&goals)?;
    bus.switch_on(&IDS)?;
    let mut timer = PeriodicTimer::new(PERIOD, Duration::ZERO);
    let (mut taken, mut missing) = (Histogram::new(), 0);
    for _ in 0..cycles {
        timer.wait();
        let began = MonotonicClock.now();
        bus.send_goals(&goals)?;
        bus.sense(&IDS, &mut states)?;
        taken.record(began.age_at(MonotonicClock.now()));
        missing += states.iter().filter(|state| state.is_none()).count();
    }
    let left = bus.let_go(&IDS);
    println!(
        "{motors}: floor {:>5}, {:?}, missing answers {missing}, not let go {left:?}",
        bus.cycle_floor(IDS.len()).as_micros(),
        taken.distribution(Unit::Microseconds),
    );
    Ok(())
}
