//! Trains and judges one controlled policy.

use core::ops::ControlFlow;
use core::time::Duration;

use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;
use tandem_types::JointVec;

use crate::StudyError;
use crate::cell::{Bits, Cell, Effort, Errors, Flights, Recipe};
use crate::data::{Demonstrations, Looks};
use crate::flight::{Arena, Closed, Flown, OneLook};
use crate::information::place_information_bits;
use crate::policy::{Graduate, Said, Student, look};
use crate::reach::{Reach, Start};

/// Seeds of what is drawn, kept apart so that nothing held out was learned from.
const LEARNED: u64 = 0x1ea2_4ed0;
const HELD_OUT: u64 = 0x4e1d_0007;
const LOOKED: u64 = 0x100_4ed;

/// How long an episode is flown: a whole chunk and time to settle; or what a policy that looks
/// again may take.
pub(crate) const ONCE: Duration = Duration::from_millis(2600);
const ALWAYS: Duration = Duration::from_millis(3500);

/// Everything that cells of equal looks and effort share.
pub struct Ground {
    reach: Reach,
    learned: Demonstrations,
    held_out: Demonstrations,
    starts: Vec<Start>,
    looks: Looks,
}

impl Ground {
    /// Draws demonstrations and scenes.
    #[must_use]
    pub fn prepare(reach: &Reach, looks: Looks, effort: &Effort) -> Self {
        let mut reach = reach.clone();
        let learned = Demonstrations::draw(&mut reach, looks, effort.demonstrations, LEARNED);
        let held_out = Demonstrations::draw(&mut reach, looks, effort.held_out, HELD_OUT);
        let starts = reach.starts(effort.first_scene, effort.episodes);
        Self { reach, learned, held_out, starts, looks }
    }

    /// How often the policies look that it serves.
    #[must_use]
    pub const fn looks(&self) -> Looks {
        self.looks
    }
}

/// Measures a cell; none if `go_on` breaks off.
///
/// # Errors
/// If a policy cannot be trained or flown.
pub fn measure(
    ground: &Ground,
    recipe: &Recipe,
    effort: &Effort,
    go_on: &dyn Fn() -> ControlFlow<()>,
) -> Result<Option<Cell>, StudyError> {
    debug_assert_eq!(ground.looks, recipe.looks);
    let mut student = Student::new(&ground.reach, recipe, effort, &ground.learned)?;
    let mut flights = Vec::new();
    let each = (effort.steps / effort.checkpoints.max(1)).max(1);
    let mut graduate = student.graduate()?;
    for checkpoint in 1..=effort.checkpoints {
        let mut loss = f32::NAN;
        let mut left = each;
        while left > 0 {
            // Often enough that an interrupt is heard within a second or two.
            let now = left.min(50);
            loss = student.train(&ground.learned, effort.batch, now)?;
            left -= now;
            if go_on().is_break() {
                return Ok(None);
            }
        }
        graduate = student.graduate()?;
        let Some(flown) = fly(ground, &mut graduate, &mut student, recipe, go_on)? else {
            return Ok(None);
        };
        flights.push(summary(checkpoint * each, loss, &flown));
    }
    let said = answer(ground, &mut graduate, &mut student, recipe)?;
    let (bits, errors) = weigh(ground, &mut student, &graduate, recipe, &said)?;
    Ok(Some(Cell { recipe: recipe.clone(), bits, errors, flights }))
}

fn fly(
    ground: &Ground,
    graduate: &mut Graduate,
    student: &mut Student,
    recipe: &Recipe,
    go_on: &dyn Fn() -> ControlFlow<()>,
) -> Result<Option<Vec<Flown>>, StudyError> {
    let reach = &ground.reach;
    let shape = reach.shape(recipe.looks.timing())?;
    let mut flown = Vec::with_capacity(ground.starts.len());
    for start in &ground.starts {
        // A world of its own: where a controller's clock stands when an episode begins changes the
        // flight by micrometres, and the numbers must not depend on what a thread flew before.
        let mut arena = Arena::new(reach)?;
        // A channel with noise shows the same to every policy of the same scene and seed.
        let mut rng = Pcg64Mcg::seed_from_u64(start.episode.seed ^ (recipe.seed << 32));
        let seen = look(recipe, start.place, &mut rng);
        let outcome = match recipe.looks {
            Looks::Once => {
                let rest = reach.sim().rest_pose;
                let said = graduate.say(&[seen], &[rest], shape, student.coder())?;
                let mut pilot = OneLook::new(reach, &said.chunks_rad);
                arena.fly(reach, start, &mut pilot, ONCE)?
            }
            Looks::Always => {
                let zeros = JointVec::zeros(reach.robot().dof());
                let decide = |q: &JointVec| {
                    let said = graduate.say(&[seen], &[*q], shape, student.coder()).ok()?;
                    let steps = said.chunks_rad.chunks_exact(shape.dims());
                    Some(steps.map(|step| reach.moved(&zeros, step)).collect())
                };
                arena.fly(reach, start, &mut Closed { decide }, ALWAYS)?
            }
        };
        flown.push(outcome);
        if go_on().is_break() {
            return Ok(None);
        }
    }
    Ok(Some(flown))
}

