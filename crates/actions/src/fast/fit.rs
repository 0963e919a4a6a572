//! Fitting the byte-level BPE on chunks, as the official processor's `fit` does.

use std::collections::HashSet;

use tokenizers::decoders::byte_level::ByteLevel;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::{DecoderWrapper, PostProcessorWrapper, PreTokenizerWrapper, TokenizerImpl};

use super::{ByteBpe, CHARACTER_MAX, Fast, FastSettings, ScaleError, TokenizerError};
use crate::representation::check_chunk;
use crate::{ChunkShape, Dct, EncodeError};

/// How a tokenizer is fitted. [`FitSettings::PAPER`] holds the paper's values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitSettings {
    /// What coefficients are multiplied by before rounding.
    pub scale: f64,
    /// Ids to end with.
    pub vocabulary: usize,
    /// How often a pair must occur to become a token.
    pub frequency_min: u64,
    /// The longest token, characters.
    pub token_length_max: usize,
}

impl FitSettings {
    /// The paper's and the official processor's values.
    pub const PAPER: Self =
        Self { scale: 10.0, vocabulary: 1024, frequency_min: 2, token_length_max: 10_000 };
}

/// Why no tokenizer could be fitted.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// Nothing to fit on.
    #[error("no chunks to fit the tokenizer on")]
    Empty,
    /// The scale is none.
    #[error(transparent)]
    Scale(#[from] ScaleError),
    /// A chunk that cannot be used.
    #[error("chunk {place}: {error}")]
    Chunk {
        /// Which one.
        place: usize,
        /// What is wrong with it.
        error: EncodeError,
    },
    /// More different coefficients than ids.
    #[error(
        "coefficients from {least} to {greatest} need {} ids, more than the vocabulary of \
         {vocabulary}: lower the scale, or clip the actions", greatest - least + 1
    )]
    Alphabet {
        /// The least scaled coefficient.
        least: i64,
        /// The greatest.
        greatest: i64,
        /// The ids asked for.
        vocabulary: usize,
    },
    /// `tokenizers` failed.
    #[error("training the BPE failed: {0}")]
    Training(String),
    /// What came out is not usable.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
}

impl Fast {
    /// Fits a tokenizer on normalised chunks of one shape.
    ///
    /// # Errors
    /// If there are none, one is not finite or of another shape, or their coefficients spread
    /// further than the vocabulary.
    pub fn fit<'a>(
        shape: ChunkShape,
        chunks: impl IntoIterator<Item = &'a [f64]>,
        settings: &FitSettings,
    ) -> Result<Self, FitError> {
        if !(settings.scale.is_finite() && settings.scale > 0.0) {
            return Err(ScaleError(settings.scale).into());
        }
        let rows = quantise(shape, chunks, settings.scale)?;
        let all = || rows.iter().flatten().copied();
        let (Some(least), Some(greatest)) = (all().min(), all().max()) else {
            return Err(FitError::Empty);
        };
        let most = settings.vocabulary.min(CHARACTER_MAX as usize);
        if greatest - least >= most as i64 {
            let vocabulary = settings.vocabulary;
            return Err(FitError::Alphabet { least, greatest, vocabulary });
        }
        let character = |code: i64| u32::try_from(code - least).ok().and_then(char::from_u32);
        let texts: Vec<String> =
            rows.iter().map(|row| row.iter().filter_map(|q| character(*q)).collect()).collect();
        let alphabet = (least..=greatest).filter_map(character).collect();
        let bpe = train(&texts, alphabet, settings)?;
        // Within the vocabulary of zero when it comes to size, so within an i32.
        let token_min = i32::try_from(least).unwrap_or(i32::MIN);
        Ok(Self::new(FastSettings { shape, scale: settings.scale, token_min }, bpe)?)
    }
}

/// Scaled and rounded coefficients of every chunk.
fn quantise<'a>(
    shape: ChunkShape,
    chunks: impl IntoIterator<Item = &'a [f64]>,
    scale: f64,
) -> Result<Vec<Vec<i64>>, FitError> {
    let dct = Dct::new(shape);
    let mut coefficients = vec![0.0; shape.values()];
    let mut rows = Vec::new();
    for (place, chunk) in chunks.into_iter().enumerate() {
        check_chunk(shape, chunk).map_err(|error| FitError::Chunk { place, error })?;
        dct.forward(chunk, &mut coefficients);
        Dct::quantise(scale, &mut coefficients);
        // Also catches sums that are no numbers.
        if let Some(at) = coefficients.iter().position(|q| q.is_nan() || q.abs() > 1e9) {
            let error = EncodeError::Coefficient { place: at, coefficient: coefficients[at] };
            return Err(FitError::Chunk { place, error });
        }
        rows.push(coefficients.iter().map(|q| *q as i64).collect());
    }
    Ok(rows)
}

fn train(
    texts: &[String],
    alphabet: HashSet<char>,
    settings: &FitSettings,
) -> Result<ByteBpe, FitError> {
    let mut trainer = BpeTrainer::builder()
        .vocab_size(settings.vocabulary)
        .min_frequency(settings.frequency_min)
        .max_token_length(Some(settings.token_length_max))
        .initial_alphabet(alphabet)
        .show_progress(false)
        .build();
    let mut tokenizer: TokenizerImpl<
        BPE,
        NormalizerWrapper,
        PreTokenizerWrapper,
        PostProcessorWrapper,
        DecoderWrapper,
    > = TokenizerImpl::new(BPE::default());
    // Python's ByteLevelBPETokenizer, which the official processor trains with.
    tokenizer
        .with_pre_tokenizer(Some(ByteLevel::default().add_prefix_space(false)))
        .with_decoder(Some(ByteLevel::default()))
        .with_post_processor(Some(ByteLevel::default().trim_offsets(false)))
        .train(&mut trainer, texts.iter())
        .map_err(|error| FitError::Training(error.to_string()))?;
    let json = tokenizer.to_string(false).map_err(|error| FitError::Training(error.to_string()))?;
    Ok(ByteBpe::from_json(json.as_bytes())?)
}
