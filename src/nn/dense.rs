//! The dense layer without a graph: weights packed once, for few rows at a time.

use candle_core::Result;

use super::matrix::Matrix;
use super::ops::Elements;
use super::packed::{Packed, Start};
use super::params::{Weights, get};
use super::simd::Arch;

/// x w + b: weight [inputs, outputs], bias [outputs].
pub struct Dense {
    pub weight: Packed,
    pub bias: Vec<f32>,
}

/// The elements of a weight.
pub fn vector(weights: &Weights, name: &str) -> Result<Vec<f32>> {
    get(weights, name)?.flatten_all()?.to_vec1()
}

/// x += y.
pub fn add(x: &mut [f32], y: &[f32]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

impl Dense {
    /// The layer `name` of `weights`.
    pub fn new(weights: &Weights, name: &str, arch: Arch) -> Result<Dense> {
        let bias = vector(weights, &format!("{name}.bias"))?;
        let weight = get(weights, &format!("{name}.weight"))?.contiguous()?;
        let (inputs, outputs) = weight.dims2()?;
        let elements = Elements::of(&weight);
        Ok(Dense { weight: Packed::with_arch(Matrix::new(elements.slice()?, inputs, outputs)?, arch)?, bias })
    }

    /// The output layer that is tied to the embedding [vocab, width].
    pub fn tied(embedding: &[f32], bias: Vec<f32>, arch: Arch) -> Result<Dense> {
        let (vocab, width) = (bias.len(), embedding.len().checked_div(bias.len()).unwrap_or(0));
        Ok(Dense { weight: Packed::with_arch(Matrix::new(embedding, vocab, width)?.transpose(), arch)?, bias })
    }

    /// Outputs of the layer.
    pub fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// y = x w + b for the rows of x.
    pub fn apply(&self, y: &mut Vec<f32>, x: &[f32], rows: usize) {
        y.resize(rows * self.outputs(), 0.0);
        self.weight.multiply(y, Start::Bias(&self.bias), x);
    }

    /// y += x w + b for the rows of x.
    pub fn add(&self, y: &mut [f32], x: &[f32]) {
        y.chunks_exact_mut(self.outputs()).for_each(|y| add(y, &self.bias));
        self.weight.multiply(y, Start::Target, x);
    }
}
