//! Custom operations of candle, each with its own backward pass, and the matrix product that they share.

mod attention;
mod block;
mod conv_max;
mod cross_entropy;
mod dropout;
mod gather_rows;
mod head;
mod layer_norm;
mod linear;
mod lstm;
mod relaxation;
mod scratch;
mod sparse_head;
mod sum_rows;

pub use block::{Block, block};
pub use conv_max::conv_max;
pub use cross_entropy::{TokenLosses, cross_entropy, token_losses};
pub use dropout::add_dropout;
pub use gather_rows::gather_rows;
pub use layer_norm::{layer_norm, normalise_row};
pub use linear::{Activation, linear};
pub use lstm::{lstm, lstm_cell};
pub use relaxation::{Relaxed, relaxed_embedding};
pub use sum_rows::{SumRows, sum_rows};

use candle_core::{CpuStorage, Error, Layout, Result, Storage, Tensor};
use scratch::Scratch;
use std::ops::Deref;

/// A row-major matrix in a slice, perhaps read as its transpose.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    pub(super) data: &'a [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) transposed: bool,
}

impl<'a> Matrix<'a> {
    /// The first `rows * columns` elements of `data`. They must be there.
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Matrix<'a> {
        Matrix { data: &data[..rows * columns], rows, columns, transposed: false }
    }

    pub fn transpose(self) -> Matrix<'a> {
        Matrix { rows: self.columns, columns: self.rows, transposed: !self.transposed, ..self }
    }

    fn strides(&self) -> (isize, isize) {
        if self.transposed { (1, self.rows as isize) } else { (self.columns as isize, 1) }
    }
}

/// target = a b, or target += a b where `add` is set; `target` is row-major [a.rows, b.columns].
pub fn matmul(target: &mut [f32], a: Matrix, b: Matrix, add: bool) {
    assert_eq!(a.columns, b.rows, "inner dimensions of a matrix product");
    assert_eq!(target.len(), a.rows * b.columns, "size of a matrix product");
    let threads = super::threads::count();
    let parallelism = if threads > 1 { gemm::Parallelism::Rayon(threads) } else { gemm::Parallelism::None };
    let ((a_row, a_column), (b_row, b_column)) = (a.strides(), b.strides());
    // SAFETY: the three slices hold all elements that the dimensions and strides reach (checked in `Matrix::new` and
    // above), and `target` is borrowed mutably, so it overlaps neither input.
    unsafe {
        gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            target.as_mut_ptr(),
            1,
            b.columns as isize,
            add,
            a.data.as_ptr(),
            a_column,
            a_row,
            b.data.as_ptr(),
            b_column,
            b_row,
            1.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// The elements of a contiguous f32 operand, in the forward pass of an operation.
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

/// Fresh memory whose every element the caller will write.
fn buffer(len: usize) -> Vec<f32> {
    vec![0.0; len]
}

/// A tensor of these elements.
pub fn tensor(data: Vec<f32>, shape: &candle_core::Shape) -> Result<Tensor> {
    Tensor::from_vec(data, shape, &candle_core::Device::Cpu)
}

#[cfg(test)]
pub mod check {
    //! Gradients of operations against central finite differences.

    use candle_core::backprop::GradStore;
    use candle_core::{Device, Result, Tensor, Var};

    use crate::random;

    /// A variable with normal elements.
    pub fn normal(shape: &[usize], seed: u64) -> Var {
        let draws = random::normal(&mut random::stream(seed, "check", 0), shape.iter().product());
        Var::from_tensor(&Tensor::from_vec(draws, shape, &Device::Cpu).unwrap()).unwrap()
    }

    /// Asserts that the gradient of sum(weights * f()) in every variable equals its central difference, at up to 24
    /// elements of each. `tolerance` is relative to the largest gradient of the variable.
    pub fn gradients(variables: &[&Var], tolerance: f32, f: impl Fn() -> Result<Tensor>) {
        gradients_with(1e-2, variables, tolerance, f);
    }

    /// `gradients` with the step `h` of the differences: small where the function has many kinks.
    pub fn gradients_with(h: f32, variables: &[&Var], tolerance: f32, f: impl Fn() -> Result<Tensor>) {
        gradients_by(h, variables, tolerance, f, Tensor::backward);
    }

    /// `gradients_with` where the gradients come from `backward`.
    pub fn gradients_by(
        h: f32,
        variables: &[&Var],
        tolerance: f32,
        f: impl Fn() -> Result<Tensor>,
        backward: impl Fn(&Tensor) -> Result<GradStore>,
    ) {
        crate::nn::threads::prepare();
        let weights = normal(f().unwrap().dims(), 999).as_detached_tensor();
        let loss = || (f().unwrap() * &weights).unwrap().sum_all().unwrap();
        let grads = backward(&loss()).unwrap();
        for (i, var) in variables.iter().enumerate() {
            let grad = grads.get(var).unwrap_or_else(|| panic!("variable {i} has no gradient"));
            let grad: Vec<f32> = grad.flatten_all().unwrap().to_vec1().unwrap();
            let values: Vec<f32> = var.flatten_all().unwrap().to_vec1().unwrap();
            let scale = grad.iter().fold(1e-3f32, |m, g| m.max(g.abs()));
            let stride = values.len().div_ceil(24);
            for k in (0..values.len()).step_by(stride) {
                let at = |delta: f32| {
                    let mut moved = values.clone();
                    moved[k] += delta;
                    var.set(&Tensor::from_vec(moved, var.dims(), &Device::Cpu).unwrap()).unwrap();
                    f64::from(loss().to_scalar::<f32>().unwrap())
                };
                let difference = ((at(h) - at(-h)) / (2.0 * f64::from(h))) as f32;
                at(0.0);
                assert!(
                    (difference - grad[k]).abs() <= tolerance * scale,
                    "variable {i}, element {k}: difference {difference}, gradient {}",
                    grad[k]
                );
            }
        }
    }
}
