use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::account;

fn shape() -> ChunkShape {
    ChunkShape::new(16, 3).unwrap()
}

/// Smooth chunks of three joints that wave at their own speeds.
fn chunks(n: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut chunk = || {
        let waves: [(f64, f64, f64); 3] =
            core::array::from_fn(|_| (rng.random_range(0.1..0.9), rng.random(), rng.random()));
        let value = |i: usize| {
            let (size, speed, phase) = waves[i % 3];
            size * (0.3 * speed * (i / 3) as f64 + 6.0 * phase).sin()
        };
        (0..48).map(value).collect()
    };
    (0..n).map(|_| chunk()).collect()
}

fn fitted() -> Oat<Principal> {
    let chunks = chunks(600, 1);
    let chunks: Vec<&[f64]> = chunks.iter().map(|chunk| &chunk[..]).collect();
    let fsq = Fsq::new(&Oat::<Principal>::LEVELS).unwrap();
    let principal = Principal::fit(shape(), &fsq, 8, &chunks).unwrap();
    Oat::new(principal, fsq).unwrap()
}

/// The paper's mask: 32 actions, 8 registers.
#[test]
fn who_sees_whom() {
    let mask = attention_mask(32, 8);
    let may = |query: usize, key: usize| mask[query * 40 + key];
    assert_eq!(mask.len(), 1600);
    for query in 0..40 {
        for key in 0..40 {
            let expected = match (query, key) {
                (_, 0..32) => true,
                (0..32, _) => false,
                (register, other) => other <= register,
            };
            assert_eq!(may(query, key), expected, "{query} sees {key}");
        }
    }
}

#[test]
fn dropout_keeps_powers_of_two() {
    let mut rng = Pcg64Mcg::seed_from_u64(2);
    let mut seen = [0; 9];
    (0..4000).for_each(|_| seen[NestedDropout::PowersOfTwo.kept(&mut rng, 8)] += 1);
    for kept in [1, 2, 4, 8] {
        assert!((800..1200).contains(&seen[kept]), "{seen:?}");
    }
    assert_eq!(seen.iter().sum::<i32>(), seen[1] + seen[2] + seen[4] + seen[8]);
    assert_eq!(NestedDropout::None.kept(&mut rng, 8), 8);
    assert_eq!(NestedDropout::Uniform.kept(&mut rng, 0), 0);
    assert!((1..=3).contains(&NestedDropout::Uniform.kept(&mut rng, 3)));
}

/// On chunks it has never seen, every token of a prefix makes the chunk finer.
#[test]
fn longer_prefixes_are_finer() {
    let mut oat = fitted();
    let unseen = chunks(200, 9);
    let mut tokens = Vec::new();
    let mut decoded = [0.0; 48];
    let errors: Vec<f64> = [1, 2, 4, 8]
        .map(|kept| {
            let squares = unseen.iter().map(|chunk| {
                oat.encode_into(chunk, &mut tokens).unwrap();
                oat.decode_prefix_into(&tokens[..kept], &mut decoded).unwrap();
                chunk.iter().zip(&decoded).map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
            });
            squares.sum::<f64>() / (200.0 * 48.0)
        })
        .to_vec();
    assert!(errors.is_sorted_by(|coarse, fine| coarse > fine), "{errors:?}");
    assert!(errors[3] < 0.3 * errors[0], "{errors:?}");
}

#[test]
fn eight_registers_are_79_bits() {
    let unseen = chunks(50, 9);
    let account = account(&mut fitted(), unseen.iter().map(|chunk| &chunk[..]));
    assert!((account.rate.bits_nominal - 79.7).abs() < 0.05);
    assert!(account.rate.bits_measured <= account.rate.bits_nominal);
    assert_eq!(account.failures, 0);
}

#[test]
fn what_does_not_fit_is_refused() {
    let fsq = Fsq::new(&[8, 6]).unwrap();
    let chunk = vec![0.0; 48];
    let chunks = [&chunk[..]];
    let fit =
        |registers, chunks: &[&[f64]]| Principal::fit(shape(), &fsq, registers, chunks).map(|_| ());
    let size = PrincipalError::Size { components: 50, values: 48 };
    assert_eq!(fit(25, &chunks), Err(size));
    assert_eq!(fit(2, &[]), Err(PrincipalError::Empty));
    assert!(matches!(fit(2, &[&[0.0][..]]), Err(PrincipalError::Chunk { place: 0, .. })));
    let principal = Principal::fit(shape(), &fsq, 2, &chunks).unwrap();
    let other = Oat::new(principal, Fsq::new(&[8]).unwrap()).map(|_| ());
    assert_eq!(other, Err(OatError { fsq: 1, registers: 2, register_dims: 2 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any ids: whole and in range they decode, and nothing else does.
    #[test]
    fn decoding_is_total(tokens in prop::collection::vec(0..1010_u32, 0..10)) {
        let mut oat = fitted();
        let mut chunk = [f64::NAN; 48];
        let legal = (1..=8).contains(&tokens.len()) && tokens.iter().all(|id| *id < 1000);
        let decoded = oat.decode_prefix_into(&tokens, &mut chunk);
        prop_assert_eq!(decoded.is_ok(), legal, "{:?}", decoded);
        prop_assert!(!legal || chunk.iter().all(|value| value.is_finite()));
        let whole = oat.decode_into(&tokens, &mut chunk);
        prop_assert_eq!(whole.is_ok(), legal && tokens.len() == 8);
    }
}

#[test]
fn a_prefix_is_a_representation_of_its_own() {
    let oat = fitted();
    let errors: Vec<f64> = [1, 2, 4, 8]
        .map(|kept| {
            let mut prefix = OatPrefix::new(oat.clone(), kept);
            assert_eq!(prefix.tokens(), TokenCount::Exactly(kept));
            let chunks = chunks(100, 9);
            let account = account(&mut prefix, chunks.iter().map(|chunk| &chunk[..]));
            assert_eq!((account.failures, account.rate.tokens_mean), (0, kept as f64));
            account.distortion.mse
        })
        .to_vec();
    assert!(errors.is_sorted_by(|coarse, fine| coarse > fine), "{errors:?}");
    let two = OatPrefix::new(oat, 2).decode_into(&[0], &mut [0.0; 48]);
    assert_eq!(two, Err(DecodeError::Count { expected: 2, found: 1 }));
}
