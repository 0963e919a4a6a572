//! A byte-level BPE: read, fitted and written by `tokenizers`, used through tables.

use tokenizers::{
    DecoderWrapper, ModelWrapper, OffsetReferential, OffsetType, PreTokenizedString,
    PreTokenizer as _, PreTokenizerWrapper, Tokenizer,
};

use super::merger::Merger;
use crate::DecodeError;

/// The largest vocabulary that is read: sixty times FAST's.
const VOCABULARY_MAX: usize = 1 << 16;

/// A byte-level BPE in the form of Hugging Face's `tokenizer.json`.
///
/// Ids are decoded through a table of each token's bytes instead of `tokenizers`' own decoder:
/// that one skips unknown ids and patches broken text, where a chunk needs to be refused.
#[derive(Clone, Debug)]
pub struct ByteBpe {
    tokenizer: Tokenizer,
    /// Encodes without `tokenizers`; none where the tokenizer has extras that FAST's have not.
    merger: Option<Merger>,
    /// Each token's place in `spelling`: where it begins; the next one's begin is its end.
    starts: Vec<u32>,
    spelling: Vec<u8>,
}

/// A tokenizer that is none of FAST's.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// The file cannot be read as one.
    #[error("not a tokenizer.json: {0}")]
    Syntax(String),
    /// Its parts are others.
    #[error("the tokenizer's {part} is not {expected}: FAST needs a byte-level BPE")]
    Kind {
        /// Which part.
        part: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// Its ids have gaps or are too many.
    #[error("the tokenizer has {found} ids: 1 to {VOCABULARY_MAX}, numbered from 0, are read")]
    Vocabulary {
        /// How many it has.
        found: usize,
    },
    /// It cannot be written.
    #[error("the tokenizer cannot be written: {0}")]
    Write(String),
}

impl ByteBpe {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// If it is no byte-level BPE.
    pub fn from_json(json: &[u8]) -> Result<Self, TokenizerError> {
        // `tokenizers` panics on some files that are no JSON; a look at it first makes this total.
        serde_json::from_slice::<serde_json::Value>(json)
            .map_err(|error| TokenizerError::Syntax(error.to_string()))?;
        let tokenizer = Tokenizer::from_bytes(json)
            .map_err(|error| TokenizerError::Syntax(error.to_string()))?;
        Self::new(tokenizer)
    }

    /// Writes the `tokenizer.json` that the official processor reads.
    ///
    /// # Errors
    /// If the tokenizer cannot be serialised.
    pub fn to_json(&self) -> Result<String, TokenizerError> {
        self.tokenizer.to_string(false).map_err(|error| TokenizerError::Write(error.to_string()))
    }

    pub(super) fn new(tokenizer: Tokenizer) -> Result<Self, TokenizerError> {
        check_parts(&tokenizer)?;
        let found = tokenizer.get_vocab_size(true);
        if !(1..=VOCABULARY_MAX).contains(&found) {
            return Err(TokenizerError::Vocabulary { found });
        }
        let mut starts = vec![0];
        let mut spelling = Vec::new();
        for id in 0..found as u32 {
            let token = tokenizer.id_to_token(id).ok_or(TokenizerError::Vocabulary { found })?;
            match token.chars().map(byte).collect::<Option<Vec<u8>>>() {
                Some(bytes) => spelling.extend(bytes),
                // Part of the initial alphabet that no byte is written as: dead vocabulary.
                // `tokenizers` decodes it as it stands.
                None => spelling.extend(token.as_bytes()),
            }
            starts.push(spelling.len() as u32);
        }
        let merger = Merger::new(&tokenizer);
        Ok(Self { tokenizer, merger, starts, spelling })
    }

    /// How many ids there are.
    #[must_use]
    pub fn vocabulary(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    /// The pieces that a text is cut into before anything merges: no token reaches over a border
    /// between two of them.
    #[must_use]
    pub fn pieces<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut pieces = PreTokenizedString::from(text);
        let cut = self.tokenizer.get_pre_tokenizer().map(|cutter| cutter.pre_tokenize(&mut pieces));
        if !matches!(cut, Some(Ok(()))) {
            return vec![text];
        }
        let pieces = pieces.get_splits(OffsetReferential::Original, OffsetType::Byte);
        pieces.into_iter().filter_map(|(_, (start, end), _)| text.get(start..end)).collect()
    }

