//! Custom operations of candle, each with its own backward pass.

mod attention;
mod block;
mod conv_max;
mod cross_entropy;
mod dropout;
mod gather_rows;
pub mod gradients;
mod head;
mod layer_norm;
mod linear;
mod logit_bias;
mod lstm;
mod relaxation;
mod sparse_head;
mod sum_rows;

pub use block::{Block, block};
pub use conv_max::conv_max;
pub use cross_entropy::{TokenLosses, cross_entropy, token_losses};
pub use dropout::add_dropout;
pub use gather_rows::gather_rows;
pub use layer_norm::{layer_norm, normalise_row};
pub use linear::{Activation, linear};
pub use logit_bias::{LogitBias, LogitBiases};
pub use lstm::{lstm, lstm_cell};
pub use relaxation::{Relaxed, relaxed_embedding};
pub use sum_rows::{SumRows, sum_rows};

pub use super::matrix::{Matrix, matmul};
pub use super::precision::Precision;

use super::scratch::Scratch;
use candle_core::{CpuStorage, Error, Layout, Result, Storage, Tensor};
use std::ops::Deref;

/// The elements of a contiguous f32 operand in the forward pass of an operation.
fn operand<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => Err(Error::RequiresContiguous { op: "poetgan" }),
    }
}

/// A read lock on the elements of a contiguous f32 tensor in main memory.
pub struct Elements<'a> {
    guard: Box<dyn Deref<Target = Storage> + 'a>,
    layout: &'a Layout,
}

impl<'a> Elements<'a> {
    pub fn of(tensor: &'a Tensor) -> Elements<'a> {
        let (guard, layout) = tensor.storage_and_layout();
        Elements { guard: Box::new(guard), layout }
    }

    pub fn slice(&self) -> Result<&[f32]> {
        match &**self.guard {
            Storage::Cpu(storage) => operand(storage, self.layout),
            _ => Err(Error::Msg("the numeric core computes on the CPU".into())),
        }
    }
}

/// Memory for a result, zeros.
pub(super) fn buffer(len: usize) -> Vec<f32> {
    vec![0.0; len]
}

/// A tensor of these elements.
pub fn tensor(data: Vec<f32>, shape: &candle_core::Shape) -> Result<Tensor> {
    Tensor::from_vec(data, shape, &candle_core::Device::Cpu)
}

#[cfg(test)]
mod bf16_tests;
#[cfg(test)]
pub mod check;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_overflow_are_errors() {
        let half = 1 << (usize::BITS / 2);
        for (rows, columns) in [(half, half), (usize::MAX, 2), (3, 2)] {
            assert!(Matrix::new(&[0.0; 5], rows, columns).is_err(), "{rows} x {columns}");
        }
        // Matrices without elements, whose product has 2^64: 0, if that overflows unnoticed.
        let (a, b) = (Matrix::new(&[], half, 0).unwrap(), Matrix::new(&[], 0, half).unwrap());
        assert!(matmul(&mut [], a, b, false).is_err());
    }

    #[test]
    fn matrices_that_do_not_fit_are_errors() {
        let data = [1.0; 6];
        let (a, b) = (Matrix::new(&data, 2, 3).unwrap(), Matrix::new(&data, 3, 2).unwrap());
        let mut target = [0.0; 4];
        assert!(matmul(&mut target, a, a, false).is_err());
        assert!(matmul(&mut target[..3], a, b, false).is_err());
        matmul(&mut target, a, b, false).unwrap();
        assert_eq!(target, [3.0; 4]);
    }

    #[test]
    fn a_product_over_nothing_is_zero() {
        let (a, b) = (Matrix::new(&[], 2, 0).unwrap(), Matrix::new(&[], 0, 2).unwrap());
        let mut target = [5.0; 4];
        matmul(&mut target, a, b, true).unwrap();
        assert_eq!(target, [5.0; 4]);
        matmul(&mut target, a, b, false).unwrap();
        assert_eq!(target, [0.0; 4]);
    }
}
