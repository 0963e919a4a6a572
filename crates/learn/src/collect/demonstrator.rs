//! The expert as a pilot that is led astray and takes notes.

use core::time::Duration;

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use tandem_sim::{Expert, ObjectKind, Pilot, Senses, Templates, World, instruct};
use tandem_types::{ActionChunk, JointVec, Posture, Stamp};

use super::disturbance::Spells;
use super::settings::CollectConfig;
use crate::dataset::{Episode, Moment, ObjectMoment, ObjectWords};

/// Points of the chunk that is played; System 1's own horizon is of this order.
const PLAYED_STEPS: usize = 16;
/// Time between them.
const PLAYED_STEP: Duration = Duration::from_millis(5);

/// Flies one episode and records it.
pub(super) struct Demonstrator<'a> {
    config: &'a CollectConfig,
    expert: Expert,
    rng: Pcg64Mcg,
    prelude: Duration,
    start: Option<Stamp>,
    spells: Option<Spells>,
    next_moment: Stamp,
    moments: Vec<Moment>,
}

impl<'a> Demonstrator<'a> {
    pub(super) fn new(config: &'a CollectConfig, expert: Expert, mut rng: Pcg64Mcg) -> Self {
        let prelude = Duration::from_millis(rng.random_range(0..=config.prelude_ms_max));
        let (start, spells, moments) = (None, None, Vec::new());
        Self { config, expert, rng, prelude, start, spells, next_moment: Stamp::ORIGIN, moments }
    }

    /// How long this episode takes, from its first act to its last moment.
    pub(super) fn duration(&self) -> Duration {
        self.prelude + Duration::from_millis(self.config.duration_ms)
    }

    /// What was recorded, with words for every object; `None` if nothing was.
    pub(super) fn into_episode(mut self, seed: u64, world: &World) -> Option<Episode> {
        let kinds: Vec<ObjectKind> = world.scene().objects.iter().map(|o| o.kind).collect();
        let mut words = |object: usize, kind: &ObjectKind| {
            let mut draw = |_| instruct(&kinds, object, Templates::Trained, &mut self.rng);
            let mut instructions: Vec<_> = (0..self.config.instructions).map(&mut draw).collect();
            instructions.sort();
            instructions.dedup();
            ObjectWords { name: kind.describe(), instructions }
        };
        let objects = kinds.iter().enumerate().map(|(at, kind)| words(at, kind)).collect();
        let target = world.task().target;
        (!self.moments.is_empty()).then_some(Episode {
            seed,
            target,
            objects,
            moments: self.moments,
        })
    }

    fn record(&mut self, start: Stamp, posture: &Posture, senses: &mut Senses<'_>) {
        let cameras = senses.privileged().config().cameras.len();
        let frames = (0..cameras).filter_map(|camera| Some(senses.frame(camera)?.rgb().to_vec()));
        let frames = frames.collect();
        let world = senses.privileged();
        let objects = 0..world.scene().objects.len();
        let time = start.age_at(posture.stamp).as_millis();
        let moment = Moment {
            time_ms: u32::try_from(time).unwrap_or(u32::MAX),
            frames,
            q: singles(&posture.state.q),
            dq: singles(&posture.state.dq),
            command: singles(&posture.command.q),
            tip: world.tip_m().map(|x| x as f32),
            objects: objects.filter_map(|object| self.label(world, object, posture)).collect(),
        };
        self.moments.push(moment);
    }

    /// What the expert would do about an object.
    fn label(&mut self, world: &World, object: usize, posture: &Posture) -> Option<ObjectMoment> {
        let target = world.object_target(object);
        self.expert.aim(target);
        let step = Duration::from_millis(self.config.path_step_ms.into());
        let path = self.expert.path(posture, step, self.config.path_steps).ok()?;
        let command = posture.command.q.iter();
        let steps = (0..self.config.path_steps).filter_map(|step| path.step(step));
        let offsets = |step: &[f32]| {
            let pairs = step.iter().zip(command.clone());
            pairs.map(|(&to, &from)| (f64::from(to) - from) as f32).collect::<Vec<_>>()
        };
        Some(ObjectMoment {
            position: target.top_m.map(|x| x as f32),
            progress: path.progress,
            path: steps.flat_map(offsets).collect(),
        })
    }

    /// When the moment after one at `now` is due.
    fn moment_after(&mut self, now: Stamp) -> Stamp {
        let (period, jitter) = (self.config.moment_period_ms, self.config.moment_jitter_ms);
        let wait_ms = self.rng.random_range(period.saturating_sub(jitter)..=period + jitter);
        now.after(Duration::from_millis(wait_ms.into()))
    }
}

impl Pilot for Demonstrator<'_> {
    fn act(&mut self, posture: &Posture, senses: &mut Senses<'_>) -> Option<ActionChunk> {
        let now = posture.stamp;
        let start = *self.start.get_or_insert(now);
        let is_recording = start.age_at(now) >= self.prelude;
        if is_recording && now >= self.next_moment && senses.frame_stamp().is_some() {
            self.record(start, posture, senses);
            self.next_moment = self.moment_after(now);
        }
        let world = senses.privileged();
        let spells = self.spells.get_or_insert_with(|| {
            Spells::begin(self.config.disturbance, start, world, &mut self.rng)
        });
        let led = spells.at(now, world, &mut self.rng);
        self.expert.aim(led.unwrap_or_else(|| world.target()));
        self.expert.path(posture, PLAYED_STEP, PLAYED_STEPS).ok()
    }
}

fn singles(values: &JointVec) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}
