//! What all ways of writing an action chunk as tokens have in common.

use crate::ChunkShape;

/// A way to write an action chunk as tokens, and back.
///
/// A representation owns the scratch its calls need, which is why they take `&mut self`: clone one
/// per thread. Unless its documentation says otherwise, neither direction allocates once `tokens`
/// has room for [`TokenCount::most`].
///
/// Decoding is total: any ids of any number give a chunk of finite values or a [`DecodeError`],
/// and never a chunk that means something else. (The reference code of FAST answers all zeros
/// where it cannot decode; zero is a pose like any other, and a robot would drive there.)
pub trait Representation {
    /// The chunks it takes.
    fn shape(&self) -> ChunkShape;

    /// How many different ids there are: every token is below this.
    fn vocabulary(&self) -> u32;

    /// How many tokens a chunk becomes.
    fn tokens(&self) -> TokenCount;

    /// How many numbers a policy adds to the decoded tokens that no codebook caps, such as
    /// VQ-BeT's offsets. Zero where the tokens say all.
    fn continuous_values(&self) -> usize {
        0
    }

    /// Writes a chunk as tokens, in place of what was in `tokens`.
    ///
    /// # Errors
    /// If the chunk has the wrong size, a value that is not finite, or one that cannot be written.
    fn encode_into(&mut self, chunk: &[f64], tokens: &mut Vec<u32>) -> Result<(), EncodeError>;

    /// Reads tokens as a chunk. After an error, what `chunk` holds means nothing.
    ///
    /// # Errors
    /// If the tokens are no chunk, or `chunk` has the wrong size.
    fn decode_into(&mut self, tokens: &[u32], chunk: &mut [f64]) -> Result<(), DecodeError>;

    /// The nominal capacity of `tokens` many tokens, bits.
    fn bits_nominal(&self, tokens: f64) -> f64 {
        tokens * f64::from(self.vocabulary()).log2()
    }
}

/// How many tokens a chunk becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenCount {
    /// Always as many.
    Exactly(usize),
    /// It depends on the chunk.
    AtMost(usize),
}

impl TokenCount {
    /// The most tokens a chunk can become.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Exactly(tokens) | Self::AtMost(tokens) => tokens,
        }
    }
}

/// Why a chunk could not be written.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// The slice is no chunk of this shape.
    #[error("a chunk of {shape} has {} values, not {found}", shape.values())]
    Size {
        /// What the representation takes.
        shape: ChunkShape,
        /// What it was given.
        found: usize,
    },
    /// An action that is no number.
    #[error("value {place} of the chunk is {value}: only finite actions can be encoded")]
    NotFinite {
        /// Where in the chunk, row by row.
        place: usize,
        /// The value.
        value: f64,
    },
    /// A coefficient beyond the characters that FAST writes it in.
    #[error(
        "coefficient {place} of the chunk is {coefficient}, which is more than a character can \
         carry: normalise the actions before encoding"
    )]
    Coefficient {
        /// Where in the matrix of coefficients, row by row.
        place: usize,
        /// The scaled and rounded coefficient.
        coefficient: f64,
    },
    /// The tokenizer dropped part of the chunk.
    #[error(
        "the tokenizer has no token for part of this chunk (it was trained on a narrower range): \
         fit it on data like this, or clip the actions"
    )]
    OutsideVocabulary,
}

/// Why tokens could not be read as a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The slice to write to is no chunk of this shape.
    #[error("a chunk of {shape} has {} values, not {found}", shape.values())]
    Size {
        /// What the representation gives.
        shape: ChunkShape,
        /// The room it was given.
        found: usize,
    },
    /// Too few or too many tokens.
    #[error("{found} tokens where a chunk has {expected}")]
    Count {
        /// What makes a chunk.
        expected: usize,
        /// What there was.
        found: usize,
    },
    /// An id that the vocabulary does not have.
    #[error("token {place} is {id}, beyond the vocabulary of {vocabulary}")]
    Token {
        /// Where among the tokens.
        place: usize,
        /// The id.
        id: u32,
        /// How many ids there are.
        vocabulary: u32,
    },
    /// FAST: the tokens spell more than any chunk.
    #[error("the tokens spell more than {bytes_max} bytes, which is more than any chunk")]
    Long {
        /// The most bytes that a chunk can take.
        bytes_max: usize,
    },
    /// FAST: the tokens' bytes are no text.
    #[error("the tokens' bytes are no UTF-8 after byte {valid_up_to}")]
    Text {
        /// How many bytes were.
        valid_up_to: usize,
    },
    /// FAST: the tokens' text has too few or too many characters.
    #[error("the tokens spell {found} coefficients where a chunk has {expected}")]
    Coefficients {
        /// One per value of the chunk.
        expected: usize,
        /// What the text had.
        found: usize,
    },
    /// FAST: a character that encoding never writes.
    #[error("coefficient {place} is the replacement character, which stands for broken text")]
    Replacement {
        /// Where in the matrix of coefficients, row by row.
        place: usize,
    },
    /// The tokens mean a value that is no number.
    #[error("value {place} of the decoded chunk is not finite")]
    NotFinite {
        /// Where in the chunk, row by row.
        place: usize,
    },
}

/// That `chunk` is a chunk of `shape`, all finite.
pub(crate) fn check_chunk(shape: ChunkShape, chunk: &[f64]) -> Result<(), EncodeError> {
    if chunk.len() != shape.values() {
        return Err(EncodeError::Size { shape, found: chunk.len() });
    }
    match chunk.iter().position(|value| !value.is_finite()) {
        Some(place) => Err(EncodeError::NotFinite { place, value: chunk[place] }),
        None => Ok(()),
    }
}

/// That there is room for a chunk of `shape`.
pub(crate) fn check_room(shape: ChunkShape, chunk: &[f64]) -> Result<(), DecodeError> {
    match chunk.len() {
        found if found == shape.values() => Ok(()),
        found => Err(DecodeError::Size { shape, found }),
    }
}

/// That there are `expected` tokens, each below `vocabulary`.
pub(crate) fn check_tokens(
    expected: usize,
    vocabulary: u32,
    tokens: &[u32],
) -> Result<(), DecodeError> {
    if tokens.len() != expected {
        return Err(DecodeError::Count { expected, found: tokens.len() });
    }
    match tokens.iter().position(|id| *id >= vocabulary) {
        Some(place) => Err(DecodeError::Token { place, id: tokens[place], vocabulary }),
        None => Ok(()),
    }
}

/// That every decoded value is a number.
pub(crate) fn check_finite(chunk: &[f64]) -> Result<(), DecodeError> {
    match chunk.iter().position(|value| !value.is_finite()) {
        Some(place) => Err(DecodeError::NotFinite { place }),
        None => Ok(()),
    }
}
