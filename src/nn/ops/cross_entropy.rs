//! The tied output layer and its softmax cross-entropy in one operation. The forward pass already computes the gradient,
//! in place of the logits.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use std::sync::Mutex;

use super::super::simd;
use super::head::{Head, HeadGradients};
use super::{Elements, LogitBiases, Precision, operand, tensor};

/// Targets of a minibatch and their weights.
pub struct TokenLosses {
    pub targets: Vec<u32>,
    /// One weight per row; rows of weight 0 are skipped. The loss is the weighted sum, a mean if the weights sum to 1.
    pub weights: Vec<f32>,
    /// Biases on single logits.
    pub biases: LogitBiases,
    /// Of the products with the embedding.
    pub precision: Precision,
}

/// Weighted sum of -log softmax(hidden embedding^T + bias)[target] (nats) as a scalar, with gradients, for hidden
/// [rows, width], embedding [vocab, width], bias [vocab, then the parameters of the biases on single logits].
pub fn cross_entropy(hidden: &Tensor, embedding: &Tensor, bias: &Tensor, losses: TokenLosses) -> Result<Tensor> {
    let gradients = Mutex::new(None);
    hidden.contiguous()?.apply_op3(embedding, bias, CrossEntropy { losses, gradients })
}

/// -log softmax(hidden embedding^T + bias)[target] of every row, in nats, in 32 bits and without a graph.
pub fn token_losses(
    hidden: &Tensor,
    embedding: &Tensor,
    bias: &Tensor,
    targets: &[u32],
    biases: &LogitBiases,
) -> Result<Vec<f32>> {
    let (hidden, vocab) = (hidden.contiguous()?, embedding.dim(0)?);
    let (hidden, embedding, bias) = (Elements::of(&hidden), Elements::of(embedding), Elements::of(bias));
    let (parameters, rows) = (bias.slice()?, (0..targets.len()).collect::<Vec<usize>>());
    let head = Head::new(embedding.slice()?, &parameters[..vocab], Precision::F32)?;
    let losses = head.each_chunk(hidden.slice()?, &rows, |logits, rows| {
        let loss = |(logits, &row): (&mut [f32], &usize)| {
            biases.add(row, logits, parameters);
            softmax_in_place(logits, targets[row], 1.0)
        };
        Ok(logits.chunks_exact_mut(vocab).zip(rows).map(loss).collect::<Vec<f32>>())
    })?;
    Ok(losses.concat())
}

/// Replaces the logits of one row by `weight` times their softmax and returns -log softmax[target].
fn softmax_in_place(row: &mut [f32], target: u32, weight: f32) -> f32 {
    simd::vectorised(
        #[inline(always)]
        || {
            let largest = simd::max(row);
            let logit = row[target as usize] - largest;
            let total = simd::exp_in_place(row, 1.0, largest);
            let scale = weight / total;
            row.iter_mut().for_each(|x| *x *= scale);
            total.ln() - logit
        },
    )
}

struct CrossEntropy {
    losses: TokenLosses,
    /// Formed in the forward pass, where the logits are; taken by the backward pass.
    gradients: Mutex<Option<HeadGradients>>,
}

impl CrossEntropy {
    /// `parameters` are those of all rows, [vocab], and those of the biases on single logits.
    fn run(&self, embedding: &[f32], parameters: &[f32], vocab: usize, hidden: &[f32]) -> Result<(f64, HeadGradients)> {
        let TokenLosses { targets, weights, biases, precision } = &self.losses;
        let head = Head::new(embedding, &parameters[..vocab], *precision)?;
        let counted: Vec<usize> = (0..targets.len()).filter(|&row| weights[row] != 0.0).collect();
        let (chunks, mut gradients) = head.gradients(hidden, &counted, |logits, rows| {
            let losses = logits.chunks_exact_mut(vocab).zip(rows).map(|(logits, &row)| {
                biases.add(row, logits, parameters);
                let loss = softmax_in_place(logits, targets[row], weights[row]);
                logits[targets[row] as usize] -= weights[row];
                f64::from(weights[row] * loss)
            });
            Ok((losses.sum::<f64>(), biases.gradients(rows, logits)))
        })?;
        gradients.bias.resize(parameters.len(), 0.0);
        let (losses, of_biases): (Vec<f64>, Vec<Vec<f32>>) = chunks.into_iter().unzip();
        biases.scatter(&mut gradients.bias, &counted, &of_biases.concat());
        Ok((losses.into_iter().sum(), gradients))
    }
}

