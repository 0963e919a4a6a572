//! The kinds of bus that every arm is tested on.

use core::time::Duration;

use super::calibration;
use crate::can::SerialCan;
use crate::dynamixel::{DynamixelBus, registers};
use crate::emulator::{
    DynamixelServos, EmulatedMotors, FeetechBus, FreeShafts, MitMotors, VirtualLine,
};
use crate::mit::{MitBus, MitMotor, ranges};
use crate::sts::StsBus;
use crate::{MotorBus, STEPS_PER_TURN};

const BAUD: u32 = 1_000_000;

/// Emulated motors of one kind, and the host's side of their bus.
pub(super) trait Kind: EmulatedMotors + Sized {
    type Bus: MotorBus;

    /// The unit of its shafts.
    const RAD: f64 = core::f64::consts::TAU / STEPS_PER_TURN as f64;

    /// Whether a motor goes on driving, at rest, when its host is gone.
    const DRIVES_WITHOUT_A_HOST: bool;

    /// The motors of [`calibration`]'s arm, its joints at 0.1 rad.
    fn new() -> Self;

    fn bus(line: VirtualLine<Self>) -> Self::Bus;
}

/// Where the shafts of that arm are, steps, by id.
fn shafts() -> Vec<(u8, f64)> {
    let motors = calibration().motor;
    motors.iter().map(|motor| (motor.id, f64::from(motor.steps(100_000)))).collect()
}

impl Kind for FeetechBus {
    type Bus = StsBus<VirtualLine<Self>>;

    const DRIVES_WITHOUT_A_HOST: bool = true;

    fn new() -> Self {
        Self::new(&shafts(), BAUD, Box::new(FreeShafts::default()), 1)
    }

    fn bus(line: VirtualLine<Self>) -> Self::Bus {
        StsBus::new(line, BAUD)
    }
}

impl Kind for DynamixelServos {
    type Bus = DynamixelBus<VirtualLine<Self>>;

    /// Its watchdog makes it stop, not let go.
    const DRIVES_WITHOUT_A_HOST: bool = true;

    /// Big servos near the base, small ones behind, as in the Koch arm.
    fn new() -> Self {
        let model = |id| registers::model(if id <= 2 { 1060 } else { 1200 }).unwrap();
        let servos: Vec<_> = shafts().into_iter().map(|(id, at)| (id, model(id), at)).collect();
        Self::new(&servos, BAUD, Box::new(FreeShafts::default()), 1)
    }

    fn bus(line: VirtualLine<Self>) -> Self::Bus {
        DynamixelBus::new(line, BAUD)
    }
}

impl Kind for MitMotors {
    type Bus = MitBus<SerialCan<VirtualLine<Self>>>;

    const RAD: f64 = 1.0;

    /// Its timeout makes it limp.
    const DRIVES_WITHOUT_A_HOST: bool = false;

    fn new() -> Self {
        let kind = ranges::kind("DM-J4310").unwrap();
        let rad = core::f64::consts::TAU / f64::from(STEPS_PER_TURN);
        let motors: Vec<_> = shafts().iter().map(|(id, at)| (*id, kind, at * rad)).collect();
        Self::new(&motors, Duration::ZERO, Box::new(FreeShafts::new(25.0, 20.0)), 1)
    }

    fn bus(line: VirtualLine<Self>) -> Self::Bus {
        let kind = ranges::kind("DM-J4310").unwrap();
        let motor = |id| MitMotor { id, kind, kp: 50.0, kd: 2.0, damping: 1.0 };
        let motors: Vec<_> = calibration().ids().into_iter().map(motor).collect();
        MitBus::new(SerialCan::open(line).unwrap(), &motors).unwrap()
    }
}
