//! One controlled policy: what it sees, what it says, and how it is trained.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_actions::{Account, ChunkShape, Normaliser, Representation, account};
use tandem_learn::{
    AdamWConfig, HeadSizes, Memory, ObjectiveTrainer, Schedule, VectorConfig, VectorHead,
    VectorPolicy, VectorTrainer, Wanted,
};
use tandem_networks::ConditionSizes;
use tandem_system1::{Budget, Condition, Head, StepError, no_deadline};
use tandem_types::JointVec;

use crate::StudyError;
use crate::cell::{Effort, Recipe};
use crate::code::{Code, Coder};
use crate::data::{Demonstrations, Looks};
use crate::reach::Reach;

/// Waves of each coordinate that the trunk reads beside the coordinate itself. A few layers on two
/// bare numbers learn fine detail slowly (Tancik et al. 2020); these are functions of what came
/// through the channel, so they add no bit.
const OCTAVES: usize = 4;
/// Numbers that the trunk reads of each coordinate.
const WAVES: usize = 1 + 2 * OCTAVES;
/// What the joints' positions are divided by, rad.
const POSTURE_SCALE_RAD: f64 = 0.5;
/// The learning rate of every policy.
const SCHEDULE: Schedule = Schedule { peak: 2e-3, warm_up_steps: 50, last_fraction: 0.01 };

/// A policy under training, with what it takes to read its answers.
pub(crate) struct Student {
    recipe: Recipe,
    rest: JointVec,
    joints: Vec<usize>,
    normaliser: Normaliser,
    coder: Option<Coder>,
    trainer: Trainer,
    /// The demonstrations' chunks, scaled or spelled.
    answers: Answers,
    rng: Pcg64Mcg,
}

/// How it learns.
enum Trainer {
    Vector(Box<VectorTrainer>),
    Head(Box<ObjectiveTrainer>),
}

enum Answers {
    Numbers(Vec<f32>),
    Symbols(Vec<u32>),
}

/// A trained policy.
pub(crate) struct Graduate {
    recipe: Recipe,
    rest: JointVec,
    joints: Vec<usize>,
    normaliser: Normaliser,
    policy: Policy,
}

enum Policy {
    Vector(VectorPolicy),
    Head(Box<dyn Head>),
}

impl Student {
    pub(crate) fn new(
        reach: &Reach,
        recipe: &Recipe,
        effort: &Effort,
        data: &Demonstrations,
    ) -> Result<Self, StudyError> {
        let shape = reach.shape(recipe.looks.timing())?;
        let normaliser = data.normaliser(reach.joints().len())?;
        let mut scaled = data.chunks_rad.clone();
        normaliser.normalise(&mut scaled);
        let mut rng = Pcg64Mcg::seed_from_u64(recipe.seed);
        let chunks: Vec<&[f64]> = scaled.chunks_exact(data.values).collect();
        let fitted_on = chunks.get(..effort.fitted_on.min(chunks.len())).unwrap_or(&chunks);
        let mut coder =
            Coder::fit(&recipe.code, shape, fitted_on, effort.tokenizer_steps, &mut rng)?;
        let (head, answers) = match &mut coder {
            None => {
                let numbers = scaled.iter().map(|value| *value as f32).collect();
                (VectorHead::Numbers { outputs: data.values }, Answers::Numbers(numbers))
            }
            Some(coder) => {
                let mut symbols = Vec::new();
                for chunk in &chunks {
                    coder.encode(chunk, &mut symbols)?;
                }
                (symbols_head(coder), Answers::Symbols(symbols))
            }
        };
        let trainer = trainer(reach, recipe, effort, head, &answers, rng.random())?;
        let (rest, joints) = (reach.sim().rest_pose, reach.joints().to_vec());
        Ok(Self { recipe: recipe.clone(), rest, joints, normaliser, coder, trainer, answers, rng })
    }

    /// Trains for some steps; returns the last loss.
    pub(crate) fn train(
        &mut self,
        data: &Demonstrations,
        batch: usize,
        steps: u64,
    ) -> Result<f32, StudyError> {
        let mut loss = f32::NAN;
        for _ in 0..steps {
            let rows: Vec<usize> =
                (0..batch).map(|_| self.rng.random_range(0..data.len())).collect();
            let mut inputs = Vec::new();
            for &row in &rows {
                let seen = look(&self.recipe, data.places[row], &mut self.rng);
                read(&self.recipe, seen, &data.q[row], &self.rest, &self.joints, &mut inputs);
            }
            loss = match (&mut self.trainer, &self.answers) {
                (Trainer::Vector(trainer), Answers::Numbers(all)) => {
                    let wanted = pick(all, data.len(), &rows);
                    trainer.step(batch, &inputs, Wanted::Numbers(&wanted))?
                }
                (Trainer::Vector(trainer), Answers::Symbols(all)) => {
                    let wanted = pick(all, data.len(), &rows);
                    trainer.step(batch, &inputs, Wanted::Symbols(&wanted))?
                }
                (Trainer::Head(trainer), Answers::Numbers(all)) => {
                    let memory = memory(&inputs, batch, pick(all, data.len(), &rows));
                    trainer.step(&memory, &mut self.rng)?
                }
                // A head spells its chunks itself.
                (Trainer::Head(_), Answers::Symbols(_)) => loss,
            };
        }
        Ok(loss)
    }

