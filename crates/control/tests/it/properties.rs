//! Any chunks, delays, faults and requests: the limits hold, nothing jumps, and replay is exact.

use std::hash::{DefaultHasher, Hasher as _};

use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::Config;
use tandem_control::{ControlConfig, Controller, ExecutorConfig, Inputs, Output};
use tandem_guard::{Mode, Request, Witness};
use tandem_types::{ActionChunk, Epoch, JointVec, Stamp, State};

use crate::fixture::{EXECUTORS, PERIOD, config, ms};

/// 10 000 cases, as the limits are worth; `PROPTEST_CASES` overrides it.
fn many_cases() -> Config {
    let cases =
        if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { 10_000 };
    Config { cases, ..Config::default() }
}

/// Some ticks with one chunk, one request at their start and one kind of trouble.
#[derive(Clone, Debug)]
struct Event {
    ticks: usize,
    request: Option<Request>,
    origin: f64,
    path: Vec<f32>,
    step_us: u64,
    action_age_ms: u64,
    latent_age_ms: u64,
    state_age_ms: u64,
    measured: f64,
    receipt: bool,
}

fn value() -> impl Strategy<Value = f32> {
    prop_oneof![
        20 => -2.0_f32..2.0,
        2 => prop_oneof![Just(f32::MAX), Just(f32::MIN), Just(1e-40)],
        1 => prop_oneof![Just(f32::NAN), Just(f32::INFINITY)],
    ]
}

