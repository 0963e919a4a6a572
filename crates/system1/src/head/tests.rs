use core::cell::Cell;
use std::collections::HashMap;
use std::sync::LazyLock;

use safetensors::tensor::{Dtype, TensorView, serialize};
use tandem_actions::{ChunkShape, FitSettings, Representation as _};
use tandem_bundle::{
    Bins, Choice, Diffusion, DiscreteDiffusion, E0, Fast, Flow, Hybrid, Noise, Oat, Order,
    Representation, Vq,
};
use tandem_inference::{CandleEngine, Engine};
use tandem_networks::{
    ActHead, Architecture, ChunkDecoder, ChunkEncoder, ConditionSizes, Context, Denoiser, Next,
    System1Head, Tokens, TokensSeen,
};

use super::*;
use crate::tokenizer::{CODEBOOKS, TOKENIZER_KEY, TokenizerHeader};

const STEPS: usize = 3;
const DIMS: usize = 2;
const VALUES: usize = STEPS * DIMS;
const BINS: u16 = 9;
const SIZES: ConditionSizes = ConditionSizes { features: 4, posture: 6, latent: 3 };

/// Small networks of every kind, whose weights are a fixed pattern.
struct Patterned;

impl Patterned {
    fn architecture(name: &str) -> Option<Architecture> {
        let context = Context { condition: SIZES, hidden: vec![5] };
        let saying = |seen| {
            Architecture::Tokens(Tokens {
                context: 5,
                rows: STEPS,
                columns: DIMS,
                vocabulary: BINS.into(),
                seen,
                embedding: 2,
                hidden: vec![6],
                row_width: 3,
            })
        };
        let denoiser = Denoiser { context: 5, values: VALUES, time: 4, hidden: vec![7] };
        match name {
            "regression" => Some(Architecture::System1Head(System1Head {
                features: SIZES.features,
                dof: DIMS,
                latent: SIZES.latent,
                hidden: vec![5],
                horizon: STEPS,
            })),
            "act" => Some(Architecture::ActHead(ActHead {
                condition: SIZES,
                style: 2,
                hidden: vec![5],
                values: VALUES,
            })),
            "discrete_diffusion" => Some(saying(TokensSeen::Masked)),
            "e0" => Some(saying(TokensSeen::Noisy(4))),
            "next" => Some(Architecture::Next(Next {
                context: 5,
                window: 4,
                vocabulary: BINS.into(),
                places: VALUES,
                embedding: 2,
                hidden: vec![5],
            })),
            "context" => Some(Architecture::Context(context)),
            "denoiser" => Some(Architecture::Denoiser(denoiser)),
            // As many codes as the tokenizers of these tests have.
            "bins" => Some(next(9)),
            "fast" => Some(next(FAST.1.vocabulary() as usize + 1)),
            "vq" => Some(next(5)),
            "oat" => Some(next(6)),
            _ => None,
        }
    }
}

fn next(vocabulary: usize) -> Architecture {
    let hidden = vec![6];
    let next = Next { context: 5, window: 2, vocabulary, places: 99, embedding: 3, hidden };
    Architecture::Next(next)
}

/// Weights in a fixed pattern, which no two neighbours share.
fn patterned(architecture: &Architecture) -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let parameters = architecture.parameters().unwrap().into_iter();
    let fill = |it: tandem_networks::Parameter| {
        let elements: usize = it.shape.iter().product();
        let data = (0_i16..13).cycle().map(|i| 0.06 * f32::from(i - 6)).take(elements).collect();
        (it.name, it.shape, data)
    };
    parameters.map(fill).collect()
}

/// A tokenizer's file of two registers with two latents each.
pub(crate) fn tokenizer(codes: usize, levels: Vec<u32>) -> Vec<u8> {
    let encoder = ChunkEncoder { values: VALUES, hidden: vec![4], latents: 4 };
    let decoder = ChunkDecoder { codes, hidden: vec![4], values: VALUES };
    let header = TokenizerHeader {
        registers: 2,
        levels,
        encoder: Architecture::ChunkEncoder(encoder),
        decoder: Architecture::ChunkDecoder(decoder),
    };
    let mut tensors =
        vec![(CODEBOOKS.to_owned(), vec![2, 5, 2], (0..20_u8).map(f32::from).collect())];
    for (network, architecture) in [("encoder", &header.encoder), ("decoder", &header.decoder)] {
        let own = patterned(architecture).into_iter();
        tensors.extend(own.map(|(name, shape, data)| (format!("{network}.{name}"), shape, data)));
    }
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, _, data)| data.iter().flat_map(|value| value.to_le_bytes()).collect())
        .collect();
    let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    let json = serde_json::to_string(&header).unwrap();
    serialize(views, Some(HashMap::from([(TOKENIZER_KEY.to_owned(), json)]))).unwrap()
}