impl CustomOp3 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross-entropy"
    }

    fn cpu_fwd(
        &self,
        hidden: &CpuStorage,
        hidden_layout: &Layout,
        embedding: &CpuStorage,
        embedding_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (vocab, parameters) = (embedding_layout.dims()[0], operand(bias, bias_layout)?);
        let embedding = operand(embedding, embedding_layout)?;
        let (loss, gradients) = self.run(embedding, parameters, vocab, operand(hidden, hidden_layout)?)?;
        if let Ok(mut slot) = self.gradients.lock() {
            *slot = Some(gradients);
        }
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    fn bwd(
        &self,
        hidden: &Tensor,
        embedding: &Tensor,
        bias: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let scale = f64::from(grad.to_scalar::<f32>()?);
        let taken = self.gradients.lock().ok().and_then(|mut slot| slot.take());
        let Some(gradients) = taken else {
            candle_core::bail!("cross-entropy: backward was called twice");
        };
        let scaled = |data, like: &Tensor| -> Result<Option<Tensor>> {
            let gradient = tensor(data, like.shape())?;
            Ok(Some(if scale == 1.0 { gradient } else { (gradient * scale)? }))
        };
        Ok((scaled(gradients.hidden, hidden)?, scaled(gradients.embedding, embedding)?, scaled(gradients.bias, bias)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LogitBias, check};
    use super::*;
    use crate::nn::reference;

    fn losses() -> TokenLosses {
        let (targets, weights) = (vec![0, 3, 6, 2], vec![0.3, 0.5, 0.0, 0.2]);
        TokenLosses { targets, weights, biases: LogitBiases::default(), precision: Precision::F32 }
    }

    /// Two biases on the logits of every second row.
    fn biases(rows: usize, vocab: u32, parameters: u32) -> LogitBiases {
        let mut biases = LogitBiases::default();
        for row in 0..rows as u32 {
            let bias = |i: u32| LogitBias {
                token: (row + 3 * i) % vocab,
                parameters: [vocab + (row + i) % parameters, vocab + (2 * row + i) % parameters],
            };
            biases.push_row((0..if row % 2 == 0 { 2 } else { 0 }).map(bias));
        }
        biases
    }

    #[test]
    fn gradients_of_biases_on_single_logits_are_right() {
        let (h, e, b) = (check::normal(&[4, 3], 1), check::normal(&[7, 3], 2), check::normal(&[7 + 3], 3));
        let losses = || TokenLosses { biases: biases(4, 7, 3), ..losses() };
        check::gradients(&[&h, &e, &b], 1e-2, || cross_entropy(&h, &e, &b, losses()));
    }

    #[test]
    fn gradients_are_right() {
        let (h, e, b) = (check::normal(&[4, 3], 1), check::normal(&[7, 3], 2), check::normal(&[7], 3));
        check::gradients(&[&h, &e, &b], 1e-2, || cross_entropy(&h, &e, &b, losses()));
    }

    /// More rows than one block.
    #[test]
    fn the_reference_gives_the_same() {
        let rows = 600;
        let (h, e, b) = (check::normal(&[rows, 4], 1), check::normal(&[11, 4], 2), check::normal(&[11 + 4], 3));
        let targets: Vec<u32> = (0..rows as u32).map(|i| i * 7 % 11).collect();
        let losses = || TokenLosses {
            targets: targets.clone(),
            weights: (0..rows).map(|row| [0.0, 0.001, 0.002][row % 3]).collect(),
            biases: biases(rows, 11, 4),
            precision: Precision::F32,
        };
        check::reference(
            &[&h, &e, &b],
            1e-5,
            || cross_entropy(&h, &e, &b, losses()),
            || reference::cross_entropy(&h, &e, &b, &losses()),
        );
        let each = || Tensor::new(token_losses(&h, &e, &b, &targets, &losses().biases)?, h.device());
        check::reference(&[], 1e-6, each, || reference::token_losses(&h, &e, &b, &targets, &losses().biases));
    }

    /// candle-nn's own loss is the mean of the same.
    #[test]
    fn equal_weights_give_the_loss_of_candle_nn() {
        let (h, e, b) = (check::normal(&[4, 3], 1), check::normal(&[7, 3], 2), check::normal(&[7], 3));
        let losses = || TokenLosses { weights: vec![0.25; 4], ..losses() };
        check::reference(
            &[&h, &e, &b],
            1e-5,
            || cross_entropy(&h, &e, &b, losses()),
            || {
                let logits = h.matmul(&e.t()?)?.broadcast_add(&b)?;
                candle_nn::loss::cross_entropy(&logits, &Tensor::new(losses().targets, h.device())?)
            },
        );
    }
}
