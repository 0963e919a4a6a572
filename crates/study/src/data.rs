//! What a controlled policy learns from and is measured on.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use tandem_actions::{Normaliser, Scaling, StatisticsFit};
use tandem_types::JointVec;

use crate::StudyError;
use crate::channel::uniform;
use crate::reach::{Reach, Timing};

/// How often a policy looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Looks {
    /// Once, before the first move: one chunk is the whole motion.
    Once,
    /// At 200 Hz: a chunk of 80 ms each time.
    Always,
}

impl Looks {
    /// The chunk's layout.
    #[must_use]
    pub const fn timing(self) -> Timing {
        match self {
            Self::Once => Timing::WHOLE,
            Self::Always => Timing::SHORT,
        }
    }
}

/// Places, joint positions and the expert's chunks.
pub struct Demonstrations {
    /// Where the object is, each coordinate in `[-1, 1]`.
    pub places: Vec<[f64; 2]>,
    /// Where the arm is; the rest pose for [`Looks::Once`].
    pub q: Vec<JointVec>,
    /// The expert's chunks, rad, one after the other.
    pub chunks_rad: Vec<f64>,
    /// Values of a chunk.
    pub values: usize,
}

impl Demonstrations {
    /// Asks the expert `count` times. Equal seeds give equal demonstrations.
    #[must_use]
    pub fn draw(reach: &mut Reach, looks: Looks, count: usize, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let timing = looks.timing();
        let values = timing.steps * reach.joints().len();
        let mut drawn = Self {
            places: Vec::with_capacity(count),
            q: Vec::with_capacity(count),
            chunks_rad: Vec::with_capacity(count * values),
            values,
        };
        for _ in 0..count {
            let place = [uniform(&mut rng), uniform(&mut rng)];
            let q = match looks {
                Looks::Once => reach.sim().rest_pose,
                Looks::Always => somewhere(reach, place, &mut rng),
            };
            drawn.chunks_rad.extend(reach.answer(place, &q, timing));
            drawn.places.push(place);
            drawn.q.push(q);
        }
        drawn
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The scale of their actions: least to -1, greatest to 1.
    ///
    /// # Errors
    /// If there are none.
    pub fn normaliser(&self, joints: usize) -> Result<Normaliser, StudyError> {
        let mut fit = StatisticsFit::new(joints);
        fit.add(&self.chunks_rad);
        let statistics = fit.statistics().ok_or(StudyError::Still)?;
        Ok(Normaliser::all(Scaling::MinMax, statistics)?)
    }
}

/// Somewhere on the way to some place, with the arm shaken: to the object itself, to just beside
/// it, or to anywhere else. An expert alone would show no state that a policy blunders into.
fn somewhere(reach: &mut Reach, place: [f64; 2], rng: &mut Pcg64Mcg) -> JointVec {
    /// The longest way, in steps of the law: 2.5 s, after which the arm is at rest.
    const STEPS_MAX: usize = 500;
    /// How far beside the object, of half a side.
    const BESIDE: f64 = 0.3;
    /// How far each joint is shaken, rad.
    const SHAKEN_RAD: f64 = 0.04;
    let beside = |by: f64, rng: &mut Pcg64Mcg| {
        place.map(|coordinate| (coordinate + by * uniform(rng)).clamp(-1.2, 1.2))
    };
    let to = match rng.random_range(0..3) {
        0 => beside(0.0, rng),
        1 => beside(BESIDE, rng),
        _ => [1.2 * uniform(rng), 1.2 * uniform(rng)],
    };
    let q = reach.on_the_way(to, rng.random_range(0..STEPS_MAX));
    let moving = reach.joints().to_vec();
    q.map(|joint, q| if moving.contains(&joint) { q + SHAKEN_RAD * uniform(rng) } else { q })
}
