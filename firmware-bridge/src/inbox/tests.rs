//! Each refusal by a case, and how runs begin and end.

use tandem_protocol::{Address, FirmwareConfig, JointLimits, Measured, Rest};
use tandem_types::{Command as JointsCommand, JointVec};

use super::*;

const MS: Duration = Duration::from_millis(1);
const PERIOD: Duration = Duration::from_millis(5);
const VALID: Duration = Duration::from_millis(14);
const BORN: Epoch = Epoch(9);
const LIMITS: u64 = 0x11_7175;

struct Bench {
    inbox: Inbox,
    firmware: Firmware,
    now: Stamp,
    epoch: Epoch,
    sequence: u64,
    q: f64,
}

impl Bench {
    fn new() -> Self {
        let limits = JointLimits {
            position_urad_min: -1_500_000,
            position_urad_max: 1_500_000,
            velocity_urad_s_max: 3_000_000,
            acceleration_urad_s2_max: 60_000_000,
            deceleration_urad_s2: 60_000_000,
            jump_urad_max: 300_000,
            tracking_urad_max: 3_000_000,
        };
        let config = FirmwareConfig {
            address: Address(2),
            host: Address(1),
            joints: Joints::from_slice(&[limits; 2]).unwrap(),
            watchdog_us: 20_000,
            valid_us_max: 100_000,
            arm_wait_us: 500_000,
            refused_run_max: 10,
            rest: Rest::Hold,
        };
        let firmware = Firmware::new(config, 1).unwrap();
        let now = Stamp::from_nanos(5_000_000_000);
        let inbox = Inbox::new(BORN, VALID, LIMITS);
        let mut bench = Self { inbox, firmware, now, epoch: BORN, sequence: 0, q: 0.0 };
        // The firmware is armed once it has measured.
        bench.cycle();
        bench.arm();
        bench
    }

    /// The operator arms the controller again.
    fn arm(&mut self) {
        (self.epoch, self.sequence) = (Epoch::at(self.now), 0);
    }

    fn message(&mut self, speed: f64) -> JointCommand {
        self.sequence += 1;
        let (q, dq) = (JointVec::splat(2, self.q), JointVec::splat(2, speed));
        JointCommand {
            stamp: self.now,
            epoch: self.epoch,
            sequence: Sequence(self.sequence),
            valid_for: 20 * MS,
            command: JointsCommand { q, dq },
        }
    }

    fn receive(&mut self, message: &JointCommand) -> Result<(), Refusal> {
        self.inbox.receive(self.now, message, &mut self.firmware)
    }

    fn cycle(&mut self) {
        self.now = self.now.after(PERIOD);
        self.inbox.watch(self.now, PERIOD, &mut self.firmware);
        self.firmware.tick(device_time(self.now), &[Measured::default(); 2]);
    }

    /// Some cycles with a command in each.
    fn stream(&mut self, cycles: usize, speed: f64) {
        for _ in 0..cycles {
            let message = self.message(speed);
            self.receive(&message).unwrap();
            self.cycle();
            self.q += speed * PERIOD.as_secs_f64();
        }
    }

    fn silence(&mut self, cycles: usize) {
        (0..cycles).for_each(|_| self.cycle());
    }
}

#[test]
fn refuses_by_reason() {
    let mut bench = Bench::new();
    bench.stream(3, 0.0);
    type Change = fn(&mut JointCommand);
    let changes: [(Change, Refusal); 10] = [
        (|m| m.stamp = m.stamp.before(15 * MS), Refusal::Stale),
        (|m| m.stamp = m.stamp.after(2 * MS), Refusal::Stale),
        (|m| m.sequence = Sequence(3), Refusal::Sequence),
        (|m| m.epoch = m.epoch.next(), Refusal::Epoch),
        (|m| m.command.q = JointVec::zeros(3), Refusal::Shape),
        (|m| m.command.dq = JointVec::EMPTY, Refusal::Shape),
        (|m| m.command.q[1] = f64::NAN, Refusal::NotFinite),
        (|m| m.command.q[1] = 1e12, Refusal::Limits),
        (|m| m.command.dq[0] = 3.1, Refusal::Limits),
        (|m| m.command.q[0] = 0.4, Refusal::Limits),
    ];
    for (index, (change, expected)) in changes.into_iter().enumerate() {
        let mut message = bench.message(0.0);
        change(&mut message);
        assert_eq!(bench.receive(&message), Err(expected), "case {index}");
    }
    let receipt = bench.inbox.receipt(bench.now);
    assert_eq!((receipt.applied, receipt.refused, receipt.epoch), (3, 10, BORN));
    bench.stream(1, 0.0);
}

