//! One policy's chunks in another's words: what a tokenizer alone costs.

use tandem_actions::{
    BinEdges, BinValue, Binned, ChunkShape, OpenVlaBins, Representation as Codec, UniformBins,
};
use tandem_bundle::{Bundle, Representation};
use tandem_inference::EngineKind;

use crate::budget::Budget;
use crate::head::{Condition, Head, Parts, Spoken, TokenCost};
use crate::policy::{BundleParts, LoadError, StepError};
use crate::precision::{narrow, widen};
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
    spoken: Spoken,
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
        Ok(Self { head, own, codec, unit, wide, tokens, spoken: Spoken::default() })
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
        widen(chunk, &mut self.wide);
        self.codec.encode_into(&self.wide, &mut self.tokens)?;
        self.codec.decode_into(&self.tokens, &mut self.wide)?;
        self.spoken.add(self.tokens.len());
        narrow(&self.wide, chunk);
        self.unit.to_rad(chunk);
        self.own.to_numbers(chunk);
        Ok(steps)
    }

    fn cost(&self) -> Option<TokenCost> {
        Some(self.spoken.cost(|tokens| self.codec.bits_nominal(tokens)))
    }

    fn reset(&mut self) {
        self.head.reset();
        self.spoken = Spoken::default();
    }
}

/// The tokenizer behind a representation, for chunks of `shape`; none of those that speak in plain
/// numbers.
///
/// # Errors
/// If a part is missing or does not fit.
pub fn codec(
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::budget::no_deadline;

    /// Says the same path always: each joint at a speed of its own.
    struct Straight;

    const SPEEDS: [f32; 6] = [0.6, -0.4, 0.2, -0.7, 0.1, 0.05];

    impl Head for Straight {
        fn decode(
            &mut self,
            _condition: &Condition<'_>,
            _budget: &mut Budget<'_>,
            chunk: &mut [f32],
        ) -> Result<usize, StepError> {
            // In the unit of a range that grows with the steps, a constant is a straight path.
            chunk.iter_mut().zip(SPEEDS.iter().cycle()).for_each(|(value, speed)| *value = *speed);
            Ok(1)
        }
    }

    fn shipped(name: &str) -> Bundle {
        let policies = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../configs/policies");
        Bundle::load(policies.join(name)).unwrap()
    }

    fn through(bundle: &Bundle, own: &Bundle, steps: usize) -> Result<Through, LoadError> {
        let unit = ChunkUnit::new(&own.manifest().system1().unwrap().action);
        Through::new(Box::new(Straight), unit, ChunkShape::new(steps, 6).unwrap(), bundle)
    }

    #[test]
    fn a_path_comes_through_each_tokenizer_about_as_it_was() {
        // The mean of what is said is 0.34. Learned tokenizers know the expert's paths better than this.
        for (name, tokens, most) in [
            ("bins", Some(96.0), 0.01),
            ("fast", None, 0.1),
            ("vq", Some(16.0), 0.25),
            ("oat", Some(8.0), 0.25),
            ("discrete_diffusion", Some(96.0), 0.01),
            ("e0", Some(96.0), 0.01),
            ("hybrid", Some(96.0), 0.02),
        ] {
            let bundle = shipped(name);
            let mut head = through(&bundle, &bundle, 16).unwrap();
            let (mut never, mut chunk) = (no_deadline(), [0.0; 96]);
            let condition = Condition { features: &[], posture: &[], latent: &[], motion: 1 };
            head.decode(&condition, &mut Budget::new(None, &mut never), &mut chunk).unwrap();
            let lost = chunk.iter().zip(SPEEDS.iter().cycle()).map(|(a, b)| (a - b).abs());
            let lost: Vec<f32> = lost.collect();
            let mean = lost.iter().sum::<f32>() / 96.0;
            assert!(mean > 0.0 && mean < most, "{name} loses {mean}: {chunk:?}");
            let cost = head.cost().unwrap().tokens;
            assert!(tokens.is_none_or(|tokens| tokens == cost) && cost >= 1.0, "{name}: {cost}");
        }
    }

    #[test]
    fn a_bundle_without_tokens_or_for_other_chunks_is_refused() {
        let refused = through(&shipped("flow"), &shipped("flow"), 16);
        assert!(matches!(refused, Err(LoadError::NoTokenizer { .. })));
        let refused = through(&shipped("bins"), &shipped("bins"), 1);
        assert!(matches!(refused, Err(LoadError::OtherChunks { .. })));
    }
}
