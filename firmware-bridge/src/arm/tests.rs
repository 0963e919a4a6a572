//! What every arm must do, whatever its bus: on emulated motors in virtual time, and with the bus in
//! trouble.

mod kinds;

use tandem_types::{Command, Epoch, Sequence};
use tandem_wire::JointCommand;

use super::*;
use crate::Inbox;
use crate::emulator::{FaultPlan, Sample, VirtualLine};
use crate::guardian;
use crate::serial::Line as _;
use kinds::Kind;

const PERIOD: Duration = Duration::from_millis(5);
const VALID: Duration = Duration::from_millis(14);

struct Bench<K: Kind> {
    line: VirtualLine<K>,
    arm: ServoArm<K::Bus>,
    inbox: Inbox,
    due: Stamp,
    run: Epoch,
    sequence: u64,
    q: JointVec,
}

fn limits() -> ArmLimits {
    ArmLimits {
        acceleration_rad_s2_max: 40.0,
        deceleration_rad_s2: 40.0,
        jump_rad_max: 0.3,
        tracking_rad_max: 0.6,
        stop_within: Duration::from_millis(20),
        period: PERIOD,
        rest: Rest::Hold,
    }
}

fn robot() -> Robot {
    let names = NAMES.map(str::to_owned);
    Robot::from_urdf(include_str!("../../../configs/robots/so101.urdf"), &names, "fingertip")
        .unwrap()
}

const NAMES: [&str; 6] =
    ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"];

fn calibration() -> Calibration {
    let motor = |(id, joint): (u8, &str)| MotorCalibration {
        joint: joint.to_owned(),
        id,
        zero_steps: 2048 + 7 * i32::from(id),
        direction: if id % 2 == 0 { -1 } else { 1 },
        steps_min: 100,
        steps_max: 4000,
    };
    Calibration { motor: (1..).zip(NAMES).map(motor).collect() }
}

impl<K: Kind> Bench<K> {
    fn new() -> Self {
        let line = VirtualLine::new(K::new(), Stamp::from_nanos(3_000_000_000));
        let arm = start(&line).unwrap();
        let q = arm.state(Stamp::ORIGIN).q;
        let inbox = Inbox::new(Epoch::at(line.now()), VALID, 1);
        let due = line.now();
        let run = Epoch::at(due.after(PERIOD));
        Self { line, arm, inbox, due, run, sequence: 0, q }
    }

    /// Some cycles; with commands that move all joints at this speed, if there is one.
    fn run(&mut self, cycles: usize, speed_rad_s: Option<f64>) -> Result<(), ArmError> {
        for _ in 0..cycles {
            self.due = self.due.after(PERIOD).max(self.line.now());
            self.line.wait_until(self.due);
            let now = self.line.now();
            if let Some(speed) = speed_rad_s {
                self.sequence += 1;
                let message = JointCommand {
                    stamp: now,
                    epoch: self.run,
                    sequence: Sequence(self.sequence),
                    valid_for: Duration::from_millis(20),
                    command: Command { q: self.q, dq: JointVec::splat(6, speed) },
                };
                self.inbox.receive(now, &message, self.arm.firmware()).ok();
                self.q = self.q.map(|_, q| q + speed * PERIOD.as_secs_f64());
            }
            self.inbox.watch(now, PERIOD, self.arm.firmware());
            self.arm.cycle(now)?;
        }
        Ok(())
    }

    fn state(&mut self) -> (FirmwareState, Fault) {
        (self.arm.firmware().state(), self.arm.firmware().fault())
    }

    /// Runs until the arm is latched.
    fn until_latched(&mut self) -> Fault {
        for _ in 0..400 {
            self.run(1, None).unwrap();
            if self.state().0 == FirmwareState::Latched {
                return self.state().1;
            }
        }
        panic!("it does not latch: {:?}", self.state());
    }
}

fn start<K: Kind>(line: &VirtualLine<K>) -> Result<ServoArm<K::Bus>, ArmError> {
    ServoArm::start(K::bus(line.clone()), calibration(), &robot(), &limits())
}

fn torques<K: Kind>(line: &VirtualLine<K>) -> Vec<bool> {
    line.with(|device| device.torques())
}

fn samples<K: Kind>(line: &VirtualLine<K>) -> Vec<Sample> {
    line.with(|device| device.transcript().samples().cloned().collect())
}