    /// The policy so far.
    pub(crate) fn graduate(&self) -> Result<Graduate, StudyError> {
        Ok(Graduate {
            recipe: self.recipe.clone(),
            rest: self.rest,
            joints: self.joints.clone(),
            normaliser: self.normaliser.clone(),
            policy: match &self.trainer {
                Trainer::Vector(trainer) => Policy::Vector(trainer.policy()?),
                Trainer::Head(trainer) => Policy::Head(trainer.head()?),
            },
        })
    }

    /// What the tokenizer costs and loses on the expert's own chunks, and those chunks, encoded and
    /// decoded, rad; none without a tokenizer.
    pub(crate) fn account(
        &mut self,
        data: &Demonstrations,
    ) -> Result<Option<(Account, Vec<f64>)>, StudyError> {
        let mut of_head = match &self.trainer {
            Trainer::Head(trainer) => trainer.codec()?,
            Trainer::Vector(_) => None,
        };
        let representation: &mut dyn Representation = match (&mut self.coder, &mut of_head) {
            (Some(coder), _) => coder.representation(),
            (None, Some(codec)) => codec.as_mut(),
            (None, None) => return Ok(None),
        };
        let mut scaled = data.chunks_rad.clone();
        self.normaliser.normalise(&mut scaled);
        let account = account(representation, scaled.chunks_exact(data.values));
        let mut tokens = Vec::new();
        for chunk in scaled.chunks_exact_mut(data.values) {
            if representation.encode_into(chunk, &mut tokens).is_ok() {
                // What was just written can be read.
                representation.decode_into(&tokens, chunk).ok();
            }
        }
        self.normaliser.restore(&mut scaled);
        Ok(Some((account, scaled)))
    }

    pub(crate) const fn coder(&mut self) -> Option<&mut Coder> {
        self.coder.as_mut()
    }
}

/// What a policy said to some rows.
#[derive(Default)]
pub(crate) struct Said {
    /// Chunks in rad, one after the other.
    pub(crate) chunks_rad: Vec<f64>,
    /// Its symbols, if it says any.
    pub(crate) symbols: Vec<u32>,
    /// Rows to which it said tokens that are no chunk. On a robot the chunk before goes on; here there
    /// is none, and nothing moves.
    pub(crate) no_chunks: usize,
}

impl Graduate {
    /// What it says when it `seen` places from joint positions `q`.
    pub(crate) fn say(
        &mut self,
        seen: &[[f64; 2]],
        q: &[JointVec],
        shape: ChunkShape,
        coder: Option<&mut Coder>,
    ) -> Result<Said, StudyError> {
        let mut inputs = Vec::new();
        for (seen, q) in seen.iter().zip(q) {
            read(&self.recipe, *seen, q, &self.rest, &self.joints, &mut inputs);
        }
        let rows = seen.len();
        let mut said = Said::default();
        match (&mut self.policy, coder) {
            (Policy::Head(head), _) => {
                let mut still = vec![0.0; shape.values()];
                self.normaliser.normalise(&mut still);
                said = heads_answers(head.as_mut(), &inputs, rows, &still)?;
            }
            (Policy::Vector(policy), None) => {
                let numbers = policy.numbers(rows, &inputs)?;
                said.chunks_rad.extend(numbers.into_iter().map(f64::from));
            }
            (Policy::Vector(policy), Some(coder)) => {
                said.symbols = policy.symbols(rows, &inputs, coder.limits())?;
                said.chunks_rad.resize(rows * shape.values(), 0.0);
                let places = coder.limits().len();
                let chunks = said.chunks_rad.chunks_exact_mut(shape.values());
                for (symbols, chunk) in said.symbols.chunks_exact(places).zip(chunks) {
                    coder.decode(symbols, chunk)?;
                }
            }
        }
        self.normaliser.restore(&mut said.chunks_rad);
        Ok(said)
    }

    /// Bits that the tokens of one of System 1's heads could tell apart; none if it has none.
    pub(crate) fn head_bits(&self) -> Option<f64> {
        match &self.policy {
            Policy::Vector(_) => None,
            Policy::Head(head) => head.cost().map(|cost| cost.bits_nominal),
        }
    }
}

