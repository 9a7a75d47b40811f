//! Causal multi-head attention (Vaswani et al. 2017) over short sequences. The weights of a row are recomputed in the
//! backward pass, so nothing of size [time, time] is ever stored.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::super::simd::{self, axpy, dot};
use super::{Elements, buffer, operand, tensor};

/// Attention of every position to itself and the positions before it.
///
/// `qkv` is [batch, time, 3 * width]: queries, keys and values, each split into `heads`. The result is
/// [batch, time, width].
pub fn attention(qkv: &Tensor, heads: usize) -> Result<Tensor> {
    qkv.contiguous()?.apply_op1(Attention { heads })
}

struct Attention {
    heads: usize,
}

/// One head of one sequence: where its queries, keys and values lie in `qkv` ([time, 3 * width]).
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

impl Attention {
    fn head<'a>(&self, qkv: &'a [f32], width: usize, index: usize) -> Head<'a> {
        let size = width / self.heads;
        Head { qkv, width, start: index * size, size }
    }
}

impl CustomOp1 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(&self, qkv: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (batch, time, width) = layout.shape().dims3()?;
        let width = width / 3;
        let qkv = operand(qkv, layout)?;
        let mut out = buffer(batch * time * width);
        out.par_chunks_mut(time * width).zip(qkv.par_chunks(3 * time * width)).for_each(|(out, qkv)| {
            let mut weights = buffer(time);
            simd::vectorised(
                #[inline(always)]
                || {
                    for index in 0..self.heads {
                        forward(out, &self.head(qkv, width, index), &mut weights);
                    }
                },
            )
        });
        Ok((CpuStorage::F32(out), Shape::from((batch, time, width))))
    }

    fn bwd(&self, qkv: &Tensor, _res: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (_, time, width) = grad.dims3()?;
        let grad = grad.contiguous()?;
        let (qkv_elements, grad) = (Elements::of(qkv), Elements::of(&grad));
        let mut dqkv = buffer(qkv.elem_count());
        let sequences = qkv_elements.slice()?.par_chunks(3 * time * width).zip(grad.slice()?.par_chunks(time * width));
        dqkv.par_chunks_mut(3 * time * width).zip(sequences).for_each(|(dqkv, (qkv, grad))| {
            let (mut weights, mut dweights) = (buffer(time), buffer(time));
            simd::vectorised(
                #[inline(always)]
                || {
                    for index in 0..self.heads {
                        backward(dqkv, &self.head(qkv, width, index), grad, &mut weights, &mut dweights);
                    }
                },
            )
        });
        Ok(Some(tensor(dqkv, qkv.shape())?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn gradients_are_right() {
        let qkv = check::normal(&[2, 5, 24], 1);
        check::gradients(&[&qkv], 1e-2, || attention(&qkv, 2));
    }

    #[test]
    fn the_future_is_not_seen() {
        let qkv = check::normal(&[1, 6, 24], 1).as_detached_tensor();
        let (all, start) = (attention(&qkv, 2).unwrap(), attention(&qkv.narrow(1, 0, 4).unwrap(), 2).unwrap());
        let all: Vec<f32> = all.narrow(1, 0, 4).unwrap().flatten_all().unwrap().to_vec1().unwrap();
        assert_eq!(all, start.flatten_all().unwrap().to_vec1::<f32>().unwrap());
    }
}
