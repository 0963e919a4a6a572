//! Tokens and a continuous remainder: what VQ-BeT's policy says in all.

use crate::representation::{check_chunk, check_finite, check_room};
use crate::{ChunkShape, DecodeError, EncodeError, Representation, TokenCount};

/// Tokens that no policy leaves alone: to what they decode to it adds an `f32` for each value.
///
/// In an account the remainder's bits are tokens, too, as in [`Continuous`](crate::Continuous). It
/// shows what an offset head is: however few bits its codes have, no codebook caps it.
#[derive(Clone, Debug)]
pub struct WithOffset<R> {
    inner: R,
    coarse: Vec<f64>,
}

impl<R: Representation> WithOffset<R> {
    /// Adds a remainder to `inner`.
    #[must_use]
    pub fn new(inner: R) -> Self {
        let coarse = vec![0.0; inner.shape().values()];
        Self { inner, coarse }
    }
}

impl<R: Representation> Representation for WithOffset<R> {
    fn shape(&self) -> ChunkShape {
        self.inner.shape()
    }

    /// All patterns of 32 bits but the last, which is no number; the codes are among them.
    fn vocabulary(&self) -> u32 {
        u32::MAX
    }

    fn tokens(&self) -> TokenCount {
        let values = self.continuous_values();
        match self.inner.tokens() {
            TokenCount::Exactly(tokens) => TokenCount::Exactly(tokens + values),
            TokenCount::AtMost(tokens) => TokenCount::AtMost(tokens + values),
        }
    }

    fn continuous_values(&self) -> usize {
        self.inner.shape().values()
    }

    fn encode_into(&mut self, chunk: &[f64], tokens: &mut Vec<u32>) -> Result<(), EncodeError> {
        check_chunk(self.shape(), chunk)?;
        self.inner.encode_into(chunk, tokens)?;
        if self.inner.decode_into(tokens, &mut self.coarse).is_err() {
            return Err(EncodeError::OutsideVocabulary);
        }
        let pairs = chunk.iter().zip(&self.coarse);
        tokens.extend(pairs.map(|(value, coarse)| ((value - coarse) as f32).to_bits()));
        Ok(())
    }

    fn decode_into(&mut self, tokens: &[u32], chunk: &mut [f64]) -> Result<(), DecodeError> {
        check_room(self.shape(), chunk)?;
        let (found, expected) = (tokens.len(), self.tokens().most());
        let codes = found.checked_sub(self.continuous_values());
        let codes = codes.ok_or(DecodeError::Count { expected, found })?;
        let (codes, offsets) = tokens.split_at(codes);
        self.inner.decode_into(codes, chunk)?;
        for (value, bits) in chunk.iter_mut().zip(offsets) {
            *value += f64::from(f32::from_bits(*bits));
        }
        check_finite(chunk)
    }

    /// The codes' capacity and 32 bits for each offset.
    fn bits_nominal(&self, tokens: f64) -> f64 {
        let values = self.continuous_values() as f64;
        self.inner.bits_nominal(tokens - values) + 32.0 * values
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ResidualVq, VqChunk};

    fn codec() -> WithOffset<VqChunk> {
        let vq = ResidualVq::new(1, 2, 2, vec![0.0, 0.0, 1.0, 1.0]).unwrap();
        WithOffset::new(VqChunk::new(ChunkShape::new(2, 1).unwrap(), vq).unwrap())
    }

    #[test]
    fn the_capacity_is_that_of_codes_and_floats() {
        let codec = codec();
        assert_eq!(codec.tokens(), TokenCount::Exactly(3));
        assert_eq!(codec.bits_nominal(3.0), 1.0 + 64.0);
    }

    proptest! {
        #[test]
        fn only_the_rounding_of_a_float_is_lost(chunk in prop::collection::vec(-9.0..9.0_f64, 2)) {
            let (mut tokens, mut decoded) = (Vec::new(), [0.0; 2]);
            let mut codec = codec();
            codec.encode_into(&chunk, &mut tokens).unwrap();
            codec.decode_into(&tokens, &mut decoded).unwrap();
            for (value, decoded) in chunk.iter().zip(decoded) {
                prop_assert!((value - decoded).abs() <= 10.0 * f64::from(f32::EPSILON));
            }
        }

        #[test]
        fn decoding_is_total(tokens in prop::collection::vec(any::<u32>(), 0..6)) {
            let mut decoded = [f64::NAN; 2];
            match codec().decode_into(&tokens, &mut decoded) {
                Ok(()) => prop_assert!(decoded.iter().all(|value| value.is_finite())),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}
