//! The matrix products of the likelihood step alone, as the step computes them: with packing, one part of the minibatch per
//! thread. What they take above the time at the peak is packing and the edges of small products; what the step takes
//! besides is attention, softmax, norms, the optimiser and the like.

use anyhow::Result;

use super::Shape;
use super::workload::transformer_layers;
use crate::config::GeneratorKind;
use crate::nn::ops::Matrix;
use crate::nn::packed::Start;
use crate::nn::precision::Precision;
use crate::nn::product::{Weight, matmul};
use crate::nn::threads::in_ranges;

/// A weight matrix of the generator.
#[derive(Clone, Copy)]
struct Layer {
    inputs: usize,
    outputs: usize,
    /// The recurrent weights of an LSTM are multiplied by one row of each poem at a time.
    is_recurrent: bool,
}

/// The products of a forward and a backward pass of the generator.
pub struct Products {
    layers: Vec<Layer>,
    batch: usize,
    time: usize,
    precision: Precision,
    /// As many numbers as the largest factor has.
    numbers: Vec<f32>,
}

impl Products {
    pub fn of(shape: &Shape, precision: Precision) -> Products {
        let Shape { generator, batch, time, vocab, embed, hidden, .. } = *shape;
        let dense = |(inputs, outputs)| Layer { inputs, outputs, is_recurrent: false };
        let recurrent = Layer { inputs: hidden, outputs: 4 * hidden, is_recurrent: true };
        let mut layers = match generator {
            GeneratorKind::Lstm => vec![dense((embed, 4 * hidden)), recurrent, dense((hidden, embed))],
            GeneratorKind::Transformer => {
                let block = [(embed, 3 * embed), (embed, embed), (embed, hidden), (hidden, embed)];
                block.map(dense).repeat(transformer_layers())
            }
        };
        layers.push(dense((embed, vocab)));
        let size =
            |layer: &Layer| layer.inputs.max(layer.outputs) * (batch * time).max(layer.inputs.min(layer.outputs));
        let largest = layers.iter().map(size).max().unwrap_or(0);
        let numbers = (0..largest).map(|i| (i % 251) as f32 / 251.0 - 0.5).collect();
        Products { layers, batch, time, precision, numbers }
    }

    /// Computes them once: y = x w, dx = dy w^T and dw = x^T dy for each layer.
    ///
    /// # Errors
    /// A shape without elements.
    pub fn run(&self) -> Result<()> {
        let part = |poems: usize| self.layers.iter().try_for_each(|layer| self.multiply(*layer, poems));
        let parts = in_ranges(self.batch, |range| part(range.len()));
        Ok(parts.into_iter().collect::<candle_core::Result<()>>()?)
    }

    fn multiply(&self, layer: Layer, poems: usize) -> candle_core::Result<()> {
        let Layer { inputs, outputs, is_recurrent } = layer;
        let (rows, times) = if is_recurrent { (poems, self.time) } else { (poems * self.time, 1) };
        let weight = Matrix::new(&self.numbers, inputs, outputs)?;
        let (forward, backward) =
            (Weight::new(weight, self.precision)?, Weight::new(weight.transpose(), self.precision)?);
        let (mut y, mut dx) = (vec![0.0; rows * outputs], vec![0.0; rows * inputs]);
        for _ in 0..times {
            forward.multiply_all(&mut y, Start::Zero, &self.numbers[..rows * inputs], |_| {})?;
            backward.multiply_all(&mut dx, Start::Zero, &self.numbers[..rows * outputs], |_| {})?;
        }
        let x = Matrix::new(&self.numbers, rows * times, inputs)?.transpose();
        let dy = Matrix::new(&self.numbers, rows * times, outputs)?;
        matmul(&mut vec![0.0; inputs * outputs], x, dy, false, self.precision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shapes are those that the operations of a step are counted by.
    #[test]
    fn every_product_is_computed() {
        for generator in [GeneratorKind::Lstm, GeneratorKind::Transformer] {
            let shape = Shape { generator, batch: 3, time: 5, vocab: 40, embed: 8, hidden: 12, beta: 1.0 };
            let products = Products::of(&shape, Precision::F32);
            let weights: usize = products.layers.iter().map(|layer| layer.inputs * layer.outputs).sum();
            let counted = super::super::matmuls::Matmuls::of(&shape);
            let attention = match generator {
                GeneratorKind::Lstm => 0,
                GeneratorKind::Transformer => transformer_layers() * 8 * 6,
            };
            assert_eq!(counted.of_step("mle_step"), 6.0 * 15.0 * (weights + attention) as f64);
            products.run().unwrap();
        }
    }
}
