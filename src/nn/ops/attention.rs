//! Causal multi-head attention (Vaswani et al. 2017) over short sequences. The weights are recomputed in the backward
//! pass, so they are not stored from one pass to the other.

use rayon::prelude::*;

use super::super::simd::{self, dot};
use super::super::triangular::{Half, LANES, Product};
use super::Scratch;

/// One head of one sequence.
struct Head<'a> {
    /// [time, 3 * width]
    qkv: &'a [f32],
    width: usize,
    /// Offset of the head in the queries, keys and values.
    start: usize,
    size: usize,
}

impl Head<'_> {
    fn time(&self) -> usize {
        self.qkv.len() / (3 * self.width)
    }

    /// Queries (0), keys (1) or values (2), [time, size padded with zeros].
    fn rows(&self, part: usize) -> Scratch {
        self.padded(self.qkv, 3, part)
    }

    /// The same for part `part` of a matrix with rows of `parts` times the width.
    fn padded(&self, matrix: &[f32], parts: usize, part: usize) -> Scratch {
        let columns = self.size.next_multiple_of(LANES);
        let mut rows = Scratch::new(self.time() * columns);
        for (to, from) in rows.chunks_exact_mut(columns).zip(matrix.chunks_exact(parts * self.width)) {
            let (own, padding) = to.split_at_mut(self.size);
            own.copy_from_slice(&from[part * self.width + self.start..][..self.size]);
            padding.fill(0.0);
        }
        rows
    }

    /// The transpose, [size, time padded with zeros].
    fn columns(&self, part: usize) -> Scratch {
        let columns = self.time().next_multiple_of(LANES);
        let mut transposed = Scratch::new(self.size * columns);
        transposed.fill(0.0);
        for (t, row) in self.qkv.chunks_exact(3 * self.width).enumerate() {
            let row = &row[part * self.width + self.start..][..self.size];
            transposed[t..].iter_mut().step_by(columns).zip(row).for_each(|(to, from)| *to = *from);
        }
        transposed
    }

    /// Copies a result [time, padded size] to its place in a matrix with rows of `parts` times the width.
    fn put(&self, matrix: &mut [f32], parts: usize, part: usize, result: &[f32]) {
        let columns = self.size.next_multiple_of(LANES);
        for (to, from) in matrix.chunks_exact_mut(parts * self.width).zip(result.chunks_exact(columns)) {
            to[part * self.width + self.start..][..self.size].copy_from_slice(&from[..self.size]);
        }
    }

    fn scale(&self) -> f32 {
        1.0 / (self.size as f32).sqrt()
    }

    /// x y^T for x [time, padded size] and the transpose of y, where the row is at least the column. -> [time, padded time]
    fn scores(&self, x: &[f32], transposed: &[f32]) -> Scratch {
        let columns = self.time().next_multiple_of(LANES);
        let mut scores = Scratch::new(self.time() * columns);
        let a_width = self.size.next_multiple_of(LANES);
        Product { half: Half::Result, y: &mut scores, a: x, a_width, b: transposed, columns }.compute();
        scores
    }

    /// softmax(q k^T / sqrt(size)) over the keys up to each query, 0 beyond. -> [time, padded time]
    fn weights(&self, queries: &[f32]) -> Scratch {
        let mut weights = self.scores(queries, &self.columns(1));
        let (columns, scale) = (weights.len() / self.time(), self.scale());
        simd::vectorised(
            #[inline(always)]
            || {
                for (i, row) in weights.chunks_exact_mut(columns).enumerate() {
                    let (row, future) = row.split_at_mut(i + 1);
                    let largest = simd::max(row);
                    let total = simd::exp_in_place(row, scale, largest);
                    row.iter_mut().for_each(|weight| *weight /= total);
                    future.fill(0.0);
                }
            },
        );
        weights
    }

    /// The gradient of the scores before the softmax, from that of the weights, in its place.
    fn score_gradients(&self, dweights: &mut [f32], weights: &[f32]) {
        let (columns, scale) = (weights.len() / self.time(), self.scale());
        simd::vectorised(
            #[inline(always)]
            || {
                let rows = dweights.chunks_exact_mut(columns).zip(weights.chunks_exact(columns));
                for (i, (dweights, weights)) in rows.enumerate() {
                    let (own, future) = dweights.split_at_mut(i + 1);
                    let mean = dot(&weights[..=i], own);
                    own.iter_mut().zip(weights).for_each(|(d, weight)| *d = weight * (*d - mean) * scale);
                    future.fill(0.0);
                }
            },
        );
    }

    /// m b, or m^T b, for a lower triangular matrix m [time, padded time] and b [time, padded size].
    fn product(&self, half: Half, m: &[f32], b: &[f32]) -> Scratch {
        let mut y = Scratch::new(b.len());
        let (a_width, columns) = (m.len() / self.time(), b.len() / self.time());
        Product { half, y: &mut y, a: m, a_width, b, columns }.compute();
        y
    }

    fn forward(&self, out: &mut [f32]) {
        let weights = self.weights(&self.rows(0));
        self.put(out, 1, 0, &self.product(Half::Left, &weights, &self.rows(2)));
    }

    fn backward(&self, dqkv: &mut [f32], grad: &[f32]) {
        let (queries, grad) = (self.rows(0), self.padded(grad, 1, 0));
        let weights = self.weights(&queries);
        let mut dscores = self.scores(&grad, &self.columns(2));
        self.score_gradients(&mut dscores, &weights);
        self.put(dqkv, 3, 0, &self.product(Half::Left, &dscores, &self.rows(1)));
        self.put(dqkv, 3, 1, &self.product(Half::LeftTransposed, &dscores, &queries));
        self.put(dqkv, 3, 2, &self.product(Half::LeftTransposed, &weights, &grad));
    }
}

fn all_heads(qkv: &[f32], width: usize, heads: usize) -> impl Iterator<Item = Head<'_>> {
    let size = width / heads;
    (0..heads).map(move |index| Head { qkv, width, start: index * size, size })
}

/// Attention of every position to itself and the positions before it, from qkv [batch, time, 3 * width] (queries, keys
/// and values, each split into `heads`) into `out` [batch, time, width].
pub fn attention(out: &mut [f32], qkv: &[f32], time: usize, width: usize, heads: usize) {
    let sequences = out.par_chunks_mut(time * width).zip(qkv.par_chunks(3 * time * width));
    sequences.for_each(|(out, qkv)| all_heads(qkv, width, heads).for_each(|head| head.forward(out)));
}

/// Fills `dqkv`, the gradient of `qkv`, from that of the result.
pub fn attention_backward(dqkv: &mut [f32], qkv: &[f32], grad: &[f32], time: usize, width: usize, heads: usize) {
    let sequences = qkv.par_chunks(3 * time * width).zip(grad.par_chunks(time * width));
    dqkv.par_chunks_mut(3 * time * width)
        .zip(sequences)
        .for_each(|(dqkv, (qkv, grad))| all_heads(qkv, width, heads).for_each(|head| head.backward(dqkv, grad)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_future_is_not_seen() {
        let qkv = crate::random::normal(&mut crate::random::stream(1, "check", 0), 6 * 24);
        let (mut all, mut start) = (vec![0.0; 6 * 8], vec![0.0; 4 * 8]);
        attention(&mut all, &qkv, 6, 8, 2);
        attention(&mut start, &qkv[..4 * 24], 4, 8, 2);
        assert_eq!(all[..4 * 8], start);
    }
}