/// FAST's file, and the tokenizer it is of.
static FAST: LazyLock<(Vec<u8>, tandem_actions::Fast)> = LazyLock::new(|| {
    let chunks: Vec<Vec<f64>> =
        (0..40).map(|c| (0..VALUES).map(|i| (f64::from(c) + i as f64).sin()).collect()).collect();
    let shape = ChunkShape::new(STEPS, DIMS).unwrap();
    let settings = FitSettings { vocabulary: 80, ..FitSettings::PAPER };
    let training = chunks.iter().map(Vec::as_slice);
    let fast = tandem_actions::Fast::fit(shape, training, &settings).unwrap();
    (fast.bpe().to_json().unwrap().into_bytes(), fast)
});

/// The parts of one representation.
struct PartsOf(&'static str);

impl Parts for PartsOf {
    fn engine(&self, name: &str) -> Result<Box<dyn Engine>, LoadError> {
        // A hybrid's `next` is beside its denoiser; the others' is what they are called after.
        let own = ["head", "tokens", "next"].contains(&name) && self.0 != "hybrid";
        let name = if own { self.0 } else { name };
        let none = || tandem_inference::LoadError::NoNetwork {
            name: name.to_owned(),
            present: Vec::new(),
        };
        let architecture = Patterned::architecture(name).ok_or_else(none)?;
        let weights = patterned(&architecture);
        let find = |wanted: &str| {
            let (_, shape, data) = weights.iter().find(|(name, _, _)| name == wanted)?;
            Some((shape.as_slice(), data.as_slice()))
        };
        Ok(Box::new(CandleEngine::load(&architecture, find)?))
    }

    fn file(&self, name: &str) -> Option<&[u8]> {
        static OAT: LazyLock<Vec<u8>> = LazyLock::new(|| tokenizer(6, vec![3, 2]));
        static VQ: LazyLock<Vec<u8>> = LazyLock::new(|| tokenizer(4, Vec::new()));
        match name {
            "oat.safetensors" => Some(&OAT),
            "vq.safetensors" => Some(&VQ),
            "tokenizer.json" => Some(&FAST.0),
            _ => None,
        }
    }
}

/// One fixture for each representation; whoever adds a head adds one here.
fn fixtures() -> Vec<Representation> {
    vec![
        Representation::Regression,
        Representation::Act,
        Representation::Flow(Flow { steps: 10, noise: Noise::Held }),
        Representation::Diffusion(Diffusion { steps: 10, training_steps: 100, noise: Noise::Held }),
        Representation::Bins(Bins {
            bins: 9,
            order: Order::Autoregressive,
            choice: Choice::Median,
        }),
        fast(),
        Representation::Vq(Vq { files: vec!["vq.safetensors".into()] }),
        Representation::Oat(Oat { files: vec!["oat.safetensors".into()], tokens: 2 }),
        Representation::DiscreteDiffusion(DiscreteDiffusion {
            rounds: 5,
            bins: BINS,
            remask_first: 0.0,
            remask_last: 0.2,
            choice: Choice::Likeliest,
        }),
        Representation::E0(E0 { steps: 5, bins: BINS, noise: Noise::Held, choice: Choice::Median }),
        Representation::Hybrid(Hybrid {
            steps: 4,
            training_steps: 100,
            noise: Noise::Held,
            bins: BINS,
            confidence_min: 0.1,
            choice: Choice::Likeliest,
        }),
    ]
}

/// Heads that draw their tokens: as random as they are, they repeat themselves from a reset on.
fn drawing() -> Vec<Representation> {
    let choice = Choice::Drawn;
    vec![
        Representation::Bins(Bins { bins: 9, order: Order::Autoregressive, choice }),
        Representation::DiscreteDiffusion(DiscreteDiffusion {
            rounds: 5,
            bins: BINS,
            remask_first: 0.0,
            remask_last: 0.2,
            choice,
        }),
    ]
}

fn fast() -> Representation {
    let settings = FAST.1.settings();
    Representation::Fast(Fast {
        files: vec!["tokenizer.json".into()],
        scale: settings.scale,
        below_zero: usize::try_from(-settings.token_min).unwrap(),
        tokens_max: 20,
    })
}

/// All but FAST, whose random tokens are no chunk.
fn decodable() -> impl Iterator<Item = Representation> {
    fixtures().into_iter().filter(|it| it.name() != "fast")
}

fn made(representation: &Representation) -> Box<dyn Head> {
    let shape = ChunkShape::new(STEPS, DIMS).unwrap();
    head(representation, shape, &PartsOf(representation.name())).unwrap()
}

fn condition(motion: u64) -> Condition<'static> {
    Condition {
        features: &[0.3, -0.2, 0.9, 0.1],
        posture: &[0.1, 0.2, -0.3, 0.4, -0.5, 0.6],
        latent: &[0.7, -0.8, 0.9],
        motion,
    }
}

/// The chunk and the number of steps, when time is up at the `allowed`-th question.
fn decode(
    head: &mut dyn Head,
    motion: u64,
    steps_max: Option<usize>,
    allowed: usize,
) -> Result<(Vec<f32>, usize), StepError> {
    let asked = Cell::new(0);
    let mut is_over = || asked.replace(asked.get() + 1) >= allowed;
    let mut chunk = vec![f32::NAN; VALUES];
    let mut budget = Budget::new(steps_max, &mut is_over);
    let steps = head.decode(&condition(motion), &mut budget, &mut chunk)?;
    Ok((chunk, steps))
}

