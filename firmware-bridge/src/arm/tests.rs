//! The arm on an emulated bus in virtual time, and the bus in trouble.

use tandem_types::{Command, Epoch, Sequence};
use tandem_wire::JointCommand;

use super::*;
use crate::Inbox;
use crate::emulator::{FaultPlan, FeetechBus, FreeShafts, VirtualLine};

const BAUD: u32 = 1_000_000;
const PERIOD: Duration = Duration::from_millis(5);
const VALID: Duration = Duration::from_millis(14);

struct Bench {
    line: VirtualLine<FeetechBus>,
    arm: ServoArm<VirtualLine<FeetechBus>>,
    inbox: Inbox,
    due: Stamp,
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

impl Bench {
    fn new() -> Self {
        let servos: Vec<_> = calibration()
            .motor
            .iter()
            .map(|motor| (motor.id, f64::from(motor.steps(100_000))))
            .collect();
        let bus = FeetechBus::new(&servos, BAUD, Box::new(FreeShafts::default()), 1);
        let line = VirtualLine::new(bus, Stamp::from_nanos(3_000_000_000));
        let arm = start(&line).unwrap();
        let q = arm.state(Stamp::ORIGIN).q;
        let inbox = Inbox::new(line.now(), Epoch(1), VALID);
        let due = line.now();
        let mut bench = Self { line, arm, inbox, due, sequence: 0, q };
        // A run begins after silence.
        bench.run(20, None).unwrap();
        bench
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
                    epoch: Epoch(7),
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

fn start(line: &VirtualLine<FeetechBus>) -> Result<ServoArm<VirtualLine<FeetechBus>>, ArmError> {
    ServoArm::start(StsBus::new(line.clone(), BAUD), calibration(), &robot(), &limits())
}

#[test]
fn it_follows_commands_and_holds_when_they_end_at_rest() {
    let mut bench = Bench::new();
    assert!((bench.q[0] - 0.1).abs() < 0.002, "{:?}", bench.q);
    assert_eq!(bench.line.with(|bus| bus.torques()), [false; 6], "nothing stiffens on start");
    bench.run(100, Some(0.4)).unwrap();
    bench.run(60, Some(0.0)).unwrap();
    let reached = bench.arm.state(bench.line.now()).q;
    let error = reached.zip_with(&bench.q, |a, b| a - b).max_abs();
    assert!(error < 0.005, "{error} rad from where it was told to be");
    bench.run(60, None).unwrap();
    assert_eq!(bench.state(), (FirmwareState::Disarmed, Fault::None));
    assert_eq!(bench.line.with(|bus| bus.torques()), [true; 6], "it holds");
    let Bench { line, arm, .. } = bench;
    drop(arm);
    assert_eq!(line.with(|bus| bus.torques()), [false; 6], "everything lets go at the end");
}

#[test]
fn silence_in_motion_stops_and_latches() {
    let mut bench = Bench::new();
    bench.run(60, Some(0.4)).unwrap();
    let last = bench.line.now();
    assert_eq!(bench.until_latched(), Fault::Silence);

    // At the servos: the motion that the last commands began shrinks within the time promised.
    let samples: Vec<_> = bench.line.with(|bus| bus.transcript().samples().cloned().collect());
    let moving = samples.iter().rfind(|sample| sample.stamp <= last).unwrap().speeds[0];
    let begun = samples
        .iter()
        .find(|sample| sample.stamp > last && sample.speeds[0] < 0.9 * moving)
        .map(|sample| last.age_at(sample.stamp));
    assert!(begun.is_some_and(|begun| begun <= limits().stop_within), "{begun:?}");
}

#[test]
fn every_fault_of_the_bus_stops_it_and_is_named() {
    let check = |change: fn(&mut FaultPlan), id: u8, flag: MotorFlags| {
        let mut bench = Bench::new();
        bench.run(40, Some(0.4)).unwrap();
        bench.line.with(|bus| change(&mut bus.faults.plan));
        bench.run(20, Some(0.4)).unwrap();
        assert_eq!(bench.until_latched(), Fault::Motor);
        let complaints = bench.arm.complaints();
        assert!(complaints.iter().any(|(_, i, f)| (*i, *f) == (id, flag)), "{complaints:?}");
        bench
    };
    check(|plan| plan.overloaded = vec![2], 2, MotorFlags::OVERLOAD);
    check(|plan| plan.brown_out = true, 5, MotorFlags::SILENT);
    // With one servo mute, all others still let go at the end.
    let Bench { line, arm, .. } = check(|plan| plan.mute = vec![3], 3, MotorFlags::SILENT);
    drop(arm);
    assert_eq!(line.with(|bus| bus.torques()), [false, false, true, false, false, false]);
}

#[test]
fn a_line_with_some_wrong_bits_carries_on() {
    let mut bench = Bench::new();
    bench.line.with(|bus| bus.faults.plan.flipped_bits = 0.0001);
    bench.run(200, Some(0.1)).unwrap();
    assert_eq!(bench.state(), (FirmwareState::Active, Fault::None));
}

#[test]
fn a_pulled_cable_is_an_error_and_a_new_start_finds_the_arm_again() {
    let mut bench = Bench::new();
    bench.run(20, Some(0.1)).unwrap();
    bench.line.cut(true);
    let error = bench.run(5, Some(0.1)).unwrap_err();
    assert!(matches!(error, ArmError::Bus(StsError::Line(_))), "{error}");
    drop(bench.arm);
    bench.line.cut(false);
    start(&bench.line).unwrap();
}

#[test]
fn missing_servos_are_named() {
    let bench = Bench::new();
    let Bench { line, arm, .. } = bench;
    drop(arm);
    line.with(|bus| bus.faults.plan.mute = vec![2, 6]);
    let error = start(&line).err().unwrap();
    assert!(matches!(&error, ArmError::Missing { ids } if *ids == [2, 6]), "{error}");
}
