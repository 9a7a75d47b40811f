//! Canonical correlation between neighbouring segments (Hotelling 1936): the directions of the PMI factors in which the
//! halves of a poem agree most.

use std::collections::BTreeMap;

use candle_core::Result;
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use rayon::prelude::*;

use crate::config::AXES;

use super::pmi::{Factors, factors, segment_counts};
use super::{FormSegments, FormThemes, ThemeSegments, ThemeSettings, Themes, prior};

/// Most factors of the PMI matrix.
const RANK: usize = 48;
/// Pairs of segments for each factor, at least: with fewer, correlations would be those of chance.
const PAIRS_PER_FACTOR: usize = 8;
/// Axes with less correlation are noise.
const LEAST_CORRELATION: f32 = 0.02;

/// Learns the themes of training poems. A corpus that is too small has none: all coordinates are 0 then.
///
/// # Errors
/// A failed tensor operation.
pub fn learn(forms: &[FormSegments], vocab: usize, settings: ThemeSettings) -> Result<Themes> {
    let pairs: usize = forms.iter().flat_map(|form| &form.poems).map(|poem| poem.len().saturating_sub(1)).sum();
    let factors = factors(forms, vocab, RANK.min(pairs / PAIRS_PER_FACTOR))?;
    let mut table = vec![0f32; vocab * AXES];
    let mut correlations = vec![0f32; AXES];
    if factors.rank > 0 {
        fill(&mut table, &mut correlations, &factors, forms);
    }
    let keep = correlations[..settings.dims].iter().map(|&correlation| keep(correlation, settings.keep)).collect();
    let log_shares = log_shares(forms, vocab);
    Ok(with_forms(Themes { table, correlations, keep, log_shares, forms: BTreeMap::new() }, forms, |_| None))
}

/// The share of the segments that hold each token, as a natural logarithm, [vocab].
pub(super) fn log_shares(forms: &[FormSegments], vocab: usize) -> Vec<f32> {
    let segments = forms.iter().flat_map(|form| &form.poems).map(Vec::len).sum::<usize>().max(1) as f32;
    segment_counts(forms, vocab).iter().map(|&count| (count as f32 / segments).max(1e-6).ln()).collect()
}

/// The themes with the prior of `forms`, and with their moments, where those of a form are not `known`.
pub(super) fn with_forms(
    mut themes: Themes,
    forms: &[FormSegments],
    known: impl Fn(u32) -> Option<FormThemes>,
) -> Themes {
    let total = forms.iter().map(|form| form.poems.len()).sum();
    for form in forms {
        let moments = known(form.tag).unwrap_or_else(|| of_form(&themes.table, form));
        themes.forms.insert(form.tag, moments);
        let centres = prior::centres(&themes, form, total);
        themes.forms.entry(form.tag).and_modify(|form| form.centres = centres);
    }
    themes
}

/// The correlation of a dimension of z with its theme: more for axes along which poems agree with themselves. The theme
/// along the others is chance, and a generator that had to follow it would write worse poems.
fn keep(correlation: f32, most: f32) -> f32 {
    (3.0 * correlation).sqrt().min(most)
}

/// The mean of the rows of `table` [.., columns] of the tokens that have one, [columns]; `None` without such tokens.
pub(super) fn mean_row<'a>(table: &[f32], columns: usize, tokens: impl Iterator<Item = &'a u32>) -> Option<Vec<f32>> {
    let (mut sum, mut n) = (vec![0f32; columns], 0.0f32);
    for &token in tokens {
        let row = &table[token as usize * columns..][..columns];
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        n += 1.0;
    }
    (n > 0.0).then(|| sum.iter().map(|sum| sum / n).collect())
}

/// Coordinates of the tokens, and the correlation along each axis.
fn fill(table: &mut [f32], correlations: &mut [f32], factors: &Factors, forms: &[FormSegments]) {
    let rank = factors.rank;
    let vocab = table.len() / AXES;
    let mut rows = vec![0f32; vocab * rank];
    for (&token, row) in factors.tokens.iter().zip(factors.values.chunks(rank)) {
        rows[token as usize * rank..][..rank].copy_from_slice(row);
    }
    let poems: Vec<&ThemeSegments> = forms.iter().flat_map(|form| &form.poems).collect();
    let Agreement { mean, within, between } = Agreement::of(&rows, rank, &poems);
    let whitening = inverse_root(within);
    let eigen = SymmetricEigen::new(symmetric(&whitening * between * &whitening));
    let mut order: Vec<usize> = (0..rank).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    for (axis, &column) in order.iter().take(AXES).enumerate() {
        let correlation = eigen.eigenvalues[column] as f32;
        if correlation < LEAST_CORRELATION {
            break;
        }
        correlations[axis] = correlation.min(1.0);
        let direction = &whitening * eigen.eigenvectors.column(column); // [rank]
        let coordinate = |row: &[f32]| -> f64 {
            row.iter().zip(mean.iter()).zip(direction.iter()).map(|((x, mean), w)| (f64::from(*x) - mean) * w).sum()
        };
        let values: Vec<f64> = factors.values.chunks(rank).map(coordinate).collect();
        // Eigenvectors have no sign of their own: the longer tail is the positive end.
        let sign = values.iter().map(|x| x.powi(3)).sum::<f64>().signum();
        for (&token, value) in factors.tokens.iter().zip(&values) {
            table[token as usize * AXES + axis] = (sign * value) as f32;
        }
    }
}

