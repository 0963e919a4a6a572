//! What every executor promises, and what each does with the same chunks.

use proptest::prelude::{Strategy, prop, prop_assert, prop_assert_eq, proptest};
use proptest::test_runner::Config;

use super::*;

const PERIOD: Duration = Duration::from_millis(1);
const STEP: Duration = Duration::from_millis(5);
const START: Stamp = Stamp::from_nanos(1_000_000_000);

/// Every executor, with parameters that make it do what it is there for.
const EXECUTORS: [ExecutorConfig; 4] = [
    ExecutorConfig::Immediate,
    ExecutorConfig::Receding { steps: 3 },
    ExecutorConfig::TemporalEnsemble { decay: 0.01 },
    ExecutorConfig::RealTimeChunking { steps: 4, blend_steps: 3 },
];

/// 10 000 cases, as these promises are worth; `PROPTEST_CASES` overrides it.
fn many_cases() -> Config {
    let cases =
        if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { 10_000 };
    Config { cases, ..Config::default() }
}

/// A chunk for one joint that begins at `START` plus some milliseconds.
fn chunk(observed_ms: u64, origin: f64, path: &[f32]) -> ActionChunk {
    let observed = START.after(Duration::from_millis(observed_ms));
    let mut chunk = ActionChunk::at_rest(JointVec::splat(1, origin), observed);
    if !path.is_empty() {
        chunk.set_path(STEP, path).unwrap();
    }
    chunk
}

/// An executor that is ticked each millisecond, from 1 ms on.
struct Player {
    executor: Executor,
    tick_ms: u64,
}

/// What one tick of it gave.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Played {
    setpoint: Option<Setpoint>,
    seam_rad: Option<f64>,
}

impl Played {
    fn q(&self) -> f64 {
        self.setpoint.unwrap().q[0]
    }
}

impl Player {
    fn new(config: ExecutorConfig) -> Self {
        Self { executor: Executor::new(config, PERIOD), tick_ms: 0 }
    }

    fn tick(&mut self, chunk: Option<&ActionChunk>, mode: Mode) -> Played {
        self.tick_ms += 1;
        let seam_rad = self.executor.plan(chunk);
        let setpoint = self.executor.setpoint();
        self.executor.note(START.after(Duration::from_millis(self.tick_ms)), mode);
        Played { setpoint, seam_rad }
    }

    fn play(&mut self, chunk: Option<&ActionChunk>) -> Played {
        self.tick(chunk, Mode::Armed)
    }

    /// Plays on up to and including a tick; gives the last one.
    fn play_to(&mut self, tick_ms: u64) -> Played {
        let mut played = self.play(None);
        while self.tick_ms < tick_ms {
            played = self.play(None);
        }
        played
    }
}

/// When a chunk is observed after the one before it, how long it takes, and how long it is.
type Arrival = (u64, u64, usize);

fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    prop::collection::vec((1..12_u64, 0..25_u64, 0..8_usize), 1..16)
}

/// Plays chunks of one position after another, each made of what `path` says of its observation;
/// one that would come before an older one comes right after it.
fn play_all(
    config: ExecutorConfig,
    arrivals: &[Arrival],
    path: impl Fn(u64, usize) -> ActionChunk,
) -> Vec<(u64, Played)> {
    let mut player = Player::new(config);
    let (mut observed_ms, mut played) = (0, Vec::new());
    for &(gap_ms, latency_ms, steps) in arrivals {
        observed_ms += gap_ms;
        let arrival_ms = (observed_ms + latency_ms).max(player.tick_ms);
        while player.tick_ms < arrival_ms {
            played.push((player.tick_ms + 1, player.play(None)));
        }
        played.push((player.tick_ms + 1, player.play(Some(&path(observed_ms, steps)))));
    }
    for _ in 0..60 {
        played.push((player.tick_ms + 1, player.play(None)));
    }
    played
}