fn summary(step: u64, loss: f32, flown: &[Flown]) -> Flights {
    let times: Vec<f64> = flown.iter().filter_map(|flown| flown.success_s).collect();
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    Flights {
        step,
        loss,
        reached: flown.iter().map(|flown| flown.succeeded).collect(),
        held_mm: flown.iter().map(|flown| round(flown.held_m * 1e3, 1e3)).collect(),
        success_s_mean: (!times.is_empty()).then(|| round(mean, 1e3)),
    }
}

/// What the policy says to the held-out demonstrations.
fn answer(
    ground: &Ground,
    graduate: &mut Graduate,
    student: &mut Student,
    recipe: &Recipe,
) -> Result<Said, StudyError> {
    let mut rng = Pcg64Mcg::seed_from_u64(LOOKED ^ recipe.seed);
    let held_out = &ground.held_out;
    let seen: Vec<_> = held_out.places.iter().map(|place| look(recipe, *place, &mut rng)).collect();
    let shape = ground.reach.shape(recipe.looks.timing())?;
    graduate.say(&seen, &held_out.q, shape, student.coder())
}

fn weigh(
    ground: &Ground,
    student: &mut Student,
    graduate: &Graduate,
    recipe: &Recipe,
    said: &Said,
) -> Result<(Bits, Errors), StudyError> {
    let held_out = &ground.held_out;
    let wanted = &held_out.chunks_rad;
    let absolute = |a: &[f64], b: &[f64]| {
        let sum: f64 = a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum();
        1e3 * sum / a.len().max(1) as f64
    };
    let limits: Option<Vec<u32>> = student.coder().map(|coder| coder.limits().to_vec());
    let nominal = match &limits {
        Some(limits) => Some(limits.iter().map(|limit| f64::from(*limit).log2()).sum()),
        None => graduate.head_bits(),
    };
    // A head with tokens may have others beside them, as the hybrid, and is then not bound by these.
    let account = if nominal.is_some() { student.account(held_out)? } else { None };
    let (account, round_trip) = account.unzip();
    let channel = 2.0 * recipe.channel.information_bits();
    let once = recipe.looks == Looks::Once;
    let ends_of = |chunks: &[f64]| -> Vec<[f64; 3]> {
        chunks.chunks_exact(held_out.values).map(|chunk| ground.reach.end_m(chunk)).collect()
    };
    let known = |ends: &[[f64; 3]]| place_information_bits(&ground.reach, &held_out.places, ends);
    let ends = if once { ends_of(&said.chunks_rad) } else { Vec::new() };
    let mut away_mm: Vec<f64> = ends
        .iter()
        .zip(&held_out.places)
        .map(|(end, place)| {
            let goal = ground.reach.goal_m(*place);
            let squares = end.iter().zip(goal).map(|(end, goal)| (end - goal).powi(2));
            1e3 * squares.sum::<f64>().sqrt()
        })
        .collect();
    away_mm.sort_by(f64::total_cmp);
    let percentile = |share: f64| {
        away_mm.get(((away_mm.len().max(1) - 1) as f64 * share) as usize).map(|mm| round(*mm, 1e3))
    };
    let bits = Bits {
        channel,
        nominal,
        expert: account.as_ref().map(|account| account.rate.bits_by_place),
        policy: limits.as_ref().map(|limits| places_entropy_bits(&said.symbols, limits.len())),
        tokenizer_at_least: round_trip
            .as_deref()
            .filter(|_| once)
            .map(|chunks| known(&ends_of(chunks))),
        action_at_least: once.then(|| known(&ends)),
        bound: nominal.map_or(channel, |nominal| channel.min(nominal)),
    };
    let errors = Errors {
        action_mrad: absolute(&said.chunks_rad, wanted),
        tokenizer_mrad: round_trip.as_deref().map_or(0.0, |chunks| absolute(chunks, wanted)),
        end_mm_p50: percentile(0.5),
        end_mm_p95: percentile(0.95),
        no_chunk: said.no_chunks as f64 / held_out.places.len().max(1) as f64,
    };
    Ok((bits, errors))
}

/// The sum of each place's empirical entropy: never less than that of whole sequences.
fn places_entropy_bits(symbols: &[u32], places: usize) -> f64 {
    let entropy = |place: usize| {
        let mut counts = std::collections::BTreeMap::<u32, u64>::new();
        let mut total = 0_u64;
        for symbol in symbols.iter().skip(place).step_by(places.max(1)) {
            *counts.entry(*symbol).or_default() += 1;
            total += 1;
        }
        let share = |count: &u64| *count as f64 / total as f64;
        counts.values().map(|count| -share(count) * share(count).log2()).sum::<f64>()
    };
    (0..places).map(entropy).sum()
}

fn round(value: f64, per_unit: f64) -> f64 {
    (value * per_unit).round() / per_unit
}
