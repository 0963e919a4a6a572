//! Finite scalar quantisation (arXiv 2309.15505): a codebook without codes.

/// Slack that keeps a saturated value away from where rounding would leave the range; the value of
/// `vector-quantize-pytorch`.
const EPSILON: f64 = 1e-3;

/// The most levels of one dimension. OAT's largest has 8.
const LEVELS_MAX: u32 = 256;

/// A few latent dimensions, each bounded and rounded to a few levels; all levels together are one
/// index. There is nothing to learn and nothing that can die.
///
/// For an even number of levels the code is not symmetric: 8 levels go from -1 to 0.75.
#[derive(Clone, Debug, PartialEq)]
pub struct Fsq {
    dims: Vec<Levels>,
    codebook_size: u32,
}

/// One dimension's levels, and what follows from their number.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Levels {
    count: u32,
    /// What the dimension's level counts for in the index.
    basis: u32,
    half: f64,
    offset: f64,
    shift: f64,
}

/// Levels that make no codebook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "levels {0:?} make no codebook: at least one dimension, 2 to {LEVELS_MAX} levels each, and \
     no more than 2^31 codes in all"
)]
pub struct FsqError(pub Vec<u32>);

impl Fsq {
    /// A codebook of the product of `levels` codes; OAT has `[8, 5, 5, 5]`.
    ///
    /// # Errors
    /// If the levels make no codebook.
    pub fn new(levels: &[u32]) -> Result<Self, FsqError> {
        let refused = || FsqError(levels.to_vec());
        let mut codebook_size = 1_u32;
        let mut dims = Vec::with_capacity(levels.len());
        for &count in levels {
            if !(2..=LEVELS_MAX).contains(&count) {
                return Err(refused());
            }
            dims.push(Levels::new(count, codebook_size));
            codebook_size = codebook_size.checked_mul(count).ok_or_else(refused)?;
            if codebook_size > 1 << 31 {
                return Err(refused());
            }
        }
        if dims.is_empty() { Err(refused()) } else { Ok(Self { dims, codebook_size }) }
    }

    /// How many latent dimensions a code has.
    #[must_use]
    pub fn dims(&self) -> usize {
        self.dims.len()
    }

    /// How many codes there are.
    #[must_use]
    pub const fn codebook_size(&self) -> u32 {
        self.codebook_size
    }

    /// What a dimension's level counts for in the index: 1, L0, L0 L1 and so on.
    pub fn basis(&self) -> impl Iterator<Item = u32> + '_ {
        self.dims.iter().map(|levels| levels.basis)
    }

    /// How many levels each dimension has.
    pub fn level_counts(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        self.dims.iter().map(|levels| levels.count)
    }

    /// The level that one latent value falls on; 0 for dimensions there are not.
    #[must_use]
    pub fn level(&self, dim: usize, z: f64) -> u32 {
        self.dims.get(dim).map_or(0, |levels| levels.level(z))
    }

    /// The code of one level, within `[-1, 1]`; 0 for dimensions there are not.
    #[must_use]
    pub fn code_of_level(&self, dim: usize, level: u32) -> f64 {
        self.dims.get(dim).map_or(0.0, |levels| levels.code(level))
    }

    /// How much a latent value moves its code where rounding is looked through, as in the
    /// straight-through gradient.
    #[must_use]
    pub fn slope(&self, dim: usize, z: f64) -> f64 {
        self.dims.get(dim).map_or(0.0, |levels| {
            let squeezed = (z + levels.shift).tanh();
            (1.0 - squeezed * squeezed) * levels.half / f64::from(levels.count / 2)
        })
    }

    /// The level that a code within `[-1, 1]` was made from; 0 for dimensions there are not.
    #[must_use]
    pub fn level_of_code(&self, dim: usize, code: f64) -> u32 {
        self.dims.get(dim).map_or(0, |levels| {
            let middle = f64::from(levels.count / 2);
            // A negative or missing number is level 0.
            ((code * middle + middle).round_ties_even() as u32).min(levels.count - 1)
        })
    }

    /// The index of a latent of [`Self::dims`] values; what is missing counts as zero. A value that
    /// is not a number falls on the lowest level.
    #[must_use]
    pub fn index(&self, latent: &[f64]) -> u32 {
        let values = latent.iter().copied().chain(core::iter::repeat(0.0));
        self.dims.iter().zip(values).map(|(levels, z)| levels.level(z) * levels.basis).sum()
    }

    /// The latent before rounding: a smooth squeeze into the levels' range.
    pub fn bound_into(&self, latent: &[f64], bounded: &mut [f64]) {
        for ((levels, z), bounded) in self.dims.iter().zip(latent).zip(bounded) {
            *bounded = levels.bound(*z);
        }
    }

    /// The level of each dimension in an index below [`Self::codebook_size`]; larger indices wrap.
    pub fn levels(&self, index: u32) -> impl Iterator<Item = u32> + '_ {
        self.dims.iter().map(move |levels| index / levels.basis % levels.count)
    }

    /// The code of an index, each dimension within `[-1, 1]`.
    pub fn code_into(&self, index: u32, code: &mut [f64]) {
        for ((levels, level), code) in self.dims.iter().zip(self.levels(index)).zip(code) {
            *code = levels.code(level);
        }
    }
}

