//! The policy's thread, one period at a time, with policies of which it is known what they want.

#[path = "../../tests/it/bundles.rs"]
mod bundles;

use std::path::Path;

use rtrb::RingBuffer;
use tandem_bundle::{Bundle, CameraInput};
use tandem_bus::Garbage;
use tandem_config::Config;
use tandem_inference::EngineKind;
use tandem_latest::channel;
use tandem_types::{Epoch, JointVec, ModelId, Stamp};
use tempfile::TempDir;

use super::*;
use crate::pace::Pace;
use crate::record::RING_RECORDS;
use crate::seat::{Counter, Pair, exchange};
use crate::witnesses::Witnesses;

const EPOCH: Epoch = Epoch(1);

/// A step every 20 us instead of every 5 ms, so that a test takes no time.
const TEST_PERIOD: Duration = Duration::from_micros(20);

const FADE: Duration = Duration::from_millis(100);

/// Where the policy that begins and the one that follows want the joints, rad from home.
const FIRST_RAD: f64 = 0.1;
const SECOND_RAD: f64 = -0.1;

/// A policy's thread with the other ends of its channels.
struct Rig {
    thread: PolicyThread,
    shared: Shared,
    postures: Writer<Posture>,
    chunks: Reader<ActionChunk>,
    counter: Counter<PolicySeat>,
    witnesses: Witnesses,
    config: Config,
    model: ModelId,
    now: Stamp,
    dir: TempDir,
}

impl Rig {
    fn new() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/so101.toml");
        let config = Config::load(file).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let model = bundles::system2(&config, &dir.path().join("words")).model_id();
        let seat = seat(&config, model, FIRST_RAD, dir.path());
        let (counter, post) = exchange();
        let at_rest = ActionChunk::at_rest(config.robot.home_rad, Stamp::ORIGIN);
        let (postures, thread_postures) = channel(EPOCH, Posture::default);
        let (mut goals, thread_goals) = channel(EPOCH, || LatentGoal::NONE);
        let (thread_chunks, chunks) = channel(EPOCH, || at_rest);
        let (rehearsals, _) = channel(EPOCH, || Rehearsal {
            posture: Posture::default(),
            goal: LatentGoal::NONE,
            chunk: at_rest,
        });
        let now = Stamp::from_nanos(1_000_000_000);
        goals.write(now, now, |goal| {
            goal.set(&[0.0; 3], 0.5).unwrap();
            goal.model = model;
        });
        let (witnesses, stand) = Witnesses::new(EPOCH, Garbage::default(), 0);
        let thread = PolicyThread {
            seat,
            post,
            timer: PeriodicTimer::new(TEST_PERIOD, Duration::ZERO),
            slots: Slots::START,
            postures: thread_postures,
            goals: thread_goals,
            shelf: Shelf::new(Duration::ZERO),
            chunks: thread_chunks,
            chunk: at_rest,
            rehearsals,
            easing: Easing::Done,
            fade: FADE,
            records: RingBuffer::new(RING_RECORDS).0,
            bench: stand.latent,
        };
        let shared = Shared::default();
        Self { thread, shared, postures, chunks, counter, witnesses, config, model, now, dir }
    }

    /// One step of an arm that is at home and told to move at `dq_rad_s`. Returns the velocity with
    /// which its first joint is to begin, rad/s.
    fn step(&mut self, dq_rad_s: f64) -> f64 {
        let home = self.config.robot.home_rad;
        let mut posture = Posture { stamp: self.now, ..Posture::default() };
        (posture.state.q, posture.command.q) = (home, home);
        posture.state.dq = JointVec::zeros(home.len());
        posture.command.dq = JointVec::splat(home.len(), dq_rad_s);
        self.postures.write(self.now, self.now, |slot| *slot = posture);
        self.thread.once(&self.shared);
        let chunk = &self.chunks.fresh().expect("a step makes a chunk").value;
        assert_eq!(chunk.observed, self.now);
        (f64::from(chunk.step(0).unwrap()[0]) - home[0]) / chunk.step_period().as_secs_f64()
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now.after(time);
    }

    /// Lays the second policy ready.
    fn offer_second(&mut self) {
        let seat = seat(&self.config, self.model, SECOND_RAD, self.dir.path());
        assert!(self.counter.give(seat).is_ok());
    }
}

