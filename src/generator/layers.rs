//! The layers of a sampler: copies of a model's weights in plain buffers, one token at a time, on the calling thread.

use candle_core::Result;

use crate::nn::ops::{Activation, Matrix, lstm_cell, matmul_serial, normalise_row};
use crate::nn::params::{Weights, get};
use crate::nn::simd;

/// x w + b: weight [inputs, outputs], bias [outputs].
pub struct Dense {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

/// Layer norm.
pub struct Norm {
    gain: Vec<f32>,
    bias: Vec<f32>,
}

/// A block of the transformer.
pub struct Block {
    norm1: Norm,
    qkv: Dense,
    attended: Dense,
    norm2: Norm,
    up: Dense,
    down: Dense,
}

/// The elements of a weight.
pub fn vector(weights: &Weights, name: &str) -> Result<Vec<f32>> {
    get(weights, name)?.flatten_all()?.to_vec1()
}

impl Dense {
    pub fn new(weights: &Weights, name: &str) -> Result<Dense> {
        Ok(Dense {
            weight: vector(weights, &format!("{name}.weight"))?,
            bias: vector(weights, &format!("{name}.bias"))?,
        })
    }

    /// activation(x w + b) for the rows of x.
    pub fn apply(&self, x: &[f32], activation: Activation) -> Vec<f32> {
        let outputs = self.bias.len();
        let inputs = self.weight.len() / outputs;
        let rows = x.len() / inputs;
        let mut y = self.bias.repeat(rows);
        matmul_serial(&mut y, Matrix::new(x, rows, inputs), Matrix::new(&self.weight, inputs, outputs), true);
        if activation != Activation::None {
            simd::vectorised(
                #[inline(always)]
                || y.iter_mut().for_each(|y| *y = activation.apply(*y)),
            );
        }
        y
    }
}

impl Norm {
    pub fn new(weights: &Weights, name: &str) -> Result<Norm> {
        Ok(Norm { gain: vector(weights, &format!("{name}.gain"))?, bias: vector(weights, &format!("{name}.bias"))? })
    }

    pub fn apply(&self, x: &[f32]) -> Vec<f32> {
        let mut y = vec![0.0; x.len()];
        let width = self.gain.len();
        simd::vectorised(
            #[inline(always)]
            || {
                for (y, x) in y.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
                    normalise_row(y, x, &self.gain, &self.bias);
                }
            },
        );
        y
    }
}

impl Block {
    pub fn new(weights: &Weights, layer: usize) -> Result<Block> {
        let name = |part: &str| format!("block{layer}.{part}");
        Ok(Block {
            norm1: Norm::new(weights, &name("norm1"))?,
            qkv: Dense::new(weights, &name("qkv"))?,
            attended: Dense::new(weights, &name("attended"))?,
            norm2: Norm::new(weights, &name("norm2"))?,
            up: Dense::new(weights, &name("up"))?,
            down: Dense::new(weights, &name("down"))?,
        })
    }

    /// One token of every sequence: x [group, width] is replaced; the cache grows by one step.
    pub fn step(&self, x: &mut [f32], cache: &mut Vec<f32>, heads: usize) {
        let width = self.norm1.gain.len();
        cache.extend(self.qkv.apply(&self.norm1.apply(x), Activation::None));
        let mut attended = vec![0.0; x.len()];
        simd::vectorised(
            #[inline(always)]
            || attend(&mut attended, cache, width, heads),
        );
        add(x, &self.attended.apply(&attended, Activation::None));
        let up = self.up.apply(&self.norm2.apply(x), Activation::SquaredRelu);
        add(x, &self.down.apply(&up, Activation::None));
    }
}

/// x += y.
pub fn add(x: &mut [f32], y: &[f32]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

/// Attention of the newest step in `cache` [time, group, 3 * width] to all steps, into `out` [group, width].
#[inline(always)]
fn attend(out: &mut [f32], cache: &[f32], width: usize, heads: usize) {
    let group = out.len() / width;
    let time = cache.len() / (3 * width * group);
    let size = width / heads;
    let scale = 1.0 / (size as f32).sqrt();
    let mut weights = vec![0.0; time];
    for row in 0..group {
        for head in 0..heads {
            let part = |t: usize, part: usize| {
                let at = ((t * group + row) * 3 + part) * width + head * size;
                &cache[at..at + size]
            };
            let query = part(time - 1, 0);
            for (t, weight) in weights.iter_mut().enumerate() {
                *weight = simd::dot(query, part(t, 1)) * scale;
            }
            let largest = simd::max(&weights);
            let total = simd::exp_in_place(&mut weights, 1.0, largest);
            let out = &mut out[row * width + head * size..][..size];
            for (t, weight) in weights.iter().enumerate() {
                simd::axpy(out, weight / total, part(t, 2));
            }
        }
    }
}

/// One token of every sequence through one LSTM layer; x becomes the layer's output [group, hidden].
pub fn lstm_step(x: &mut Vec<f32>, input: &Dense, recurrent: &[f32], cell: &mut [f32], hidden: &mut Vec<f32>) {
    let size = input.bias.len() / 4;
    let rows = hidden.len() / size;
    let mut gates = input.apply(x, Activation::None); // [group, 4 * hidden]
    matmul_serial(&mut gates, Matrix::new(hidden, rows, size), Matrix::new(recurrent, size, 4 * size), true);
    let states = cell.chunks_exact_mut(size).zip(hidden.chunks_exact_mut(size));
    for (gates, (cell, hidden)) in gates.chunks_exact_mut(4 * size).zip(states) {
        simd::vectorised(
            #[inline(always)]
            || lstm_cell(gates, cell, hidden),
        );
    }
    x.clone_from(hidden);
}
