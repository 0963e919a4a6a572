//! Others on the bus: what they send is counted, refused, and changes nothing.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_realtime::{Clock as _, MonotonicClock};
use tandem_types::{Command, Epoch, JointVec, Sequence, Stamp};
use tandem_wire::{
    ControlKind, ControlRequest, EpisodeRequest, Image, Instruction, JointCommand, JointState,
    Message, Receipt, Refusal, Status,
};

use crate::harness::{INSTRUCTION, Link, STILL_RAD, Scenario, Stage, spread, wait_for, wait_until};

/// Payloads that are no `M`: noise of several sizes, torn messages, one that goes on after its end,
/// and one that is larger than its topic allows.
fn junk<M: Message + Default>(limit_bytes: usize, rng: &mut Pcg64Mcg) -> Vec<Vec<u8>> {
    let mut valid = Vec::new();
    M::default().encode(&mut valid);
    let mut noise = |bytes: usize| {
        let mut payload = vec![0; bytes];
        rng.fill_bytes(&mut payload);
        payload
    };
    vec![
        vec![],
        noise(1),
        noise(100),
        noise(limit_bytes),
        valid[..valid.len() - 1].to_vec(),
        valid[..valid.len() / 2].to_vec(),
        [&valid[..], &[0; 9]].concat(),
        vec![0xff; limit_bytes + 1],
    ]
}

/// Publishes `payload` until the daemon counts one garbage more.
fn expect_counted(link: &Link, key: &str, payload: &[u8]) {
    let garbage = || link.status("the daemon speaks", |_| true).garbage;
    let before = garbage();
    wait_until(&format!("{} bytes on {key} are counted", payload.len()), || {
        link.bus.publish_raw(key, payload).unwrap();
        garbage() > before
    });
}

#[test]
fn garbage_changes_nothing_but_a_counter() {
    let mut stage = Stage::up(Scenario::slow());
    let link = &stage.link;
    let (keys, rng) = (&link.keys, &mut Pcg64Mcg::seed_from_u64(3));
    link.instruct();
    link.arm();
    link.status("the arm may move", |status| status.mode_text == "armed");
    let started = MonotonicClock.now();

    let [front, wrist] = ["front", "wrist"].map(|name| keys.camera(name).unwrap());
    let (state, receipt, instruction) = (keys.state(), keys.receipt(), keys.instruction());
    let topics = [
        (state.key(), junk::<JointState>(state.limit_bytes(), rng)),
        (receipt.key(), junk::<Receipt>(receipt.limit_bytes(), rng)),
        (front.key(), junk::<Image>(front.limit_bytes(), rng)),
        (wrist.key(), junk::<Image>(wrist.limit_bytes(), rng)),
        (instruction.key(), junk::<Instruction>(instruction.limit_bytes(), rng)),
    ];
    for (key, payloads) in &topics {
        payloads.iter().for_each(|payload| expect_counted(link, key, payload));
    }
    // Well formed, and yet nothing that this robot can have said.
    let mut strange = JointState::new(&["tail".to_owned()]);
    (strange.positions, strange.velocities) = (vec![0.0], vec![f64::NAN]);
    let mut payload = Vec::new();
    strange.encode(&mut payload);
    expect_counted(link, state.key(), &payload);

    ask_garbage(link, rng);
    let command = keys.command();
    let commands = junk::<JointCommand>(command.limit_bytes(), rng);
    for payload in &commands {
        link.bus.publish_raw(command.key(), payload).unwrap();
    }

    link.status("the daemon goes on", |_| true);
    let statuses = link.statuses.heard();
    // A machine that stands still for a moment holds the arm, and makes a command late: neither is
    // the garbage's doing.
    let stood_still = |status: &&Status| status.cause.contains("the machine stood still");
    let heard = statuses.iter().filter(|status| status.stamp > started);
    for status in heard.filter(|status| !stood_still(status)) {
        let found = (&*status.mode_text, &*status.instruction);
        assert_eq!(found, ("armed", INSTRUCTION), "{}", status.cause);
    }
    assert!((link.receipt().refused as usize) < commands.len() / 2, "garbage is no command");
    let reply = link.operate(ControlKind::Disarm, "");
    assert!(reply.ok, "{}", reply.message);
    // The robot has counted, too, and tells when it goes.
    stage.sim.abandon();
    let end = stage.sim.end();
    assert_eq!(end.code, Some(0), "{end:?}");
    assert!(end.stderr.contains("garbage=") && !end.stderr.contains("garbage=0"), "{end:?}");
}

