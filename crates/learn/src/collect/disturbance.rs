//! Where the arm is led instead of to its target, and when.

use core::ops::RangeInclusive;
use core::time::Duration;

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use tandem_sim::{Target, World};
use tandem_types::Stamp;

use super::settings::Disturbance;

/// How far beyond the objects' area the arm is led, m.
const BEYOND_M: f64 = 0.04;
/// Heights it is led to, m: from just above the table to above everything.
const HEIGHT_M: RangeInclusive<f64> = 0.02..=0.24;
/// How often it is led to another object, and how often past one; else to any point.
const OBJECT_SHARE: f64 = 0.3;
const MISS_SHARE: f64 = 0.35;
/// How far past an object, m, and how much higher than its top.
const MISS_M: RangeInclusive<f64> = 0.02..=0.07;
const MISS_RISE_M: RangeInclusive<f64> = 0.0..=0.03;

/// The spells of one episode.
#[derive(Clone, Debug)]
pub(super) struct Spells {
    settings: Disturbance,
    /// Where the present spell leads, and its end; or the pause's end.
    now: Option<Target>,
    until: Stamp,
}

impl Spells {
    /// Draws how the episode begins at `start`.
    pub(super) fn begin(
        settings: Disturbance,
        start: Stamp,
        world: &World,
        rng: &mut Pcg64Mcg,
    ) -> Self {
        let mut spells = Self { settings, now: None, until: start };
        if rng.random_bool(settings.first_chance.clamp(0.0, 1.0)) {
            spells.now = Some(elsewhere(world, rng));
            spells.until = start.after(between(0, settings.first_ms_max, rng));
        } else {
            spells.pause(start, rng);
        }
        spells
    }

    /// Where the arm is led at `now`, if it is.
    pub(super) fn at(&mut self, now: Stamp, world: &World, rng: &mut Pcg64Mcg) -> Option<Target> {
        if now >= self.until {
            if self.now.take().is_some() {
                self.pause(now, rng);
            } else {
                let Disturbance { spell_ms_min, spell_ms_max, .. } = self.settings;
                self.now = Some(elsewhere(world, rng));
                self.until = now.after(between(spell_ms_min, spell_ms_max, rng));
            }
        }
        self.now
    }

    fn pause(&mut self, now: Stamp, rng: &mut Pcg64Mcg) {
        let Disturbance { pause_ms_min, pause_ms_max, .. } = self.settings;
        self.until = now.after(between(pause_ms_min, pause_ms_max, rng));
    }
}

fn between(ms_min: u64, ms_max: u64, rng: &mut Pcg64Mcg) -> Duration {
    Duration::from_millis(rng.random_range(ms_min..=ms_max.max(ms_min)))
}

/// Another place to go: over some object, just past one, or anywhere above the workspace.
///
/// The near misses matter most. If the arm never rested beside an object but at its goal, a policy
/// would learn that an arm at rest near an object has arrived, and stay wherever it first stops
/// short.
fn elsewhere(world: &World, rng: &mut Pcg64Mcg) -> Target {
    let objects = world.scene().objects.len();
    let draw = rng.random::<f64>();
    if objects > 0 && draw < OBJECT_SHARE + MISS_SHARE {
        let object = world.object_target(rng.random_range(0..objects));
        return if draw < OBJECT_SHARE { object } else { past(object, rng) };
    }
    let workspace = &world.config().workspace;
    let beyond = |side: &RangeInclusive<f64>| side.start() - BEYOND_M..=side.end() + BEYOND_M;
    let x = rng.random_range(beyond(&workspace.x_m));
    let y = rng.random_range(beyond(&workspace.y_m));
    Target { top_m: [x, y, rng.random_range(HEIGHT_M)] }
}

/// A place beside an object.
fn past(object: Target, rng: &mut Pcg64Mcg) -> Target {
    let [x, y, z] = object.top_m;
    let (sin, cos) = rng.random_range(0.0..core::f64::consts::TAU).sin_cos();
    let by_m = rng.random_range(MISS_M);
    Target { top_m: [x + by_m * cos, y + by_m * sin, z + rng.random_range(MISS_RISE_M)] }
}
