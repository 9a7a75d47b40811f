//! Largest value over time, whose gradient goes to one position only: candle's own maximum gives it to every tied one,
//! and padding ties.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{Elements, buffer, operand, tensor};

/// Maximum over the middle axis of x [rows, time, width] -> [rows, width].
pub fn max_pool(x: &Tensor) -> Result<Tensor> {
    x.contiguous()?.apply_op1(MaxPool)
}

struct MaxPool;

impl CustomOp1 for MaxPool {
    fn name(&self) -> &'static str {
        "max-pool"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, time, width) = layout.shape().dims3()?;
        let mut y = vec![f32::NEG_INFINITY; rows * width];
        y.par_chunks_mut(width).zip(operand(x, layout)?.par_chunks(time * width)).for_each(|(y, x)| {
            for x in x.chunks_exact(width) {
                y.iter_mut().zip(x).for_each(|(y, &x)| *y = if x > *y { x } else { *y });
            }
        });
        Ok((CpuStorage::F32(y), Shape::from((rows, width))))
    }

    fn bwd(&self, x: &Tensor, y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (_, time, width) = x.dims3()?;
        let grad = grad.contiguous()?;
        let (x_elements, y, grad) = (Elements::of(x), Elements::of(y), Elements::of(&grad));
        let mut dx = buffer(x.elem_count());
        let results = y.slice()?.par_chunks(width).zip(grad.slice()?.par_chunks(width));
        let inputs = x_elements.slice()?.par_chunks(time * width);
        dx.par_chunks_mut(time * width).zip(inputs).zip(results).for_each(|((dx, x), (y, grad))| {
            for i in 0..width {
                if let Some(t) = (0..time).find(|t| x[t * width + i] == y[i]) {
                    dx[t * width + i] = grad[i];
                }
            }
        });
        Ok(Some(tensor(dx, x.shape())?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn gradients_are_right() {
        let x = check::normal(&[3, 4, 5], 1);
        check::gradients(&[&x], 1e-2, || max_pool(&x));
    }

    #[test]
    fn a_tie_is_counted_once() {
        let x = candle_core::Var::ones((1, 3, 2), candle_core::DType::F32, &candle_core::Device::Cpu).unwrap();
        let grads = max_pool(&x).unwrap().sum_all().unwrap().backward().unwrap();
        assert_eq!(grads.get(&x).unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap(), 2.0);
    }
}
