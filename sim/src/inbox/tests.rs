//! Each refusal by a case, and what the arm does when commands end.

use super::*;
use crate::SimConfig;

/// When the robot's own life began, in nanoseconds.
const BORN: Epoch = Epoch(9);
const MS: Duration = Duration::from_millis(1);

struct Bench {
    inbox: Inbox,
    measured: JointVec,
    now: Stamp,
}

impl Bench {
    fn new() -> Self {
        let config = SimConfig::so101().unwrap();
        let inbox = Inbox::new(&config.robot, BORN, 2 * MS, &config.rest_pose);
        Self { inbox, measured: config.rest_pose, now: Stamp::from_nanos(5_000_000_000) }
    }

    /// A command that must be accepted.
    fn good(&self, sequence: u64) -> JointCommand {
        JointCommand {
            stamp: self.now,
            epoch: BORN.next(),
            sequence: Sequence(sequence),
            valid_for: 20 * MS,
            command: Command { q: self.measured, dq: JointVec::splat(6, 0.1) },
        }
    }

    fn receive(&mut self, message: &JointCommand) -> Result<(), Refusal> {
        self.inbox.receive(self.now, &self.measured, message)
    }
}

#[test]
fn refuses_by_reason() {
    let mut bench = Bench::new();
    assert_eq!(bench.receive(&bench.good(5)), Ok(()));
    let good = bench.good(6);
    let with = |change: &dyn Fn(&mut JointCommand)| {
        let mut message = good;
        change(&mut message);
        message
    };
    let table = [
        (with(&|m| m.stamp = m.stamp.before(21 * MS)), Refusal::Stale),
        (with(&|m| m.stamp = m.stamp.after(Duration::from_secs(1))), Refusal::Stale),
        (with(&|m| m.sequence = Sequence(5)), Refusal::Sequence),
        (with(&|m| m.epoch = m.epoch.next()), Refusal::Epoch),
        (with(&|m| m.command.q = JointVec::zeros(5)), Refusal::Shape),
        (with(&|m| m.command.dq = JointVec::EMPTY), Refusal::Shape),
        (with(&|m| m.command.q[2] = f64::NAN), Refusal::NotFinite),
        (with(&|m| m.command.dq[0] = f64::INFINITY), Refusal::NotFinite),
        (with(&|m| m.command.q[0] = 1.93), Refusal::Limits),
        (with(&|m| m.command.dq[0] = 5.0), Refusal::Limits),
        (with(&|m| m.command.q[0] += 0.9), Refusal::Limits),
    ];
    for (index, (message, refusal)) in table.iter().enumerate() {
        assert_eq!(bench.receive(message), Err(*refusal), "case {index}");
    }
    let receipt = bench.inbox.receipt(bench.now);
    assert_eq!((receipt.applied, receipt.refused), (1, 11));
    assert_eq!((receipt.refusal, receipt.command_sequence), (Refusal::Limits, Sequence(5)));
    assert_eq!(bench.receive(&good), Ok(()));
}

#[test]
fn another_life_may_take_over_only_a_silent_link() {
    let mut bench = Bench::new();
    bench.receive(&bench.good(100)).unwrap();
    let mut other = JointCommand { epoch: BORN.next().next(), ..bench.good(1) };
    assert_eq!(bench.receive(&other), Err(Refusal::Epoch));
    bench.now = bench.now.after(21 * MS);
    other.stamp = bench.now;
    assert_eq!(bench.receive(&other), Ok(()));
    assert_eq!(bench.receive(&bench.good(101)), Err(Refusal::Epoch));
}

#[test]
fn a_run_from_before_this_life_is_obeyed_by_nobody() {
    let mut bench = Bench::new();
    let former = JointCommand { epoch: BORN, ..bench.good(1_000) };
    assert_eq!(bench.receive(&former), Err(Refusal::Stopped));
    assert_eq!(bench.receive(&bench.good(1)), Ok(()));
}

#[test]
fn answers_after_the_latency_and_holds_when_commands_end() {
    let mut bench = Bench::new();
    let mut message = bench.good(1);
    message.command.q[0] += 0.2;
    let rest = bench.measured[0];
    bench.receive(&message).unwrap();
    assert_eq!(bench.inbox.target(bench.now.after(MS)).q[0], rest);
    let answered = bench.inbox.target(bench.now.after(2 * MS));
    assert_eq!((answered.q[0], answered.dq[0]), (rest + 0.2, 0.1));
    let held = bench.inbox.target(bench.now.after(23 * MS));
    assert_eq!((held.q[0], held.dq[0]), (rest + 0.2, 0.0));
}

#[test]
fn validity_has_a_limit_of_its_own() {
    let mut bench = Bench::new();
    let message = JointCommand { valid_for: Duration::MAX, ..bench.good(1) };
    bench.now = bench.now.after(VALID_FOR_MAX + MS);
    assert_eq!(bench.receive(&message), Err(Refusal::Stale));
}

#[test]
fn a_flood_is_bounded() {
    let mut bench = Bench::new();
    for sequence in 1..10_000 {
        bench.receive(&bench.good(sequence)).unwrap();
    }
    assert!(bench.inbox.queue.len() <= QUEUE_MAX);
}
