use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::*;

const LIMITS: [u32; 2] = [4, 4];

fn config(head: VectorHead) -> VectorConfig {
    VectorConfig {
        inputs: 1,
        hidden: vec![32, 32],
        head,
        steps: 400,
        schedule: Schedule { peak: 1e-2, warm_up_steps: 10, last_fraction: 0.02 },
        optimiser: AdamWConfig::USUAL,
        seed: 5,
    }
}

#[test]
fn numbers_are_learned() {
    let mut trainer = VectorTrainer::new(config(VectorHead::Numbers { outputs: 1 })).unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    for _ in 0..400 {
        let x: Vec<f32> = (0..64).map(|_| rng.random_range(-1.0..1.0)).collect();
        let wanted: Vec<f32> = x.iter().map(|x| (2.0 * x).sin()).collect();
        trainer.step(64, &x, Wanted::Numbers(&wanted)).unwrap();
    }
    let said = trainer.policy().unwrap().numbers(3, &[-0.7, 0.1, 0.6]).unwrap();
    for (said, x) in said.iter().zip([-0.7_f32, 0.1, 0.6]) {
        assert!((said - (2.0 * x).sin()).abs() < 0.05, "{x}: {said}");
    }
}

/// Two symbols that are equal, and either with even odds: only a head whose second symbol knows the
/// first one says a pair that was ever seen, for every input.
#[test]
fn an_ordered_head_says_what_goes_together() {
    let train = |ordered| {
        let head = VectorHead::Symbols { places: 2, alphabet: 4, ordered };
        let mut trainer = VectorTrainer::new(config(head)).unwrap();
        let mut rng = Pcg64Mcg::seed_from_u64(2);
        let mut loss = 0.0;
        for _ in 0..400 {
            let x: Vec<f32> = (0..64).map(|_| rng.random_range(-1.0..1.0)).collect();
            let pair = |_| [rng.random_range(0..4_u32); 2];
            let wanted: Vec<u32> = (0..64).flat_map(pair).collect();
            loss = trainer.step(64, &x, Wanted::Symbols(&wanted)).unwrap();
        }
        (trainer.policy().unwrap(), loss)
    };
    let (ordered, loss) = train(true);
    // Two bits for the first, nothing for the second: one bit, or ln 2, a place.
    assert!((loss - 2.0_f32.ln()).abs() < 0.1, "{loss}");
    let inputs: Vec<f32> = (0..100).map(|i| i as f32 / 50.0 - 1.0).collect();
    let said = ordered.symbols(100, &inputs, &LIMITS).unwrap();
    assert!(said.chunks(2).all(|pair| pair[0] == pair[1]), "{said:?}");
    let (_, loss) = train(false);
    assert!(loss > 1.5 * 2.0_f32.ln(), "independent symbols cannot know: {loss}");
}

#[test]
fn no_symbol_is_beyond_its_limit() {
    let head = VectorHead::Symbols { places: 2, alphabet: 4, ordered: false };
    let policy = VectorTrainer::new(config(head)).unwrap().policy().unwrap();
    let inputs: Vec<f32> = (0..50).map(|i| i as f32).collect();
    let said = policy.symbols(50, &inputs, &[1, 3]).unwrap();
    assert!(said.chunks(2).all(|pair| pair[0] < 1 && pair[1] < 3));
    assert!(policy.numbers(50, &inputs).is_err());
}