proptest! {
    #![proptest_config(many_cases())]

    #[test]
    fn on_a_constant_path_every_executor_equals_the_path(
        q in -3.0_f32..3.0,
        arrivals in arrivals(),
    ) {
        let constant = JointVec::splat(1, f64::from(q));
        let rest = JointVec::zeros(1);
        for config in EXECUTORS {
            let path = |observed_ms, steps| chunk(observed_ms, constant[0], &vec![q; steps]);
            for (tick, played) in play_all(config, &arrivals, path) {
                if let Some(setpoint) = played.setpoint {
                    let expected = Setpoint { q: constant, dq: rest };
                    prop_assert_eq!(setpoint, expected, "{:?} at {}", config, tick);
                }
                prop_assert!(played.seam_rad.is_none_or(|seam| seam == 0.0));
            }
        }
    }

    /// Chunks that all lie on one straight line: whenever they come, there is nothing but the line.
    #[test]
    fn chunks_that_agree_make_one_path_whenever_they_arrive(
        slope in -2.0_f64..2.0,
        arrivals in arrivals(),
    ) {
        let line = |time_ms: u64| slope * Duration::from_millis(time_ms).as_secs_f64();
        for config in EXECUTORS {
            let path = |observed_ms, steps| {
                // Long enough that none of it is over before the last has come.
                let points = 1..=u64::try_from(120 + steps).unwrap();
                #[expect(clippy::cast_possible_truncation, reason = "chunks are f32")]
                let path: Vec<_> =
                    points.map(|step| line(observed_ms + 5 * step) as f32).collect();
                chunk(observed_ms, line(observed_ms), &path)
            };
            for (tick, played) in play_all(config, &arrivals, path) {
                if played.setpoint.is_some() {
                    prop_assert!((played.q() - line(tick)).abs() < 1e-6, "{config:?} at {tick}");
                }
            }
        }
    }

    /// Whatever the path: how long a chunk was on its way does not change what is done at a tick.
    #[test]
    fn alignment_does_not_depend_on_the_delay(
        path in prop::collection::vec(-1.0_f32..1.0, 1..12),
        delays_ms in (0..14_u64, 0..14_u64),
    ) {
        for config in EXECUTORS {
            let whole = chunk(3, 0.25, &path);
            let run = |delay_ms: u64| {
                let mut player = Player::new(config);
                player.play_to(3 + delay_ms);
                let mut played = vec![(player.tick_ms + 1, player.play(Some(&whole)).setpoint)];
                while player.tick_ms < 90 {
                    played.push((player.tick_ms + 1, player.play(None).setpoint));
                }
                played
            };
            let (soon, late) = (run(delays_ms.0), run(delays_ms.1));
            let from = soon[0].0.max(late[0].0);
            let tail = |run: &[(u64, Option<Setpoint>)]| -> Vec<_> {
                run.iter().filter(|(tick, _)| *tick >= from).copied().collect()
            };
            prop_assert_eq!(tail(&soon), tail(&late), "{:?}", config);
        }
    }

    /// Frozen until the hand-over, then blended: the setpoint never steps, whatever the chunks say.
    #[test]
    fn real_time_chunking_has_no_seam(
        arrivals in arrivals(),
        jumps in prop::collection::vec(-1.0_f32..1.0, 16),
    ) {
        let config = ExecutorConfig::RealTimeChunking { steps: 4, blend_steps: 3 };
        let path = |observed_ms: u64, steps: usize| {
            let q = jumps[usize::try_from(observed_ms).unwrap() % jumps.len()];
            chunk(observed_ms, f64::from(q), &vec![q; steps.max(1)])
        };
        let mut before = None;
        for (tick, played) in play_all(config, &arrivals, path) {
            prop_assert!(played.seam_rad.is_none_or(|seam| seam < 1e-12), "at {tick}");
            let q = played.setpoint.map(|setpoint| setpoint.q[0]);
            if let (Some(before), Some(q)) = (before, q) {
                // 1.5 is the steepest slope of the weight, over a blend of 15 ticks.
                let step = 1.5 * 2.0 / 15.0;
                prop_assert!(f64::abs(q - before) < step, "{before} to {q} at {tick}");
            }
            before = q;
        }
    }
}

#[test]
fn a_late_tick_consumes_one_tick_of_path() {
    let mut player = Player::new(ExecutorConfig::Immediate);
    player.play(None);
    let path: Vec<f32> = (1..=8).map(|step| 0.005 * f32::from(step as u8)).collect();
    assert!(player.play(Some(&chunk(1, 0.0, &path))).q() < 0.001_001);
    // The thread was kept from its CPU for 20 ms: the path goes on where it was.
    player.tick_ms += 20;
    assert!((player.play(None).q() - 0.002).abs() < 1e-6);
}

#[test]
fn what_was_computed_before_arming_moves_nothing() {
    for config in EXECUTORS {
        let mut player = Player::new(config);
        player.tick(None, Mode::Disarmed);
        let warm_up = chunk(1, 0.0, &[1.0; 8]);
        player.tick(Some(&warm_up), Mode::Disarmed);
        assert_eq!(player.play(None).setpoint, None, "{config:?}");
        let provenance = player.executor.provenance().unwrap();
        assert_eq!(provenance.observed, warm_up.observed, "it still says that a policy is there");
        // One that was on its way when somebody armed.
        assert_eq!(player.play(Some(&chunk(2, 0.0, &[1.0; 8]))).setpoint, None, "{config:?}");
        assert!(player.play(Some(&chunk(3, 0.5, &[0.5; 8]))).setpoint.is_some(), "{config:?}");
    }
}

#[test]
fn after_a_hold_the_next_chunk_begins_at_its_beginning() {
    for config in EXECUTORS {
        let mut player = Player::new(config);
        player.play(Some(&chunk(0, 0.0, &[1.0; 8])));
        player.play(Some(&chunk(1, 0.0, &[1.0; 8])));
        for _ in 0..100 {
            player.tick(None, Mode::Holding);
        }
        let after = player.play(Some(&chunk(70, 0.25, &[0.25; 8])));
        assert_eq!((after.q(), after.seam_rad), (0.25, None), "{config:?}");
    }
}

