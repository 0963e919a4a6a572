use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::{ChunkShape, Representation as _, account};

/// Vectors in a few clumps, which codes can stand for.
fn clumps(n: usize, dim: usize, seed: u64) -> Vec<f64> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let centres: Vec<f64> = (0..6 * dim).map(|_| rng.random_range(-1.0..1.0)).collect();
    let mut vector = || {
        let centre = rng.random_range(0..6) * dim;
        let noise: Vec<f64> = (0..dim).map(|_| rng.random_range(-0.1..0.1)).collect();
        centres[centre..centre + dim].iter().zip(noise).map(|(c, n)| c + n).collect::<Vec<_>>()
    };
    (0..n).flat_map(|_| vector()).collect()
}

fn fitted(levels: usize, codes: u32) -> (ResidualVq, Vec<f64>) {
    let vectors = clumps(400, 10, 7);
    let mut rng = Pcg64Mcg::seed_from_u64(8);
    (ResidualVq::fit(levels, codes, 10, &vectors, 10, &mut rng).unwrap(), vectors)
}

/// On the data they were fitted on, each level leaves less: a prefix of codes is a coarser vector.
#[test]
fn more_levels_leave_less() {
    let (vq, vectors) = fitted(4, 16);
    let mean_squared = |levels: usize| {
        let mut codes = [0; 4];
        let mut decoded = [0.0; 10];
        let squared = vectors.chunks_exact(10).map(|vector| {
            vq.encode_into(&mut vector.to_vec(), &mut codes);
            vq.decode_into(&codes[..levels], &mut decoded).unwrap();
            distance_squared(vector, &decoded)
        });
        squared.sum::<f64>() / 400.0
    };
    let errors: Vec<f64> = (0..=4).map(mean_squared).collect();
    assert!(errors.is_sorted_by(|coarse, fine| coarse > fine), "{errors:?}");
    assert!(errors[1] < 0.1 * errors[0], "the first level finds the clumps: {errors:?}");
}

#[test]
fn fitting_is_a_function_of_its_seed() {
    assert_eq!(fitted(2, 16).0, fitted(2, 16).0);
}

#[test]
fn vq_vla_writes_ten_steps_in_64_bits() {
    let (levels, codes, _) = VqChunk::VQ_VLA;
    let (vq, vectors) = fitted(levels, codes);
    let shape = ChunkShape::new(10, 2).unwrap();
    let mut chunked = VqChunk::new(shape, vq).unwrap();
    let account = account(&mut chunked, vectors.chunks_exact(20));
    assert_eq!(account.failures, 0);
    assert_eq!(account.rate.bits_nominal, 64.0);
    assert!(account.rate.bits_by_place <= account.rate.bits_nominal);
    assert!(account.distortion.mse < 1e-3, "{}", account.distortion.mse);
}

#[test]
fn offsets_reach_what_codes_cannot() {
    let (levels, codebook_size) = VqChunk::VQ_BET;
    let (vq, vectors) = fitted(levels, codebook_size);
    let mut chunked = VqChunk::new(ChunkShape::new(5, 2).unwrap(), vq).unwrap();
    assert_eq!(chunked.bits_nominal(2.0), 8.0);
    let (mut codes, mut decoded) = (Vec::new(), [0.0; 10]);
    let chunk = &vectors[..10];
    chunked.encode_into(chunk, &mut codes).unwrap();
    chunked.decode_into(&codes, &mut decoded).unwrap();

    // A perfect policy: half of what is missing from each of the two codes.
    let mut table = vec![0.0; levels * codebook_size as usize * 10];
    for (level, code) in codes.iter().enumerate() {
        let row = (level * codebook_size as usize + *code as usize) * 10;
        for (i, offset) in table[row..row + 10].iter_mut().enumerate() {
            *offset = (chunk[i] - decoded[i]) / 2.0;
        }
    }
    let offsets = Offsets::new(&table, levels, codebook_size, 10).unwrap();
    offsets.add(&codes, &mut decoded).unwrap();
    assert!(distance_squared(chunk, &decoded) < 1e-24);
    let beyond = offsets.add(&[16, 0], &mut decoded);
    assert_eq!(beyond, Err(OffsetError::Code { level: 0, code: 16 }));
    let small = Offsets::new(&table[1..], levels, codebook_size, 10).map(|_| ());
    assert_eq!(small, Err(OffsetError::Size { expected: 320, found: 319 }));
}

#[test]
fn codebooks_that_cannot_be_are_refused() {
    let size = VqError::Size { levels: 2, codebook_size: 2, dim: 2, found: 7 };
    assert_eq!(ResidualVq::new(2, 2, 2, vec![0.0; 7]), Err(size));
    assert_eq!(ResidualVq::new(1, 1, 2, vec![0.0, f64::NAN]), Err(VqError::NotFinite { place: 1 }));
    let (vq, _) = fitted(1, 4);
    let odd = VqChunk::new(ChunkShape::new(7, 2).unwrap(), vq).map(|_| ());
    assert_eq!(odd, Err(VqError::Group { steps: 7, group_steps: 5 }));
}

