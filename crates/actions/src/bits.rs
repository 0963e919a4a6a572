//! What a representation costs and what it loses: bits per chunk, and reconstruction error.

use std::collections::BTreeMap;

use crate::{DecodeError, EncodeError, Representation};

/// A representation's rate and distortion on a set of chunks: one row of a codec table.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Chunks that were encoded and decoded again.
    pub chunks: u64,
    /// Chunks that could not be: they count nowhere else.
    pub failures: u64,
    /// The rate.
    pub rate: Rate,
    /// The distortion, in the units of the chunks given.
    pub distortion: Distortion,
}

/// Bits per chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// Tokens per chunk.
    pub tokens_mean: f64,
    /// What the tokens could carry: tokens times the logarithm of the vocabulary.
    pub bits_nominal: f64,
    /// What they did carry: tokens times the empirical entropy of all tokens together.
    pub bits_measured: f64,
    /// As above with one distribution per place among the tokens, the end being a symbol, too: the
    /// sum of the places' entropies. Smaller where places differ, and never less than the entropy of
    /// whole chunks. A place seen in n chunks cannot show more than log2(n) bits, so give many
    /// more chunks than the vocabulary has ids before you trust it.
    pub bits_by_place: f64,
}

/// How far decoded chunks are from the ones encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distortion {
    /// The mean square error over all values.
    pub mse: f64,
    /// The mean absolute error over all values.
    pub error_mean: f64,
    /// The largest absolute error.
    pub error_max: f64,
    /// The mean square error of each action dimension.
    pub mse_by_dim: Vec<f64>,
}

/// Encodes and decodes every chunk and adds up what that cost and lost.
pub fn account<'a>(
    representation: &mut dyn Representation,
    chunks: impl IntoIterator<Item = &'a [f64]>,
) -> Account {
    let mut ledger = Ledger::new(representation.shape().dims());
    let mut tokens = Vec::with_capacity(representation.tokens().most());
    let mut decoded = vec![0.0; representation.shape().values()];
    for chunk in chunks {
        match round_trip(representation, chunk, &mut tokens, &mut decoded) {
            Ok(()) => ledger.add(&tokens, chunk, &decoded),
            Err(_) => ledger.failures += 1,
        }
    }
    ledger.close(representation)
}

/// Why a chunk did not survive being encoded and decoded.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum RoundTripError {
    /// It could not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// What was written could not be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Encodes `chunk` into `tokens` and decodes those into `decoded`.
///
/// # Errors
/// If either direction fails.
pub fn round_trip(
    representation: &mut dyn Representation,
    chunk: &[f64],
    tokens: &mut Vec<u32>,
    decoded: &mut [f64],
) -> Result<(), RoundTripError> {
    representation.encode_into(chunk, tokens)?;
    Ok(representation.decode_into(tokens, decoded)?)
}

/// Sums over chunks, from which the account is drawn.
struct Ledger {
    chunks: u64,
    failures: u64,
    tokens: u64,
    all: Counts,
    by_place: Vec<Counts>,
    squares_by_dim: Vec<f64>,
    absolute: f64,
    largest: f64,
}

impl Ledger {
    fn new(dims: usize) -> Self {
        Self {
            chunks: 0,
            failures: 0,
            tokens: 0,
            all: Counts::default(),
            by_place: Vec::new(),
            squares_by_dim: vec![0.0; dims],
            absolute: 0.0,
            largest: 0.0,
        }
    }

    fn add(&mut self, tokens: &[u32], chunk: &[f64], decoded: &[f64]) {
        self.chunks += 1;
        self.tokens += tokens.len() as u64;
        if self.by_place.len() < tokens.len() {
            self.by_place.resize_with(tokens.len(), Counts::default);
        }
        for (token, place) in tokens.iter().zip(&mut self.by_place) {
            self.all.add(*token);
            place.add(*token);
        }
        let dims = self.squares_by_dim.len();
        for (row, copy) in chunk.chunks_exact(dims).zip(decoded.chunks_exact(dims)) {
            for ((value, copy), squares) in row.iter().zip(copy).zip(&mut self.squares_by_dim) {
                let error = (value - copy).abs();
                *squares += error * error;
                self.absolute += error;
                self.largest = self.largest.max(error);
            }
        }
    }