/// Moments of the vectors of neighbouring segments, both sides pooled.
struct Agreement {
    /// [rank]
    mean: DVector<f64>,
    /// Covariance of a segment's vector, [rank, rank].
    within: DMatrix<f64>,
    /// Covariance of the vectors of neighbouring segments, [rank, rank], symmetric.
    between: DMatrix<f64>,
}

impl Agreement {
    fn of(rows: &[f32], rank: usize, poems: &[&ThemeSegments]) -> Agreement {
        // The vectors of both sides of all pairs, [pairs][2][rank].
        let pairs: Vec<f32> = poems.par_iter().flat_map_iter(|poem| neighbours(rows, rank, poem)).collect();
        let n_pairs = pairs.len() / (2 * rank);
        let n = n_pairs.max(1) as f64;
        let mut sum = DVector::zeros(rank);
        for vector in pairs.chunks(rank) {
            sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += f64::from(*x));
        }
        let mean = sum / (2.0 * n);
        let centred = |side: usize| {
            let vectors = pairs.chunks(rank).skip(side).step_by(2);
            let values =
                vectors.flat_map(|vector| vector.iter().zip(mean.iter()).map(|(x, mean)| f64::from(*x) - mean));
            DMatrix::from_iterator(rank, n_pairs, values)
        };
        let (first, second) = rayon::join(|| centred(0), || centred(1)); // [rank, pairs]
        drop(pairs);
        let second_t = second.transpose();
        let (of_first, (of_second, both)) =
            rayon::join(|| &first * first.transpose(), || rayon::join(|| &second * &second_t, || &first * &second_t));
        let within = symmetric(of_first + of_second) / (2.0 * n);
        let between = symmetric(both) / n;
        // A ridge that vanishes as the corpus grows.
        let ridge = within.trace() / rank as f64 * (rank as f64 / n).min(1.0) + 1e-9;
        Agreement { mean, within: within + DMatrix::identity(rank, rank) * ridge, between }
    }
}

/// The vectors of both segments of each pair of neighbours in a poem, [pairs][2][rank]; pairs without known tokens on one side
/// are left out.
fn neighbours(rows: &[f32], rank: usize, poem: &ThemeSegments) -> Vec<f32> {
    let vectors: Vec<Option<Vec<f32>>> = poem.iter().map(|segment| mean_row(rows, rank, segment.iter())).collect();
    let both = vectors.windows(2).filter_map(|pair| Some([pair[0].as_ref()?, pair[1].as_ref()?]));
    both.flatten().flatten().copied().collect()
}

/// C^(-1/2) of a positive definite matrix.
fn inverse_root(matrix: DMatrix<f64>) -> DMatrix<f64> {
    let SymmetricEigen { eigenvectors, eigenvalues } = SymmetricEigen::new(matrix);
    let roots = eigenvalues.map(|value| 1.0 / value.max(1e-12).sqrt());
    &eigenvectors * DMatrix::from_diagonal(&roots) * eigenvectors.transpose()
}

fn symmetric(matrix: DMatrix<f64>) -> DMatrix<f64> {
    (&matrix + matrix.transpose()) * 0.5
}

/// Moments of the coordinates of a form's poems.
fn of_form(table: &[f32], form: &FormSegments) -> FormThemes {
    let means: Vec<Vec<f32>> =
        form.poems.iter().filter_map(|poem| mean_row(table, AXES, poem.iter().flatten())).collect();
    let n = means.len().max(1) as f32;
    let mean: Vec<f32> = (0..AXES).map(|axis| means.iter().map(|row| row[axis]).sum::<f32>() / n).collect();
    let variance = |axis: usize| means.iter().map(|row| (row[axis] - mean[axis]).powi(2)).sum::<f32>() / n;
    // An axis that the corpus lacks has no variance.
    let deviation = (0..AXES).map(variance).map(|variance| if variance > 1e-12 { variance.sqrt() } else { 1.0 });
    FormThemes { deviation: deviation.collect(), mean, centres: Vec::new() }
}
