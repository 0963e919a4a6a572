//! Whatever is proposed, and whatever fails meanwhile, commands keep every limit at once.

use std::time::Duration;

use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use tandem_guard::{
    Evidence, Guard, GuardConfig, JointBounds, Limits, LimitsSpec, Mode, Provenance, Request,
    Verdict, Witness,
};
use tandem_types::{Command, Epoch, JointVec, Stamp, State};

use crate::fixture::{config, many_cases, ms};

const DOF: usize = 2;

/// What happens for some ticks in a row.
#[derive(Clone, Debug)]
struct Event {
    ticks: usize,
    request: Option<Request>,
    proposal: Vec<f64>,
    /// The setpoint's own velocity; without one it is the way there from here.
    velocity: Option<f64>,
    measured: [f64; DOF],
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    NoState,
    OldState,
    BadState,
    NoAction,
    OldLatent,
    NoReceipt,
}

#[derive(Clone, Debug)]
struct Body {
    period: Duration,
    range_rad: f64,
    velocity_rad_s: f64,
    acceleration_rad_s2: f64,
    jerk_rad_s3: f64,
}

/// Positions a policy might say: sensible, on the limits, absurd, and no numbers at all.
fn position() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -3.0..3.0,
        2 => prop_oneof![Just(1.0e300), Just(-1.0e300), Just(f64::MAX), Just(f64::MIN_POSITIVE)],
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)],
        1 => any::<f64>(),
    ]
}

