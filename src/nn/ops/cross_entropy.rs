//! Softmax cross-entropy of the tied output layer, logits included: they exist only for a block of rows at a time, and
//! the gradient is formed in place of them.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;
use std::sync::{Arc, Mutex};

use super::super::simd;
use super::linear::column_sums;
use super::{Elements, Matrix, buffer, matmul, operand, tensor};

/// Rows whose logits exist at one time.
pub(super) const BLOCK: usize = 512;

/// Targets of a minibatch and what each of them counts.
pub struct TokenLosses {
    pub targets: Vec<u32>,
    /// One weight a row; 0 for padding. The loss is the weighted sum, so weights that sum to 1 make it a mean.
    pub weights: Vec<f32>,
}

/// Weighted sum of -log softmax(hidden embedding^T + bias)[target] (nats) as a scalar, with gradients, for hidden
/// [rows, width], embedding [vocab, width], bias [vocab].
pub fn cross_entropy(hidden: &Tensor, embedding: &Tensor, bias: &Tensor, losses: TokenLosses) -> Result<Tensor> {
    let gradients = Arc::new(Mutex::new(None));
    hidden.contiguous()?.apply_op3(embedding, bias, CrossEntropy { losses, gradients })
}

/// -log softmax(hidden embedding^T + bias)[target] of every row, in nats, without a graph.
pub fn token_losses(hidden: &Tensor, embedding: &Tensor, bias: &Tensor, targets: &[u32]) -> Result<Vec<f32>> {
    let hidden = hidden.contiguous()?;
    let (hidden, embedding, bias) = (Elements::of(&hidden), Elements::of(embedding), Elements::of(bias));
    let head = Head { embedding: embedding.slice()?, bias: bias.slice()? };
    let hidden = hidden.slice()?;
    let mut logits = buffer(BLOCK.min(targets.len()) * head.vocab());
    let mut losses = Vec::with_capacity(targets.len());
    for (hidden, targets) in hidden.chunks(BLOCK * head.width()).zip(targets.chunks(BLOCK)) {
        let logits = &mut logits[..targets.len() * head.vocab()];
        head.logits(logits, hidden);
        losses.par_extend(logits.par_chunks_mut(head.vocab()).zip(targets).map(|(row, &target)| {
            simd::vectorised(
                #[inline(always)]
                || softmax_in_place(row, target, 1.0),
            )
        }));
    }
    Ok(losses)
}

/// The tied output layer.
pub(super) struct Head<'a> {
    /// [vocab, width]
    pub embedding: &'a [f32],
    /// [vocab]
    pub bias: &'a [f32],
}

impl Head<'_> {
    pub fn vocab(&self) -> usize {
        self.bias.len()
    }

    pub fn width(&self) -> usize {
        self.embedding.len() / self.bias.len()
    }

    fn matrix(&self) -> Matrix<'_> {
        Matrix::new(self.embedding, self.vocab(), self.width())
    }

    /// Fills `logits` [rows, vocab] for `hidden` [rows, width].
    pub fn logits(&self, logits: &mut [f32], hidden: &[f32]) {
        logits.par_chunks_mut(self.vocab()).for_each(|row| row.copy_from_slice(self.bias));
        let hidden = Matrix::new(hidden, hidden.len() / self.width(), self.width());
        matmul(logits, hidden, self.matrix().transpose(), true);
    }
}

/// Gradients of the output layer, summed block by block.
pub(super) struct HeadGradients {
    /// [rows, width]; 0 where a row is in no block.
    pub hidden: Vec<f32>,
    pub embedding: Vec<f32>,
    pub bias: Vec<f32>,
}

/// The rows of `matrix` [.., width] that `rows` names, one below the other.
pub(super) fn gather(matrix: &[f32], rows: &[usize], width: usize) -> Vec<f32> {
    rows.iter().flat_map(|row| &matrix[row * width..(row + 1) * width]).copied().collect()
}

impl HeadGradients {
    pub fn new(head: &Head, rows: usize) -> HeadGradients {
        HeadGradients {
            hidden: buffer(rows * head.width()),
            embedding: buffer(head.embedding.len()),
            bias: buffer(head.vocab()),
        }
    }

    /// Adds a block: the rows `rows` of the hidden states, gathered in `hidden`, and their gradient in the logits.
    pub fn add_block(&mut self, head: &Head, rows: &[usize], hidden: &[f32], dlogits: &[f32]) {
        let width = head.width();
        let dlogits_matrix = Matrix::new(dlogits, rows.len(), head.vocab());
        let mut dhidden = buffer(hidden.len());
        matmul(&mut dhidden, dlogits_matrix, head.matrix(), false);
        for (dhidden, row) in dhidden.chunks_exact(width).zip(rows) {
            self.hidden[row * width..(row + 1) * width].copy_from_slice(dhidden);
        }
        matmul(&mut self.embedding, dlogits_matrix.transpose(), Matrix::new(hidden, rows.len(), width), true);
        self.bias.iter_mut().zip(column_sums(dlogits, head.vocab())).for_each(|(sum, x)| *sum += x);
    }
}