#[test]
fn a_run_that_falls_silent_at_rest_is_disarmed_and_may_go_on() {
    let mut bench = Bench::new();
    bench.stream(20, 0.5);
    bench.stream(5, 0.0);
    bench.silence(20);
    assert_eq!((bench.firmware.state(), bench.firmware.fault()), (State::Disarmed, Fault::None));
    let epoch = bench.firmware.epoch();
    bench.q = 0.0;
    bench.stream(1, 0.0);
    assert_eq!(bench.firmware.state(), State::Active);
    assert!(bench.firmware.epoch() > epoch);
}

#[test]
fn a_run_that_ends_in_motion_latches_and_an_acknowledgement_moves_nothing() {
    let mut bench = Bench::new();
    bench.stream(20, 0.5);
    bench.silence(40);
    assert_eq!((bench.firmware.state(), bench.firmware.fault()), (State::Latched, Fault::Silence));

    assert_eq!(bench.inbox.receipt(bench.now).command_epoch, Epoch(0), "nobody is confirmed");

    // The controller goes on as if nothing had been.
    bench.q = 0.0;
    let refused = |bench: &mut Bench| {
        let message = bench.message(0.0);
        assert_eq!(bench.receive(&message), Err(Refusal::Stopped));
        bench.cycle();
    };
    (0..10).for_each(|_| refused(&mut bench));
    bench.inbox.acknowledge(bench.now, &mut bench.firmware).unwrap();
    (0..100).for_each(|_| refused(&mut bench));
    assert_eq!(bench.firmware.state(), State::Disarmed);

    // Silence alone does not make it another run.
    bench.silence(5);
    (0..10).for_each(|_| refused(&mut bench));

    // It stops, is armed again by its operator, and begins anew.
    bench.silence(5);
    bench.arm();
    bench.stream(3, 0.0);
    assert_eq!(bench.firmware.state(), State::Active);
    assert_eq!(bench.inbox.receipt(bench.now).command_epoch, bench.epoch);
}

#[test]
fn a_run_that_begins_before_the_acknowledgement_is_spent() {
    let mut bench = Bench::new();
    bench.stream(20, 0.5);
    bench.silence(40);
    bench.arm();
    let message = bench.message(0.0);
    assert_eq!(bench.receive(&message), Err(Refusal::Stopped));
    bench.inbox.acknowledge(bench.now, &mut bench.firmware).unwrap();
    let message = bench.message(0.0);
    assert_eq!(bench.receive(&message), Err(Refusal::Stopped));
}

#[test]
fn a_run_from_before_this_life_is_spent_however_late_it_is_heard() {
    for silence in [0, 1, 5, 1000] {
        let mut bench = Bench::new();
        bench.inbox = Inbox::new(Epoch::at(bench.now), VALID, LIMITS);
        let receipt = bench.inbox.receipt(bench.now);
        let epoch = Epoch::at(bench.now);
        assert_eq!((receipt.epoch, receipt.limits_hash), (epoch, LIMITS), "obeying or not");
        bench.silence(silence);
        for pause in [1, 1, 5, 1] {
            let message = bench.message(0.0);
            assert_eq!(bench.receive(&message), Err(Refusal::Stopped));
            bench.silence(pause);
        }
        bench.silence(5);
        bench.arm();
        bench.stream(1, 0.0);
        assert_eq!(bench.firmware.state(), State::Active);
    }
}

#[test]
fn nobody_is_armed_after_its_commands() {
    let mut bench = Bench::new();
    bench.epoch = Epoch::at(bench.now.after(MS));
    let message = bench.message(0.0);
    assert_eq!(bench.receive(&message), Err(Refusal::Epoch));
    assert_eq!(bench.firmware.state(), State::Disarmed);
}

#[test]
fn another_life_takes_over_a_silent_link_only() {
    let mut bench = Bench::new();
    bench.stream(5, 0.0);
    let mut other = bench.message(0.0);
    other.epoch = Epoch::at(bench.now);
    assert_eq!(bench.receive(&other), Err(Refusal::Epoch));
    bench.silence(5);
    (other.stamp, other.sequence) = (bench.now, Sequence(1));
    assert_eq!(bench.receive(&other), Ok(()));
    let former = bench.message(0.0);
    assert_eq!(bench.receive(&former), Err(Refusal::Epoch));
}
