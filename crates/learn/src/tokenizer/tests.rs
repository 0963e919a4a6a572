use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;
use tandem_actions::{
    Account, ChunkShape, Fsq, NestedDropout, Oat, OatPrefix, Principal, Representation, VqLatent,
    account,
};

use super::*;
use crate::{AdamWConfig, Schedule};

fn shape() -> ChunkShape {
    ChunkShape::new(8, 2).unwrap()
}

/// Chunks on a bent surface: both joints swing along the same parabola, which no straight
/// components describe.
fn chunks(count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut chunk = || {
        let [size, speed] = [rng.random_range(-1.0..1.0), rng.random_range(0.5..1.5)];
        let at = |step: f64| size + 0.2 * speed * step;
        (0..8).flat_map(|step| [at(step.into()), at(step.into()).powi(2)]).collect()
    };
    (0..count).map(|_| chunk()).collect()
}

fn slices(chunks: &[Vec<f64>]) -> Vec<&[f64]> {
    chunks.iter().map(Vec::as_slice).collect()
}

fn config() -> AutoencoderConfig {
    AutoencoderConfig {
        hidden: vec![32],
        steps: 400,
        batch: 64,
        schedule: Schedule { peak: 3e-3, warm_up_steps: 20, last_fraction: 0.02 },
        optimiser: AdamWConfig { average_decay: 0.98, ..AdamWConfig::USUAL },
        seed: 3,
    }
}

fn fsq() -> Fsq {
    Fsq::new(&[8, 5]).unwrap()
}

fn measure(codec: &mut dyn Representation) -> Account {
    let held_out = chunks(300, 99);
    let account = account(codec, held_out.iter().map(Vec::as_slice));
    assert_eq!(account.failures, 0);
    account
}

fn trained(dropout: NestedDropout) -> TrainedAutoencoder {
    let chunks = chunks(600, 1);
    fit_oat(shape(), &slices(&chunks), &fsq(), 4, dropout, &config()).unwrap()
}

fn by_prefix(trained: &TrainedAutoencoder) -> Vec<f64> {
    let oat = Oat::new(trained.ready().unwrap(), fsq()).unwrap();
    let mse = |kept| measure(&mut OatPrefix::new(oat.clone(), kept)).distortion.mse;
    [1, 2, 4].map(mse).to_vec()
}

#[test]
fn oat_learns_what_a_linear_tokenizer_cannot() {
    let training = chunks(600, 1);
    let principal = Principal::fit(shape(), &fsq(), 4, &slices(&training)).unwrap();
    let linear = measure(&mut Oat::new(principal, fsq()).unwrap()).distortion.mse;
    let learned = by_prefix(&trained(NestedDropout::PowersOfTwo));
    assert!(learned[2] < 0.5 * linear, "{learned:?}, linear {linear}");
    assert!(learned.is_sorted_by(|coarse, fine| coarse > fine), "{learned:?}");
}

#[test]
fn without_dropout_a_prefix_says_little() {
    let (ordered, loose) =
        (by_prefix(&trained(NestedDropout::PowersOfTwo)), by_prefix(&trained(NestedDropout::None)));
    assert!(loose[0] > 2.0 * ordered[0], "{loose:?} without, {ordered:?} with dropout");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = || {
        let weights = trained(NestedDropout::PowersOfTwo).weights;
        weights.into_values().flat_map(|w| w.data).map(f32::to_bits).collect::<Vec<_>>()
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn vq_learns_better_codes_than_those_of_actions() {
    let training = chunks(600, 1);
    let sizes = VqSizes { group_steps: 4, levels: 2, codes: 16 };
    let fit = |steps| {
        let config = AutoencoderConfig { steps, ..config() };
        let (networks, vq) = fit_vq(shape(), &slices(&training), sizes, &config).unwrap();
        let mut codec = VqLatent::new(networks.ready().unwrap(), vq).unwrap();
        measure(&mut codec).distortion.mse
    };
    let (untrained, trained) = (fit(0), fit(400));
    assert!(trained < 0.8 * untrained, "{trained} after training, {untrained} before");
}

#[test]
fn groups_must_fill_the_chunk() {
    let training = chunks(40, 1);
    let sizes = VqSizes { group_steps: 3, levels: 1, codes: 4 };
    let error = fit_vq(shape(), &slices(&training), sizes, &config()).unwrap_err();
    assert!(error.to_string().contains("groups of 3"), "{error}");
}
