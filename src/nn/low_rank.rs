//! The strongest factors of a large matrix by randomised subspace iteration (Halko et al. 2011, "Finding structure with
//! randomness").

use candle_core::{Device, Result, Tensor};
use nalgebra::{DMatrix, SymmetricEigen};

/// Rounds of subspace iteration, and columns beyond the rank.
const ROUNDS: usize = 3;
const OVERSAMPLING: usize = 12;

/// left · right^T approximates a matrix; both hold the square roots of its singular values, row by row.
pub struct LowRank {
    /// [rows, rank]
    pub left: Vec<f32>,
    /// [columns, rank]
    pub right: Vec<f32>,
}

/// The best approximation of `matrix` [n, n] by `rank` factors, or by n of them and zeros. `noise` is the start, at least
/// n * (rank + 12) normal numbers.
///
/// # Errors
/// A failed tensor operation.
pub fn low_rank(matrix: &Tensor, rank: usize, noise: Vec<f32>) -> Result<LowRank> {
    let n = matrix.dim(0)?;
    let columns = (rank + OVERSAMPLING).min(n);
    let transposed = matrix.t()?.contiguous()?;
    let mut basis = noise[..n * columns].to_vec();
    for _ in 0..ROUNDS {
        basis = orthonormal(multiply(&transposed, basis, columns)?, n, columns);
        basis = orthonormal(multiply(matrix, basis, columns)?, n, columns);
    }
    let basis = DMatrix::from_row_slice(n, columns, &basis); // of the columns of the matrix
    let image = multiply(&transposed, basis.transpose().as_slice().to_vec(), columns)?;
    let image = DMatrix::from_row_slice(n, columns, &image); // matrix^T basis
    let eigen = SymmetricEigen::new(image.transpose() * &image); // squares of the singular values
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    order.truncate(rank);
    // The left singular vectors are basis · v, the right ones image · v / value.
    let scaled = |scale: fn(f32) -> f32| {
        let element = |row: usize, column: usize| {
            scale(eigen.eigenvalues[column].max(0.0).sqrt()) * eigen.eigenvectors[(row, column)]
        };
        DMatrix::from_fn(columns, rank, |row, factor| order.get(factor).map_or(0.0, |&column| element(row, column)))
    };
    let rows = |matrix: DMatrix<f32>| matrix.transpose().as_slice().to_vec();
    Ok(LowRank { left: rows(&basis * scaled(f32::sqrt)), right: rows(&image * scaled(inverse_root)) })
}

/// An orthonormal basis of the columns of a matrix [n, columns].
pub fn orthonormal(matrix: Vec<f32>, n: usize, columns: usize) -> Vec<f32> {
    DMatrix::from_row_slice(n, columns, &matrix).qr().q().transpose().as_slice().to_vec()
}

/// matrix [n, n] · basis [n, columns].
pub fn multiply(matrix: &Tensor, basis: Vec<f32>, columns: usize) -> Result<Vec<f32>> {
    let n = matrix.dim(1)?;
    matrix.matmul(&Tensor::from_vec(basis, (n, columns), &Device::Cpu)?)?.flatten_all()?.to_vec1()
}

/// 1 / sqrt(x), and 0 for numbers that are 0 but for rounding.
fn inverse_root(x: f32) -> f32 {
    if x > 1e-3 { 1.0 / x.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn noise(n: usize) -> Vec<f32> {
        random::normal(&mut random::stream(4, "test", 0), n)
    }

    fn product(factors: &LowRank, n: usize, rank: usize) -> Vec<f32> {
        let row = |matrix: &[f32], i: usize| matrix[i * rank..(i + 1) * rank].to_vec();
        let dot = |i, j| row(&factors.left, i).iter().zip(row(&factors.right, j)).map(|(a, b)| a * b).sum::<f32>();
        (0..n * n).map(|i| dot(i / n, i % n)).collect()
    }

    #[test]
    fn a_matrix_of_low_rank_comes_back() {
        let (n, rank) = (40, 3);
        let draws = noise(2 * n * rank);
        let factors = LowRank { left: draws[..n * rank].to_vec(), right: draws[n * rank..].to_vec() };
        let matrix = product(&factors, n, rank);
        let tensor = Tensor::from_slice(&matrix, (n, n), &Device::Cpu).unwrap();
        for wanted in [3, 5, 60] {
            let found = product(&low_rank(&tensor, wanted, noise(n * 80)).unwrap(), n, wanted);
            assert!(found.iter().zip(&matrix).all(|(x, y)| (x - y).abs() < 2e-2), "{wanted}");
        }
        let less = product(&low_rank(&tensor, 1, noise(n * 80)).unwrap(), n, 1);
        assert!(less.iter().zip(&matrix).any(|(x, y)| (x - y).abs() > 0.5));
    }
}
