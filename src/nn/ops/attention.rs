//! Causal multi-head attention (Vaswani et al. 2017) over short sequences. The weights of a row are recomputed in the
//! backward pass, so no [time, time] matrix is stored.

use rayon::prelude::*;

use super::super::simd::{self, axpy, dot};
use super::Scratch;

/// One head of one sequence, with the offset of its queries, keys and values in `qkv` ([time, 3 * width]).
struct Head<'a> {
    qkv: &'a [f32],
    width: usize,
    start: usize,
    size: usize,
}

impl Head<'_> {
    #[inline(always)]
    fn row(&self, part: usize, position: usize) -> &[f32] {
        let at = (3 * position + part) * self.width + self.start;
        &self.qkv[at..at + self.size]
    }

    /// softmax(q k / sqrt(size)) of query `position` over the keys 0..=position.
    #[inline(always)]
    fn weights(&self, weights: &mut [f32], position: usize) {
        let (query, scale) = (self.row(0, position), 1.0 / (self.size as f32).sqrt());
        for (j, weight) in weights.iter_mut().enumerate() {
            *weight = dot(query, self.row(1, j)) * scale;
        }
        let largest = simd::max(weights);
        let total = simd::exp_in_place(weights, 1.0, largest);
        weights.iter_mut().for_each(|weight| *weight /= total);
    }
}

#[inline(always)]
fn forward(out: &mut [f32], head: &Head, weights: &mut [f32]) {
    for (i, out) in out.chunks_exact_mut(head.width).enumerate() {
        let weights = &mut weights[..=i];
        head.weights(weights, i);
        let out = &mut out[head.start..head.start + head.size];
        for (j, &weight) in weights.iter().enumerate() {
            axpy(out, weight, head.row(2, j));
        }
    }
}

#[inline(always)]
fn backward(dqkv: &mut [f32], head: &Head, grad: &[f32], weights: &mut [f32], dweights: &mut [f32]) {
    let scale = 1.0 / (head.size as f32).sqrt();
    let at = |part: usize, position: usize| (3 * position + part) * head.width + head.start;
    for (i, grad) in grad.chunks_exact(head.width).enumerate() {
        let grad = &grad[head.start..head.start + head.size];
        let (weights, dweights) = (&mut weights[..=i], &mut dweights[..=i]);
        head.weights(weights, i);
        for (j, dweight) in dweights.iter_mut().enumerate() {
            *dweight = dot(grad, head.row(2, j));
        }
        let mean = dot(weights, dweights);
        for j in 0..=i {
            let dscore = weights[j] * (dweights[j] - mean) * scale;
            axpy(&mut dqkv[at(0, i)..at(0, i) + head.size], dscore, head.row(1, j));
            axpy(&mut dqkv[at(1, j)..at(1, j) + head.size], dscore, head.row(0, i));
            axpy(&mut dqkv[at(2, j)..at(2, j) + head.size], weights[j], grad);
        }
    }
}

#[inline(always)]
fn head(qkv: &[f32], width: usize, index: usize, heads: usize) -> Head<'_> {
    let size = width / heads;
    Head { qkv, width, start: index * size, size }
}

/// Attention of every position to itself and the positions before it, from qkv [batch, time, 3 * width] (queries, keys
/// and values, each split into `heads`) into `out` [batch, time, width].
pub fn attention(out: &mut [f32], qkv: &[f32], time: usize, width: usize, heads: usize) {
    out.par_chunks_mut(time * width).zip(qkv.par_chunks(3 * time * width)).for_each(|(out, qkv)| {
        let mut weights = Scratch::new(time);
        out.fill(0.0);
        simd::vectorised(
            #[inline(always)]
            || {
                for index in 0..heads {
                    forward(out, &head(qkv, width, index, heads), &mut weights);
                }
            },
        )
    });
}

/// Fills `dqkv`, the gradient of `qkv`, from that of the result.
pub fn attention_backward(dqkv: &mut [f32], qkv: &[f32], grad: &[f32], time: usize, width: usize, heads: usize) {
    let sequences = qkv.par_chunks(3 * time * width).zip(grad.par_chunks(time * width));
    dqkv.par_chunks_mut(3 * time * width).zip(sequences).for_each(|(dqkv, (qkv, grad))| {
        let (mut weights, mut dweights) = (Scratch::new(time), Scratch::new(time));
        dqkv.fill(0.0);
        simd::vectorised(
            #[inline(always)]
            || {
                for index in 0..heads {
                    backward(dqkv, &head(qkv, width, index, heads), grad, &mut weights, &mut dweights);
                }
            },
        )
    });
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
