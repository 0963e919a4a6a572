//! A tokenizer with the scaling that its papers do outside of it.

use crate::representation::{check_chunk, check_finite, check_room};
use crate::{ChunkShape, DecodeError, EncodeError, Normaliser, Representation, TokenCount};

/// A representation of normalised chunks that takes and gives chunks in the caller's units.
///
/// So representations that are scaled by different rules can stand in one table: their errors are
/// in the same units, and what a rule clips counts as an error of the representation.
#[derive(Clone, Debug)]
pub struct Normalised<R> {
    normaliser: Normaliser,
    inner: R,
    scaled: Vec<f64>,
}

/// A scaling and a representation of different robots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a normaliser of {dims} dimensions for chunks of {shape}")]
pub struct NormalisedError {
    /// Dimensions of the normaliser.
    pub dims: usize,
    /// Chunks of the representation.
    pub shape: ChunkShape,
}

impl<R: Representation> Normalised<R> {
    /// Puts a scaling before `inner`.
    ///
    /// # Errors
    /// If the two have different dimensions.
    pub fn new(normaliser: Normaliser, inner: R) -> Result<Self, NormalisedError> {
        let (dims, shape) = (normaliser.dims(), inner.shape());
        if dims != shape.dims() {
            return Err(NormalisedError { dims, shape });
        }
        Ok(Self { normaliser, inner, scaled: vec![0.0; shape.values()] })
    }

    /// What it scales for.
    #[must_use]
    pub const fn inner(&self) -> &R {
        &self.inner
    }
}

impl<R: Representation> Representation for Normalised<R> {
    fn shape(&self) -> ChunkShape {
        self.inner.shape()
    }

    fn vocabulary(&self) -> u32 {
        self.inner.vocabulary()
    }

    fn tokens(&self) -> TokenCount {
        self.inner.tokens()
    }

    fn continuous_values(&self) -> usize {
        self.inner.continuous_values()
    }

    fn encode_into(&mut self, chunk: &[f64], tokens: &mut Vec<u32>) -> Result<(), EncodeError> {
        check_chunk(self.shape(), chunk)?;
        self.scaled.copy_from_slice(chunk);
        self.normaliser.normalise(&mut self.scaled);
        self.inner.encode_into(&self.scaled, tokens)
    }

    fn decode_into(&mut self, tokens: &[u32], chunk: &mut [f64]) -> Result<(), DecodeError> {
        check_room(self.shape(), chunk)?;
        self.inner.decode_into(tokens, chunk)?;
        self.normaliser.restore(chunk);
        // A finite value may leave the range of numbers in the caller's units.
        check_finite(chunk)
    }

    fn bits_nominal(&self, tokens: f64) -> f64 {
        self.inner.bits_nominal(tokens)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Binned, DimStatistics, OpenVlaBins, Scaling, Statistics};

    /// Bins over `[-2, 6]`, the range of the one dimension.
    fn bins() -> Normalised<Binned<OpenVlaBins>> {
        let dim = DimStatistics { min: -2.0, max: 6.0, q01: -2.0, q99: 6.0, mean: 2.0, std: 1.0 };
        let normaliser = Normaliser::all(Scaling::MinMax, Statistics { dims: vec![dim] }).unwrap();
        let shape = ChunkShape::new(3, 1).unwrap();
        Normalised::new(normaliser, Binned::new(shape, OpenVlaBins::new(256))).unwrap()
    }

    #[test]
    fn other_dimensions_are_refused() {
        let none = Normaliser::all(Scaling::MinMax, Statistics::default()).unwrap();
        let shape = ChunkShape::new(3, 1).unwrap();
        let error = Normalised::new(none, Binned::new(shape, OpenVlaBins::new(256))).unwrap_err();
        assert_eq!(error, NormalisedError { dims: 0, shape });
    }

    proptest! {
        /// Half an interval of 255, in units of a range of 8.
        #[test]
        fn errors_are_in_the_callers_units(chunk in prop::collection::vec(-2.0..6.0_f64, 3)) {
            let (mut tokens, mut decoded) = (Vec::new(), [0.0; 3]);
            let mut bins = bins();
            bins.encode_into(&chunk, &mut tokens).unwrap();
            bins.decode_into(&tokens, &mut decoded).unwrap();
            for (value, decoded) in chunk.iter().zip(decoded) {
                prop_assert!((value - decoded).abs() <= 8.0 / 255.0 / 2.0 + 1e-12);
            }
        }

        #[test]
        fn decoding_is_total(tokens in prop::collection::vec(any::<u32>(), 0..5)) {
            let mut decoded = [f64::NAN; 3];
            if bins().decode_into(&tokens, &mut decoded).is_ok() {
                prop_assert!(decoded.iter().all(|value| value.is_finite()));
            }
        }
    }
}