impl Levels {
    fn new(count: u32, basis: u32) -> Self {
        let half = f64::from(count - 1) * (1.0 + EPSILON) / 2.0;
        let offset = if count.is_multiple_of(2) { 0.5 } else { 0.0 };
        Self { count, basis, half, offset, shift: (offset / half).atanh() }
    }

    fn code(&self, level: u32) -> f64 {
        let middle = f64::from(self.count / 2);
        (f64::from(level) - middle) / middle
    }

    fn bound(&self, z: f64) -> f64 {
        (z + self.shift).tanh() * self.half - self.offset
    }

    fn level(&self, z: f64) -> u32 {
        let level = self.bound(z).round_ties_even() + f64::from(self.count / 2);
        (level as u32).min(self.count - 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn levels_that_make_no_codebook_are_refused() {
        for levels in [&[][..], &[8, 1], &[257], &[256; 5]] {
            assert_eq!(Fsq::new(levels), Err(FsqError(levels.to_vec())));
        }
    }

    /// The compression-gap paper's column of capacities for 8 registers.
    #[test]
    fn capacities_of_oat() {
        for (levels, bits) in
            [(&[8, 5, 5, 5][..], 79.7), (&[8, 8, 6, 5], 87.3), (&[7, 5, 5, 5, 5], 96.8)]
        {
            let found = 8.0 * f64::from(Fsq::new(levels).unwrap().codebook_size()).log2();
            assert!((found - bits).abs() < 0.05, "{levels:?}: {found}");
        }
    }

    proptest! {
        #[test]
        fn any_latent_has_an_index_and_any_index_a_code(
            latent in prop::collection::vec(any::<f64>(), 0..6),
            index: u32,
        ) {
            let fsq = Fsq::new(&[8, 5, 5, 5]).unwrap();
            prop_assert!(fsq.index(&latent) < 1000);
            let mut code = [f64::NAN; 4];
            fsq.code_into(index, &mut code);
            prop_assert!(code.iter().all(|value| value.abs() <= 1.0));
        }

        /// Levels and indices are two writings of the same thing.
        #[test]
        fn an_index_is_its_levels(index in 0..1000_u32) {
            let fsq = Fsq::new(&[8, 5, 5, 5]).unwrap();
            let again: u32 = fsq.levels(index).zip(fsq.basis()).map(|(l, b)| l * b).sum();
            prop_assert_eq!(again, index);
        }

        /// The slope is that of the squeeze, in codes.
        #[test]
        fn the_slope_is_the_derivative(z in -3.0..3.0_f64, dim in 0..4_usize) {
            let fsq = Fsq::new(&[8, 5, 5, 5]).unwrap();
            let squeezed = |z: f64| {
                let (mut all, middle) = ([0.0; 4], if dim == 0 { 4.0 } else { 2.0 });
                fsq.bound_into(&[z; 4], &mut all);
                all[dim] / middle
            };
            let measured = (squeezed(z + 1e-6) - squeezed(z - 1e-6)) / 2e-6;
            prop_assert!((fsq.slope(dim, z) - measured).abs() < 1e-6);
        }

        /// One latent value more never lowers a level.
        #[test]
        fn levels_ascend(a in -9.0..9.0_f64, b in -9.0..9.0_f64) {
            let levels = Levels::new(8, 1);
            prop_assert!(levels.level(a.min(b)) <= levels.level(a.max(b)));
        }
    }
}
