//! The layers of a sampler: weights packed for few rows, one token of every sequence at a time, on the calling thread.

use candle_core::Result;

use crate::nn::ops::{Activation, Elements, Matrix, lstm_cell, normalise_row};
use crate::nn::packed::{Packed, Start};
use crate::nn::params::{Weights, get};
use crate::nn::simd;

/// x w + b: weight [inputs, outputs], bias [outputs].
pub struct Dense {
    weight: Packed,
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

/// A layer of the LSTM.
pub struct LstmLayer {
    /// From input and hidden state, side by side, to the gates.
    gates: Dense,
}

/// Memory for what lives no longer than a token; the first token makes it as large as it has to be.
#[derive(Default)]
pub struct Room {
    narrow: Vec<f32>,
    wide: Vec<f32>,
    weights: Vec<f32>,
}

/// The elements of a weight.
pub fn vector(weights: &Weights, name: &str) -> Result<Vec<f32>> {
    get(weights, name)?.flatten_all()?.to_vec1()
}

/// A matrix of the weights, packed.
fn packed(weights: &Weights, name: &str) -> Result<Packed> {
    let weight = get(weights, name)?.contiguous()?;
    let (rows, columns) = weight.dims2()?;
    let elements = Elements::of(&weight);
    Ok(Packed::new(Matrix::new(elements.slice()?, rows, columns)))
}

impl Dense {
    pub fn new(weights: &Weights, name: &str) -> Result<Dense> {
        let bias = vector(weights, &format!("{name}.bias"))?;
        Ok(Dense { weight: packed(weights, &format!("{name}.weight"))?, bias })
    }

    /// The output layer that is tied to the embedding [vocab, width].
    pub fn tied(embedding: &[f32], bias: Vec<f32>) -> Dense {
        let (vocab, width) = (bias.len(), embedding.len() / bias.len());
        Dense { weight: Packed::new(Matrix::new(embedding, vocab, width).transpose()), bias }
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
    fn add(&self, y: &mut [f32], x: &[f32]) {
        y.chunks_exact_mut(self.outputs()).for_each(|y| add(y, &self.bias));
        self.weight.multiply(y, Start::Target, x);
    }
}

impl Norm {
    pub fn new(weights: &Weights, name: &str) -> Result<Norm> {
        Ok(Norm { gain: vector(weights, &format!("{name}.gain"))?, bias: vector(weights, &format!("{name}.bias"))? })
    }

    pub fn apply(&self, y: &mut Vec<f32>, x: &[f32]) {
        y.resize(x.len(), 0.0);
        let width = self.gain.len();
        simd::vectorised(
            #[inline(always)]
            || {
                for (y, x) in y.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
                    normalise_row(y, x, &self.gain, &self.bias);
                }
            },
        );
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

    /// One token of every sequence: x [rows, width] is replaced; the cache of each row, keys and values
    /// [time, 2 * width], grows by one step.
    pub fn step<'a>(
        &self,
        x: &mut [f32],
        caches: impl Iterator<Item = &'a mut Vec<f32>>,
        heads: usize,
        room: &mut Room,
    ) {
        let Room { narrow, wide, weights } = room;
        let width = self.norm1.gain.len();
        let rows = x.len() / width;
        self.norm1.apply(narrow, x);
        self.qkv.apply(wide, narrow, rows);
        for ((out, qkv), cache) in narrow.chunks_exact_mut(width).zip(wide.chunks_exact(3 * width)).zip(caches) {
            let (query, keys_values) = qkv.split_at(width);
            cache.extend_from_slice(keys_values);
            weights.resize(heads * (cache.len() / (2 * width)), 0.0);
            simd::vectorised(
                #[inline(always)]
                || attend(out, query, cache, weights, heads),
            );
        }
        self.attended.add(x, narrow);
        self.norm2.apply(narrow, x);
        self.up.apply(wide, narrow, rows);
        simd::vectorised(
            #[inline(always)]
            || wide.iter_mut().for_each(|y| *y = Activation::SquaredRelu.apply(*y)),
        );
        self.down.add(x, wide);
    }
}

/// x += y.
pub fn add(x: &mut [f32], y: &[f32]) {
    x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
}

/// Attention of one query [width] to all steps of its cache, keys and values [time, 2 * width], into `out` [width];
/// `weights` is room for [heads, time].
#[inline(always)]
fn attend(out: &mut [f32], query: &[f32], cache: &[f32], weights: &mut [f32], heads: usize) {
    let (width, size, time) = (query.len(), query.len() / heads, weights.len() / heads);
    let scale = 1.0 / (size as f32).sqrt();
    // Each step is read from front to back, all heads in turn: the cache of a group is larger than the processor's.
    for (t, step) in cache.chunks_exact(2 * width).enumerate() {
        for (head, (query, key)) in query.chunks_exact(size).zip(step.chunks_exact(size)).enumerate() {
            weights[head * time + t] = simd::dot(query, key) * scale;
        }
    }
    for weights in weights.chunks_exact_mut(time) {
        let largest = simd::max(weights);
        let total = simd::exp_in_place(weights, 1.0, largest);
        weights.iter_mut().for_each(|weight| *weight /= total);
    }
    out.fill(0.0);
    for (t, step) in cache.chunks_exact(2 * width).enumerate() {
        for (head, (out, value)) in out.chunks_exact_mut(size).zip(step[width..].chunks_exact(size)).enumerate() {
            simd::axpy(out, weights[head * time + t], value);
        }
    }
}

impl LstmLayer {
    pub fn new(weights: &Weights, layer: usize) -> Result<LstmLayer> {
        let weight = get(weights, &format!("lstm{layer}.weight"))?.contiguous()?;
        let (rows, columns) = weight.dims2()?;
        let elements = Elements::of(&weight);
        let (matrix, bias) = elements.slice()?.split_at((rows - 1) * columns);
        let weight = Packed::new(Matrix::new(matrix, rows - 1, columns));
        Ok(LstmLayer { gates: Dense { weight, bias: bias.to_vec() } })
    }

    /// One token of every sequence: x [rows, inputs] becomes the layer's output [rows, hidden]; the state of each row is
    /// its cell, then its hidden state [2 * hidden].
    pub fn step<'a>(&self, x: &mut Vec<f32>, states: impl Iterator<Item = &'a mut Vec<f32>>, room: &mut Room) {
        let Room { narrow, wide, .. } = room;
        let size = self.gates.outputs() / 4;
        let states: Vec<&mut Vec<f32>> = states.collect();
        let inputs = x.len() / states.len().max(1);
        narrow.clear();
        for (x, state) in x.chunks_exact(inputs.max(1)).zip(&states) {
            narrow.extend_from_slice(x);
            narrow.extend_from_slice(&state[size..]);
        }
        self.gates.apply(wide, narrow, states.len()); // [rows, 4 * hidden]
        x.clear();
        for (state, gates) in states.into_iter().zip(wide.chunks_exact_mut(4 * size)) {
            let (cell, hidden) = state.split_at_mut(size);
            simd::vectorised(
                #[inline(always)]
                || lstm_cell(gates, cell, hidden),
            );
            x.extend_from_slice(hidden);
        }
    }
}
