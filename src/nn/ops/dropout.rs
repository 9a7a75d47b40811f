//! Dropout (Srivastava et al. 2014) with masks from seeded streams: `candle_nn::Dropout` cannot be seeded.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::super::simd;
use super::{Elements, buffer, operand, tensor};
use crate::random::{self, chacha::GROUP};

const CHUNK: usize = 4096;

/// `residual` + dropout(x): each element of x is dropped with probability `rate` and the others are scaled by
/// 1 / (1 - rate). The same `seed` gives the same mask, forward and backward. A rate of 0 is plain addition.
pub fn add_dropout(residual: &Tensor, x: &Tensor, rate: f32, seed: u64) -> Result<Tensor> {
    if rate == 0.0 {
        return residual + x;
    }
    residual.contiguous()?.apply_op2(&x.contiguous()?, AddDropout { rate, seed })
}

/// Rate and seed of a mask.
#[derive(Clone, Copy)]
pub struct AddDropout {
    pub rate: f32,
    pub seed: u64,
}

impl AddDropout {
    /// target += dropout(x).
    pub fn add_masked(&self, target: &mut [f32], x: &[f32]) {
        if self.rate == 0.0 {
            return target.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK)).for_each(|(target, x)| {
                target.iter_mut().zip(x).for_each(|(target, x)| *target += x);
            });
        }
        // An element is kept if its sixteen-bit draw is not below the threshold.
        let threshold = (self.rate * 65_536.0).round() as u16;
        let scale = 1.0 / (1.0 - f32::from(threshold) / 65_536.0);
        target.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK)).enumerate().for_each(|(index, (target, x))| {
            let stream = random::groups(self.seed, "dropout", index as u64);
            simd::vectorised(
                #[inline(always)]
                || {
                    let mut words = [0u32; GROUP];
                    for (group, (target, x)) in target.chunks_mut(2 * GROUP).zip(x.chunks(2 * GROUP)).enumerate() {
                        stream.group(group as u64, &mut words);
                        for (i, (target, x)) in target.iter_mut().zip(x).enumerate() {
                            let draw = (words[i / 2] >> (16 * (i % 2))) as u16;
                            *target += if draw >= threshold { x * scale } else { 0.0 };
                        }
                    }
                },
            )
        });
    }
}

impl CustomOp2 for AddDropout {
    fn name(&self) -> &'static str {
        "add-dropout"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        x: &CpuStorage,
        x_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let mut sum = operand(a, a_layout)?.to_vec();
        self.add_masked(&mut sum, operand(x, x_layout)?);
        Ok((CpuStorage::F32(sum), a_layout.shape().clone()))
    }

    fn bwd(&self, _a: &Tensor, x: &Tensor, _res: &Tensor, grad: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let mut dx = buffer(x.elem_count());
        self.add_masked(&mut dx, Elements::of(&grad).slice()?);
        Ok((Some(grad.clone()), Some(tensor(dx, x.shape())?)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn gradients_are_right() {
        let (a, x) = (check::normal(&[4, 10], 1), check::normal(&[4, 10], 2));
        check::gradients(&[&a, &x], 1e-2, || add_dropout(&a, &x, 0.4, 5));
    }

    /// More elements than one chunk, and an odd number of them.
    #[test]
    fn the_reference_gives_the_same() {
        let (a, x) = (check::normal(&[5, 2001], 1), check::normal(&[5, 2001], 2));
        for rate in [0.0, 0.4, 0.9] {
            let fused = || add_dropout(&a, &x, rate, 5);
            check::reference(&[&a, &x], 1e-6, fused, || crate::nn::reference::add_dropout(&a, &x, rate, 5));
        }
    }

    #[test]
    fn the_rate_and_the_mean_are_kept() {
        let ones = Tensor::ones((100, 1000), candle_core::DType::F32, &candle_core::Device::Cpu).unwrap();
        let y = add_dropout(&ones.zeros_like().unwrap(), &ones, 0.15, 1).unwrap();
        let y: Vec<f32> = y.flatten_all().unwrap().to_vec1().unwrap();
        let dropped = y.iter().filter(|&&y| y == 0.0).count() as f32 / 1e5;
        assert!((dropped - 0.15).abs() < 0.005, "{dropped}");
        assert!((y.iter().sum::<f32>() / 1e5 - 1.0).abs() < 0.006);
    }
}