/// Does all that follows for each kind of bus.
macro_rules! for_every_bus {
    ($($test:ident;)*) => {
        for_every_bus!(@kind feetech, crate::emulator::FeetechBus, $($test)*);
        for_every_bus!(@kind dynamixel, crate::emulator::DynamixelServos, $($test)*);
        for_every_bus!(@kind mit, crate::emulator::MitMotors, $($test)*);
    };
    (@kind $name:ident, $kind:ty, $($test:ident)*) => {
        mod $name {
            $(#[test]
            fn $test() {
                super::$test::<$kind>();
            })*
        }
    };
}

for_every_bus! {
    it_follows_commands_and_holds_when_they_end_at_rest;
    silence_in_motion_stops_and_latches;
    a_dead_host_leaves_no_motor_running;
    a_guardian_waits_for_rest_and_lets_every_motor_go;
    every_fault_of_the_bus_stops_it_and_is_named;
    a_line_with_some_wrong_bits_carries_on;
    a_line_of_noise_stops_it;
    a_pulled_cable_is_an_error_and_a_new_start_finds_the_arm_again;
    missing_motors_are_named_and_the_others_let_go;
}

fn it_follows_commands_and_holds_when_they_end_at_rest<K: Kind>() {
    let mut bench = Bench::<K>::new();
    assert!((bench.q[0] - 0.1).abs() < 0.002, "{:?}", bench.q);
    assert_eq!(torques(&bench.line), [false; 6], "nothing stiffens on start");
    bench.run(100, Some(0.4)).unwrap();
    bench.run(60, Some(0.0)).unwrap();
    let reached = bench.arm.state(bench.line.now()).q;
    let error = reached.zip_with(&bench.q, |a, b| a - b).max_abs();
    assert!(error < 0.005, "{error} rad from where it was told to be");
    bench.run(60, None).unwrap();
    assert_eq!(bench.state(), (FirmwareState::Disarmed, Fault::None));
    assert_eq!(torques(&bench.line), [true; 6], "it holds");
    let Bench { line, arm, .. } = bench;
    drop(arm);
    assert_eq!(torques(&line), [false; 6], "everything lets go at the end");
}

fn silence_in_motion_stops_and_latches<K: Kind>() {
    let mut bench = Bench::<K>::new();
    bench.run(60, Some(0.4)).unwrap();
    let last = bench.line.now();
    assert_eq!(bench.until_latched(), Fault::Silence);

    // At the motors: the motion that the last commands began shrinks within the time promised.
    let samples = samples(&bench.line);
    let moving = samples.iter().rfind(|sample| sample.stamp <= last).unwrap().speeds[0];
    let begun = samples
        .iter()
        .find(|sample| sample.stamp > last && sample.speeds[0].abs() < 0.9 * moving.abs())
        .map(|sample| last.age_at(sample.stamp));
    assert!(begun.is_some_and(|begun| begun <= limits().stop_within), "{begun:?}");
}

/// Nobody speaks any more, and no destructor runs: what a killed process leaves behind.
fn a_dead_host_leaves_no_motor_running<K: Kind>() {
    let mut bench = Bench::<K>::new();
    bench.run(60, Some(0.4)).unwrap();
    let died = bench.line.now();
    bench.line.wait_until(died.after(Duration::from_millis(500)));
    let samples = samples(&bench.line);
    let at = |ms| {
        let then = died.after(Duration::from_millis(ms));
        samples.iter().rfind(|sample| sample.stamp <= then).unwrap()
    };
    // A motor without a watchdog of its own ends at the goal it was told last, which is as far ahead
    // as the motor lags.
    assert!(at(0).speeds[0].abs() * K::RAD > 0.3, "{:?}", at(0));
    assert!(at(450).speeds.iter().all(|speed| speed.abs() * K::RAD < 0.002), "{:?}", at(450));
    let moved = (at(450).positions[0] - at(0).positions[0]).abs() * K::RAD;
    assert!(moved < 0.025, "{moved} rad after the host had died");
    assert_eq!(at(450).on, [K::DRIVES_WITHOUT_A_HOST; 6]);

    let arm = start(&bench.line).unwrap();
    assert!(arm.complaints().is_empty(), "{:?}", arm.complaints());
    assert_eq!(torques(&bench.line), [false; 6], "whoever starts anew lets go first");
}