/// The policy's half of a pair whose eye has looked.
fn seat(config: &Config, model: ModelId, target_rad: f64, dir: &Path) -> PolicySeat {
    let dir = dir.join(format!("to{target_rad}"));
    bundles::system1(config, model, target_rad, 1, &dir);
    let camera = |camera: &tandem_config::CameraSection| CameraInput {
        name: camera.name.clone(),
        width_px: camera.width_px,
        height_px: camera.height_px,
    };
    let cameras: Vec<_> = config.cameras.iter().map(camera).collect();
    let bundle = Bundle::load(dir).unwrap();
    let pace = Pace::new(&config.system1, bundle.manifest().rate_hz);
    let mut pair = Pair::load(&bundle, EngineKind::Candle, None, &cameras, pace, EPOCH).unwrap();
    let mut frames: Vec<_> = cameras.iter().map(black).collect();
    pair.eye.look(&mut frames).unwrap().unwrap();
    pair.policy
}

/// A camera in the dark.
fn black(camera: &CameraInput) -> Reader<Frame> {
    let frame = || Frame::black(camera.width_px, camera.height_px);
    let (mut writer, reader) = channel(EPOCH, frame);
    let stamp = Stamp::from_nanos(1);
    writer.write(stamp, stamp, |frame| frame.stamp = stamp);
    reader
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 0.01, "{found} rad/s, not {expected}");
}

#[test]
fn a_new_policy_begins_with_the_motion_under_way_and_fades_in() {
    let mut rig = Rig::new();
    let (first, second) = (bundles::RATE_PER_S * FIRST_RAD, bundles::RATE_PER_S * SECOND_RAD);
    near(rig.step(0.0), first);

    rig.offer_second();
    rig.pass(FADE);
    assert!(rig.counter.take_back().is_none());
    near(rig.step(first), first);
    assert!(rig.counter.take_back().is_some(), "the old policy goes back whence the new one came");

    rig.pass(FADE / 2);
    let halfway = rig.step(first);
    assert!((second..first).contains(&halfway) && halfway.abs() < 0.1, "{halfway} rad/s");
    rig.pass(FADE / 2);
    near(rig.step(first), second);
    assert!(matches!(rig.thread.easing, Easing::Done));
}

#[test]
fn nonsense_is_said_until_the_policy_is_replaced() {
    let mut rig = Rig::new();
    rig.shared.spoil_system1();
    for _ in 0..2 {
        rig.pass(FADE);
        assert!(rig.step(0.0).is_nan());
    }
    rig.offer_second();
    rig.pass(FADE);
    near(rig.step(0.0), 0.0);
    rig.pass(FADE);
    near(rig.step(0.0), bundles::RATE_PER_S * SECOND_RAD);
}

#[test]
fn a_stall_is_counted_in_periods() {
    let mut rig = Rig::new();
    rig.step(0.0);
    let before = rig.shared.conduct();
    rig.shared.stall_system1(5);
    for _ in 0..2 {
        rig.pass(FADE);
        rig.step(0.0);
    }
    let missed = rig.shared.conduct().missed - before.missed;
    // 5 ms are 250 periods of 20 us.
    assert!(missed >= 249, "{missed}");
}

/// Or the guard would take a policy made for a lower rate than the daemon's for a late one.
#[test]
fn a_chunk_says_when_the_next_is_to_come() {
    let mut rig = Rig::new();
    rig.step(0.0);
    assert_eq!(rig.thread.chunk.renewed_after, rig.config.system1.period);
    rig.thread.seat.pace = Pace::new(&rig.config.system1, rig.config.system1.rate_hz / 4);
    rig.pass(FADE);
    rig.step(0.0);
    assert_eq!(rig.thread.chunk.renewed_after, rig.config.system1.period * 4);
}

/// What a goal is, the guard hears from whoever goes by it, even if the policy then refuses it.
#[test]
fn the_goal_that_is_gone_by_is_testified_to() {
    let mut rig = Rig::new();
    rig.step(0.0);
    let heard = rig.witnesses.hear().latent.expect("a goal was gone by");
    assert_eq!((heard.model, heard.dim, heard.norm), (rig.model, 3, 0.0));
}
