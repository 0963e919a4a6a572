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