fn request() -> impl Strategy<Value = Option<Request>> {
    prop_oneof![
        6 => Just(None),
        4 => Just(Some(Request::Arm)),
        1 => Just(Some(Request::Disarm)),
        1 => Just(Some(Request::Stop)),
        2 => Just(Some(Request::Acknowledge)),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let path = prop_oneof![
        3 => prop::collection::vec(-1.5_f32..1.5, 0..12),
        1 => prop::collection::vec(value(), 0..12),
    ];
    let ages = (
        prop_oneof![8 => 0..10_u64, 1 => 0..200_u64],
        prop_oneof![8 => 0..250_u64, 1 => 0..4_000_u64],
        prop_oneof![12 => 0..5_u64, 1 => 0..40_u64],
    );
    let start = (1..60_usize, request(), prop_oneof![-1.5..1.5, any::<f64>()]);
    let measured = prop_oneof![20 => -1.49..1.49, 1 => any::<f64>()];
    (start, path, 1..20_000_u64, ages, measured, prop::bool::weighted(0.9)).prop_map(
        |((ticks, request, origin), path, step_us, ages, measured, receipt)| Event {
            ticks,
            request,
            origin,
            path,
            step_us,
            action_age_ms: ages.0,
            latent_age_ms: ages.1,
            state_age_ms: ages.2,
            measured,
            receipt,
        },
    )
}

/// Finite chunks well within the position limits, for an arm that is armed and fit to move.
fn reachable() -> impl Strategy<Value = Event> {
    let path = prop::collection::vec(-1.0_f32..1.0, 0..40);
    let ages_ms = (0..30_u64, 0..250_u64);
    (1..60_usize, -1.0..1.0, path, 1_000..100_000_u64, ages_ms).prop_map(
        |(ticks, origin, path, step_us, (action_age_ms, latent_age_ms))| Event {
            ticks,
            request: Some(Request::Arm),
            origin,
            path,
            step_us,
            action_age_ms,
            latent_age_ms,
            state_age_ms: 0,
            measured: 0.0,
            receipt: true,
        },
    )
}

impl Event {
    fn chunk(&self, now: Stamp) -> ActionChunk {
        let observed = now.before(ms(self.action_age_ms));
        let mut chunk = ActionChunk::at_rest(JointVec::splat(2, self.origin), observed);
        chunk.frame_observed = observed;
        chunk.latent_observed = now.before(ms(self.latent_age_ms));
        let whole = self.path.len() / 2 * 2;
        if whole > 0 {
            let step = std::time::Duration::from_micros(self.step_us);
            chunk.set_path(step, &self.path[..whole]).unwrap();
        }
        chunk
    }
}

fn executor() -> impl Strategy<Value = ExecutorConfig> {
    prop::sample::select(EXECUTORS.as_slice())
}

fn play(executor: ExecutorConfig, events: &[Event], mut see: impl FnMut(&Output)) {
    let config = ControlConfig { executor, ..config() };
    let mut controller = Controller::new(config, Epoch(1)).unwrap();
    let mut now = Stamp::from_nanos(10_000_000_000);
    for event in events {
        let chunk = event.chunk(now);
        for tick in 0..event.ticks {
            now = now.after(PERIOD);
            let rest = JointVec::zeros(2);
            let q = JointVec::splat(2, event.measured);
            let stamp = now.before(ms(event.state_age_ms));
            let state = State { stamp, q, dq: rest, tau: rest };
            // Whoever asks has read the answer to the acknowledgement.
            let request = match (event.request, controller.nonce()) {
                (Some(Request::Arm), Some(nonce)) => Some(Request::Rearm(nonce)),
                (request, _) => request,
            };
            let inputs = Inputs {
                state: Some(&state),
                chunk: Some(&chunk),
                receipt: event.receipt.then_some(now),
                witness: Witness::default(),
                request: request.filter(|_| tick == 0),
            };
            see(&controller.tick(now, &inputs));
        }
    }
}

/// One number for everything a run put out.
fn digest(executor: ExecutorConfig, events: &[Event]) -> u64 {
    let mut hasher = DefaultHasher::new();
    // Debug prints the shortest text that reads back as the same float: equal text, equal bits.
    play(executor, events, |output| hasher.write(format!("{output:?}").as_bytes()));
    hasher.finish()
}

/// The commands of a run as they go out, with the differences that limits are about.
#[derive(Default)]
struct Watcher {
    last: Option<(JointVec, JointVec, JointVec)>,
}

impl Watcher {
    /// Panics where a limit is broken, or where the commands of one run do not join.
    fn see(&mut self, output: &Output) {
        let Some(admitted) = output.command else {
            let at_rest = |rates: &JointVec| rates.max_abs() == 0.0;
            assert!(self.last.is_none_or(|(_, dq, _)| at_rest(&dq)), "silent at speed");
            self.last = None;
            return;
        };
        assert_ne!(output.mode, Mode::Disarmed);
        let command = admitted.command();
        let rest = JointVec::zeros(2);
        let (q_before, dq_before, ddq_before) = self.last.unwrap_or((command.q, rest, rest));
        let ddq = command.dq.zip_with(&dq_before, |dq, before| (dq - before) / 0.001);
        for (joint, bounds) in config().guard.limits.joints().enumerate() {
            let (q, dq) = (command.q[joint], command.dq[joint]);
            assert!(q.abs() <= bounds.hard_rad_max);
            assert!(dq.abs() <= bounds.velocity_rad_s_max + 1e-9);
            assert!(ddq[joint].abs() <= bounds.acceleration_rad_s2_max + 1e-6);
            let jerk = (ddq[joint] - ddq_before[joint]) / 0.001;
            assert!(jerk.abs() <= bounds.jerk_rad_s3_max + 1e-2, "{jerk} rad/s^3");
            if self.last.is_some() {
                assert!((q - q_before[joint] - dq * 0.001).abs() < 1e-12);
            }
        }
        self.last = Some((command.q, command.dq, ddq));
    }
}

proptest! {
    #![proptest_config(many_cases())]

    #[test]
    fn no_sequence_of_chunks_breaks_a_limit_or_jumps(
        executor in executor(),
        events in prop::collection::vec(event(), 1..12),
    ) {
        let mut watcher = Watcher::default();
        play(executor, &events, |output| watcher.see(output));
    }

    /// Chunks may lie anywhere within the limits and come whenever they like: what the executor and
    /// the smoother make of them is within the limits of every tick, seams included, before the
    /// guard has looked at it.
    #[test]
    fn no_executor_steps_more_than_a_tick_allows(
        executor in executor(),
        events in prop::collection::vec(reachable(), 1..12),
    ) {
        play(executor, &events, |output| {
            assert!(!output.clamped, "{:?}", output.cause);
            assert!(output.seam_rad.is_none_or(f64::is_finite));
        });
    }
}

proptest! {
    #[test]
    fn the_same_inputs_give_the_same_bytes(
        executor in executor(),
        events in prop::collection::vec(event(), 1..6),
    ) {
        prop_assert_eq!(digest(executor, &events), digest(executor, &events));
    }
}
