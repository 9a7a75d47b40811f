//! The dense layer, product, bias and activation, in one operation that computes only the gradients that are needed.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::super::packed::Start;
use super::super::product::{Weight, matmul};
use super::super::simd;
use super::{Elements, Matrix, Precision, buffer, operand, tensor};

/// An activation whose derivative is a function of its result, so that its input need not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    None,
    /// max(x, 0)^2 (So et al. 2021, "Primer").
    SquaredRelu,
    /// max(x, x / 5).
    LeakyRelu,
}

impl Activation {
    #[inline(always)]
    pub fn apply(self, x: f32) -> f32 {
        match self {
            Activation::None => x,
            Activation::SquaredRelu => x.max(0.0) * x.max(0.0),
            Activation::LeakyRelu => x.max(0.2 * x),
        }
    }

    /// The activation of all elements, in place.
    pub fn apply_all(self, y: &mut [f32]) {
        if self != Activation::None {
            simd::vectorised(
                #[inline(always)]
                || y.iter_mut().for_each(|y| *y = self.apply(*y)),
            );
        }
    }

    /// The derivative where the result is `y`.
    #[inline(always)]
    pub(super) fn slope(self, y: f32) -> f32 {
        match self {
            Activation::None => 1.0,
            Activation::SquaredRelu => 2.0 * y.sqrt(),
            Activation::LeakyRelu => {
                if y > 0.0 {
                    1.0
                } else {
                    0.2
                }
            }
        }
    }
}

/// activation(x w + b) for x [.., inputs], w [inputs, outputs], b [outputs] -> [.., outputs].
///
/// Gradients are computed only for arguments that belong to a graph: detached weights cost nothing.
pub fn linear(x: &Tensor, w: &Tensor, b: &Tensor, activation: Activation, precision: Precision) -> Result<Tensor> {
    x.contiguous()?.apply_op3(w, b, Linear { activation, precision })
}

struct Linear {
    activation: Activation,
    precision: Precision,
}

impl CustomOp3 for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (inputs, outputs) = w_layout.shape().dims2()?;
        let (x, w, b) = (operand(x, x_layout)?, operand(w, w_layout)?, operand(b, b_layout)?);
        let w = Weight::new(Matrix::new(w, inputs, outputs)?, self.precision)?;
        let mut y = buffer(x.len() / inputs * outputs);
        w.multiply_all(&mut y, Start::Bias(b), x, |y| self.activation.apply_all(y))?;
        let mut shape = x_layout.dims().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = outputs;
        }
        Ok((CpuStorage::F32(y), Shape::from(shape)))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        b: &Tensor,
        y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (inputs, outputs) = w.dims2()?;
        let rows = x.elem_count() / inputs;
        let grad = grad.contiguous()?;
        let (x_elements, w_elements, y_elements, grad) =
            (Elements::of(x), Elements::of(w), Elements::of(y), Elements::of(&grad));
        let scaled;
        let dy = if self.activation == Activation::None {
            grad.slice()?
        } else {
            scaled = self.through_activation(grad.slice()?, y_elements.slice()?);
            &scaled
        };
        let dx = if x.track_op() {
            let mut dx = buffer(rows * inputs);
            let w = Weight::new(Matrix::new(w_elements.slice()?, inputs, outputs)?.transpose(), self.precision)?;
            w.multiply_all(&mut dx, Start::Zero, dy, |_| {})?;
            Some(tensor(dx, x.shape())?)
        } else {
            None
        };
        if !w.track_op() {
            return Ok((dx, None, None));
        }
        let mut dw = buffer(inputs * outputs);
        matmul(
            &mut dw,
            Matrix::new(x_elements.slice()?, rows, inputs)?.transpose(),
            Matrix::new(dy, rows, outputs)?,
            false,
            self.precision,
        )?;
        Ok((dx, Some(tensor(dw, w.shape())?), Some(tensor(column_sums(dy, outputs), b.shape())?)))
    }
}

impl Linear {
    fn through_activation(&self, grad: &[f32], y: &[f32]) -> Vec<f32> {
        let mut dy = buffer(grad.len());
        const CHUNK: usize = 16 * 1024;
        dy.par_chunks_mut(CHUNK).zip(grad.par_chunks(CHUNK)).zip(y.par_chunks(CHUNK)).for_each(|((dy, grad), y)| {
            simd::vectorised(
                #[inline(always)]
                || {
                    for i in 0..dy.len() {
                        dy[i] = grad[i] * self.activation.slope(y[i]);
                    }
                },
            )
        });
        dy
    }
}

/// Sum over the rows of a row-major matrix.
pub fn column_sums(matrix: &[f32], columns: usize) -> Vec<f32> {
    const BLOCK: usize = 512;
    let mut sums = vec![0f32; columns];
    sums.par_chunks_mut(BLOCK).enumerate().for_each(|(block, sums)| {
        simd::vectorised(
            #[inline(always)]
            || {
                for row in matrix.chunks_exact(columns) {
                    simd::axpy(sums, 1.0, &row[block * BLOCK..block * BLOCK + sums.len()]);
                }
            },
        )
    });
    sums
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn gradients_are_right() {
        for activation in [Activation::None, Activation::SquaredRelu, Activation::LeakyRelu] {
            let (x, w, b) = (check::normal(&[2, 5, 3], 1), check::normal(&[3, 4], 2), check::normal(&[4], 3));
            check::gradients(&[&x, &w, &b], 2e-2, || linear(&x, &w, &b, activation, Precision::F32));
        }
    }

    /// More rows than one thread takes at a time.
    #[test]
    fn the_reference_gives_the_same() {
        for activation in [Activation::None, Activation::SquaredRelu, Activation::LeakyRelu] {
            let (x, w, b) = (check::normal(&[3, 50, 30], 1), check::normal(&[30, 60], 2), check::normal(&[60], 3));
            let fused = || linear(&x, &w, &b, activation, Precision::F32);
            check::reference(&[&x, &w, &b], 1e-5, fused, || crate::nn::reference::linear(&x, &w, &b, activation));
        }
    }

    #[test]
    fn detached_weights_get_no_gradient() {
        let (x, w, b) = (check::normal(&[5, 3], 1), check::normal(&[3, 4], 2), check::normal(&[4], 3));
        let (wd, bd) = (w.as_detached_tensor(), b.as_detached_tensor());
        let y = linear(&x, &wd, &bd, Activation::None, Precision::F32).unwrap();
        let grads = y.sum_all().unwrap().backward().unwrap();
        assert!(grads.get(&x).is_some() && grads.get(&wd).is_none() && grads.get(&bd).is_none());
    }
}