/// A policy with fresh weights.
fn trainer(
    reach: &Reach,
    recipe: &Recipe,
    effort: &Effort,
    head: VectorHead,
    answers: &Answers,
    seed: u64,
) -> Result<Trainer, StudyError> {
    let posture = if recipe.looks == Looks::Always { reach.joints().len() } else { 0 };
    if let (Code::Head { name }, Answers::Numbers(chunks)) = (&recipe.code, answers) {
        let sizes = HeadSizes {
            // Without a posture one number that is always zero: a head expects to have some.
            condition: ConditionSizes { features: WAVES, posture: posture.max(1), latent: WAVES },
            shape: reach.shape(recipe.looks.timing())?,
            width: recipe.width,
        };
        let trainer = ObjectiveTrainer::new(name, &sizes, chunks, SCHEDULE, effort.steps, seed)?;
        return Ok(Trainer::Head(Box::new(trainer)));
    }
    let trainer = VectorTrainer::new(VectorConfig {
        inputs: 2 * WAVES + posture,
        hidden: vec![recipe.width; 2],
        head,
        steps: effort.steps,
        schedule: SCHEDULE,
        optimiser: AdamWConfig::USUAL,
        seed,
    })?;
    Ok(Trainer::Vector(Box::new(trainer)))
}

/// Rows of input as the three parts of a head's condition: one coordinate each in the place of
/// features and latent goal.
fn memory(inputs: &[f32], rows: usize, chunk: Vec<f32>) -> Memory {
    let mut memory = Memory { chunk, samples: rows, ..Memory::default() };
    for row in inputs.chunks_exact(inputs.len() / rows.max(1)) {
        let (seen, posture) = row.split_at(2 * WAVES);
        let (first, second) = seen.split_at(WAVES);
        memory.features.extend(first);
        memory.latent.extend(second);
        memory.posture.extend(if posture.is_empty() { &[0.0] } else { posture });
    }
    memory
}

/// What a head says to rows of input, in its own unit; `still` is the chunk that moves nothing. It
/// starts each afresh, as it would a motion.
fn heads_answers(
    head: &mut dyn Head,
    inputs: &[f32],
    rows: usize,
    still: &[f64],
) -> Result<Said, StudyError> {
    let memory = memory(inputs, rows, Vec::new());
    let posture = memory.posture.len() / rows.max(1);
    let parts = memory.features.chunks_exact(WAVES).zip(memory.latent.chunks_exact(WAVES));
    let mut chunk = vec![0.0; still.len()];
    let mut said = Said::default();
    for ((features, latent), posture) in parts.zip(memory.posture.chunks_exact(posture.max(1))) {
        head.reset();
        let condition = Condition { features, posture, latent, motion: 0 };
        let mut never = no_deadline();
        match head.decode(&condition, &mut Budget::new(None, &mut never), &mut chunk) {
            Ok(_) => said.chunks_rad.extend(chunk.iter().map(|value| f64::from(*value))),
            Err(StepError::Tokens(_) | StepError::NoEnd { .. }) => {
                said.no_chunks += 1;
                said.chunks_rad.extend(still);
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(said)
}

/// A place through the recipe's channel.
pub(crate) fn look(recipe: &Recipe, place: [f64; 2], rng: &mut Pcg64Mcg) -> [f64; 2] {
    place.map(|coordinate| recipe.channel.transmit(coordinate, rng))
}

/// Appends what the trunk reads.
fn read(
    recipe: &Recipe,
    seen: [f64; 2],
    q: &JointVec,
    rest: &JointVec,
    joints: &[usize],
    inputs: &mut Vec<f32>,
) {
    for coordinate in seen {
        inputs.push(coordinate as f32);
        for octave in 0..OCTAVES {
            let angle = core::f64::consts::FRAC_PI_2 * f64::from(1_u32 << octave) * coordinate;
            inputs.extend([angle.sin() as f32, angle.cos() as f32]);
        }
    }
    if recipe.looks == Looks::Always {
        let away = q.zip_with(rest, |q, rest| (q - rest) / POSTURE_SCALE_RAD);
        let of = |joint: &usize| away.get(*joint).copied().unwrap_or(0.0) as f32;
        inputs.extend(joints.iter().map(of));
    }
}

fn symbols_head(coder: &Coder) -> VectorHead {
    let alphabet = coder.limits().iter().copied().max().unwrap_or(1) as usize;
    VectorHead::Symbols { places: coder.limits().len(), alphabet, ordered: coder.is_ordered() }
}

fn pick<T: Copy>(all: &[T], rows: usize, chosen: &[usize]) -> Vec<T> {
    let width = all.len() / rows.max(1);
    chosen.iter().flat_map(|row| all[row * width..(row + 1) * width].iter().copied()).collect()
}
