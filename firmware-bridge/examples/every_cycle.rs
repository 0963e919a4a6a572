//! How long one cycle of goals and readings takes on each kind of bus, beside the time that its bytes
//! or frames take: `cargo run -p tandem-firmware-bridge --example every_cycle -- [CYCLES]`.
//!
//! Six emulated motors behind a pseudo-terminal, at 1 Mbaud or 1 Mbit/s, 200 times a second on the real
//! clock; the calling thread asks for the class that a bridge asks for.
#![expect(clippy::print_stdout, reason = "a program for people")]

use std::time::Duration;

use tandem_firmware_bridge::dynamixel::registers;
use tandem_firmware_bridge::emulator::{
    Device, DynamixelServos, Emulated, FeetechBus, FreeShafts, MitMotors,
};
use tandem_firmware_bridge::mit::{MitMotor, ranges};
use tandem_firmware_bridge::{BusKind, ShaftGoal};
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
    let free = || Box::new(FreeShafts::default());
    let servo = registers::model(1020).expect("an XM430");
    let motor = ranges::kind("DM-J4310").expect("a Damiao motor");
    let feetech = FeetechBus::new(&IDS.map(|id| (id, 2048.0)), BAUD, free(), 1);
    measure(BusKind::Feetech, feetech, cycles)?;
    let dynamixel = DynamixelServos::new(&IDS.map(|id| (id, servo, 2048.0)), BAUD, free(), 1);
    measure(BusKind::Dynamixel, dynamixel, cycles)?;
    let shafts = Box::new(FreeShafts::new(25.0, 20.0));
    let mit = MitMotors::new(&IDS.map(|id| (id, motor, 0.0)), Duration::ZERO, shafts, 1);
    measure(BusKind::Mit, mit, cycles)
}

fn measure(kind: BusKind, device: impl Device, cycles: u32) -> Result<(), Failure> {
    let port = std::env::temp_dir().join(format!("tandem-{kind}-{}", std::process::id()));
    let plugged = Emulated::plug(device, &port)?;
    let motor = ranges::kind("DM-J4310").expect("a Damiao motor");
    let motors = IDS.map(|id| MitMotor { id, kind: motor, kp: 50.0, kd: 2.0, damping: 1.0 });
    let mut bus = kind.open(&plugged.path().to_string_lossy(), BAUD, &motors)?;
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
        "{kind:>10}: floor {:>5}, {:?}, missing answers {missing}, not let go {left:?}",
        bus.cycle_floor(IDS.len()).as_micros(),
        taken.distribution(Unit::Microseconds),
    );
    Ok(())
}