/// A hold because the chunk in play is too old must not keep a newer one out.
#[test]
fn a_hold_lets_a_waiting_chunk_in() {
    for config in EXECUTORS {
        let mut player = Player::new(config);
        player.play(Some(&chunk(0, 0.0, &[0.0; 40])));
        let newest = chunk(1, 0.0, &[0.0; 40]);
        player.play(Some(&newest));
        player.tick(None, Mode::Holding);
        player.tick(None, Mode::Holding);
        assert_eq!(player.executor.provenance().unwrap().observed, newest.observed, "{config:?}");
    }
}

#[test]
fn a_chunk_that_has_been_consumed_on_its_way_is_not_played() {
    for config in EXECUTORS {
        let mut player = Player::new(config);
        player.play(Some(&chunk(0, 0.0, &[0.0; 40])));
        player.play_to(60);
        let late = chunk(10, 1.0, &[1.0; 6]);
        assert_eq!(player.play(Some(&late)).q(), 0.0, "{config:?}");
        assert_eq!(player.play_to(100).q(), 0.0, "{config:?}");
    }
}

#[test]
fn receding_plays_its_steps_and_then_goes_over_to_the_newest() {
    let mut player = Player::new(ExecutorConfig::Receding { steps: 3 });
    player.play(Some(&chunk(0, 0.0, &[0.0; 16])));
    for (observed_ms, q) in [(2, 0.25), (9, 0.5)] {
        player.play_to(observed_ms + 1);
        assert_eq!(player.play(Some(&chunk(observed_ms, q, &[q as f32; 16]))).q(), 0.0);
    }
    // Three steps of 5 ms from the first tick on; the first of the two is never played.
    assert_eq!(player.play_to(15).q(), 0.0);
    let handed_over = player.play(None);
    assert_eq!((handed_over.q(), handed_over.seam_rad), (0.5, Some(0.5)));
}

#[test]
fn receding_goes_over_early_when_its_path_has_ended() {
    let mut player = Player::new(ExecutorConfig::Receding { steps: 8 });
    player.play(Some(&chunk(0, 0.0, &[0.0, 0.0])));
    player.play(Some(&chunk(1, 0.5, &[0.5; 16])));
    assert_eq!(player.play_to(10).q(), 0.0);
    assert_eq!(player.play(None).q(), 0.5);
}

#[test]
fn the_ensemble_weighs_by_exponentials_oldest_first() {
    let decay = 0.7;
    let mut player = Player::new(ExecutorConfig::TemporalEnsemble { decay });
    let votes = [0.9, 0.4, -0.3];
    let mut played = player.play(None);
    for (observed_ms, vote) in (0..).zip(votes) {
        played = player.play(Some(&chunk(observed_ms, vote, &[vote as f32; 8])));
    }
    let weights = [1.0, (-decay).exp(), (-2.0 * decay).exp()];
    let sum: f64 = weights.iter().sum();
    let mean = weights.iter().zip(votes).map(|(weight, vote)| weight * vote).sum::<f64>() / sum;
    // A vote is rounded to f32 on its way, 0.9 by 2e-8.
    assert!((played.q() - mean).abs() < 1e-7, "{} for {mean}", played.q());
}

#[test]
fn the_ensemble_forgets_a_chunk_whose_path_has_ended() {
    let mut player = Player::new(ExecutorConfig::TemporalEnsemble { decay: 0.0 });
    player.play(Some(&chunk(0, 1.0, &[1.0, 1.0])));
    player.play(Some(&chunk(1, 0.0, &[0.0; 16])));
    assert_eq!(player.play_to(10).q(), 0.5);
    let alone = player.play(None);
    assert_eq!((alone.q(), alone.seam_rad), (0.0, Some(0.5)));
}

#[test]
fn the_ensemble_holds_so_many_chunks_and_no_more() {
    let mut player = Player::new(ExecutorConfig::TemporalEnsemble { decay: 0.0 });
    for observed_ms in 0..200 {
        player.play(Some(&chunk(observed_ms, 0.0, &[0.0; 100])));
    }
    // The newest 32 of them now say otherwise, and nobody is left who says zero.
    for observed_ms in 200..232 {
        player.play(Some(&chunk(observed_ms, 1.0, &[1.0; 100])));
    }
    assert_eq!(player.play(None).q(), 1.0);
}

#[test]
fn the_seam_of_the_immediate_executor_is_the_whole_step() {
    let mut player = Player::new(ExecutorConfig::Immediate);
    assert_eq!(player.play(Some(&chunk(0, 0.0, &[0.0; 8]))).seam_rad, None, "nothing was planned");
    assert_eq!(player.play(None).seam_rad, None);
    assert_eq!(player.play(Some(&chunk(1, 0.5, &[0.5; 8]))).seam_rad, Some(0.5));
}