    fn close(self, representation: &dyn Representation) -> Account {
        let per_chunk = 1.0 / self.chunks.max(1) as f64;
        let rows = representation.shape().steps() as f64;
        let values = representation.shape().values() as f64;
        let tokens_mean = self.tokens as f64 * per_chunk;
        let rate = Rate {
            tokens_mean,
            bits_nominal: representation.bits_nominal(tokens_mean),
            bits_measured: tokens_mean * self.all.entropy_bits(0),
            // Where a chunk has no token at a place, the symbol there is its end.
            bits_by_place: self
                .by_place
                .iter()
                .map(|place| place.entropy_bits(self.chunks - place.total))
                .sum(),
        };
        let distortion = Distortion {
            mse: self.squares_by_dim.iter().sum::<f64>() * per_chunk / values,
            error_mean: self.absolute * per_chunk / values,
            error_max: self.largest,
            mse_by_dim: self.squares_by_dim.iter().map(|sum| sum * per_chunk / rows).collect(),
        };
        Account { chunks: self.chunks, failures: self.failures, rate, distortion }
    }
}

/// How often each symbol was seen. Ordered, so that sums come out the same to the last bit.
#[derive(Clone, Debug, Default)]
struct Counts {
    total: u64,
    by_symbol: BTreeMap<u32, u64>,
}

impl Counts {
    fn add(&mut self, symbol: u32) {
        self.total += 1;
        *self.by_symbol.entry(symbol).or_default() += 1;
    }

    /// The entropy of the empirical distribution, with `other` sightings of one more symbol.
    fn entropy_bits(&self, other: u64) -> f64 {
        let total = (self.total + other) as f64;
        let term = |count: u64| {
            let share = count as f64 / total;
            if count == 0 { 0.0 } else { -share * share.log2() }
        };
        self.by_symbol.values().copied().chain([other]).map(term).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChunkShape, Continuous};

    fn entropy_bits(symbols: &[u32]) -> f64 {
        let mut counts = Counts::default();
        symbols.iter().for_each(|symbol| counts.add(*symbol));
        counts.entropy_bits(0)
    }

    #[test]
    fn entropy_of_known_distributions() {
        assert_eq!(entropy_bits(&[]), 0.0);
        assert_eq!(entropy_bits(&[7, 7, 7]), 0.0);
        assert_eq!(entropy_bits(&[0, 1, 2, 3]), 2.0);
        assert_eq!(entropy_bits(&[0, 0, 1, 2]), 1.5);
    }

    #[test]
    fn an_end_is_a_symbol() {
        let mut counts = Counts::default();
        counts.add(3);
        assert_eq!(counts.entropy_bits(1), 1.0);
    }

    #[test]
    fn an_account_of_floats() {
        let shape = ChunkShape::new(1, 2).unwrap();
        let chunks = [[0.5, 0.1], [0.25, 0.1], [0.5, f64::NAN]];
        let account = account(&mut Continuous::new(shape), chunks.iter().map(|c| &c[..]));
        assert_eq!((account.chunks, account.failures), (2, 1));
        assert_eq!(account.rate.tokens_mean, 2.0);
        assert!((account.rate.bits_nominal - 64.0).abs() < 1e-6);
        // Four tokens, two of them alike; by place one bit, and none.
        assert_eq!(account.rate.bits_measured, 2.0 * 1.5);
        assert_eq!(account.rate.bits_by_place, 1.0);
        // A half and a quarter are floats; a tenth is not.
        let rounding = 0.1 - f64::from(0.1_f32);
        assert_eq!(account.distortion.error_max, rounding.abs());
        assert_eq!(account.distortion.mse_by_dim, [0.0, rounding * rounding]);
    }
}
