//! FAST (arXiv 2501.09747): frequencies, rounded, spelled as text, compressed by byte-pair encoding.
//!
//! A chunk's cosine coefficients are scaled and rounded half to even, each integer becomes a
//! character, lowest frequencies of all dimensions first, and a byte-level BPE turns the text into
//! few tokens. The text side is the `tokenizers` crate, the engine of the official processor, so
//! the same `tokenizer.json` gives the same ids.
//!
//! Most sequences of ids are *no* chunk: of random ones of typical length, one in a hundred. The
//! official decoder answers those with all zeros; this one says what is wrong.

mod bpe;
mod fit;
mod merger;
mod rules;
mod splitter;

pub use bpe::{ByteBpe, TokenizerError};
pub use fit::{FitError, FitSettings};

use crate::representation::{check_chunk, check_finite, check_room};
use crate::{ChunkShape, Dct, DecodeError, EncodeError, Representation, TokenCount};

/// The last character before the surrogates, which are no characters.
const CHARACTER_MAX: u32 = 0xD7FF;

/// What stands for broken text in a decoded string.
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

/// What a `tokenizer.json` does not say (the official processor keeps it in its own config).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FastSettings {
    /// The chunks' shape.
    pub shape: ChunkShape,
    /// What coefficients are multiplied by before rounding; 10 in the paper.
    pub scale: f64,
    /// The least coefficient of the training set: the one that becomes character 0. Those below
    /// are clipped to it. Where it lies decides what can merge, as the splitter treats some
    /// characters (spaces, digits, letters) as borders.
    pub token_min: i32,
}

/// Settings that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("a scale of {0}: it must be finite and above zero (10 in the paper)")]
pub struct ScaleError(pub f64);

/// The tokenizer.
#[derive(Debug)]
pub struct Fast {
    settings: FastSettings,
    bpe: ByteBpe,
    dct: Dct,
    coefficients: Vec<f64>,
    text: String,
    bytes: Vec<u8>,
}

impl Fast {
    /// With a tokenizer read from a file or fitted before.
    ///
    /// # Errors
    /// If the scale is not a number above zero.
    pub fn new(settings: FastSettings, bpe: ByteBpe) -> Result<Self, ScaleError> {
        if !(settings.scale.is_finite() && settings.scale > 0.0) {
            return Err(ScaleError(settings.scale));
        }
        Ok(Self::with_room(settings, bpe))
    }

    /// With room for any chunk.
    fn with_room(settings: FastSettings, mut bpe: ByteBpe) -> Self {
        let values = settings.shape.values();
        // Three bytes write any character up to CHARACTER_MAX.
        let text = String::with_capacity(3 * values);
        bpe.reserve(3 * values);
        Self {
            settings,
            bpe,
            dct: Dct::new(settings.shape),
            coefficients: vec![0.0; values],
            text,
            bytes: Vec::with_capacity(4 * values),
        }
    }

    /// What it was made with; the tokenizer's file holds the rest.
    #[must_use]
    pub const fn settings(&self) -> FastSettings {
        self.settings
    }

    /// The text side.
    #[must_use]
    pub const fn bpe(&self) -> &ByteBpe {
        &self.bpe
    }

    /// The scaled and rounded coefficients of a chunk, row by row from the lowest frequency.
    ///
    /// # Errors
    /// If the chunk has the wrong size or a value that is not finite.
    pub fn quantise(&mut self, chunk: &[f64]) -> Result<&[f64], EncodeError> {
        check_chunk(self.settings.shape, chunk)?;
        self.dct.forward(chunk, &mut self.coefficients);
        Dct::quantise(self.settings.scale, &mut self.coefficients);
        Ok(&self.coefficients)
    }

    /// The official encoder: coefficients below the least one are clipped, and bytes that the
    /// tokenizer has no token for are dropped, *silently*, which makes a chunk that will not
    /// decode. [`Representation::encode_into`] refuses those instead.
    ///
    /// # Errors
    /// If the chunk has the wrong size, or coefficients that are no characters.
    pub fn encode_lossy_into(
        &mut self,
        chunk: &[f64],
        tokens: &mut Vec<u32>,
    ) -> Result<(), EncodeError> {
        self.quantise(chunk)?;
        self.text.clear();
        for (place, &coefficient) in self.coefficients.iter().enumerate() {
            let shifted = (coefficient - f64::from(self.settings.token_min)).max(0.0);
            let fits = coefficient.is_finite() && shifted <= f64::from(CHARACTER_MAX);
            let character = if fits { char::from_u32(shifted as u32) } else { None };
            self.text.push(character.ok_or(EncodeError::Coefficient { place, coefficient })?);
        }
        self.bpe.encode_into(&self.text, tokens).ok_or(EncodeError::OutsideVocabulary)
    }

    /// The integers that ids spell: scaled coefficients, row by row from the lowest frequency.
    ///
    /// # Errors
    /// If the ids spell no chunk.
    pub fn coefficients(&mut self, tokens: &[u32]) -> Result<&[f64], DecodeError> {
        self.bytes.clear();
        self.bpe.spell_into(tokens, 4 * self.settings.shape.values(), &mut self.bytes)?;
        let text = core::str::from_utf8(&self.bytes)
            .map_err(|error| DecodeError::Text { valid_up_to: error.valid_up_to() })?;
        let (expected, found) = (self.settings.shape.values(), text.chars().count());
        if found != expected {
            return Err(DecodeError::Coefficients { expected, found });
        }
        for ((place, character), coefficient) in
            text.chars().enumerate().zip(&mut self.coefficients)
        {
            if character == REPLACEMENT {
                return Err(DecodeError::Replacement { place });
            }
            *coefficient = f64::from(u32::from(character)) + f64::from(self.settings.token_min);
        }
        Ok(&self.coefficients)
    }
}

/// A copy has room of its own: a copied buffer would have only what was in it.
impl Clone for Fast {
    fn clone(&self) -> Self {
        Self::with_room(self.settings, self.bpe.clone())
    }
}

impl Representation for Fast {
    fn shape(&self) -> ChunkShape {
        self.settings.shape
    }

    fn vocabulary(&self) -> u32 {
        self.bpe.vocabulary()
    }

    /// At worst no two bytes merge, and no character takes more than three.
    fn tokens(&self) -> TokenCount {
        TokenCount::AtMost(3 * self.settings.shape.values())
    }

    fn encode_into(&mut self, chunk: &[f64], tokens: &mut Vec<u32>) -> Result<(), EncodeError> {
        self.encode_lossy_into(chunk, tokens)?;
        self.bytes.clear();
        let spelled = self.bpe.spell_into(tokens, self.text.len(), &mut self.bytes);
        if spelled.is_ok() && self.bytes == self.text.as_bytes() {
            Ok(())
        } else {
            Err(EncodeError::OutsideVocabulary)
        }
    }

    fn decode_into(&mut self, tokens: &[u32], chunk: &mut [f64]) -> Result<(), DecodeError> {
        check_room(self.settings.shape, chunk)?;
        self.coefficients(tokens)?;
        let scale = self.settings.scale;
        self.coefficients.iter_mut().for_each(|coefficient| *coefficient /= scale);
        self.dct.inverse(&self.coefficients, chunk);
        check_finite(chunk)
    }
}

#[cfg(test)]
mod tests;
