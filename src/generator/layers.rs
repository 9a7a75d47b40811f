//! The layers of the sampler: packed weights, one token of every sequence at a time, on the calling thread.

use candle_core::Result;

use crate::nn::dense::{Dense, vector};
use crate::nn::ops::{Activation, Elements, Matrix, lstm_cell, normalise_row};
use crate::nn::packed::Packed;
use crate::nn::params::{Weights, get};
use crate::nn::simd::{self, Arch};

/// Layer norm.
pub struct Norm {
    gain: Vec<f32>,
    bias: Vec<f32>,
    arch: Arch,
}

/// A transformer block.
pub struct TransformerBlock {
    norm1: Norm,
    qkv: Dense,
    attended: Dense,
    norm2: Norm,
    up: Dense,
    down: Dense,
    arch: Arch,
}

/// A layer of the LSTM.
pub struct LstmLayer {
    /// From the concatenated input and hidden state to the gates.
    gates: Dense,
    arch: Arch,
}

/// Buffers of a step, allocated at the first one.
#[derive(Default)]
pub struct StepBuffers {
    narrow: Vec<f32>,
    wide: Vec<f32>,
    weights: Vec<f32>,
}

impl Norm {
    pub fn new(weights: &Weights, name: &str, arch: Arch) -> Result<Norm> {
        let vector = |part: &str| vector(weights, &format!("{name}.{part}"));
        Ok(Norm { gain: vector("gain")?, bias: vector("bias")?, arch })
    }

    pub fn apply(&self, y: &mut Vec<f32>, x: &[f32]) {
        y.resize(x.len(), 0.0);
        let width = self.gain.len();
        simd::vectorised_for(
            self.arch,
            #[inline(always)]
            || {
                for (y, x) in y.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
                    normalise_row(y, x, &self.gain, &self.bias);
                }
            },
        );
    }
}

impl TransformerBlock {
    pub fn new(weights: &Weights, layer: usize, arch: Arch) -> Result<TransformerBlock> {
        let norm = |part: &str| Norm::new(weights, &format!("block{layer}.{part}"), arch);
        let dense = |part: &str| Dense::new(weights, &format!("block{layer}.{part}"), arch);
        Ok(TransformerBlock {
            norm1: norm("norm1")?,
            qkv: dense("qkv")?,
            attended: dense("attended")?,
            norm2: norm("norm2")?,
            up: dense("up")?,
            down: dense("down")?,
            arch,
        })
    }

    /// One token of every sequence: x [rows, width] is replaced; the caches of each row, keys and values
    /// [time, width], grow by one step.
    pub fn step<'a>(
        &self,
        x: &mut [f32],
        caches: impl Iterator<Item = &'a mut [Vec<f32>]>,
        heads: usize,
        buffers: &mut StepBuffers,
    ) {
        let StepBuffers { narrow, wide, weights } = buffers;
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
            simd::vectorised_for(
                self.arch,
                #[inline(always)]
                || attend(out, &qkv[..width], own, next, weights),
            );
        }
        self.attended.add(x, narrow);
        self.norm2.apply(narrow, x);
        self.up.apply(wide, narrow, rows);
        simd::vectorised_for(
            self.arch,
            #[inline(always)]
            || wide.iter_mut().for_each(|y| *y = Activation::SquaredRelu.apply(*y)),
        );
        self.down.add(x, wide);
    }
}

/// Attention of one query [width] to all steps of its keys and values [time, width], into `out` [width]; `weights` is
/// a buffer of [heads, time]. `next` are the keys and values that are read after these; they are prefetched, since the
/// caches of a group exceed the processor's second-level cache.
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

/// Prefetches `len` elements from `first` on, or those that there are.
#[inline(always)]
fn prefetch(slice: &[f32], first: usize, len: usize) {
    const LINE: usize = 16;
    for line in slice.get(first..).unwrap_or(&[]).chunks(LINE).take(len / LINE) {
        simd::prefetch(line.as_ptr());
    }
}

impl LstmLayer {
    pub fn new(weights: &Weights, layer: usize, arch: Arch) -> Result<LstmLayer> {
        let weight = get(weights, &format!("lstm{layer}.weight"))?.contiguous()?;
        let (rows, columns) = weight.dims2()?;
        let elements = Elements::of(&weight);
        let (matrix, bias) = elements.slice()?.split_at((rows - 1) * columns);
        let weight = Packed::with_arch(Matrix::new(matrix, rows - 1, columns)?, arch)?;
        Ok(LstmLayer { gates: Dense { weight, bias: bias.to_vec() }, arch })
    }

    /// One token of every sequence: x [rows, inputs] becomes the layer's output [rows, hidden]; the state of each row is
    /// its cell, then its hidden state [2 * hidden].
    pub fn step<'a>(
        &self,
        x: &mut Vec<f32>,
        states: impl Iterator<Item = &'a mut Vec<f32>>,
        buffers: &mut StepBuffers,
    ) {
        let StepBuffers { narrow, wide, .. } = buffers;
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
            simd::vectorised_for(
                self.arch,
                #[inline(always)]
                || lstm_cell(gates, cell, hidden),
            );
            x.extend_from_slice(hidden);
        }
    }
}
