//! Layer normalisation (Ba et al. 2016) with a backward pass; `candle_nn::ops::layer_norm` has none.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::super::simd;
use super::linear::column_sums;
use super::{Elements, buffer, operand, tensor};

const EPSILON: f32 = 1e-5;
const ROWS: usize = 64;

/// (x - mean) / sqrt(variance + 1e-5) * gain + bias over the last axis, for x [.., width], gain and bias [width].
pub fn layer_norm(x: &Tensor, gain: &Tensor, bias: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op3(gain, bias, LayerNorm)
}

struct LayerNorm;

/// Mean and reciprocal standard deviation of a row, in two passes: E[x^2] - E[x]^2 would lose the bits of a variance that
/// is small beside the mean.
#[inline(always)]
fn moments(row: &[f32]) -> (f32, f32) {
    let n = row.len() as f32;
    let mean = simd::sum(row) / n;
    let variance = simd::squared_deviations(row, mean) / n;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

/// Layer norm of one row, without a graph.
#[inline(always)]
pub fn normalise_row(target: &mut [f32], row: &[f32], gain: &[f32], bias: &[f32]) {
    let (mean, scale) = moments(row);
    for i in 0..target.len() {
        target[i] = ((row[i] - mean) * scale).mul_add(gain[i], bias[i]);
    }
}

/// Gradient of one row: dx = scale * (h - mean(h) - normed * mean(h * normed)) with h = gain * dy; `dgain` receives
/// dy * normed.
#[inline(always)]
fn row_gradient(dx: &mut [f32], dgain: &mut [f32], row: &[f32], dy: &[f32], gain: &[f32]) {
    let n = row.len() as f32;
    let (mean, scale) = moments(row);
    for i in 0..row.len() {
        dx[i] = dy[i] * gain[i];
    }
    let mean_h = simd::sum(dx) / n;
    let mean_h_normed = simd::dot_centred(dx, row, mean) / n * scale;
    for i in 0..row.len() {
        let normed = (row[i] - mean) * scale;
        dgain[i] = dy[i].mul_add(normed, dgain[i]);
        dx[i] = scale * (dx[i] - mean_h - normed * mean_h_normed);
    }
}

/// Layer norm of all rows of x.
pub fn normalise(y: &mut [f32], x: &[f32], gain: &[f32], bias: &[f32]) {
    let width = gain.len();
    y.par_chunks_mut(ROWS * width).zip(x.par_chunks(ROWS * width)).for_each(|(y, x)| {
        simd::vectorised(
            #[inline(always)]
            || {
                for (y, x) in y.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
                    normalise_row(y, x, gain, bias);
                }
            },
        )
    });
}

/// Fills `dx` and returns the gradients of gain and bias.
pub fn normalise_backward(dx: &mut [f32], x: &[f32], gain: &[f32], dy: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let width = gain.len();
    let chunks = dx.par_chunks_mut(ROWS * width).zip(x.par_chunks(ROWS * width)).zip(dy.par_chunks(ROWS * width));
    // Partial sums are collected in order, so the result does not depend on which thread did what.
    let partial: Vec<Vec<f32>> = chunks
        .map(|((dx, x), dy)| {
            let mut dgain = buffer(width);
            simd::vectorised(
                #[inline(always)]
                || {
                    let rows = dx.chunks_exact_mut(width).zip(x.chunks_exact(width)).zip(dy.chunks_exact(width));
                    for ((dx, x), dy) in rows {
                        row_gradient(dx, &mut dgain, x, dy, gain);
                    }
                },
            );
            dgain
        })
        .collect();
    (column_sums(&partial.concat(), width), column_sums(dy, width))
}

impl CustomOp3 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gain: &CpuStorage,
        gain_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = operand(x, x_layout)?;
        let mut y = buffer(x.len());
        normalise(&mut y, x, operand(gain, gain_layout)?, operand(bias, bias_layout)?);
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        gain: &Tensor,
        bias: &Tensor,
        _y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let (x_elements, gain_elements, grad) = (Elements::of(x), Elements::of(gain), Elements::of(&grad));
        let mut dx = buffer(x.elem_count());
        let (dgain, dbias) = normalise_backward(&mut dx, x_elements.slice()?, gain_elements.slice()?, grad.slice()?);
        Ok((Some(tensor(dx, x.shape())?), Some(tensor(dgain, gain.shape())?), Some(tensor(dbias, bias.shape())?)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;
    use crate::nn::reference;
    use candle_core::Var;

    #[test]
    fn gradients_are_right() {
        let (x, gain, bias) = (check::normal(&[3, 20], 1), check::normal(&[20], 2), check::normal(&[20], 3));
        check::gradients(&[&x, &gain, &bias], 1e-2, || layer_norm(&x, &gain, &bias));
    }

    #[test]
    fn the_reference_gives_the_same() {
        let (x, gain, bias) = (check::normal(&[3, 70, 50], 1), check::normal(&[50], 2), check::normal(&[50], 3));
        let fused = || layer_norm(&x, &gain, &bias);
        check::reference(&[&x, &gain, &bias], 1e-5, fused, || reference::layer_norm(&x, &gain, &bias));
    }

    /// A one-pass variance, E[x^2] - E[x]^2, has lost all of its bits here.
    #[test]
    fn a_common_offset_does_no_harm() {
        let (x, gain, bias) = (check::normal(&[3, 64], 1), check::normal(&[64], 2), check::normal(&[64], 3));
        let shifted = Var::from_tensor(&(x.as_tensor() + 4096.0).unwrap()).unwrap();
        // The offset rounds x, by at most 2^-12: compare with what is left of it.
        let rounded = Var::from_tensor(&(shifted.as_tensor() - 4096.0).unwrap()).unwrap();
        let run = |x: &Var| {
            let y = layer_norm(x, &gain, &bias).unwrap();
            let grads = (&y * check::normal(&[3, 64], 4).as_tensor()).unwrap().sum_all().unwrap().backward().unwrap();
            [&y, grads.get(x).unwrap(), grads.get(&gain).unwrap()]
                .map(|tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap())
        };
        for (shifted, rounded) in run(&shifted).iter().zip(&run(&rounded)) {
            assert!(shifted.iter().zip(rounded).all(|(a, b)| (a - b).abs() < 2e-3), "{shifted:?} {rounded:?}");
        }
    }

    #[test]
    fn rows_have_mean_zero_and_variance_one() {
        let x = (check::normal(&[4, 64], 1).as_tensor() * 3.0).unwrap();
        let one = Tensor::ones(64, candle_core::DType::F32, x.device()).unwrap();
        let y = layer_norm(&x, &one, &one.zeros_like().unwrap()).unwrap();
        let mean: Vec<f32> = y.mean(1).unwrap().to_vec1().unwrap();
        let square: Vec<f32> = y.sqr().unwrap().mean(1).unwrap().to_vec1().unwrap();
        assert!(mean.iter().all(|m| m.abs() < 1e-5) && square.iter().all(|s| (s - 1.0).abs() < 1e-3));
    }
}
