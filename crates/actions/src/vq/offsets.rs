//! VQ-BeT's continuous offsets, which lift the cap that codes put on a policy.

/// For each level and code the policy predicts a chunk-sized offset; those of the codes that were
/// chosen are added to what the codes decode to.
#[derive(Clone, Copy, Debug)]
pub struct Offsets<'a> {
    // Invariant: `table` holds levels * codebook_size * values numbers.
    table: &'a [f64],
    codebook_size: u32,
    values: usize,
}

/// Offsets that do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OffsetError {
    /// The table has another size.
    #[error("{found} offsets where {expected} are needed: levels x codes x values of a chunk")]
    Size {
        /// What is needed.
        expected: usize,
        /// What there was.
        found: usize,
    },
    /// A code beyond the table.
    #[error("no offset for code {code} of level {level}")]
    Code {
        /// The level.
        level: usize,
        /// The code.
        code: u32,
    },
    /// An offset that is not a number.
    #[error("value {place} of the chunk is not finite with its offset")]
    NotFinite {
        /// Where in the chunk.
        place: usize,
    },
}

impl<'a> Offsets<'a> {
    /// A table `[levels][codebook_size][values]` in row-major order, as the network puts it out.
    ///
    /// # Errors
    /// If it has another size.
    pub fn new(
        table: &'a [f64],
        levels: usize,
        codebook_size: u32,
        values: usize,
    ) -> Result<Self, OffsetError> {
        let sizes = [codebook_size as usize, values];
        let expected = sizes.iter().try_fold(levels, |product, size| product.checked_mul(*size));
        match expected {
            Some(expected) if expected == table.len() => Ok(Self { table, codebook_size, values }),
            expected => {
                let (expected, found) = (expected.unwrap_or(usize::MAX), table.len());
                Err(OffsetError::Size { expected, found })
            }
        }
    }

    /// Adds the offsets of a chunk's codes, one per level, to the decoded chunk.
    ///
    /// # Errors
    /// If there is no offset for a code, or the sum is not finite.
    pub fn add(&self, codes: &[u32], chunk: &mut [f64]) -> Result<(), OffsetError> {
        for (level, &code) in codes.iter().enumerate() {
            let row = level * self.codebook_size as usize + code as usize;
            let offset = self.table.get(row * self.values..(row + 1) * self.values);
            let offset = offset.filter(|_| code < self.codebook_size);
            let offset = offset.ok_or(OffsetError::Code { level, code })?;
            chunk.iter_mut().zip(offset).for_each(|(value, offset)| *value += offset);
        }
        match chunk.iter().position(|value| !value.is_finite()) {
            Some(place) => Err(OffsetError::NotFinite { place }),
            None => Ok(()),
        }
    }
}