/// Replaces the logits by `weight` times their softmax and returns -log softmax[target].
#[inline(always)]
fn softmax_in_place(row: &mut [f32], target: u32, weight: f32) -> f32 {
    let largest = simd::max(row);
    let logit = row[target as usize] - largest;
    let total = simd::exp_in_place(row, 1.0, largest);
    let scale = weight / total;
    row.iter_mut().for_each(|x| *x *= scale);
    total.ln() - logit
}

struct CrossEntropy {
    losses: TokenLosses,
    /// Formed in the forward pass, where the logits are; taken by the backward pass.
    gradients: Arc<Mutex<Option<HeadGradients>>>,
}

impl CrossEntropy {
    /// The loss and its gradients. Rows that count nothing cost nothing.
    fn run(&self, head: &Head, hidden: &[f32]) -> (f32, HeadGradients) {
        let TokenLosses { targets, weights } = &self.losses;
        let mut gradients = HeadGradients::new(head, targets.len());
        let counted: Vec<usize> = (0..targets.len()).filter(|&row| weights[row] != 0.0).collect();
        let mut logits = buffer(BLOCK.min(counted.len()) * head.vocab());
        let mut total = 0.0;
        for rows in counted.chunks(BLOCK) {
            let logits = &mut logits[..rows.len() * head.vocab()];
            let hidden = gather(hidden, rows, head.width());
            head.logits(logits, &hidden);
            let losses = logits.par_chunks_mut(head.vocab()).zip(rows).map(|(logits, &row)| {
                simd::vectorised(
                    #[inline(always)]
                    || {
                        let loss = softmax_in_place(logits, targets[row], weights[row]);
                        logits[targets[row] as usize] -= weights[row];
                        weights[row] * loss
                    },
                )
            });
            total += losses.collect::<Vec<f32>>().iter().map(|&loss| f64::from(loss)).sum::<f64>();
            gradients.add_block(head, rows, &hidden, logits);
        }
        (total as f32, gradients)
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
        let head = Head { embedding: operand(embedding, embedding_layout)?, bias: operand(bias, bias_layout)? };
        let (loss, gradients) = self.run(&head, operand(hidden, hidden_layout)?);
        if let Ok(mut slot) = self.gradients.lock() {
            *slot = Some(gradients);
        }
        Ok((CpuStorage::F32(vec![loss]), Shape::from(())))
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
    use super::super::check;
    use super::*;

    fn losses() -> TokenLosses {
        TokenLosses { targets: vec![0, 3, 6, 2], weights: vec![0.3, 0.5, 0.0, 0.2] }
    }

    #[test]
    fn gradients_are_right() {
        let (h, e, b) = (check::normal(&[4, 3], 1), check::normal(&[7, 3], 2), check::normal(&[7], 3));
        check::gradients(&[&h, &e, &b], 1e-2, || cross_entropy(&h, &e, &b, losses()));
    }

    #[test]
    fn blocks_give_what_plain_operations_give() {
        let rows = BLOCK + 37;
        let (h, e, b) = (check::normal(&[rows, 4], 1), check::normal(&[11, 4], 2), check::normal(&[11], 3));
        let targets: Vec<u32> = (0..rows as u32).map(|i| i * 7 % 11).collect();
        let weights = vec![1.0 / rows as f32; rows];
        let logits = h.matmul(&e.t().unwrap()).unwrap().broadcast_add(&b).unwrap();
        let ids = Tensor::new(targets.as_slice(), h.device()).unwrap();
        let plain = candle_nn::loss::cross_entropy(&logits, &ids).unwrap();
        let each = token_losses(&h, &e, &b, &targets).unwrap();
        let fused = cross_entropy(&h, &e, &b, TokenLosses { targets, weights }).unwrap();
        let value = |t: &Tensor| t.to_scalar::<f32>().unwrap();
        assert!((value(&plain) - value(&fused)).abs() < 1e-5);
        assert!((each.iter().sum::<f32>() / rows as f32 - value(&plain)).abs() < 1e-5);
        let (plain, fused) = (plain.backward().unwrap(), fused.backward().unwrap());
        for var in [&h, &e, &b] {
            let difference = (plain.get(var).unwrap() - fused.get(var).unwrap()).unwrap().abs().unwrap();
            assert!(value(&difference.flatten_all().unwrap().max(0).unwrap()) < 1e-6);
        }
    }
}
