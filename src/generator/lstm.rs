//! The LSTM trunk: small and fast to sample, but it does not learn rhyme at this size.

use candle_core::{Result, Tensor};

use super::{Dropout, dense};
use crate::config::ModelConfig;
use crate::nn::muon::MuonMatrix;
use crate::nn::ops::{Precision, lstm};
use crate::nn::params::{Params, Weights, get};

/// Width of the input of a layer.
pub fn inputs(config: &ModelConfig, layer: usize) -> usize {
    if layer == 0 { config.width } else { config.lstm.hidden }
}

/// Adds the initial weights.
pub fn init(config: &ModelConfig, params: &mut Params) -> Result<()> {
    let hidden = config.lstm.hidden;
    for layer in 0..config.lstm.layers {
        let (name, inputs) = (format!("lstm{layer}.weight"), inputs(config, layer));
        let draws = |part: &str, rows: usize| {
            params.draws(&format!("{name}.{part}"), rows * 4 * hidden, 1.0 / (rows as f32).sqrt())
        };
        // A forget gate that starts open passes gradients (Jozefowicz et al. 2015).
        let bias = (0..4 * hidden).map(|i| if i / hidden == 1 { 1.0 } else { 0.0 }).collect();
        let values = [draws("input", inputs), draws("recurrent", hidden), bias].concat();
        params.matrix(&name, (inputs + hidden + 1, 4 * hidden), values)?;
    }
    params.linear("project", hidden, config.width, 1.0)
}

/// The weight matrices of the layers, with one for each gate, and of the projection.
pub fn matrices(config: &ModelConfig) -> impl Iterator<Item = MuonMatrix> {
    let layers = (0..config.lstm.layers).map(|layer| MuonMatrix { name: format!("lstm{layer}.weight"), blocks: 4 });
    layers.chain([MuonMatrix { name: "project.weight".to_string(), blocks: 1 }])
}

/// Hidden states [batch, time, width] for embedded inputs x of the same shape.
pub fn hidden(
    config: &ModelConfig,
    weights: &Weights,
    mut x: Tensor,
    dropout: Dropout,
    precision: Precision,
) -> Result<Tensor> {
    x = x.transpose(0, 1)?.contiguous()?; // [time, batch, width]
    for layer in 0..config.lstm.layers {
        x = lstm(&x, &get(weights, &format!("lstm{layer}.weight"))?, precision)?; // [time, batch, hidden]
        if dropout.rate > 0.0 {
            x = dropout.add(&x.zeros_like()?, &x, layer as u64)?;
        }
    }
    dense(weights, "project", &x, precision)?.transpose(0, 1)?.contiguous()
}
