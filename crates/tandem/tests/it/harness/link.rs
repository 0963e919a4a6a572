//! A seat on the scenario's bus, from which everything can be heard and asked.

use std::cell::Cell;
use std::time::Duration;

use tandem_bus::{Bus, BusConfig, Keys};
use tandem_config::Config;
use tandem_realtime::{Clock as _, MonotonicClock};
use tandem_wire::{
    ControlKind, ControlReply, ControlRequest, JointCommand, JointState, PolicyReply,
    PolicyRequest, Receipt, Status, Truth,
};

use super::ear::Ear;
use super::{Scenario, wait_for, wait_until};

/// A sentence in words the policies know.
pub(crate) const INSTRUCTION: &str = "touch the red cube";

/// What an arm at rest may seem to move between two of its states, rad: three times the noise of
/// its encoders, from peak to peak.
pub(crate) const STILL_RAD: f64 = 0.003;

/// An arm slower than this is at rest, rad/s.
const REST_RAD_S: f64 = 0.02;

/// How long the daemon may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

pub(crate) struct Link {
    pub(crate) states: Ear<JointState>,
    pub(crate) receipts: Ear<Receipt>,
    pub(crate) truths: Ear<Truth>,
    pub(crate) commands: Ear<JointCommand>,
    pub(crate) statuses: Ear<Status>,
    /// What the newest acknowledgement of a stop answered; zero before the first.
    nonce: Cell<u64>,
    pub(crate) keys: Keys,
    pub(crate) bus: Bus,
}

impl Link {
    pub(crate) fn open(scenario: &Scenario) -> Self {
        let connect = vec![scenario.robot.clone(), scenario.daemon.clone()];
        let bus = Bus::open(&BusConfig { listen: vec![], connect }).unwrap();
        let config = Config::load(scenario.config()).unwrap();
        let keys = Keys::new(&config.robot.name).unwrap();
        Self {
            states: Ear::on(&bus, &keys.state()),
            receipts: Ear::on(&bus, &keys.receipt()),
            truths: Ear::on(&bus, &keys.truth()),
            commands: Ear::on(&bus, &keys.command()),
            statuses: Ear::on(&bus, &keys.status()),
            nonce: Cell::new(0),
            keys,
            bus,
        }
    }

    /// Asks the daemon for something.
    pub(crate) fn operate(&self, kind: ControlKind, text: &str) -> ControlReply {
        let request = ControlRequest { kind, text: text.to_owned() };
        let reply = self.bus.ask(&self.keys.control(), &request, ANSWER_WITHIN).unwrap();
        if kind == ControlKind::Acknowledge && reply.ok {
            self.nonce.set(reply.nonce);
        }
        reply
    }

    /// Asks the daemon about its policies.
    pub(crate) fn policy(&self, request: &PolicyRequest) -> PolicyReply {
        self.bus.ask(&self.keys.policy(), request, ANSWER_WITHIN).unwrap()
    }

    /// A number of the daemon's report; zero if it has not counted any.
    pub(crate) fn counter(&self, name: &str) -> f64 {
        let request = ControlRequest { kind: ControlKind::Report, text: String::new() };
        let ask = || self.bus.ask(&self.keys.measurements(), &request, ANSWER_WITHIN);
        // The second daemon of a busy machine may starve for seconds; to ask twice changes nothing.
        let report = ask().or_else(|_timeout| ask()).unwrap();
        report.counters.iter().find(|counter| counter.name == name).map_or(0.0, |it| it.value)
    }

    /// A status from now on of which `is_it` is true.
    pub(crate) fn status(&self, what: &str, is_it: impl Fn(&Status) -> bool) -> Status {
        let asked = MonotonicClock.now();
        let new = |status: &Status| status.stamp > asked && is_it(status);
        wait_for(what, || self.statuses.heard().into_iter().find(new))
    }

    /// The next receipt.
    pub(crate) fn receipt(&self) -> Receipt {
        self.receipts.next(1)[0]
    }

    /// Waits until the daemon sees the robot, and the robot is at rest.
    pub(crate) fn wait_ready(&self) {
        self.status("the daemon sees the robot", |status| status.state_age_ms < 100.0);
        self.wait_rest();
    }

    /// Waits until the robot has been at rest for a tenth of a second.
    pub(crate) fn wait_rest(&self) {
        let rests = |state: &JointState| state.velocities.iter().all(|dq| dq.abs() < REST_RAD_S);
        wait_until("the arm rests", || self.states.next(100).iter().all(rests));
    }

    /// Gives an instruction and waits until System 1 answers to it.
    pub(crate) fn instruct(&self) {
        let reply = self.operate(ControlKind::Instruct, INSTRUCTION);
        assert!(reply.ok, "{}", reply.message);
        self.status("System 1 makes chunks", |status| {
            status.observation_age_ms < 100.0 && status.latent_age_ms < 2000.0
        });
    }

    /// Arms, after a stop with what its acknowledgement said, and waits until commands flow.
    pub(crate) fn arm(&self) {
        let nonce = match self.nonce.take() {
            0 => String::new(),
            nonce => nonce.to_string(),
        };
        wait_until("all has been well for long enough", || {
            let reply = self.operate(ControlKind::Arm, &nonce);
            assert!(reply.ok || reply.message.contains("all has been well"), "{}", reply.message);
            reply.ok
        });
        let applied = self.receipt().applied;
        wait_until("commands are applied", || self.receipt().applied > applied);
    }

    /// How much any joint moves during the next second or so, rad.
    pub(crate) fn motion_rad(&self) -> f64 {
        spread(&self.states.next(1000))
    }
}

/// The widest range any joint covers in `states`, rad.
pub(crate) fn spread(states: &[JointState]) -> f64 {
    let joints = states.first().map_or(0, |state| state.positions.len());
    let range = |joint: usize| {
        let positions = states.iter().map(|state| state.positions[joint]);
        let max = positions.clone().fold(f64::NEG_INFINITY, f64::max);
        max - positions.fold(f64::INFINITY, f64::min)
    };
    (0..joints).map(range).fold(0.0, f64::max)
}