    /// Makes room for texts of so many bytes, so that encoding them does not allocate.
    pub(super) fn reserve(&mut self, bytes: usize) {
        if let Some(merger) = &mut self.merger {
            merger.reserve(bytes);
        }
    }

    /// Ids of a text, in place of those in `tokens`. Allocates only for tokenizers with extras and
    /// for text with characters from U+0800. None if `tokenizers` refuses a text, which it has no
    /// reason to.
    pub(super) fn encode_into(&mut self, text: &str, tokens: &mut Vec<u32>) -> Option<()> {
        tokens.clear();
        if self.merger.as_mut().is_some_and(|merger| merger.encode_into(text, tokens)) {
            return Some(());
        }
        tokens.extend(self.encode_by_tokenizers(text)?);
        Some(())
    }

    /// The official processor's way, which all others are held to.
    pub(super) fn encode_by_tokenizers(&self, text: &str) -> Option<Vec<u32>> {
        Some(self.tokenizer.encode_fast(text, false).ok()?.get_ids().to_vec())
    }

    /// The bytes that ids spell, one after the other; at most `bytes_max`, so that no sequence of
    /// ids is work without bound.
    pub(super) fn spell_into(
        &self,
        tokens: &[u32],
        bytes_max: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), DecodeError> {
        for (place, &id) in tokens.iter().enumerate() {
            let spelled = self.token_bytes(id).ok_or_else(|| {
                let vocabulary = self.vocabulary();
                DecodeError::Token { place, id, vocabulary }
            })?;
            if bytes.len() + spelled.len() > bytes_max {
                return Err(DecodeError::Long { bytes_max });
            }
            bytes.extend(spelled);
        }
        Ok(())
    }

    fn token_bytes(&self, id: u32) -> Option<&[u8]> {
        let start = *self.starts.get(id as usize)?;
        let end = *self.starts.get(id as usize + 1)?;
        self.spelling.get(start as usize..end as usize)
    }
}

fn check_parts(tokenizer: &Tokenizer) -> Result<(), TokenizerError> {
    let kind = |part, expected| Err(TokenizerError::Kind { part, expected });
    if !matches!(tokenizer.get_model(), ModelWrapper::BPE(_)) {
        return kind("model", "BPE");
    }
    if !matches!(tokenizer.get_decoder(), Some(DecoderWrapper::ByteLevel(_))) {
        return kind("decoder", "ByteLevel");
    }
    match tokenizer.get_pre_tokenizer() {
        Some(PreTokenizerWrapper::ByteLevel(level)) if !level.add_prefix_space => Ok(()),
        _ => kind("pre-tokenizer", "ByteLevel without a prefix space"),
    }
}

/// The byte that a character of a token stands for, in GPT-2's way of writing bytes: visible Latin-1
/// characters are themselves, and the 68 others are moved to U+0100 and after, in order.
pub(super) fn byte(character: char) -> Option<u8> {
    match u32::from(character) {
        visible @ (0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF) => u8::try_from(visible).ok(),
        moved @ 0x100..=0x143 => {
            let place = moved - 0x100;
            let byte = match place {
                0..=0x20 => place,
                0x21..=0x42 => 0x7F + (place - 0x21),
                _ => 0xAD,
            };
            u8::try_from(byte).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tokenizers::pre_tokenizers::byte_level::ByteLevel;

    use super::byte;

    /// All 256 bytes have one character each, and they are those of `tokenizers`.
    #[test]
    fn bytes_are_written_as_tokenizers_writes_them() {
        let alphabet = ByteLevel::alphabet();
        let bytes: BTreeSet<u8> = alphabet.iter().filter_map(|c| byte(*c)).collect();
        assert_eq!(bytes.len(), 256);
        assert_eq!((0..0x200).filter_map(char::from_u32).filter_map(byte).count(), 256);
    }
}
