//! The tied output layer: cross-entropy and the Gumbel-softmax relaxation.

use candle_core::{Result, Tensor};
use candle_nn::ops::{log_softmax, softmax};

use super::linear;
use crate::nn::gumbel::add_gumbel;
use crate::nn::ops::{Activation, LogitBiases, Relaxed, TokenLosses};

/// hidden embedding^T + bias, with the biases on single logits, [rows, vocab].
fn logits(hidden: &Tensor, embedding: &Tensor, bias: &Tensor, biases: &LogitBiases) -> Result<Tensor> {
    let (rows, vocab) = (hidden.dim(0)?, embedding.dim(0)?);
    let logits = linear(hidden, &embedding.t()?, &bias.narrow(0, 0, vocab)?, Activation::None)?;
    let mut places = Vec::new();
    let mut parameters = Vec::new();
    for row in 0..rows {
        for bias in biases.row(row) {
            places.extend([(row * vocab) as u32 + bias.token; 2]);
            parameters.extend(bias.parameters);
        }
    }
    if places.is_empty() {
        return Ok(logits);
    }
    let values = bias.index_select(&Tensor::new(parameters, bias.device())?, 0)?;
    let places = Tensor::new(places, bias.device())?;
    logits.flatten_all()?.index_add(&places, &values, 0)?.reshape((rows, vocab))
}

/// -log softmax of the target's logit in each row, in nats. -> [rows]
pub fn token_losses(
    hidden: &Tensor,
    embedding: &Tensor,
    bias: &Tensor,
    targets: &[u32],
    biases: &LogitBiases,
) -> Result<Tensor> {
    let targets = Tensor::new(targets, hidden.device())?.unsqueeze(1)?; // [rows, 1]
    log_softmax(&logits(hidden, embedding, bias, biases)?, 1)?.gather(&targets, 1)?.squeeze(1)?.neg()
}

/// Weighted sum of the token losses, a scalar. `candle_nn::loss::cross_entropy` is its case of equal weights.
pub fn cross_entropy(hidden: &Tensor, embedding: &Tensor, bias: &Tensor, losses: &TokenLosses) -> Result<Tensor> {
    let weights = Tensor::new(losses.weights.as_slice(), hidden.device())?;
    (token_losses(hidden, embedding, bias, &losses.targets, &losses.biases)? * weights)?.sum_all()
}

/// Embedding of the relaxed tokens, [rows, columns], always over all content tokens: `relaxed.peaks` is not read.
pub fn relaxed_embedding(hidden: &Tensor, embedding: &Tensor, bias: &Tensor, relaxed: &Relaxed) -> Result<Tensor> {
    let (rows, vocab, first) = (relaxed.tokens.len(), embedding.dim(0)?, relaxed.first_content);
    let logits = logits(hidden, embedding, bias, &relaxed.biases)?;
    let perturbed = (logits + gumbel_noise(relaxed, vocab)?.to_device(hidden.device())?)?; // [rows, vocab]
    let content = perturbed.narrow(1, first, vocab - first)?;
    let probabilities = softmax(&(content * f64::from(relaxed.beta))?, 1)?; // [rows, content]
    let soft = probabilities.matmul(&relaxed.table.narrow(0, first, vocab - first)?)?;
    let tokens = Tensor::new(relaxed.tokens.as_slice(), hidden.device())?;
    let hard = relaxed.table.index_select(&tokens, 0)?;
    let is_content = relaxed.tokens.iter().map(|&token| f32::from(token as usize >= first));
    let is_content = Tensor::from_iter(is_content, hidden.device())?.reshape((rows, 1))?;
    let shift = if relaxed.soft { (&soft - &hard)? } else { (&soft - soft.detach())? };
    hard + shift.broadcast_mul(&is_content)?
}

/// The Gumbel noise of the rows, [rows, vocab].
fn gumbel_noise(relaxed: &Relaxed, vocab: usize) -> Result<Tensor> {
    let mut gumbel = vec![0.0; relaxed.tokens.len() * vocab];
    for (row, &key) in gumbel.chunks_exact_mut(vocab).zip(&relaxed.gumbel) {
        add_gumbel(row, key);
    }
    Tensor::from_vec(gumbel, (relaxed.tokens.len(), vocab), &candle_core::Device::Cpu)
}