/// Asks every service nonsense; whoever asks is told so, and sense is answered as before.
fn ask_garbage(link: &Link, rng: &mut Pcg64Mcg) {
    let (control, measurements) = (link.keys.control(), link.keys.measurements());
    let episode = link.keys.episode();
    let within = Duration::from_secs(5);
    let before = link.status("the daemon speaks", |_| true).garbage;
    let mut asked = 0;
    for (key, limit_bytes) in [
        (control.key(), control.request_limit_bytes()),
        (measurements.key(), measurements.request_limit_bytes()),
    ] {
        for payload in junk::<ControlRequest>(limit_bytes, rng) {
            let answer = link.bus.ask_raw(key, &payload, within);
            assert!(answer.is_err(), "{key} answers {} bytes of junk", payload.len());
            asked += 1;
        }
    }
    link.status("every question is counted", |status| status.garbage >= before + asked);
    for payload in junk::<EpisodeRequest>(episode.request_limit_bytes(), rng) {
        assert!(link.bus.ask_raw(episode.key(), &payload, within).is_err());
    }
    let request = ControlRequest { kind: ControlKind::Report, text: String::new() };
    let report = link.bus.ask(&measurements, &request, within).unwrap();
    assert!(!report.counters.is_empty());
}

/// A command nobody sent: from here, a stride away from where the arm is.
fn forged(link: &Link, stamp: Stamp, epoch: Epoch, sequence: u64) -> JointCommand {
    let here = link.states.newest().unwrap().positions;
    let away: Vec<f64> = here.iter().map(|q| q + 0.3).collect();
    let dq = JointVec::zeros(away.len());
    let command = Command { q: JointVec::from_slice(&away).unwrap(), dq };
    let valid_for = Duration::from_millis(100);
    JointCommand { stamp, epoch, sequence: Sequence(sequence), valid_for, command }
}

#[test]
fn commands_of_a_stranger_are_refused_and_counted() {
    let stage = Stage::up(Scenario::patient());
    let link = &stage.link;
    let mut publisher = link.bus.publisher(&link.keys.command()).unwrap();
    let mut expect = |refusal: Refusal, forge: &dyn Fn(Stamp) -> JointCommand| {
        let before = link.receipt().refused;
        wait_for(&format!("a command is refused as {refusal}"), || {
            publisher.send(&forge(MonotonicClock.now())).unwrap();
            let receipt = link.receipt();
            (receipt.refused > before && receipt.refusal == refusal).then_some(receipt)
        })
    };
    let second = Duration::from_secs(1);
    let nobody = Epoch(7);
    // Even a robot that obeys nobody yet obeys no old command, and none from the future.
    expect(Refusal::Stale, &|now| forged(link, now.before(second), nobody, 1));
    let receipt = expect(Refusal::Stale, &|now| forged(link, now.after(second), nobody, 1));
    assert_eq!(receipt.applied, 0);

    // Without an instruction the daemon commands the arm to stay where it is.
    link.arm();
    let daemon = link.receipt().command_epoch;
    link.wait_rest();
    let before = link.states.next(1);
    link.receipts.forget();
    const LATER: u64 = 1 << 60;
    let nan = |mut command: JointCommand| {
        command.command.q[2] = f64::NAN;
        command
    };
    let short = |mut command: JointCommand| {
        command.command.q = JointVec::zeros(2);
        command
    };
    let leap = |mut command: JointCommand| {
        command.command.q[1] += 1.0;
        command
    };
    expect(Refusal::Epoch, &|now| forged(link, now, nobody, LATER));
    expect(Refusal::Sequence, &|now| forged(link, now, daemon, 1));
    expect(Refusal::Stale, &|now| forged(link, now.before(second), daemon, LATER));
    expect(Refusal::Shape, &|now| short(forged(link, now, daemon, LATER)));
    expect(Refusal::NotFinite, &|now| nan(forged(link, now, daemon, LATER)));
    expect(Refusal::Limits, &|now| leap(forged(link, now, daemon, LATER)));

    let after = link.states.next(1000);
    let moved_rad = spread(&[before, after].concat());
    assert!(moved_rad < STILL_RAD, "{moved_rad} rad");
    for receipt in link.receipts.heard() {
        assert_eq!(receipt.command_epoch, daemon);
        assert!(receipt.command_sequence.0 < LATER);
    }
}