fn request() -> impl Strategy<Value = Option<Request>> {
    prop_oneof![
        8 => Just(None),
        4 => Just(Some(Request::Arm)),
        1 => Just(Some(Request::Disarm)),
        1 => Just(Some(Request::Stop)),
        2 => Just(Some(Request::Acknowledge)),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        12 => Just(Fault::None),
        1 => Just(Fault::NoState),
        1 => Just(Fault::OldState),
        1 => Just(Fault::BadState),
        1 => Just(Fault::NoAction),
        1 => Just(Fault::OldLatent),
        1 => Just(Fault::NoReceipt),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let len = prop_oneof![20 => Just(DOF), 1 => 0..5_usize];
    let proposal = len.prop_flat_map(|len| prop::collection::vec(position(), len));
    let velocity =
        prop_oneof![2 => Just(None), 1 => Just(Some(0.0)), 1 => position().prop_map(Some)];
    let setpoint = (proposal, velocity);
    (1..40_usize, request(), setpoint, [-1.0..1.0_f64, -1.0..1.0], fault()).prop_map(
        |(ticks, request, (proposal, velocity), measured, fault)| Event {
            ticks,
            request,
            proposal,
            velocity,
            measured,
            fault,
        },
    )
}

fn body() -> impl Strategy<Value = Body> {
    // From 5 ms to ten seconds to build up the acceleration; slower than that is a stuck joint.
    (100..10_000_u64, 0.2..3.0, 0.1..10.0, 0.5..200.0, -1.0..2.3_f64).prop_map(
        |(period_us, range_rad, velocity_rad_s, acceleration_rad_s2, decades)| Body {
            period: Duration::from_micros(period_us),
            range_rad,
            velocity_rad_s,
            acceleration_rad_s2,
            jerk_rad_s3: acceleration_rad_s2 * 10.0_f64.powf(decades),
        },
    )
}

impl Body {
    fn config(&self) -> GuardConfig {
        let spec = LimitsSpec {
            position_rad_min: JointVec::splat(DOF, -self.range_rad),
            position_rad_max: JointVec::splat(DOF, self.range_rad),
            margin_rad: 0.05 * self.range_rad,
            velocity_rad_s_max: JointVec::splat(DOF, self.velocity_rad_s),
            acceleration_rad_s2_max: JointVec::splat(DOF, self.acceleration_rad_s2),
            jerk_rad_s3_max: JointVec::splat(DOF, self.jerk_rad_s3),
        };
        GuardConfig {
            limits: Limits::new(&spec).unwrap(),
            valid_for: ms(20),
            ramp: ms(50),
            ..config()
        }
    }
}

/// An independent judge of what was sent: knows the limits and nothing of how they are kept. It
/// looks at positions alone, so that nobody can talk it into a smoother motion than was commanded.
struct Judge {
    limits: Limits,
    period_s: f64,
    // The last three commanded positions, newest first; none while nothing is sent.
    past: Option<[JointVec; 3]>,
    // The pose adopted at the start of this run: outside the margin it is the bound itself.
    adopted: JointVec,
}

/// Rounding only: positions are of order 1 rad, and a third difference adds eight of them.
const ROUNDING_RAD: f64 = 2e-14;

impl Judge {
    fn new(body: &Body) -> Self {
        Self {
            limits: body.config().limits,
            period_s: body.period.as_secs_f64(),
            past: None,
            adopted: JointVec::EMPTY,
        }
    }

    fn see(&mut self, verdict: &Verdict, measured: Option<&State>) {
        let Some(admitted) = verdict.command else {
            // A run ends only at rest: nothing is cut off.
            if let Some([last, before, earlier]) = self.past.take() {
                assert!(last == before && before == earlier, "silent in motion");
            }
            return;
        };
        assert_ne!(verdict.mode, Mode::Disarmed);
        let past = self.past.unwrap_or_else(|| {
            self.adopted = measured.expect("arming takes a state").q;
            [self.adopted; 3]
        });
        let to = *admitted.command();
        for (joint, bounds) in self.limits.joints().enumerate() {
            let [one, two, three] = past.map(|q| q[joint]);
            self.see_joint(&bounds, joint, [to.q[joint], one, two, three]);
            let moved = to.q[joint] - one;
            let told = to.dq[joint] * self.period_s;
            assert!((moved - told).abs() <= ROUNDING_RAD, "moved {moved}, but told {told} rad");
        }
        self.past = Some([to.q, past[0], past[1]]);
    }

    /// Four positions in a row, newest first.
    fn see_joint(&self, bounds: &JointBounds, joint: usize, q: [f64; 4]) {
        let adopted = self.adopted[joint];
        assert!(q[0] >= bounds.position_rad_min.min(adopted), "{q:?} below {bounds:?}");
        assert!(q[0] <= bounds.position_rad_max.max(adopted), "{q:?} above {bounds:?}");
        let dt = self.period_s;
        let rates = [
            (q[0] - q[1], bounds.velocity_rad_s_max * dt),
            (q[0] - 2.0 * q[1] + q[2], bounds.acceleration_rad_s2_max * dt * dt),
            (q[0] - 3.0 * q[1] + 3.0 * q[2] - q[3], bounds.jerk_rad_s3_max * dt * dt * dt),
        ];
        for (order, (rate, rate_max)) in rates.into_iter().enumerate() {
            let excess = rate.abs() - rate_max * (1.0 + 1e-9);
            assert!(
                excess <= ROUNDING_RAD,
                "difference {order} over by {excess}: {q:?} {bounds:?}"
            );
        }
    }
}

/// Plays the events to a guard and hands every verdict to `see`.
fn play(body: &Body, events: &[Event], mut see: impl FnMut(&Verdict, Option<&State>)) {
    let config = body.config();
    let mut guard = Guard::new(config, body.period, Epoch(1)).unwrap();
    let mut now = Stamp::from_nanos(100_000_000_000);
    for event in events {
        let proposal = JointVec::from_slice(&event.proposal).unwrap();
        for tick in 0..event.ticks {
            now = now.after(body.period);
            let old = now.before(ms(200));
            let mut q = JointVec::from_slice(&event.measured).unwrap();
            q = q.map(|_, part| part * body.range_rad);
            let mut state =
                State { stamp: now, q, dq: JointVec::zeros(DOF), tau: JointVec::zeros(DOF) };
            let mut action =
                Provenance { observed: now, frame_observed: now, latent_observed: now };
            match event.fault {
                Fault::OldState => state.stamp = old,
                Fault::BadState => state.q[1] = f64::NAN,
                Fault::OldLatent => action.latent_observed = now.before(ms(1_500)),
                _ => {}
            }
            let state = (event.fault != Fault::NoState).then_some(state);
            let action = (event.fault != Fault::NoAction).then_some(action);
            let receipt = (event.fault != Fault::NoReceipt).then_some(now);
            let evidence =
                Evidence { state: state.as_ref(), action, receipt, witness: Witness::default() };
            // Whoever asks has read the answer to the acknowledgement.
            let request = match (event.request.filter(|_| tick == 0), guard.nonce()) {
                (Some(Request::Arm), Some(nonce)) => Some(Request::Rearm(nonce)),
                (request, _) => request,
            };
            let verdict = guard.tick(now, &evidence, request, |from| match event.velocity {
                Some(dq) => Command { q: proposal, dq: JointVec::splat(proposal.len(), dq) },
                None => from.arriving_at(proposal),
            });
            see(&verdict, state.as_ref());
        }
    }
}

proptest! {
    #![proptest_config(many_cases())]

    #[test]
    fn any_sequence_of_proposals_and_faults_keeps_position_velocity_acceleration_and_jerk(
        body in body(),
        events in prop::collection::vec(event(), 1..20),
    ) {
        let mut judge = Judge::new(&body);
        play(&body, &events, |verdict, state| judge.see(verdict, state));
    }

    #[test]
    fn nothing_is_sent_before_somebody_arms(
        body in body(),
        mut events in prop::collection::vec(event(), 1..8),
    ) {
        for event in &mut events {
            event.request = event.request.filter(|&request| request != Request::Arm);
        }
        play(&body, &events, |verdict, _| assert!(verdict.command.is_none()));
    }
}

/// Bangs against both limits as hard as it can: the limits are not only kept but reached, so the
/// guard is not safe by being timid.
#[test]
fn the_limits_can_be_reached() {
    let body = Body {
        period: ms(1),
        range_rad: 1.0,
        velocity_rad_s: 3.0,
        acceleration_rad_s2: 20.0,
        jerk_rad_s3: 2_000.0,
    };
    let push = |request, target| Event {
        ticks: 1_500,
        request,
        proposal: vec![target, -target],
        velocity: None,
        measured: [0.0, 0.0],
        fault: Fault::None,
    };
    let events = [push(Some(Request::Arm), 5.0), push(None, -5.0)];
    let (mut fastest, mut highest, mut lowest) = (0.0_f64, 0.0_f64, 0.0_f64);
    play(&body, &events, |verdict, _| {
        let command = verdict.command.unwrap();
        fastest = fastest.max(command.command().dq.max_abs());
        highest = highest.max(command.command().q[0]);
        lowest = lowest.min(command.command().q[0]);
    });
    assert!((fastest - 3.0).abs() < 1e-9, "{fastest}");
    assert!((highest - 0.95).abs() < 1e-6 && (lowest + 0.95).abs() < 1e-6, "{highest} {lowest}");
}
