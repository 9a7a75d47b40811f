//! The Gumbel-softmax relaxation (Jang et al. 2016; Maddison et al. 2016) from the generator's hidden state to the
//! discriminator's embedding, without storing the probabilities of a whole minibatch.
//!
//! perturbed = hidden embedding^T + bias + g; relaxed = softmax(beta * perturbed) over the content tokens; the result is
//! relaxed · table. The Gumbel noise g is recomputed from the keys of the sampled tokens. Rows with known
//! [`Peaks`] are computed from these tokens only.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::super::gumbel::{self, Key};
use super::super::packed::Start;
use super::super::peaks::Peaks;
use super::super::product::Weight;
use super::super::simd;
use super::head::{Head, HeadGradients, gather, scatter};
use super::linear::column_sums;
use super::sparse_head::{Entry, add_entries};
use super::{Elements, LogitBiases, Matrix, Precision, Scratch, buffer, operand, tensor};

/// Inputs of the relaxation besides the logits.
pub struct Relaxed {
    /// The sampled token of each row.
    pub tokens: Vec<u32>,
    /// The Gumbel noise that each row was sampled with.
    pub gumbel: Vec<Key>,
    /// The peaks of each row at this `beta`, where there are any.
    pub peaks: Vec<Option<Peaks>>,
    /// Biases on single logits.
    pub biases: LogitBiases,
    /// Tokens below this id are special tokens. Rows that sampled one have no gradient and are not computed.
    pub first_content: usize,
    /// Inverse temperature.
    pub beta: f32,
    /// Return the relaxed embedding; otherwise that of the sampled token, with the relaxed gradient (straight-through).
    pub soft: bool,
    /// Embedding of the discriminator, [vocab, columns]; no gradient reaches it.
    pub table: Tensor,
    /// Of the products with the embedding and the table.
    pub precision: Precision,
}

/// Embedding of the relaxed tokens, [rows, columns], with gradients for hidden [rows, width], embedding [vocab, width]
/// and bias [vocab, then the parameters of the biases on single logits].
pub fn relaxed_embedding(hidden: &Tensor, embedding: &Tensor, bias: &Tensor, relaxed: Relaxed) -> Result<Tensor> {
    hidden.contiguous()?.apply_op3(embedding, bias, relaxed)
}

/// What both passes read.
struct Inputs<'a> {
    hidden: &'a [f32],    // [rows, width]
    embedding: &'a [f32], // [vocab, width]
    bias: &'a [f32],      // [vocab + parameters of single logits]
    table: &'a [f32],     // [vocab, columns]
    grad: &'a [f32],      // [rows, columns]; empty in the forward pass
}

impl Relaxed {
    /// The rows that are relaxed over all content tokens.
    fn dense(&self) -> Vec<usize> {
        self.content().filter(|&row| self.peaks[row].is_none()).collect()
    }

    /// The rows with peaks, and these.
    fn sparse(&self) -> impl Iterator<Item = (usize, &[(u32, f32)])> {
        self.content().filter_map(|row| Some((row, self.peaks[row].as_ref()?.tokens.as_slice())))
    }

    fn content(&self) -> impl Iterator<Item = usize> {
        (0..self.tokens.len()).filter(|&row| self.tokens[row] as usize >= self.first_content)
    }

    /// Adds the biases and the Gumbel noise of row `row` to its logits and replaces them by
    /// exp(beta (perturbed - largest)), those of special tokens by 0. Returns the sum.
    fn exponentials(&self, logits: &mut [f32], row: usize, parameters: &[f32]) -> f32 {
        self.biases.add(row, logits, parameters);
        gumbel::add_gumbel(logits, self.gumbel[row]);
        let (special, content) = logits.split_at_mut(self.first_content);
        special.fill(0.0);
        simd::vectorised(
            #[inline(always)]
            || {
                let largest = simd::max(content);
                simd::exp_in_place(content, self.beta, largest)
            },
        )
    }

    /// The relaxed embeddings of the dense rows.
    fn dense_forward(&self, out: &mut [f32], rows: &[usize], x: &Inputs) -> Result<()> {
        let (vocab, columns) = (self.vocab(), self.columns());
        let table = Weight::new(Matrix::new(x.table, vocab, columns)?, self.precision)?;
        let head = Head::new(x.embedding, &x.bias[..vocab], self.precision)?;
        let relaxed = head.each_chunk(x.hidden, rows, |logits, rows| {
            for (logits, &row) in logits.chunks_exact_mut(vocab).zip(rows) {
                let scale = 1.0 / self.exponentials(logits, row, x.bias);
                logits.iter_mut().for_each(|x| *x *= scale);
            }
            let mut relaxed = buffer(rows.len() * columns);
            table.multiply(&mut relaxed, Start::Zero, logits)?;
            Ok(relaxed)
        })?;
        scatter(out, rows, &relaxed.concat(), columns);
        Ok(())
    }

    /// The relaxed embeddings of the rows with peaks. The tokens left out share the mean row of the table.
    fn sparse_forward(&self, out: &mut [f32], table: &[f32]) {
        let columns = self.columns();
        let rest = self.mean_row(table);
        for (row, peaks) in self.sparse() {
            let out = &mut out[row * columns..(row + 1) * columns];
            let mut left_out = 1.0;
            for &(token, p) in peaks {
                simd::axpy(out, p, &table[token as usize * columns..(token as usize + 1) * columns]);
                left_out -= p;
            }
            simd::axpy(out, left_out, &rest);
        }
    }