/// Another host comes while the joints of a dead one still move, one motor being mute.
fn a_guardian_waits_for_rest_and_lets_every_motor_go<K: Kind>() {
    let mut bench = Bench::<K>::new();
    bench.run(60, Some(0.4)).unwrap();
    let died = bench.line.now();
    bench.line.with(|device| device.faults().plan.mute = vec![2]);
    let mut bus = K::bus(bench.line.clone());
    let line = bench.line.clone();
    let pause = |time| line.wait_until(line.now().after(time));
    assert_eq!(guardian::let_go(&mut bus, &calibration().ids(), pause), [2]);
    bench.line.wait_until(bench.line.now().after(Duration::from_millis(20)));
    let mute = K::DRIVES_WITHOUT_A_HOST;
    assert_eq!(torques(&bench.line), [false, mute, false, false, false, false]);
    let samples = samples(&bench.line);
    let let_go = samples.iter().find(|it| it.stamp > died && !it.on[0]).unwrap();
    let before = samples.iter().rfind(|sample| sample.stamp < let_go.stamp).unwrap();
    // One that holds without a host holds until it is at rest.
    let speed = before.speeds[0].abs() * K::RAD;
    assert!(!K::DRIVES_WITHOUT_A_HOST || speed < 0.06, "{speed} rad/s");
}

fn every_fault_of_the_bus_stops_it_and_is_named<K: Kind>() {
    let check = |change: fn(&mut FaultPlan), id: u8, flag: MotorFlags| {
        let mut bench = Bench::<K>::new();
        bench.run(40, Some(0.4)).unwrap();
        bench.line.with(|device| change(&mut device.faults().plan));
        bench.run(20, Some(0.4)).unwrap();
        assert_eq!(bench.until_latched(), Fault::Motor);
        let complaints = bench.arm.complaints();
        assert!(complaints.iter().any(|(_, i, f)| (*i, *f) == (id, flag)), "{complaints:?}");
        bench
    };
    check(|plan| plan.overloaded = vec![2], 2, MotorFlags::OVERLOAD);
    check(|plan| plan.brown_out = true, 5, MotorFlags::SILENT);
    // With one motor mute, all others still let go at the end.
    let Bench { line, arm, .. } = check(|plan| plan.mute = vec![3], 3, MotorFlags::SILENT);
    drop(arm);
    assert_eq!(torques(&line), [false, false, K::DRIVES_WITHOUT_A_HOST, false, false, false]);
}

fn a_line_with_some_wrong_bits_carries_on<K: Kind>() {
    let mut bench = Bench::<K>::new();
    bench.line.with(|device| device.faults().plan.flipped_bits = 0.0001);
    bench.run(200, Some(0.1)).unwrap();
    assert_eq!(bench.state(), (FirmwareState::Active, Fault::None));
}

/// Two bytes in five are lost or wrong, both ways: nothing is understood any more, and whatever the
/// motors heard by chance, they come to rest.
fn a_line_of_noise_stops_it<K: Kind>() {
    let mut bench = Bench::<K>::new();
    bench.run(60, Some(0.4)).unwrap();
    bench.line.with(|device| {
        device.faults().plan.flipped_bits = 0.2;
        device.faults().plan.dropped_bytes = 0.2;
    });
    let noisy = bench.line.now();
    bench.run(40, Some(0.4)).unwrap();
    assert_eq!(bench.until_latched(), Fault::Motor);
    bench.run(60, None).unwrap();
    let samples = samples(&bench.line);
    let then = samples.iter().rfind(|sample| sample.stamp <= noisy).unwrap();
    let now = samples.last().unwrap();
    assert!(now.speeds.iter().all(|speed| speed.abs() * K::RAD < 0.002), "{now:?}");
    let moved = then.positions.iter().zip(&now.positions).map(|(a, b)| (a - b).abs() * K::RAD);
    assert!(moved.fold(0.0, f64::max) < 0.1, "{then:?} {now:?}");
}

fn a_pulled_cable_is_an_error_and_a_new_start_finds_the_arm_again<K: Kind>() {
    let mut bench = Bench::<K>::new();
    bench.run(20, Some(0.1)).unwrap();
    bench.line.cut(true);
    let error = bench.run(5, Some(0.1)).unwrap_err();
    assert!(matches!(error, ArmError::Bus(BusError::Line(_))), "{error}");
    drop(bench.arm);
    bench.line.cut(false);
    start(&bench.line).unwrap();
}

fn missing_motors_are_named_and_the_others_let_go<K: Kind>() {
    // The first host is there, holds, and says nothing more, as if it were dead.
    let mut bench = Bench::<K>::new();
    bench.run(60, Some(0.0)).unwrap();
    assert_eq!(torques(&bench.line), [true; 6]);
    bench.line.with(|device| device.faults().plan.mute = vec![2, 6]);
    let error = start(&bench.line).err().unwrap();
    assert!(matches!(&error, ArmError::Missing { ids } if *ids == [2, 6]), "{error}");
    let mute = K::DRIVES_WITHOUT_A_HOST;
    assert_eq!(torques(&bench.line), [false, mute, false, false, false, mute]);
}
