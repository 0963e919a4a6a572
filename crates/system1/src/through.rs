//! One policy's chunks in another's words: what a tokenizer alone costs.

use tandem_actions::{
    BinEdges, BinValue, Binned, ChunkShape, OpenVlaBins, Representation as Codec, UniformBins,
};
use tandem_bundle::{Bundle, Representation};
use tandem_inference::EngineKind;

use crate::budget::Budget;
use crate::head::{Condition, Head, Parts, TokenCost};
use crate::policy::{BundleParts, LoadError, StepError};
use crate::tokenizer::{Tokenizer, fast};
use crate::unit::ChunkUnit;

/// Says what `head` says, but through the tokenizer of another bundle: encoded and decoded, and so
/// with all that its codes lose and none of what a network says wrong.
pub(crate) struct Through {
    head: Box<dyn Head>,
    own: ChunkUnit,
    codec: Box<dyn Codec + Send>,
    unit: ChunkUnit,
    wide: Vec<f64>,
    tokens: Vec<u32>,
    /// Tokens of all chunks so far, and chunks.
    spoken: (u64, u64),
}

impl Through {
    /// # Errors
    /// If the bundle has no tokenizer, or one for other chunks than the head's, of `shape` and in
    /// the unit `own`.
    pub(crate) fn new(
        head: Box<dyn Head>,
        own: ChunkUnit,
        shape: ChunkShape,
        bundle: &Bundle,
    ) -> Result<Self, LoadError> {
        let manifest = bundle.manifest();
        let none = || LoadError::NoTokenizer { bundle: manifest.name.clone() };
        let spec = manifest.system1().ok_or_else(none)?;
        let found = ChunkShape::new(spec.action.horizon, manifest.joints.len())?;
        if found != shape {
            return Err(LoadError::OtherChunks { expected: shape, found });
        }
        let parts = BundleParts { bundle, kind: EngineKind::Candle, library: None };
        let codec = codec(&spec.representation, shape, &parts)?.ok_or_else(none)?;
        let (wide, tokens) = (vec![0.0; shape.values()], Vec::with_capacity(codec.tokens().most()));
        let unit = ChunkUnit::new(&spec.action);
        Ok(Self { head, own, codec, unit, wide, tokens, spoken: (0, 0) })
    }
}

impl Head for Through {
    fn decode(
        &mut self,
        condition: &Condition<'_>,
        budget: &mut Budget<'_>,
        chunk: &mut [f32],
    ) -> Result<usize, StepError> {
        let steps = self.head.decode(condition, budget, chunk)?;
        self.own.to_rad(chunk);
        self.unit.to_numbers(chunk);
        self.wide.iter_mut().zip(&*chunk).for_each(|(wide, &value)| *wide = value.into());
        self.codec.encode_into(&self.wide, &mut self.tokens)?;
        self.codec.decode_into(&self.tokens, &mut self.wide)?;
        self.spoken.0 += self.tokens.len() as u64;
        self.spoken.1 += 1;
        chunk.iter_mut().zip(&self.wide).for_each(|(value, &wide)| *value = wide as f32);
        self.unit.to_rad(chunk);
        self.own.to_numbers(chunk);
        Ok(steps)
    }

    fn cost(&self) -> Option<TokenCost> {
        let (tokens, chunks) = self.spoken;
        let tokens = tokens as f64 / chunks.max(1) as f64;
        Some(TokenCost { tokens, bits_nominal: self.codec.bits_nominal(tokens) })
    }

    fn reset(&mut self) {
        self.head.reset();
        self.spoken = (0, 0);
    }
}

/// The tokenizer behind a representation; none of those that speak in plain numbers.
fn codec(
    representation: &Representation,
    shape: ChunkShape,
    parts: &dyn Parts,
) -> Result<Option<Box<dyn Codec + Send>>, LoadError> {
    let uniform = |bins| UniformBins { bins, edges: BinEdges::Upper, value: BinValue::Centre };
    Ok(Some(match representation {
        Representation::Bins(it) => Box::new(Binned::new(shape, OpenVlaBins::new(it.bins))),
        Representation::Hybrid(it) => Box::new(Binned::new(shape, OpenVlaBins::new(it.bins))),
        Representation::DiscreteDiffusion(it) => Box::new(Binned::new(shape, uniform(it.bins))),
        Representation::E0(it) => Box::new(Binned::new(shape, uniform(it.bins))),
        Representation::Fast(it) => Box::new(fast(it, shape, parts)?),
        Representation::Vq(it) => Box::new(Tokenizer::of(parts, &it.files)?.vq(shape)?),
        Representation::Oat(it) => Box::new(Tokenizer::of(parts, &it.files)?.oat(shape)?),
        Representation::Regression
        | Representation::Act
        | Representation::Flow(_)
        | Representation::Diffusion(_) => return Ok(None),
    }))
}
