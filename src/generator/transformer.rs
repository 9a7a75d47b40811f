//! The transformer trunk (Vaswani et al. 2017; layer norm first, as in GPT-2). Attention can refer to the line end
//! that the next one has to rhyme with, which an LSTM of this size cannot.

use candle_core::{Result, Tensor};

use super::Dropout;
use crate::config::ModelConfig;
use crate::nn::muon::MuonMatrix;
use crate::nn::ops::gradients::Collected;
use crate::nn::ops::{self, Precision, layer_norm};
use crate::nn::params::{Params, Weights, get};

/// Adds the initial weights. Layers that add to the residual stream are scaled down by the depth (GPT-2).
pub fn init(config: &ModelConfig, params: &mut Params) -> Result<()> {
    let (width, hidden) = (config.width, config.transformer.hidden);
    let residual = 1.0 / (2.0 * config.transformer.layers as f32).sqrt();
    for layer in 0..config.transformer.layers {
        let name = |part: &str| format!("block{layer}.{part}");
        init_norm(params, &name("norm1"), width)?;
        params.linear(&name("qkv"), width, 3 * width, 1.0)?;
        params.linear(&name("attended"), width, width, residual)?;
        init_norm(params, &name("norm2"), width)?;
        params.linear(&name("up"), width, hidden, 1.0)?;
        params.linear(&name("down"), hidden, width, 0.5 * residual)?;
    }
    init_norm(params, "norm", width)
}

/// The weight matrices of the blocks. Queries, keys and values have one each.
pub fn matrices(config: &ModelConfig) -> impl Iterator<Item = MuonMatrix> {
    let parts = [("qkv", 3), ("attended", 1), ("up", 1), ("down", 1)];
    let of =
        move |layer| parts.map(|(part, blocks)| MuonMatrix { name: format!("block{layer}.{part}.weight"), blocks });
    (0..config.transformer.layers).flat_map(of)
}

fn init_norm(params: &mut Params, name: &str, width: usize) -> Result<()> {
    params.constant(&format!("{name}.gain"), &[width], 1.0)?;
    params.constant(&format!("{name}.bias"), &[width], 0.0)
}

fn norm(weights: &Weights, name: &str, x: &Tensor) -> Result<Tensor> {
    layer_norm(x, &get(weights, &format!("{name}.gain"))?, &get(weights, &format!("{name}.bias"))?)
}

/// Hidden states [batch, time, width] for embedded inputs x of the same shape. The gradients of the blocks' weights are
/// collected in `collected`.
pub fn hidden(
    config: &ModelConfig,
    weights: &Weights,
    mut x: Tensor,
    dropout: Dropout,
    precision: Precision,
    collected: &Collected,
) -> Result<Tensor> {
    for layer in 0..config.transformer.layers {
        let (name, site) = (format!("block{layer}"), 2 * layer as u64);
        let own = |(name, weight): (&String, &Tensor)| (name.clone(), weight.detach());
        let block = ops::Block {
            weights: weights.range(format!("{name}.")..format!("{name}/")).map(own).collect(),
            name,
            heads: config.transformer.heads,
            dropout: dropout.rate,
            seeds: [dropout.seed_of(site), dropout.seed_of(site + 1)],
            precision,
            collected: collected.clone(),
        };
        x = ops::block(&x, block)?;
    }
    norm(weights, "norm", &x)
}
