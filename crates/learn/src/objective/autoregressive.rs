//! What objectives of tokens share: a context, and a network that says the next token.

use candle_core::{Device, Tensor};
use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;
use tandem_inference::{CandleOps, Weights};
use tandem_networks::{Architecture, Context, Next};

use super::cross_entropy::cross_entropy;
use super::{ConditionBatch, HeadSizes, only};
use crate::error::TrainError;
use crate::parameters::with_values;

/// Width of a token's embedding.
const EMBEDDING: usize = 16;
/// Places of each chunk that one step learns from. What is left out today is drawn tomorrow.
const PLACES: usize = 12;

/// A context and a network that says the next token.
pub(super) struct Autoregressive {
    context: Architecture,
    next: Architecture,
    window: usize,
    vocabulary: usize,
    /// Every other place is drawn from the first so many, if that is not all.
    early: Option<usize>,
}

impl Autoregressive {
    /// For tokens below `vocabulary`, at most `places` of them in a chunk, each knowing the
    /// `window` before it.
    pub(super) fn new(sizes: &HeadSizes, vocabulary: usize, places: usize, window: usize) -> Self {
        let HeadSizes { condition, width, .. } = *sizes;
        let context = Context { condition, hidden: vec![width, width / 2] };
        let next = Next {
            context: context.width(),
            window,
            vocabulary,
            places,
            embedding: EMBEDDING,
            hidden: vec![width / 2, width / 2],
        };
        let (context, next) = (Architecture::Context(context), Architecture::Next(next));
        Self { context, next, window, vocabulary, early: None }
    }

    /// Learns half of the time from the first `early` tokens of a chunk. They have only the condition
    /// to go by, while most of the others could go on from those before them without it; and they are
    /// what is executed before the next chunk is there.
    pub(super) fn with_early(self, early: usize) -> Self {
        Self { early: Some(early), ..self }
    }

    pub(super) fn networks(&self) -> Vec<(&'static str, Architecture)> {
        vec![("context", self.context.clone()), ("next", self.next.clone())]
    }

    /// The cross-entropy of the next token, at places drawn from each chunk's tokens.
    pub(super) fn loss(
        &self,
        weights: &Weights,
        condition: &ConditionBatch,
        chunks: &[Vec<u32>],
        rng: &mut Pcg64Mcg,
    ) -> Result<Tensor, TrainError> {
        let draw = self.draw(chunks, rng);
        let rows = draw.places.len();
        let mut ops = CandleOps::under(weights, "context.");
        let context = only(self.context.forward(&mut ops, &condition.inputs())?)?;
        let samples = Tensor::from_vec(draw.samples, rows, &Device::Cpu)?;
        let context = context.index_select(&samples, 0)?;
        let window = Tensor::from_vec(draw.window, (rows, self.window), &Device::Cpu)?;
        let places = Tensor::from_vec(draw.places, (rows, 1), &Device::Cpu)?;
        let mut ops = CandleOps::under(weights, "next.");
        let logits = only(self.next.forward(&mut ops, &[context, window, places])?)?;
        Ok(cross_entropy(&logits, draw.wanted, vec![1.0; rows])?)
    }

    fn draw(&self, chunks: &[Vec<u32>], rng: &mut Pcg64Mcg) -> Draw {
        let mut draw = Draw::default();
        for (sample, tokens) in (0_u32..).zip(chunks) {
            let count = tokens.len();
            for index in 0..PLACES.min(count) {
                let early = self.early.filter(|_| index % 2 == 0).map_or(count, |it| it.min(count));
                let place = if count > PLACES { rng.random_range(0..early) } else { index };
                // Whole numbers of a vocabulary are exact in f32.
                let nothing = self.vocabulary as f32;
                let before = tokens.iter().take(place).rev().map(|token| *token as f32);
                let window = before.chain(core::iter::repeat(nothing)).take(self.window);
                draw.window.extend(window);
                draw.samples.push(sample);
                draw.places.push(place as f32);
                draw.wanted.extend(tokens.get(place));
            }
        }
        draw
    }
}

/// Places of chunks, row by row.
#[derive(Default)]
struct Draw {
    samples: Vec<u32>,
    window: Vec<f32>,
    places: Vec<f32>,
    wanted: Vec<u32>,
}

/// Each chunk of a batch in double precision.
pub(super) fn rows(chunk: &Tensor) -> Result<Vec<Vec<f64>>, TrainError> {
    let (_, values) = chunk.dims2()?;
    let wide = |row: &[f32]| row.iter().copied().map(f64::from).collect();
    Ok(with_values(chunk, |chunk| chunk.chunks_exact(values.max(1)).map(wide).collect())?)
}

/// The training chunks in double precision, at most `most` of them, spread evenly.
pub(super) fn spread(chunks: &[f32], values: usize, most: usize) -> Vec<Vec<f64>> {
    let count = chunks.len() / values.max(1);
    let every = count.div_ceil(most).max(1);
    let rows = chunks.chunks_exact(values.max(1)).step_by(every);
    rows.map(|row| row.iter().copied().map(f64::from).collect()).collect()
}
