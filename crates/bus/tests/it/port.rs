//! What the guard admits reaches the robot as it is.

use core::time::Duration;
use std::sync::mpsc::channel;

use tandem_bus::{CommandPort, Garbage};
use tandem_guard::{
    AdmittedCommand, Evidence, Guard, GuardConfig, Limits, LimitsSpec, Request, RobotPort as _,
    Supervision, Witness,
};
use tandem_types::{Epoch, JointVec, Stamp, State};
use tandem_wire::JointCommand;

use crate::harness::{pair, wait_until};

/// The first command of a guard that is armed over an arm at `q`.
fn admitted(q: JointVec) -> AdmittedCommand {
    let dof = q.len();
    let limits = Limits::new(&LimitsSpec {
        position_rad_min: JointVec::splat(dof, -1.5),
        position_rad_max: JointVec::splat(dof, 1.5),
        margin_rad: 0.1,
        velocity_rad_s_max: JointVec::splat(dof, 2.0),
        acceleration_rad_s2_max: JointVec::splat(dof, 20.0),
        jerk_rad_s3_max: JointVec::splat(dof, 2_000.0),
    })
    .unwrap();
    let config = GuardConfig {
        limits,
        state_age_max: Duration::from_millis(20),
        action_age_max: Duration::from_millis(100),
        frame_age_max: Duration::from_millis(200),
        latent_age_warn: Duration::from_millis(300),
        latent_age_hold: Duration::from_secs(1),
        latent_age_stop: Duration::from_secs(3),
        receipt_age_max: Duration::from_millis(100),
        silence_age_stop: Duration::from_secs(2),
        valid_for: Duration::from_millis(20),
        ramp: Duration::from_secs(1),
        refused_run_max: 3,
        supervision: Supervision::NONE,
    };
    let mut guard = Guard::new(config, Duration::from_millis(1), Epoch(42)).unwrap();
    let stamp = Stamp::from_nanos(1_000_000_000);
    let state = State { stamp, q, dq: JointVec::zeros(dof), tau: JointVec::zeros(dof) };
    let evidence =
        Evidence { state: Some(&state), action: None, receipt: None, witness: Witness::default() };
    guard.tick(stamp, &evidence, Some(Request::Arm), |from| *from.command).command.unwrap()
}

#[test]
fn an_admitted_command_arrives_with_all_a_robot_needs_to_refuse_it() {
    let (robot, daemon, keys) = pair();
    let (sender, received) = channel();
    let _subscription = robot
        .subscribe(&keys.command(), &Garbage::default(), move |command: JointCommand| {
            sender.send(command).unwrap();
        })
        .unwrap();
    let mut port = CommandPort::new(&daemon, &keys).unwrap();
    wait_until("the robot is known", || port.has_robot());
    let admitted = admitted(JointVec::from_slice(&[0.5, -0.25, 1.0]).unwrap());
    port.send(&admitted).unwrap();
    let command = received.recv().unwrap();
    assert_eq!(command.command, *admitted.command());
    assert_eq!((command.epoch, command.sequence), (admitted.epoch(), admitted.sequence()));
    assert_eq!(command.stamp, Stamp::from_nanos(1_000_000_000));
    assert_eq!(command.valid_for, Duration::from_millis(20));
}
