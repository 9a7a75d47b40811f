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
    Packed::new(Matrix::new(elements.slice()?, rows, columns)?)
}

impl Dense {
    pub fn new(weights: &Weights, name: &str) -> Result<Dense> {
        let bias = vector(weights, &format!("{name}.bias"))?;
        Ok(Dense { weight: packed(weights, &format!("{name}.weight"))?, bias })
    }

    /// The output layer that is tied to the embedding [vocab, width].
    pub fn tied(embedding: &[f32], bias: Vec<f32>) -> Result<Dense> {
        let (vocab, width) = (bias.len(), embedding.len().checked_div(bias.len()).unwrap_or(0));
        Ok(Dense { weight: Packed::new(Matrix::new(embedding, vocab, width)?.transpose())?, bias })
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

    /// One token of every sequence: x [rows, width] is replaced; the caches of each row, keys and values
    /// [time, width], grow by one step.
    pub fn step<'a>(
        &self,
        x: &mut [f32],
        caches: impl Iterator<Item = &'a mut [Vec<f32>]>,
        heads: usize,
        room: &mut Room,
    ) {
        let Room { narrow, wide, weights } = room;
        let width = self.norm1.gain.len();
        let rows = x.len() / width;
        self.norm1.apply(narrow, x);
        self.qkv.apply(wide, narrow, rows);
        let caches: Vec<&[Vec<f32>]> = wide
            .chunks_exact(3 * width)
            .zip(caches)
            .map(|(qkv, caches)| {
                caches
                    .iter_mut()
                    .zip(qkv[width..].chunks_exact(width))
                    .for_each(|(cache, x)| cache.extend_from_slice(x));
                &*caches
            })
            .collect();
        for (row, (out, qkv)) in narrow.chunks_exact_mut(width).zip(wide.chunks_exact(3 * width)).enumerate() {
            let [own, next] =
                [row, row + 1].map(|row| caches.get(row).map_or([&[][..]; 2], |caches| [&caches[0], &caches[1]]));
            weights.resize(heads * own[0].len() / width, 0.0);
            simd::vectorised(
                #[inline(always)]
                || attend(out, &qkv[..width], own, next, weights),
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

/// Attention of one query [width] to all steps of its keys and values [time, width], into `out` [width]; `weights` is
/// room for [heads, time]. `next` are the keys and values that will be read after these: the caches of a group are larger
/// than those of the processor, and to fetch them ahead hides the way from the third level.
#[inline(always)]
fn attend(out: &mut [f32], query: &[f32], [keys, values]: [&[f32]; 2], next: [&[f32]; 2], weights: &mut [f32]) {
    let (width, time) = (query.len(), keys.len() / query.len());
    let size = width * time / weights.len();
    let scale = 1.0 / (size as f32).sqrt();
    for (t, keys) in keys.chunks_exact(width).enumerate() {
        prefetch(next[0], t * width, width);
        for (head, (query, key)) in query.chunks_exact(size).zip(keys.chunks_exact(size)).enumerate() {
            weights[head * time + t] = simd::dot(query, key) * scale;
        }
    }
    for weights in weights.chunks_exact_mut(time) {
        let largest = simd::max(weights);
        let total = simd::exp_in_place(weights, 1.0, largest);
        weights.iter_mut().for_each(|weight| *weight /= total);
    }
    out.fill(0.0);
    for (t, values) in values.chunks_exact(width).enumerate() {
        prefetch(next[1], t * width, width);
        for (head, (out, value)) in out.chunks_exact_mut(size).zip(values.chunks_exact(size)).enumerate() {
            simd::axpy(out, weights[head * time + t], value);
        }
    }
}

/// Asks for `len` elements from `first` on, as far as there are so many.
#[inline(always)]
fn prefetch(slice: &[f32], first: usize, len: usize) {
    const LINE: usize = 16;
    for line in slice.get(first..).unwrap_or(&[]).chunks(LINE).take(len / LINE) {
        simd::prefetch(line.as_ptr());
    }
}

impl LstmLayer {
    pub fn new(weights: &Weights, layer: usize) -> Result<LstmLayer> {
        let weight = get(weights, &format!("lstm{layer}.weight"))?.contiguous()?;
        let (rows, columns) = weight.dims2()?;
        let elements = Elements::of(&weight);
        let (matrix, bias) = elements.slice()?.split_at((rows - 1) * columns);
        let weight = Packed::new(Matrix::new(matrix, rows - 1, columns)?)?;
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
