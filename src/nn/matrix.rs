//! Matrices in slices, and their product.

use std::borrow::Cow;

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

    /// Its elements, row by row.
    pub fn row_major(self) -> Cow<'a, [f32]> {
        if !self.transposed {
            return Cow::Borrowed(self.data);
        }
        // Some columns at a time, so that the cache lines that are read and written stay in the L1 cache.
        const COLUMNS: usize = 16;
        let mut copy = vec![0.0; self.data.len()];
        for first in (0..self.columns).step_by(COLUMNS) {
            let columns = first..self.columns.min(first + COLUMNS);
            for (i, row) in copy.chunks_exact_mut(self.columns).enumerate() {
                for column in columns.clone() {
                    row[column] = self.data[column * self.rows + i];
                }
            }
        }
        Cow::Owned(copy)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    /// What wrong dimensions or strides would break: a product that reads beyond an input is wrong, and one that writes beyond its
    /// target changes what surrounds it.
    #[test]
    fn products_of_all_shapes_are_right_and_write_nothing_else() {
        const AROUND: usize = 64;
        let normal = |n, index| random::normal(&mut random::stream(2, "matrix", index), n);
        let sizes = [1, 2, 5, 16, 33];
        let shapes = sizes.iter().flat_map(|m| sizes.iter().flat_map(move |k| sizes.map(|n| (*m, *k, n))));
        for (m, k, n) in shapes {
            let (a, b) = (normal(m * k, 0), normal(k * n, 1));
            for (a_turned, b_turned) in [(false, false), (false, true), (true, false), (true, true)] {
                let of = |data, rows, columns, turned: bool| match turned {
                    false => Matrix::new(data, rows, columns).unwrap(),
                    true => Matrix::new(data, columns, rows).unwrap().transpose(),
                };
                let mut buffer = vec![7.0; m * n + 2 * AROUND];
                matmul(&mut buffer[AROUND..][..m * n], of(&a, m, k, a_turned), of(&b, k, n, b_turned), true).unwrap();
                let at = |data: &[f32], rows, columns, turned, row, column| -> f64 {
                    f64::from(data[if turned { column * rows + row } else { row * columns + column }])
                };
                for (i, found) in buffer.iter().enumerate() {
                    let place = i.checked_sub(AROUND).filter(|place| *place < m * n);
                    let expected = place.map_or(7.0, |place| {
                        let (row, column) = (place / n, place % n);
                        let term = |j| at(&a, m, k, a_turned, row, j) * at(&b, k, n, b_turned, j, column);
                        7.0 + (0..k).map(term).sum::<f64>()
                    });
                    assert!((f64::from(*found) - expected).abs() < 1e-4, "{m} {k} {n} {a_turned} {b_turned} {i}");
                }
            }
        }
    }
}