    /// Backward pass of the softmax: the gradient of the logits is beta * p * (dp - sum(p dp)).
    fn dense_backward(&self, rows: &[usize], x: &Inputs) -> Result<HeadGradients> {
        let (columns, vocab) = (self.columns(), self.vocab());
        let head = Head::new(x.embedding, &x.bias[..vocab], self.precision)?;
        let table = Weight::new(Matrix::new(x.table, vocab, columns)?.transpose(), self.precision)?;
        let (of_biases, mut gradients) = head.gradients(x.hidden, rows, |logits, rows| {
            let mut drelaxed = Scratch::new(logits.len());
            table.multiply(&mut drelaxed, Start::Zero, &gather(x.grad, rows, columns))?;
            let all = logits.chunks_exact_mut(vocab).zip(drelaxed.chunks_exact(vocab)).zip(rows);
            for ((p, dp), &row) in all {
                let total = self.exponentials(p, row, x.bias);
                simd::vectorised(
                    #[inline(always)]
                    || {
                        let mean = simd::dot(p, dp) / total;
                        let scale = self.beta / total;
                        p.iter_mut().zip(dp).for_each(|(p, dp)| *p *= scale * (dp - mean));
                    },
                );
            }
            Ok(self.biases.gradients(rows, logits))
        })?;
        gradients.bias.resize(x.bias.len(), 0.0);
        self.biases.scatter(&mut gradients.bias, rows, &of_biases.concat());
        Ok(gradients)
    }

    /// The gradient of the logits of the peaks, as in `dense_backward`.
    fn sparse_backward(&self, table: &[f32], grad: &[f32]) -> Vec<Entry> {
        let columns = self.columns();
        let rest = self.mean_row(table);
        let at = |index: usize| index * columns..(index + 1) * columns;
        let mut entries = Vec::new();
        for (row, peaks) in self.sparse() {
            let first = entries.len();
            simd::vectorised(
                #[inline(always)]
                || {
                    let (mut mean, mut left_out) = (0.0, 1.0);
                    for &(token, p) in peaks {
                        let token = token as usize;
                        let dp = simd::dot(&grad[at(row)], &table[at(token)]);
                        entries.push(Entry { row, token, gradient: dp });
                        (mean, left_out) = (p.mul_add(dp, mean), left_out - p);
                    }
                    mean += left_out * simd::dot(&grad[at(row)], &rest);
                    for (entry, (_, p)) in entries[first..].iter_mut().zip(peaks) {
                        entry.gradient = self.beta * p * (entry.gradient - mean);
                    }
                },
            );
        }
        entries
    }

    fn backward(&self, x: &Inputs) -> Result<HeadGradients> {
        let dense = self.dense();
        let mut gradients = if dense.is_empty() {
            HeadGradients::zeros(x.hidden.len(), x.embedding.len(), x.bias.len())
        } else {
            self.dense_backward(&dense, x)?
        };
        let entries = self.sparse_backward(x.table, x.grad);
        add_entries(&mut gradients, &entries, x.hidden, x.embedding, self.vocab());
        for &Entry { row, token, gradient } in &entries {
            self.biases.scatter_one(&mut gradients.bias, row, token, gradient);
        }
        Ok(gradients)
    }

    /// Mean of the content tokens' rows.
    fn mean_row(&self, table: &[f32]) -> Vec<f32> {
        let content = &table[self.first_content * self.columns()..];
        let mut mean = column_sums(content, self.columns());
        let count = (content.len() / self.columns()) as f32;
        mean.iter_mut().for_each(|x| *x /= count);
        mean
    }

    fn vocab(&self) -> usize {
        self.table.dims()[0]
    }

    fn columns(&self) -> usize {
        self.table.dims()[1]
    }
}

impl CustomOp3 for Relaxed {
    fn name(&self) -> &'static str {
        "relaxed-embedding"
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
        let table = Elements::of(&self.table);
        let (table, columns) = (table.slice()?, self.columns());
        let mut out = buffer(self.tokens.len() * columns);
        if self.soft {
            let dense = self.dense();
            if !dense.is_empty() {
                let (hidden, embedding) = (operand(hidden, hidden_layout)?, operand(embedding, embedding_layout)?);
                let bias = operand(bias, bias_layout)?;
                self.dense_forward(&mut out, &dense, &Inputs { hidden, embedding, bias, table, grad: &[] })?;
            }
            self.sparse_forward(&mut out, table);
        }
        for (row, &token) in out.chunks_exact_mut(columns).zip(&self.tokens) {
            if !self.soft || (token as usize) < self.first_content {
                row.copy_from_slice(&table[token as usize * columns..(token as usize + 1) * columns]);
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((self.tokens.len(), columns))))
    }

    fn bwd(
        &self,
        hidden: &Tensor,
        embedding: &Tensor,
        bias: &Tensor,
        _res: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let gradients = {
            let (hidden, embedding, bias) = (Elements::of(hidden), Elements::of(embedding), Elements::of(bias));
            let (table, grad) = (Elements::of(&self.table), Elements::of(&grad));
            let (hidden, embedding, bias) = (hidden.slice()?, embedding.slice()?, bias.slice()?);
            self.backward(&Inputs { hidden, embedding, bias, table: table.slice()?, grad: grad.slice()? })?
        };
        Ok((
            Some(tensor(gradients.hidden, hidden.shape())?),
            Some(tensor(gradients.embedding, embedding.shape())?),
            Some(tensor(gradients.bias, bias.shape())?),
        ))
    }
}

#[cfg(test)]
mod tests;
