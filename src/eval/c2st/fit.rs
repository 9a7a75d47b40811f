//! Training of a network as a classifier, with early stopping.

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor};

use super::examples::Split;
use super::networks::Network;
use crate::eval::PoemText;
use crate::nn::adam::{Adam, Rate};
use crate::nn::gan_loss::softplus;
use crate::nn::params::{Params, Weights};
use crate::nn::threads::in_ranges;
use crate::random;

const MINIBATCH: usize = 64;
const EPOCHS: u64 = 12;
/// Training ends after this many epochs without a lower validation loss.
const PATIENCE: u64 = 2;
const WEIGHT_DECAY: f64 = 0.05;

/// Labelled poems and their split.
pub struct Examples<'a> {
    pub poems: &'a [PoemText],
    pub real: &'a [bool],
    pub split: &'a Split,
    pub seed: u64,
}

/// Logits of all validation and test examples, above 0 for those classified as real, at the epoch with the lowest
/// validation loss. Those of the training part are 0.
///
/// # Errors
/// A failed tensor operation.
pub fn scores(network: &Network, examples: &Examples) -> Result<Vec<f64>> {
    let params = network.params(examples.seed)?;
    let (mut adam, rate) = (Adam::new(&params, 0.9, 0.999), network.name_and_rate().1);
    let mut scores = vec![0.0; examples.poems.len()];
    let (mut best, mut waited) = (f64::INFINITY, 0);
    for epoch in 0..EPOCHS {
        let mut order = examples.split.training.clone();
        random::shuffle(&mut random::stream(examples.seed, "judge's epoch", epoch), &mut order);
        for (index, minibatch) in (0..).zip(order.chunks(MINIBATCH)) {
            let seed = (epoch << 32) + index;
            let grads = gradients(network, &params, examples, minibatch, seed)?;
            adam.update(&params, &grads, Rate { learning_rate: rate, weight_decay: WEIGHT_DECAY, clip: 1.0 })?;
        }
        let validation = predict(network, &params.frozen(), examples, &examples.split.validation)?;
        let loss = loss(&validation, examples.real, &examples.split.validation);
        if loss < best {
            (best, waited) = (loss, 0);
            let test = predict(network, &params.frozen(), examples, &examples.split.test)?;
            let predicted = examples.split.validation.iter().chain(&examples.split.test);
            predicted.zip(validation.into_iter().chain(test)).for_each(|(&example, score)| scores[example] = score);
        } else if waited + 1 == PATIENCE {
            break;
        } else {
            waited += 1;
        }
    }
    Ok(scores)
}

/// Gradients of the logistic loss on a minibatch, one set for the part of each thread.
fn gradients(
    network: &Network,
    params: &Params,
    examples: &Examples,
    minibatch: &[usize],
    seed: u64,
) -> Result<Vec<GradStore>> {
    let weights = params.trainable();
    let parts = in_ranges(minibatch.len(), |range| {
        let part = &minibatch[range.clone()];
        let poems: Vec<&PoemText> = part.iter().map(|&example| &examples.poems[example]).collect();
        let output = network.forward(&weights, &poems, Some(seed.wrapping_add((range.start as u64) << 48)))?;
        let signs = part.iter().map(|&example| if examples.real[example] { -1f32 } else { 1.0 }).collect();
        let signs = Tensor::from_vec(signs, part.len(), &Device::Cpu)?;
        let loss = (softplus(&(output.logits * signs)?)?.sum_all()? / minibatch.len() as f64)?;
        output.trunk.map_or_else(|| loss.backward(), |trunk| trunk.backward(&loss))
    });
    parts.into_iter().collect()
}

/// Logits of some examples, in their order.
fn predict(network: &Network, weights: &Weights, examples: &Examples, part: &[usize]) -> Result<Vec<f64>> {
    let chunks: Vec<&[usize]> = part.chunks(MINIBATCH).collect();
    let predict = |range: std::ops::Range<usize>| -> Result<Vec<f64>> {
        let mut scores = Vec::new();
        for chunk in &chunks[range] {
            let poems: Vec<&PoemText> = chunk.iter().map(|&example| &examples.poems[example]).collect();
            let logits: Vec<f32> = network.forward(weights, &poems, None)?.logits.to_vec1()?;
            scores.extend(logits.into_iter().map(f64::from));
        }
        Ok(scores)
    };
    let parts: Result<Vec<Vec<f64>>> = in_ranges(chunks.len(), predict).into_iter().collect();
    Ok(parts?.concat())
}

/// Mean logistic loss of logits.
fn loss(scores: &[f64], real: &[bool], part: &[usize]) -> f64 {
    let each = scores.iter().zip(part).map(|(score, &example)| {
        let margin = if real[example] { *score } else { -score };
        (-margin.abs()).exp().ln_1p() + (-margin).max(0.0)
    });
    each.sum::<f64>() / part.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_logistic() {
        let found = loss(&[2.0, -1.0, 0.0], &[true, true, false], &[0, 1, 2]);
        let expected = [(-2f64).exp().ln_1p(), 1f64.exp().ln_1p(), 2f64.ln()].iter().sum::<f64>() / 3.0;
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}
