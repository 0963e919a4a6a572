//! Matrix multiplication: a checked door to the `gemm` kernels, and the crate's only `unsafe`.
#![expect(unsafe_code, reason = "gemm takes raw pointers; every extent is checked here first")]

/// A matrix in a slice.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// Rows one after the other.
    pub(crate) const fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self { data, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// Rows that start `row_stride` apart.
    pub(crate) const fn strided(
        data: &'a [f32],
        rows: usize,
        columns: usize,
        row_stride: usize,
    ) -> Self {
        Self { data, rows, columns, row_stride, column_stride: 1 }
    }

    /// The same numbers, rows for columns.
    pub(crate) const fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    fn fits(&self) -> bool {
        extent(self.rows, self.columns, self.row_stride, self.column_stride) <= self.data.len()
    }
}

/// A matrix to write: rows that start `row_stride` apart.
pub(crate) struct MatrixMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
}

impl<'a> MatrixMut<'a> {
    /// Rows one after the other.
    pub(crate) const fn new(data: &'a mut [f32], rows: usize, columns: usize) -> Self {
        Self { data, rows, columns, row_stride: columns }
    }

    /// Rows that start `row_stride` apart.
    pub(crate) const fn strided(
        data: &'a mut [f32],
        rows: usize,
        columns: usize,
        row_stride: usize,
    ) -> Self {
        Self { data, rows, columns, row_stride }
    }
}

/// What happens to the numbers already in the output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Into {
    /// They are overwritten.
    Replace,
    /// The product is added to them.
    Add,
}

/// `out = a b` or `out += a b`, on the calling thread.
///
/// # Panics
/// If the sizes do not fit together or into their slices. Every caller derives them from tensors
/// whose shapes were checked, so this guards memory against a bug in this crate, not against input.
pub(crate) fn multiply(out: MatrixMut<'_>, a: Matrix<'_>, b: Matrix<'_>, into: Into) {
    let MatrixMut { data, rows, columns, row_stride } = out;
    assert!(a.rows == rows && b.columns == columns && a.columns == b.rows, "sizes do not fit");
    assert!(a.fits() && b.fits(), "a factor is longer than its slice");
    assert!(rows < 2 || row_stride >= columns, "rows of the product overlap");
    assert!(extent(rows, columns, row_stride, 1) <= data.len(), "the product is too long");
    let (read, keep) = if into == Into::Add { (true, 1.0) } else { (false, 0.0) };
    // SAFETY: the asserts above prove that every element gemm reads or writes, at
    // `row * row_stride + column * column_stride`, lies in its slice, and that the elements of the
    // product are distinct; the borrows prove that the product does not overlap a factor. Slices
    // are at most isize::MAX bytes long, so no stride overflows an isize.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            a.columns,
            data.as_mut_ptr(),
            1,
            row_stride as isize,
            read,
            a.data.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            keep,
            1.0_f32,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// Length of the shortest slice that holds a matrix; `usize::MAX` if that overflows.
const fn extent(rows: usize, columns: usize, row_stride: usize, column_stride: usize) -> usize {
    if rows == 0 || columns == 0 {
        return 0;
    }
    let last_row = (rows - 1).saturating_mul(row_stride);
    let last_column = (columns - 1).saturating_mul(column_stride);
    last_row.saturating_add(last_column).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_transposes() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let b = [1.0, 0.0, 0.0, 1.0, 1.0, 1.0];
        let mut out = [10.0; 4];
        multiply(
            MatrixMut::new(&mut out, 2, 2),
            Matrix::new(&a, 2, 3),
            Matrix::new(&b, 3, 2),
            Into::Replace,
        );
        assert_eq!(out, [4.0, 5.0, 10.0, 11.0]);
        let twice = Matrix::new(&b, 3, 2);
        multiply(MatrixMut::new(&mut out, 2, 2), twice.transposed(), twice, Into::Add);
        assert_eq!(out, [6.0, 6.0, 11.0, 13.0]);
    }

    #[test]
    fn a_block_of_a_larger_matrix_is_left_alone_around_it() {
        let mut out = [0.0; 6];
        let one = [1.0, 2.0];
        multiply(
            MatrixMut::strided(&mut out, 2, 2, 3),
            Matrix::new(&one, 2, 1),
            Matrix::new(&one, 1, 2),
            Into::Replace,
        );
        assert_eq!(out, [1.0, 2.0, 0.0, 2.0, 4.0, 0.0]);
    }

    #[test]
    #[should_panic(expected = "longer than its slice")]
    fn a_slice_too_short_is_caught() {
        let mut out = [0.0; 4];
        multiply(
            MatrixMut::new(&mut out, 2, 2),
            Matrix::new(&[1.0; 3], 2, 2),
            Matrix::new(&[1.0; 4], 2, 2),
            Into::Replace,
        );
    }
}
