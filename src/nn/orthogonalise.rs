//! Orthogonalisation of a matrix by matrix products alone.

use std::borrow::Cow;
use std::ops::Range;

use candle_core::Result;

use super::bf16::{self, Operand};
use super::matrix::{self, Matrix};
use super::ops::buffer;
use super::packed::Start;
use super::precision::Precision;
use super::product::{instructions, matmul};

/// Coefficients of x, x^3 and x^5 in each round (Amsel et al. 2025, "The Polar Express", the first three of its sequence,
/// with its factor of safety in all but the last).
const ROUNDS: [(f32, f32, f32); 3] =
    [(8.20516, -22.901935, 16.460725), (4.0663952, -2.861154, 0.5183984), (3.948691, -2.9089022, 0.5518191)];
/// Factor of safety: singular values beyond 1 by rounding must not diverge.
const SAFETY: f64 = 1.01;
/// Rows of a symmetric product that are computed at a time, from the diagonal on.
const STRIP: usize = 4 * bf16::PANEL;

/// Moves the singular values of `x` [rows, columns], row-major, towards 1 and keeps its singular vectors: an odd polynomial
/// of the matrix, computed through the smaller of its Gram matrices, since x p(x^T x) = p(x x^T) x. Singular values above
/// 0.002 times the Frobenius norm end between 0.18 and 1.87, in 32 bits. More rounds do not train better
/// (docs/experiments.md).
///
/// # Errors
/// Dimensions that do not fit, or a processor without the instructions.
pub fn orthogonalise(x: &mut Vec<f32>, rows: usize, columns: usize, precision: Precision) -> Result<()> {
    let norm = norm(x);
    if norm == 0.0 {
        return Ok(());
    }
    let scale = (1.0 / (norm * SAFETY)) as f32;
    x.iter_mut().for_each(|x| *x *= scale);
    let n = rows.min(columns);
    let matrix = Matrix::new(x, rows, columns)?;
    let wide = Side::new(if rows <= columns { matrix } else { matrix.transpose() }, precision)?;
    let factor = odd_factor(symmetric_product(&wide, &wide)?, n, precision)?;
    let factor = Matrix::new(&factor, n, n)?;
    let mut result = buffer(rows * columns);
    let (a, b) = if rows <= columns { (factor, matrix) } else { (matrix, factor) };
    matmul(&mut result, a, b, false, precision)?;
    *x = result;
    Ok(())
}

/// The Frobenius norm. The squares may be too small for 32 bits; eight sums do not wait for each other.
fn norm(x: &[f32]) -> f64 {
    let mut sums = [0f64; 8];
    for x in x.chunks(sums.len()) {
        sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += f64::from(*x).powi(2));
    }
    sums.iter().sum::<f64>().sqrt()
}

/// The polynomial p of all rounds, for a Gram matrix [n, n]. All of its factors are polynomials of that matrix, so they are
/// symmetric and so are their products.
fn odd_factor(mut gram: Vec<f32>, n: usize, precision: Precision) -> Result<Vec<f32>> {
    let mut factor = Vec::new();
    for (round, coefficients) in ROUNDS.iter().enumerate() {
        let g = Side::square(&gram, n, precision)?;
        let polynomial = even_part(&gram, symmetric_product(&g, &g)?, n, *coefficients);
        let p = Side::square(&polynomial, n, precision)?;
        let next = match round + 1 < ROUNDS.len() {
            true => symmetric_product(&Side::square(&symmetric_product(&p, &g)?, n, precision)?, &p)?,
            false => Vec::new(),
        };
        factor = match round {
            0 => polynomial.clone(),
            _ => symmetric_product(&p, &Side::square(&factor, n, precision)?)?,
        };
        drop(g);
        gram = next;
    }
    Ok(factor)
}

/// a + b g + c g^2 for a matrix g [n, n] and its square.
fn even_part(gram: &[f32], mut square: Vec<f32>, n: usize, (a, b, c): (f32, f32, f32)) -> Vec<f32> {
    square.iter_mut().zip(gram).for_each(|(sum, gram)| *sum = c * *sum + b * gram);
    square.iter_mut().step_by(n + 1).for_each(|diagonal| *diagonal += a);
    square
}

/// A factor a or b of a product a b^T.
struct Side<'a> {
    rows: usize,
    depth: usize,
    values: Values<'a>,
}

enum Values<'a> {
    /// Row-major.
    F32(Cow<'a, [f32]>),
    Bf16(Operand),
}