proptest! {
    #[test]
    fn decoding_is_total(codes in prop::collection::vec(0..20_u32, 0..6)) {
        let mut vq = VqChunk::new(ChunkShape::new(10, 2).unwrap(), fitted(2, 16).0).unwrap();
        let mut chunk = [f64::NAN; 20];
        let legal = codes.len() == 4 && codes.iter().all(|code| *code < 16);
        prop_assert_eq!(vq.decode_into(&codes, &mut chunk).is_ok(), legal);
        prop_assert!(!legal || chunk.iter().all(|value| value.is_finite()));
    }
}

/// The textbook's step, for one codebook of two codes in one dimension.
#[test]
fn codes_are_running_means_of_what_falls_on_them() {
    let vq = ResidualVq::new(1, 2, 1, vec![0.0, 10.0]).unwrap();
    let mut books = EmaCodebooks::new(vq, 0.8);
    books.update(&[1.0, 3.0, 12.0, f64::NAN]);
    // Counts 0.8 + 0.2 * members, sums 0.8 * code + 0.2 * total, smoothed by Laplace's rule.
    let (counts, sums) = ([0.8 + 0.4, 0.8 + 0.2], [0.2 * 4.0, 8.0 + 0.2 * 12.0]);
    let total: f64 = counts.iter().sum();
    for (code, (count, sum)) in books.vq().codes().iter().zip(counts.iter().zip(sums)) {
        let smoothed = (count + 1e-5) / (total + 2e-5) * total;
        assert!((code - sum / smoothed).abs() < 1e-12, "{code}");
    }
}

#[test]
fn codebooks_follow_vectors_that_move() {
    let (vq, vectors) = fitted(2, 16);
    let moved: Vec<f64> = vectors.iter().map(|value| 0.5 * value + 2.0).collect();
    let left = |books: &EmaCodebooks| {
        let mut codes = [0; 2];
        let squared = moved.chunks_exact(10).map(|vector| {
            let mut residual = vector.to_vec();
            books.vq().encode_into(&mut residual, &mut codes);
            residual.iter().map(|x| x * x).sum::<f64>()
        });
        squared.sum::<f64>() / 400.0
    };
    let mut books = EmaCodebooks::new(vq, EmaCodebooks::DECAY);
    let before = left(&books);
    (0..60).for_each(|_| books.update(&moved));
    assert!(left(&books) < 0.01 * before, "{} of {before}", left(&books));
}

/// A chunk of two registers whose latents are the actions turned around.
#[derive(Clone, Debug)]
struct Mirror;

impl crate::Autoencoder for Mirror {
    fn shape(&self) -> ChunkShape {
        ChunkShape::new(4, 1).unwrap()
    }

    fn registers(&self) -> usize {
        2
    }

    fn register_dims(&self) -> usize {
        2
    }

    fn encode(&mut self, chunk: &[f64], latents: &mut [f64]) {
        latents.iter_mut().zip(chunk).for_each(|(latent, value)| *latent = -value);
    }

    fn decode(&mut self, codes: &[f64], _kept: usize, chunk: &mut [f64]) {
        self.encode(codes, chunk);
    }
}

#[test]
fn latents_are_quantised_and_not_actions() {
    let vq = ResidualVq::new(1, 2, 2, vec![0.0, 0.0, 1.0, 1.0]).unwrap();
    let mut codec = VqLatent::new(Mirror, vq).unwrap();
    let (mut tokens, mut decoded) = (Vec::new(), [0.0; 4]);
    codec.encode_into(&[-0.9, -1.1, 0.9, 1.1], &mut tokens).unwrap();
    assert_eq!(tokens, [1, 0]);
    codec.decode_into(&tokens, &mut decoded).unwrap();
    assert_eq!(decoded, [-1.0, -1.0, 0.0, 0.0]);
    let other = ResidualVq::new(1, 1, 3, vec![0.0; 3]).unwrap();
    assert!(matches!(VqLatent::new(Mirror, other), Err(VqError::Size { dim: 2, .. })));
}

proptest! {
    #[test]
    fn decoding_latents_is_total(tokens in prop::collection::vec(0..5_u32, 0..4)) {
        let vq = ResidualVq::new(1, 3, 2, vec![0.0, 0.0, 1.0, 1.0, f64::MAX, 0.0]).unwrap();
        let mut decoded = [f64::NAN; 4];
        if VqLatent::new(Mirror, vq).unwrap().decode_into(&tokens, &mut decoded).is_ok() {
            prop_assert!(decoded.iter().all(|value| value.is_finite()));
        }
    }
}
