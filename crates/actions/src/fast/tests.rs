use std::sync::LazyLock;

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::account;

fn shape() -> ChunkShape {
    ChunkShape::new(16, 3).unwrap()
}

/// Smooth random chunks, as robots move: a few slow waves for each dimension.
fn chunks(n: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut chunk = || {
        let waves: [(f64, f64, f64); 3] =
            core::array::from_fn(|_| (rng.random_range(0.0..0.6), rng.random(), rng.random()));
        let value = |i: usize| {
            let (size, speed, phase) = waves[i % 3];
            size * (0.3 * speed * (i / 3) as f64 + 6.0 * phase).sin()
        };
        (0..48).map(value).collect()
    };
    (0..n).map(|_| chunk()).collect()
}

/// A tokenizer and the chunks it was fitted on; fitted once for all tests.
fn fitted() -> (Fast, &'static [Vec<f64>]) {
    static FITTED: LazyLock<(Fast, Vec<Vec<f64>>)> = LazyLock::new(|| {
        let chunks = chunks(200, 1);
        let settings = FitSettings { vocabulary: 300, ..FitSettings::PAPER };
        let fast = Fast::fit(shape(), chunks.iter().map(|c| &c[..]), &settings).unwrap();
        (fast, chunks)
    });
    (FITTED.0.clone(), &FITTED.1)
}

/// Rounding a coefficient at scale 10 is off by 0.05 at most, and the transform keeps lengths.
#[test]
fn a_fitted_tokenizer_compresses_and_loses_only_the_rounding() {
    let (mut fast, chunks) = fitted();
    let account = account(&mut fast, chunks.iter().map(|c| &c[..]));
    assert_eq!(account.failures, 0);
    assert!(account.rate.tokens_mean < 48.0 / 2.0, "{} tokens", account.rate.tokens_mean);
    assert!(account.distortion.mse < 0.1_f64.powi(2) / 12.0);
    assert!(account.rate.bits_measured <= account.rate.bits_nominal);
}

#[test]
fn a_tokenizer_survives_its_file() {
    let (mut fast, chunks) = fitted();
    let bpe = ByteBpe::from_json(fast.bpe().to_json().unwrap().as_bytes()).unwrap();
    let mut copy = Fast::new(fast.settings(), bpe).unwrap();
    let (mut tokens, mut again) = (Vec::new(), Vec::new());
    for chunk in chunks {
        fast.encode_into(chunk, &mut tokens).unwrap();
        copy.encode_into(chunk, &mut again).unwrap();
        assert_eq!(tokens, again);
    }
}

#[test]
fn what_the_vocabulary_lacks_is_refused() {
    let (mut fast, _) = fitted();
    let mut tokens = Vec::new();
    let wild = [50.0; 48];
    assert_eq!(fast.encode_into(&wild, &mut tokens), Err(EncodeError::OutsideVocabulary));
    let wilder = fast.encode_into(&[1e9; 48], &mut tokens);
    assert!(matches!(wilder, Err(EncodeError::Coefficient { place: 0, .. })), "{wilder:?}");
}

#[test]
fn files_that_are_no_byte_level_bpe_are_refused() {
    let (fast, _) = fitted();
    let json = fast.bpe().to_json().unwrap();
    let check = |json: &str, message: &str| {
        let error = ByteBpe::from_json(json.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    };
    check("{}", "not a tokenizer.json");
    let (head, tail) = json.split_once(r#""decoder":{"#).unwrap();
    let tail = tail.split_once('}').unwrap().1;
    check(&format!(r#"{head}"decoder":null{tail}"#), "decoder");
    let prefix = json.replacen(r#""add_prefix_space":false"#, r#""add_prefix_space":true"#, 1);
    check(&prefix, "prefix space");
}

#[test]
fn fitting_says_what_is_wrong() {
    let fit = |chunks: &[&[f64]], settings: FitSettings| {
        Fast::fit(shape(), chunks.iter().copied(), &settings).map(|_| ())
    };
    let paper = FitSettings::PAPER;
    assert!(matches!(fit(&[], paper), Err(FitError::Empty)));
    let short = fit(&[&[0.0; 3]], paper);
    assert!(matches!(short, Err(FitError::Chunk { place: 0, .. })));
    let wide = fit(&[&[1.0; 48], &[-1.0; 48]], FitSettings { vocabulary: 40, ..paper });
    assert!(matches!(wide, Err(FitError::Alphabet { least: -40, greatest: 40, .. })));
    let scale = fit(&[&[0.0; 48]], FitSettings { scale: f64::NAN, ..paper });
    assert!(matches!(scale, Err(FitError::Scale(_))));
}

proptest! {
    /// The ids are those of `tokenizers`, for text such as chunks are and for any other.
    #[test]
    fn encoding_is_that_of_tokenizers(
        text in prop_oneof![
            "[\\x00-\\x45]{0,120}",
            "[ !'0-9a-z\\n\\xA0\u{300}\u{2028}]{0,40}",
            "('(s|t|re|ve|m|ll|d|x)| |  |1|\u{bd}|a|\u{e9}|!|\n|\u{85}){0,30}",
            ".{0,40}",
        ],
    ) {
        let (mut fast, _) = fitted();
        let mut tokens = Vec::new();
        fast.bpe.encode_into(&text, &mut tokens).unwrap();
        prop_assert_eq!(Some(tokens), fast.bpe.encode_by_tokenizers(&text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any ids: a chunk of numbers, or an error that names the reason; and never all zeros in
    /// place of one.
    #[test]
    fn decoding_is_total(tokens in prop::collection::vec(0..320_u32, 0..60)) {
        let (mut fast, _) = fitted();
        let mut chunk = [f64::NAN; 48];
        match fast.decode_into(&tokens, &mut chunk) {
            Ok(()) => prop_assert!(chunk.iter().all(|value| value.is_finite())),
            Err(DecodeError::Token { id, vocabulary, .. }) => prop_assert!(id >= vocabulary),
            Err(DecodeError::Coefficients { expected, found }) => prop_assert_ne!(expected, found),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