impl<'a> Side<'a> {
    fn new(matrix: Matrix<'a>, precision: Precision) -> Result<Side<'a>> {
        let (rows, depth) = (matrix.rows, matrix.columns);
        let values = match instructions(precision, rows, depth)? {
            Some(instructions) => Values::Bf16(Operand::new(matrix, instructions)?),
            None => Values::F32(matrix.row_major()),
        };
        Ok(Side { rows, depth, values })
    }

    fn square(matrix: &'a [f32], n: usize, precision: Precision) -> Result<Side<'a>> {
        Side::new(Matrix::new(matrix, n, n)?, precision)
    }
}

/// a b^T [n, n], which has to be symmetric: only the elements from the diagonal's blocks on are computed.
fn symmetric_product(a: &Side, b: &Side) -> Result<Vec<f32>> {
    let n = a.rows;
    let (mut result, mut strip) = (buffer(n * n), buffer(STRIP * n));
    for first in (0..n).step_by(STRIP) {
        let (rows, width) = (first..n.min(first + STRIP), n - first);
        let strip = &mut strip[..rows.len() * width]; // [rows, columns from `first` on]
        multiply(strip, a, rows.clone(), b)?;
        for (row, computed) in rows.clone().zip(strip.chunks_exact(width)) {
            result[row * n + first..][..width].copy_from_slice(computed);
        }
        for column in rows.end..n {
            let mirrored = &mut result[column * n + first..][..rows.len()];
            let computed = strip[column - first..].iter().step_by(width);
            mirrored.iter_mut().zip(computed).for_each(|(mirrored, computed)| *mirrored = *computed);
        }
    }
    Ok(result)
}

/// Some rows of a b^T, from the column of the first of them on.
fn multiply(strip: &mut [f32], a: &Side, rows: Range<usize>, b: &Side) -> Result<()> {
    match (&a.values, &b.values) {
        (Values::Bf16(left), Values::Bf16(right)) => {
            let panel = rows.start / bf16::PANEL;
            bf16::multiply_from(strip, Start::Zero, left, rows, right, panel);
            Ok(())
        }
        (Values::F32(left), Values::F32(right)) => {
            let left = Matrix::new(&left[rows.start * a.depth..], rows.len(), a.depth)?;
            let right = Matrix::new(&right[rows.start * b.depth..], b.rows - rows.start, b.depth)?;
            matrix::matmul(strip, left, right.transpose(), false)
        }
        _ => candle_core::bail!("a product of two precisions"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::random;
    use nalgebra::DMatrix;

    fn normal(len: usize, index: u64) -> Vec<f32> {
        random::normal(&mut random::stream(3, "muon", index), len)
    }

    /// All rounds for a singular value, in f64.
    pub fn scalar(x: f64) -> f64 {
        ROUNDS
            .iter()
            .fold(x / SAFETY, |x, (a, b, c)| f64::from(*a) * x + f64::from(*b) * x.powi(3) + f64::from(*c) * x.powi(5))
    }

    /// The same by a singular value decomposition.
    fn by_svd(x: &[f32], rows: usize, columns: usize) -> DMatrix<f64> {
        let matrix = DMatrix::from_row_iterator(rows, columns, x.iter().map(|x| f64::from(*x)));
        let norm = matrix.norm();
        let svd = matrix.svd(true, true);
        let values = svd.singular_values.map(|value| scalar(value / norm));
        svd.u.unwrap() * DMatrix::from_diagonal(&values) * svd.v_t.unwrap()
    }

    fn relative_error(x: &[f32], expected: &DMatrix<f64>) -> f64 {
        let found = DMatrix::from_row_iterator(expected.nrows(), expected.ncols(), x.iter().map(|x| f64::from(*x)));
        (found - expected).norm() / expected.norm()
    }

    /// Whole and part strips of symmetric products, wide and tall.
    const SHAPES: [(usize, usize); 8] = [(1, 7), (5, 9), (9, 5), (16, 16), (24, 70), (130, 90), (64, 200), (256, 256)];

    fn largest_error(precision: Precision) -> f64 {
        let error = |(index, (rows, columns)): (usize, (usize, usize))| {
            let mut x = normal(rows * columns, index as u64);
            if rows == 16 {
                // Of rank 15, and with columns of very different sizes.
                x.copy_within(0..16, 16);
                x.iter_mut().enumerate().for_each(|(i, x)| *x *= 0.8f32.powi(i as i32 % 16));
            }
            let expected = by_svd(&x, rows, columns);
            orthogonalise(&mut x, rows, columns, precision).unwrap();
            relative_error(&x, &expected)
        };
        SHAPES.into_iter().enumerate().map(error).fold(0.0, f64::max)
    }

    #[test]
    fn singular_values_follow_the_polynomials_and_vectors_stay() {
        let error = largest_error(Precision::F32);
        assert!(error < 1e-4, "{error}");
        let mut zero = vec![0.0; 6];
        orthogonalise(&mut zero, 2, 3, Precision::F32).unwrap();
        assert_eq!(zero, [0.0; 6]);
    }

    /// By 3 to 5 % for random matrices, by 12 % for the one whose singular values are of very different sizes.
    #[test]
    fn in_bfloat16_they_do_so_roughly() {
        if Precision::Bf16.is_available() {
            let error = largest_error(Precision::Bf16);
            assert!(error < 0.15, "{error}");
        }
    }

    /// The range that the documentation of `orthogonalise` names.
    #[test]
    fn singular_values_end_in_the_range_that_is_documented() {
        assert!((2..=1000).map(|x| scalar(f64::from(x) / 1000.0)).all(|y| (0.18..1.87).contains(&y)));
    }
}
