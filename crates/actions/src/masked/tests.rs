use core::ops::ControlFlow;

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::Choice;

const ROUNDS: usize = 6;
const IDS: u32 = 8;

fn settings(length: usize) -> MaskedSettings {
    MaskedSettings { vocabulary: IDS, rounds: ROUNDS, ..MaskedSettings::released(length) }
}

/// A network that is sure of the truth.
fn oracle(truth: &[u32]) -> impl Fn(&[u32], &mut [f32]) {
    move |_, logits| {
        logits.fill(-40.0);
        for (row, token) in logits.chunks_exact_mut(IDS as usize).zip(truth) {
            row[*token as usize] = 0.0;
        }
    }
}

#[test]
fn the_paper_reveals_56_tokens_in_12_rounds() {
    let masked: Vec<usize> =
        (0..12).map(|round| RevealSchedule::Cosine.masked_after(56, round, 12)).collect();
    assert_eq!(masked, [55, 54, 51, 48, 44, 39, 34, 28, 21, 14, 7, 1]);
}

#[test]
fn masks_never_come_back_without_remasking() {
    for schedule in [
        RevealSchedule::Cosine,
        RevealSchedule::Linear,
        RevealSchedule::Power(2.0),
        RevealSchedule::Logarithmic,
        RevealSchedule::Exponential,
    ] {
        let mut decoder = MaskedDecoder::new(MaskedSettings { schedule, ..settings(21) }).unwrap();
        let mask = decoder.mask();
        let (mut tokens, mut counts) = ([0; 21], Vec::new());
        let done =
            decoder.decode(&mut Pcg64Mcg::seed_from_u64(1), &mut tokens, |tokens, logits| {
                counts.push(tokens.iter().filter(|token| **token == mask).count());
                logits.fill(0.0);
                ControlFlow::Continue(())
            });
        assert_eq!(done, Ok(Rounds { rounds: ROUNDS, remasked: 0 }));
        assert_eq!(counts[0], 21);
        assert!(counts.is_sorted_by(|a, b| a >= b), "{schedule:?}: {counts:?}");
    }
}

/// One round is parallel decoding: all tokens from one evaluation.
#[test]
fn one_round_is_parallel_decoding() {
    let one = MaskedSettings { rounds: 1, choice: Choice::Best, ..settings(4) };
    let mut tokens = [0; 4];
    let mut evaluations = 0;
    let done = MaskedDecoder::new(one).unwrap().decode(
        &mut Pcg64Mcg::seed_from_u64(1),
        &mut tokens,
        |_, logits| {
            evaluations += 1;
            oracle(&[3, 1, 4, 1])(&[], logits);
            ControlFlow::Continue(())
        },
    );
    assert_eq!((done.map(|done| done.rounds), evaluations), (Ok(1), 1));
    assert_eq!(tokens, [3, 1, 4, 1]);
}

/// The network at first believes in 5 everywhere, and after two rounds in 2: only re-masking can
/// mend what was kept early.
#[test]
fn remasking_takes_back_what_has_become_unlikely() {
    let decode = |remask| {
        let mut round = 0;
        let mut tokens = [0; 12];
        let settings = MaskedSettings { choice: Choice::Best, remask, ..settings(12) };
        let done = MaskedDecoder::new(settings).unwrap().decode(
            &mut Pcg64Mcg::seed_from_u64(1),
            &mut tokens,
            |_, logits| {
                oracle(&[if round < 2 { 5 } else { 2 }; 12])(&[], logits);
                round += 1;
                ControlFlow::Continue(())
            },
        );
        (tokens, done.unwrap().remasked)
    };
    let (kept, none) = decode(None);
    assert!(kept.contains(&5) && none == 0, "{kept:?}");
    let (mended, some) = decode(Some(Remask { first: 0.1, last: 0.5 }));
    assert!(mended == [2; 12] && some > 0, "{mended:?}, {some} taken back");
}

#[test]
fn broken_logits_and_no_time_are_errors() {
    let decode = |write: &dyn Fn(&mut [f32]) -> ControlFlow<()>| {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let mut decoder = MaskedDecoder::new(settings(3)).unwrap();
        decoder.decode(&mut rng, &mut [0; 3], |_, logits| write(logits))
    };
    assert_eq!(decode(&|_| ControlFlow::Break(())), Err(MaskedError::NoRound));
    let broken = Err(MaskedError::Logits { place: 1, round: 0 });
    let second_row = IDS as usize..2 * IDS as usize;
    for (value, range) in [
        (f32::NAN, 8..9),
        (f32::INFINITY, 8..9),
        // Every id impossible; one of them impossible is what a network may say.
        (f32::NEG_INFINITY, second_row),
    ] {
        let found = decode(&|logits| {
            logits.fill(0.0);
            logits[range.clone()].fill(value);
            ControlFlow::Continue(())
        });
        assert_eq!(found, broken, "{value}");
    }
}

proptest! {
    /// Whatever the rounds, the score and the budget, an oracle's truth comes out.
    #[test]
    fn the_truth_comes_out(
        truth in prop::collection::vec(0..IDS, 1..30),
        rounds in 1..15_usize,
        allowed in 1..15_usize,
        score in prop::sample::select(vec![
            Score::Probability, Score::Gap, Score::NoisyLog { temperature: 1.0 },
        ]),
        remask in prop::sample::select(vec![None, Some(Remask { first: 0.2, last: 0.8 })]),
        seed: u64,
    ) {
        let settings = MaskedSettings { rounds, score, remask, ..settings(truth.len()) };
        let mut tokens = vec![0; truth.len()];
        let mut left = allowed;
        let oracle = oracle(&truth);
        let done = MaskedDecoder::new(settings).unwrap().decode(
            &mut Pcg64Mcg::seed_from_u64(seed),
            &mut tokens,
            |tokens, logits| {
                if left == 0 {
                    return ControlFlow::Break(());
                }
                left -= 1;
                oracle(tokens, logits);
                ControlFlow::Continue(())
            },
        );
        prop_assert_eq!(done.map(|done| done.rounds), Ok(rounds.min(allowed)));
        prop_assert_eq!(&tokens, &truth);
    }

    /// Whatever the network writes: ids of the vocabulary, or an error.
    #[test]
    fn decoding_is_total(
        noise in prop::collection::vec(any::<f32>(), 5 * IDS as usize),
        seed: u64,
    ) {
        let mut tokens = [u32::MAX; 5];
        let settings = MaskedSettings { remask: Some(Remask { first: 0.3, last: 0.9 }), ..settings(5) };
        let done = MaskedDecoder::new(settings).unwrap().decode(
            &mut Pcg64Mcg::seed_from_u64(seed),
            &mut tokens,
            |_, logits| {
                logits.copy_from_slice(&noise);
                ControlFlow::Continue(())
            },
        );
        if done.is_ok() {
            prop_assert!(tokens.iter().all(|token| *token < IDS));
        } else {
            let broken = matches!(done, Err(MaskedError::Logits { .. }));
            prop_assert!(broken, "{done:?}");
        }
    }
}
