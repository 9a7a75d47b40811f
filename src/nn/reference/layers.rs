//! Dense layer, layer norm, LSTM, convolution and transformer block.

use std::collections::HashMap;

use candle_core::{D, Result, Tensor};
use candle_nn::rnn::{LSTMConfig, RNN};
use candle_nn::{LSTM, Linear, Module, VarBuilder};

use super::add_dropout;
use crate::nn::ops::{Activation, Block};
use crate::nn::params::get;

const EPSILON: f32 = 1e-5;
const NEGATIVE_SLOPE: f64 = 0.2;

fn activate(x: &Tensor, activation: Activation) -> Result<Tensor> {
    match activation {
        Activation::None => Ok(x.clone()),
        Activation::SquaredRelu => candle_nn::Activation::Relu2.forward(x),
        Activation::LeakyRelu => candle_nn::Activation::LeakyRelu(NEGATIVE_SLOPE).forward(x),
    }
}

/// activation(x w + b) for x [.., inputs], w [inputs, outputs], b [outputs]. -> [.., outputs]
pub fn linear(x: &Tensor, w: &Tensor, b: &Tensor, activation: Activation) -> Result<Tensor> {
    activate(&Linear::new(w.t()?, Some(b.clone())).forward(&x.contiguous()?)?, activation)
}

/// Layer norm over the last axis, for x [.., width], gain and bias [width].
pub fn layer_norm(x: &Tensor, gain: &Tensor, bias: &Tensor) -> Result<Tensor> {
    candle_nn::ops::layer_norm_slow(x, gain, bias, EPSILON)
}

/// Largest response of each filter over time, for x [rows, time, channels], w [width * channels, filters], b [filters].
/// -> [rows, filters]
pub fn conv_max(x: &Tensor, w: &Tensor, b: &Tensor) -> Result<Tensor> {
    let width = w.dim(0)? / x.dim(2)?;
    let steps = x.dim(1)? + 1 - width;
    let shifted = (0..width).map(|shift| x.narrow(1, shift, steps)).collect::<Result<Vec<_>>>()?;
    let windows = Tensor::cat(&shifted, 2)?; // [rows, steps, width * channels]
    linear(&windows, w, b, Activation::LeakyRelu)?.max(1)
}

/// Hidden states [time, batch, hidden] for x [time, batch, inputs] and weight [inputs + hidden + 1, 4 * hidden].
pub fn lstm(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    let (inputs, hidden) = (x.dim(2)?, weight.dim(1)? / 4);
    let rows = |first, count| weight.narrow(0, first, count)?.t();
    let parts = HashMap::from([
        ("weight_ih_l0".to_string(), rows(0, inputs)?),
        ("weight_hh_l0".to_string(), rows(inputs, hidden)?),
        ("bias_ih_l0".to_string(), rows(inputs + hidden, 1)?.flatten_all()?),
    ]);
    let config = LSTMConfig { b_hh_init: None, ..LSTMConfig::default() };
    let layer = LSTM::new(inputs, hidden, config, VarBuilder::from_tensors(parts, x.dtype(), x.device()))?;
    let states = layer.seq(&x.transpose(0, 1)?.contiguous()?)?;
    layer.states_to_tensor(&states)?.transpose(0, 1) // [time, batch, hidden]
}

/// A transformer block for x [batch, time, width]. Unlike for the fused one, the weights of `block` belong to the graph;
/// nothing is left in `block.collected`.
pub fn block(x: &Tensor, block: &Block) -> Result<Tensor> {
    let weight = |name: &str| get(&block.weights, &format!("{}.{name}", block.name));
    let norm =
        |x: &Tensor, name: &str| layer_norm(x, &weight(&format!("{name}.gain"))?, &weight(&format!("{name}.bias"))?);
    let dense = |x: &Tensor, name: &str, activation| {
        linear(x, &weight(&format!("{name}.weight"))?, &weight(&format!("{name}.bias"))?, activation)
    };
    let dropped = |residual: &Tensor, x: &Tensor, site: usize| {
        add_dropout(residual, x, block.dropout, block.seeds[site]) // [batch, time, width]
    };
    let qkv = dense(&norm(x, "norm1")?, "qkv", Activation::None)?;
    let middle = dropped(x, &dense(&attention(&qkv, block.heads)?, "attended", Activation::None)?, 0)?;
    let up = dense(&norm(&middle, "norm2")?, "up", Activation::SquaredRelu)?;
    dropped(&middle, &dense(&up, "down", Activation::None)?, 1)
}

/// Causal multi-head attention from queries, keys and values side by side, [batch, time, 3 * width]. -> [batch, time,
/// width]
fn attention(qkv: &Tensor, heads: usize) -> Result<Tensor> {
    let (batch, time, columns) = qkv.dims3()?;
    let (width, size) = (columns / 3, columns / 3 / heads);
    let part = |index: usize| {
        let part = qkv.narrow(2, index * width, width)?.reshape((batch, time, heads, size))?;
        part.transpose(1, 2)?.contiguous() // [batch, heads, time, size]
    };
    let mask = (0..time * time).map(|i| if i % time > i / time { f32::NEG_INFINITY } else { 0.0 });
    let mask = Tensor::from_iter(mask, qkv.device())?.reshape((time, time))?;
    let scores = (part(0)?.matmul(&part(1)?.t()?)? / (size as f64).sqrt())?.broadcast_add(&mask)?;
    let attended = candle_nn::ops::softmax(&scores, D::Minus1)?.matmul(&part(2)?)?; // [batch, heads, time, size]
    attended.transpose(1, 2)?.reshape((batch, time, width))
}