#[test]
fn every_representation_has_a_fixture() {
    let names: Vec<_> = fixtures().iter().map(Representation::name).collect();
    assert_eq!(names, Representation::NAMES);
}

#[test]
fn whenever_time_is_up_there_is_a_finite_answer_or_a_typed_error() {
    for representation in fixtures() {
        let mut head = made(&representation);
        for allowed in 0..12 {
            match decode(head.as_mut(), 1, None, allowed) {
                Ok((chunk, steps)) => {
                    let finite = chunk.iter().all(|value| value.is_finite());
                    assert!(finite && steps >= 1, "{representation} after {allowed}: {chunk:?}");
                }
                // FAST has no answer before it has said the end, and perhaps not then.
                Err(StepError::OutOfTime | StepError::Tokens(_) | StepError::NoEnd { .. })
                    if representation.name() == "fast" => {}
                Err(StepError::OutOfTime) => assert_eq!(allowed, 0, "{representation}"),
                Err(error) => panic!("{representation}: {error}"),
            }
        }
    }
}

#[test]
fn the_same_conditions_in_the_same_order_give_the_same_bytes() {
    for representation in decodable().chain(drawing()) {
        let mut head = made(&representation);
        let all = |head: &mut dyn Head| -> Vec<Vec<f32>> {
            let motions = [1, 1, 2, 3, 3, 1];
            motions.map(|motion| decode(head, motion, None, 99).unwrap().0).into()
        };
        let first = all(head.as_mut());
        head.reset();
        assert_eq!(all(head.as_mut()), first, "{representation}, after a reset");
        assert_eq!(all(made(&representation).as_mut()), first, "{representation}, made anew");
    }
}

#[test]
fn a_budget_of_fewer_steps_is_kept_and_never_raised() {
    for representation in decodable() {
        let mut head = made(&representation);
        let own = decode(head.as_mut(), 1, None, 99).unwrap();
        let few = decode(head.as_mut(), 1, Some(3), 99).unwrap();
        let many = decode(head.as_mut(), 1, Some(1000), 99).unwrap();
        assert_eq!(few.1, own.1.min(3), "{representation}");
        assert_eq!(many, own, "{representation}");
    }
}

/// The same condition again is another draw.
#[test]
fn tokens_are_drawn_anew_for_each_chunk() {
    for representation in drawing() {
        let mut head = made(&representation);
        let mut say = || decode(head.as_mut(), 1, None, 99).unwrap().0;
        assert_ne!(say(), say(), "{representation}");
    }
}

#[test]
fn held_noise_lasts_as_long_as_the_motion() {
    let with = |noise| {
        [
            Representation::Flow(Flow { steps: 2, noise }),
            Representation::Diffusion(Diffusion { steps: 2, training_steps: 100, noise }),
        ]
    };
    for (rule, same) in [(Noise::Held, true), (Noise::Fresh, false)] {
        for representation in with(rule) {
            let mut head = made(&representation);
            let mut say = |motion| decode(head.as_mut(), motion, None, 99).unwrap().0;
            let (first, second, third) = (say(1), say(1), say(2));
            assert_eq!(first == second, same, "{representation}, {rule:?}");
            assert_ne!(first, third, "{representation}, {rule:?}");
        }
    }
}

/// A network that always gives the same numbers.
struct Constant {
    signature: tandem_networks::Signature,
    says: Vec<f32>,
}

impl Engine for Constant {
    fn signature(&self) -> &tandem_networks::Signature {
        &self.signature
    }

    fn run(&mut self, _: &[&[f32]], outputs: &mut [&mut [f32]]) -> Result<(), EngineError> {
        outputs[0].copy_from_slice(&self.says);
        Ok(())
    }
}

/// A denoiser that knows the chunk.
struct Oracle;

const CHUNK: [f32; VALUES] = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6];

impl Parts for Oracle {
    fn engine(&self, name: &str) -> Result<Box<dyn Engine>, LoadError> {
        let signature = Patterned::architecture(name).unwrap().signature();
        let says = if name == "denoiser" { CHUNK.to_vec() } else { vec![0.0; 5] };
        Ok(Box::new(Constant { signature, says }))
    }

    fn file(&self, _name: &str) -> Option<&[u8]> {
        None
    }
}

#[test]
fn a_network_that_knows_the_chunk_is_believed_after_any_number_of_steps() {
    let shape = ChunkShape::new(STEPS, DIMS).unwrap();
    for representation in &fixtures()[2..4] {
        let mut head = head(representation, shape, &Oracle).unwrap();
        for allowed in 1..=11 {
            let (chunk, steps) = decode(head.as_mut(), 1, None, allowed).unwrap();
            assert_eq!(steps, allowed.min(10), "{representation}");
            for (found, wanted) in chunk.iter().zip(CHUNK) {
                assert!((found - wanted).abs() < 1e-5, "{representation} after {steps}: {chunk:?}");
            }
        }
    }
}
