//! A guard, and a healthy world around it to be broken one piece at a time.

use std::time::Duration;

use proptest::test_runner::Config;
use tandem_guard::{
    CAMERAS_MAX, Evidence, FrameWitness, Guard, GuardConfig, Heartbeat, LatentWitness, Limits,
    LimitsSpec, Mode, Provenance, Request, Supervision, Token, Verdict, Witness,
};
use tandem_types::{Command, Epoch, JointVec, ModelId, Stamp, State};

pub(crate) const PERIOD: Duration = Duration::from_millis(1);

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// 10 000 cases, as the limits are worth; `PROPTEST_CASES` overrides it.
pub(crate) fn many_cases() -> Config {
    let cases =
        if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { 10_000 };
    Config { cases, ..Config::default() }
}

/// Two joints from -1.5 to 1.5 rad with a margin of 0.1, 2 rad/s, 20 rad/s^2, 2000 rad/s^3.
pub(crate) fn config() -> GuardConfig {
    let spec = LimitsSpec {
        position_rad_min: JointVec::splat(2, -1.5),
        position_rad_max: JointVec::splat(2, 1.5),
        margin_rad: 0.1,
        velocity_rad_s_max: JointVec::splat(2, 2.0),
        acceleration_rad_s2_max: JointVec::splat(2, 20.0),
        jerk_rad_s3_max: JointVec::splat(2, 2_000.0),
    };
    GuardConfig {
        limits: Limits::new(&spec).unwrap(),
        state_age_max: ms(20),
        action_age_max: ms(100),
        frame_age_max: ms(200),
        latent_age_warn: ms(300),
        latent_age_hold: ms(1_000),
        latent_age_stop: ms(3_000),
        receipt_age_max: ms(100),
        silence_age_stop: ms(2_000),
        valid_for: Duration::from_micros(2_500),
        ramp: Duration::ZERO,
        refused_run_max: 3,
        supervision: Supervision::NONE,
    }
}

/// Witnesses with nothing to complain of.
fn healthy(limits: &Limits, now: Stamp) -> Witness {
    Witness {
        frames: [Some(FrameWitness { stamp: now, hash: now.as_nanos() }); CAMERAS_MAX],
        latent: Some(LatentWitness { model: ModelId(5), dim: 32, norm: 3.0 }),
        heartbeat: Some(Heartbeat { token: Token(1), stamp: now }),
        limits_hash: Some(limits.hash()),
        link_faults: 1_000,
    }
}

/// One guard and everything it sees; all fresh at every tick unless a test holds it back.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) guard: Guard,
    pub(crate) now: Stamp,
    pub(crate) state: Option<State>,
    pub(crate) action: Option<Provenance>,
    pub(crate) receipt: Option<Stamp>,
    pub(crate) witness: Witness,
    pub(crate) proposal: JointVec,
}

impl Scene {
    pub(crate) fn new(config: GuardConfig) -> Self {
        let rest = JointVec::zeros(config.limits.dof());
        let now = Stamp::from_nanos(10_000_000_000);
        Self {
            guard: Guard::new(config, PERIOD, Epoch(7)).unwrap(),
            now,
            state: Some(State { stamp: now, q: rest, dq: rest, tau: rest }),
            action: Some(Provenance { observed: now, frame_observed: now, latent_observed: now }),
            receipt: Some(now),
            witness: Witness::default(),
            proposal: rest,
        }
    }

    /// Armed, and at its full speed of 2 rad/s upwards.
    pub(crate) fn moving() -> Self {
        Self::moving_under(|_| {})
    }

    /// The same, under some supervision.
    pub(crate) fn moving_under(supervise: impl FnOnce(&mut Supervision)) -> Self {
        let mut config = config();
        supervise(&mut config.supervision);
        let mut scene = Self::new(config);
        scene.witness = healthy(&config.limits, scene.now);
        let verdict = scene.tick(Some(Request::Arm));
        assert_eq!(verdict.mode, Mode::Armed, "{verdict:?}");
        scene.run_up(150);
        scene
    }

    /// Moves on at 2 rad/s; the robot follows.
    pub(crate) fn run_up(&mut self, ticks: usize) {
        for _ in 0..ticks {
            let verdict = self.tick(None);
            self.go_on(&verdict);
        }
    }

    /// The robot is where it was told to be, and is told to go on.
    pub(crate) fn go_on(&mut self, verdict: &Verdict) {
        let q = verdict.command.unwrap().command().q;
        self.state.as_mut().unwrap().q = q;
        self.proposal = q.map(|_, q| q + 0.002);
    }

    /// One tick with everything fresh.
    pub(crate) fn tick(&mut self, request: Option<Request>) -> Verdict {
        self.refresh(ms(1));
        self.tick_as_is(request)
    }

    /// One tick towards a setpoint that rests; the robot follows.
    pub(crate) fn tick_resting(&mut self, request: Option<Request>) -> Verdict {
        self.refresh(ms(1));
        let evidence = Evidence {
            state: self.state.as_ref(),
            action: self.action,
            receipt: self.receipt,
            witness: self.witness,
        };
        let setpoint = Command { q: self.proposal, dq: JointVec::zeros(self.proposal.len()) };
        let verdict = self.guard.tick(self.now, &evidence, request, |_| setpoint);
        if let (Some(command), Some(state)) = (verdict.command, self.state.as_mut()) {
            state.q = command.command().q;
        }
        verdict
    }

    /// Acknowledges a stop, and arms with the nonce of that as soon as everything has been well for
    /// long enough.
    pub(crate) fn rearm(&mut self) -> Verdict {
        self.tick(Some(Request::Acknowledge));
        let nonce = self.guard.nonce().expect("an acknowledged stop");
        for _ in 0..500 {
            self.tick(None);
        }
        self.tick(Some(Request::Rearm(nonce)))
    }

    /// Lets time pass, in which everything is renewed.
    pub(crate) fn refresh(&mut self, by: Duration) {
        self.now = self.now.after(by);
        let now = self.now;
        self.state = self.state.map(|state| State { stamp: now, ..state });
        self.action = self.action.map(|_| Provenance {
            observed: now,
            frame_observed: now,
            latent_observed: now,
        });
        self.receipt = Some(now);
        if let Some(heartbeat) = &mut self.witness.heartbeat {
            heartbeat.stamp = now;
        }
        for frame in self.witness.frames.iter_mut().flatten() {
            (frame.stamp, frame.hash) = (now, now.as_nanos());
        }
    }

    /// One tick at this very moment with whatever the test has set.
    pub(crate) fn tick_as_is(&mut self, request: Option<Request>) -> Verdict {
        let evidence = Evidence {
            state: self.state.as_ref(),
            action: self.action,
            receipt: self.receipt,
            witness: self.witness,
        };
        let proposal = self.proposal;
        self.guard.tick(self.now, &evidence, request, |from| from.arriving_at(proposal))
    }
}
