use super::*;
use crate::Recipe;

/// A cell whose checkpoints held these distances.
fn cell(code: &Code, channel: Channel, seed: u64, held_mm: &[&[f64]]) -> Cell {
    let bits = Bits {
        channel: 2.0 * channel.information_bits(),
        nominal: None,
        expert: None,
        policy: None,
        tokenizer_at_least: None,
        action_at_least: None,
        bound: 2.0 * channel.information_bits(),
    };
    let flights = held_mm.iter().map(|held| Flights {
        step: 1,
        loss: 0.0,
        reached: held.iter().map(|mm| *mm < 30.0).collect(),
        held_mm: held.to_vec(),
        success_s_mean: None,
    });
    Cell {
        recipe: Recipe { looks: Looks::Once, channel, code: code.clone(), width: 8, seed },
        bits,
        errors: Errors {
            action_mrad: 0.0,
            tokenizer_mrad: 0.0,
            end_mm_p50: None,
            end_mm_p95: None,
            no_chunk: 0.0,
        },
        flights: flights.collect(),
    }
}

const NEAR: f64 = 2.0;
const FAR: f64 = 20.0;

#[test]
fn seeds_are_pooled_and_the_peak_is_each_seeds_own() {
    let code = Code::Regression;
    let cells = [
        cell(&code, WEAK, 1, &[&[NEAR, NEAR], &[NEAR, FAR]]),
        cell(&code, WEAK, 2, &[&[FAR, FAR], &[NEAR, NEAR]]),
    ];
    let [row] = &rows(&cells)[..] else { panic!("one condition is one row") };
    let rate = row.at(Some(10.0)).unwrap();
    assert_eq!((row.seeds, rate.last.successes, rate.last.trials), (2, 3, 4));
    assert_eq!(rate.peak.successes, 4, "the first seed was better half-way");
    assert_eq!(rate.by_seed, [0.5, 1.0]);
    assert_eq!(row.at(None).unwrap().last.successes, 4);
    assert_eq!(row.at(Some(5.0)).unwrap().last.successes, 3);
}

/// Regression gains 8 of 10, the codebook 2 of 10: the gap is the difference of the two.
#[test]
fn a_gap_is_the_difference_of_two_gains() {
    let flights = |near: usize| {
        let held: Vec<f64> = (0..10).map(|at| if at < near { NEAR } else { FAR }).collect();
        held
    };
    let vq = Code::Vq { books: 1, codes: 16 };
    let cells: Vec<Cell> = [
        (&Code::Regression, WEAK, 1),
        (&Code::Regression, STRONG, 9),
        (&vq, WEAK, 1),
        (&vq, STRONG, 3),
    ]
    .into_iter()
    .map(|(code, channel, near)| cell(code, channel, 1, &[&flights(near)]))
    .collect();
    let gains = gains(&rows(&cells));
    let [regression, codebook] = &gains[..] else { panic!("two representations, two gains") };
    assert!((regression.gain.value - 0.8).abs() < 1e-12);
    assert!((codebook.gain.value - 0.2).abs() < 1e-12);
    assert!((codebook.gain_per_bit.value - 0.2 / 8.0).abs() < 1e-12);
    assert_eq!(regression.gap, None);
    let gap = codebook.gap.unwrap();
    assert!((gap.value - 0.6).abs() < 1e-12);
    // By hand: variances 0.09 / 10 twice for regression, 0.09 / 10 and 0.21 / 10 for the codebook.
    let error = ((0.09 + 0.09 + 0.09 + 0.21) / 10.0_f64).sqrt();
    assert!((gap.z.unwrap() - 0.6 / error).abs() < 1e-9);
    assert_eq!(regression.gain_over_seeds.low, None, "one seed shows no spread");
}
