//! Pointwise mutual information of tokens in segments of the same poem, and its strongest factors.

use candle_core::{Device, Result, Tensor};
use nalgebra::{DMatrix, SymmetricEigen};
use rayon::prelude::*;

use super::FormSegments;
use crate::nn::low_rank::{multiply, orthonormal};
use crate::nn::row_bands;
use crate::random;

/// Tokens that are counted, the commonest ones.
const TOKENS: usize = 4000;
/// Segments of a poem that are further apart are not counted.
const REACH: usize = 3;
/// Added to observed and expected counts, so that rare pairs do not count as surprising.
const SHRINKAGE: f32 = 2.0;
/// Rounds of subspace iteration, and columns beyond the rank (Halko et al. 2011, "Finding structure with randomness").
const ROUNDS: usize = 5;
const OVERSAMPLING: usize = 12;

/// Factors of the PMI matrix, [tokens, rank], columns with unit variance.
pub(super) struct Factors {
    /// The counted tokens, the rows.
    pub tokens: Vec<u32>,
    pub rank: usize,
    pub values: Vec<f32>,
}

/// The factors of at most `rank` columns. Empty where fewer than two tokens are known.
pub(super) fn factors(forms: &[FormSegments], vocab: usize, rank: usize) -> Result<Factors> {
    let tokens = commonest(forms, vocab);
    let n = tokens.len();
    let rank = rank.min(n / 2);
    if rank == 0 {
        return Ok(Factors { tokens: Vec::new(), rank: 0, values: Vec::new() });
    }
    let pmi = Tensor::from_vec(pmi(forms, &tokens, vocab), (n, n), &Device::Cpu)?;
    let columns = (rank + OVERSAMPLING).min(n);
    let mut basis = random::normal(&mut random::stream(0, "theme factors", 0), n * columns);
    for _ in 0..ROUNDS {
        basis = orthonormal(multiply(&pmi, basis, columns)?, n, columns);
    }
    let image = DMatrix::from_row_slice(n, columns, &multiply(&pmi, basis.clone(), columns)?);
    let basis = DMatrix::from_row_slice(n, columns, &basis);
    let projected = basis.transpose() * image; // [columns, columns]
    let eigen = SymmetricEigen::new((&projected + projected.transpose()) * 0.5);
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].abs().total_cmp(&eigen.eigenvalues[a].abs()));
    let vectors = DMatrix::from_fn(columns, rank, |row, column| eigen.eigenvectors[(row, order[column])]);
    let scaled = basis * vectors * (n as f32).sqrt(); // [n, rank]
    Ok(Factors { tokens, rank, values: scaled.transpose().as_slice().to_vec() })
}

/// The tokens that the most segments hold, at most [`TOKENS`], by id.
fn commonest(forms: &[FormSegments], vocab: usize) -> Vec<u32> {
    let counts = segment_counts(forms, vocab);
    let mut tokens: Vec<u32> = (0..vocab as u32).filter(|&token| counts[token as usize] > 1).collect();
    tokens.sort_by_key(|&token| (std::cmp::Reverse(counts[token as usize]), token));
    tokens.truncate(TOKENS);
    tokens.sort_unstable();
    tokens
}

/// Number of segments that hold each token, [vocab].
pub(super) fn segment_counts(forms: &[FormSegments], vocab: usize) -> Vec<u32> {
    let mut counts = vec![0; vocab];
    let segments = forms.iter().flat_map(|form| &form.poems).flatten();
    segments.flatten().for_each(|&token| counts[token as usize] += 1);
    counts
}

/// ln((M + s) / (E + s)), [tokens, tokens], with M[a, b] the number of pairs of segments that hold a and b, and E its
/// expectation for independent tokens; the diagonal is 0.
fn pmi(forms: &[FormSegments], tokens: &[u32], vocab: usize) -> Vec<f32> {
    let n = tokens.len();
    let mut rows = vec![usize::MAX; vocab];
    tokens.iter().enumerate().for_each(|(row, &token)| rows[token as usize] = row);
    let mut matrix = row_bands::counted(n, n, |band, counts| {
        // The rows of the tokens of a segment that are in the band, each with those of another segment.
        let mut count = |first: &[u32], second: &[u32]| {
            for row in first.iter().map(|&token| rows[token as usize]).filter(|row| band.contains(row)) {
                let counts = &mut counts[(row - band.start) * n..][..n];
                let others = second.iter().map(|&token| rows[token as usize]);
                others.filter(|&other| other < n && other != row).for_each(|other| counts[other] += 1.0);
            }
        };
        for poem in forms.iter().flat_map(|form| &form.poems) {
            for (i, first) in poem.iter().enumerate() {
                for second in poem.iter().skip(i + 1).take(REACH) {
                    count(first, second);
                    count(second, first);
                }
            }
        }
    });
    let (sums, _) = row_bands::sums(&matrix, n);
    let total = sums.iter().sum::<f64>().max(1.0);
    matrix.par_chunks_mut(n).enumerate().for_each(|(a, row)| {
        for (b, count) in row.iter_mut().enumerate() {
            let expected = (sums[a] * sums[b] / total) as f32;
            let is_empty = a == b || sums[a] == 0.0 || sums[b] == 0.0;
            *count = if is_empty { 0.0 } else { ((*count + SHRINKAGE) / (expected + SHRINKAGE)).ln() };
        }
    });
    matrix
}
