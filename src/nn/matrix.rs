//! Matrices in slices, and their product.

use candle_core::Result;

/// A row-major matrix in a slice, or the transpose of one.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    pub(super) data: &'a [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) transposed: bool,
}

impl<'a> Matrix<'a> {
    /// The first `rows * columns` elements of `data`.
    ///
    /// # Errors
    /// Fewer elements than that, or a number of elements that overflows.
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Result<Matrix<'a>> {
        match rows.checked_mul(columns).and_then(|len| data.get(..len)) {
            Some(data) => Ok(Matrix { data, rows, columns, transposed: false }),
            None => candle_core::bail!("a matrix of {rows} x {columns} needs more than {} elements", data.len()),
        }
    }

    pub fn transpose(self) -> Matrix<'a> {
        Matrix { rows: self.columns, columns: self.rows, transposed: !self.transposed, ..self }
    }

    fn strides(&self) -> (isize, isize) {
        if self.transposed { (1, self.rows as isize) } else { (self.columns as isize, 1) }
    }
}

/// target = a b, or target += a b where `add` is set; `target` is row-major [a.rows, b.columns].
///
/// # Errors
/// Dimensions that do not fit together.
pub fn matmul(target: &mut [f32], a: Matrix, b: Matrix, add: bool) -> Result<()> {
    if a.columns != b.rows || a.rows.checked_mul(b.columns) != Some(target.len()) {
        let (m, k, n, len) = (a.rows, a.columns, b.columns, target.len());
        candle_core::bail!("matrix product of {m} x {k} and {} x {n} into {len} elements", b.rows);
    }
    if target.is_empty() {
        return Ok(());
    }
    let threads = super::threads::count();
    let parallelism = if threads > 1 { gemm::Parallelism::Rayon(threads) } else { gemm::Parallelism::None };
    let ((a_row, a_column), (b_row, b_column)) = (a.strides(), b.strides());
    // SAFETY: the three slices hold all elements that the dimensions and strides reach: `Matrix::new` and the check above
    // multiply without overflow. A slice has at most isize::MAX bytes, and no dimension exceeds the length of a slice
    // that is not empty, so the strides fit. `target` is borrowed mutably, so it overlaps neither input.
    unsafe {
        gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            target.as_mut_ptr(),
            1,
            b.columns as isize,
            add,
            a.data.as_ptr(),
            a_column,
            a_row,
            b.data.as_ptr(),
            b_column,
            b_row,
            1.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
    Ok(())
}
