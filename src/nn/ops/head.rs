//! The tied output layer and its gradients, a block of rows at a time, so that the logits stay in the L2 cache from the
//! product to their gradient and are never stored for a whole minibatch.

use candle_core::Result;
use rayon::prelude::*;

use super::super::packed::{CHUNK, Start};
use super::super::product::{Weight, matmul};
use super::linear::column_sums;
use super::{Matrix, Precision, Scratch, buffer};

/// Rows whose logit gradients are stored at a time: the product for the gradient of the embedding needs many.
const BLOCK: usize = 8 * CHUNK;

/// logits = hidden embedding^T + bias.
pub struct Head<'a> {
    /// [vocab, width]
    embedding: &'a [f32],
    /// [vocab]
    bias: &'a [f32],
    to_logits: Weight,
    precision: Precision,
}

/// Gradients of the output layer, summed over rows.
pub struct HeadGradients {
    /// [rows, width]; 0 in rows that were left out.
    pub hidden: Vec<f32>,
    /// [vocab, width]
    pub embedding: Vec<f32>,
    /// [vocab]
    pub bias: Vec<f32>,
}

impl HeadGradients {
    pub fn zeros(hidden: usize, embedding: usize, bias: usize) -> HeadGradients {
        HeadGradients { hidden: buffer(hidden), embedding: buffer(embedding), bias: buffer(bias) }
    }
}

impl<'a> Head<'a> {
    pub fn new(embedding: &'a [f32], bias: &'a [f32], precision: Precision) -> Result<Head<'a>> {
        let width = embedding.len().checked_div(bias.len()).unwrap_or(0);
        let to_logits = Weight::new(Matrix::new(embedding, bias.len(), width)?.transpose(), precision)?;
        Ok(Head { embedding, bias, to_logits, precision })
    }

    /// Calls `work` with chunks of `rows`, and with the logits [chunk, vocab] of these rows of `hidden` [.., width]. The
    /// results are in the order of the chunks.
    pub fn each_chunk<R: Send>(
        &self,
        hidden: &[f32],
        rows: &[usize],
        work: impl Fn(&mut [f32], &[usize]) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        let (width, vocab) = self.to_logits.shape();
        let chunks = rows.par_chunks(CHUNK).map(|rows| {
            let hidden = gather(hidden, rows, width);
            let mut logits = Scratch::new(rows.len() * vocab);
            self.to_logits.multiply(&mut logits, Start::Bias(self.bias), &hidden)?;
            work(&mut logits, rows)
        });
        chunks.collect()
    }

    /// The gradients from these `rows` of `hidden`, and what `differentiate` returns for each chunk of them, in order.
    /// `differentiate` replaces the logits of a chunk of rows, [chunk, vocab], by the gradient of the loss in them.
    pub fn gradients<R: Send>(
        &self,
        hidden: &[f32],
        rows: &[usize],
        differentiate: impl Fn(&mut [f32], &[usize]) -> Result<R> + Sync,
    ) -> Result<(Vec<R>, HeadGradients)> {
        let (width, vocab) = self.to_logits.shape();
        let to_hidden = Weight::new(Matrix::new(self.embedding, vocab, width)?, self.precision)?;
        let mut results = Vec::new();
        let mut gradients = HeadGradients::zeros(hidden.len(), self.embedding.len(), vocab);
        for rows in rows.chunks(BLOCK) {
            let hidden = gather(hidden, rows, width);
            let (mut dhidden, mut dlogits) = (Scratch::new(hidden.len()), Scratch::new(rows.len() * vocab));
            let chunks = dlogits.par_chunks_mut(CHUNK * vocab).zip(dhidden.par_chunks_mut(CHUNK * width));
            let chunks = chunks.zip(hidden.par_chunks(CHUNK * width)).zip(rows.par_chunks(CHUNK));
            let sums = chunks.map(|(((dlogits, dhidden), hidden), rows)| {
                self.to_logits.multiply(dlogits, Start::Bias(self.bias), hidden)?;
                let value = differentiate(dlogits, rows)?;
                to_hidden.multiply(dhidden, Start::Zero, dlogits)?;
                Ok((value, column_sums(dlogits, vocab)))
            });
            for (value, dbias) in sums.collect::<Result<Vec<_>>>()? {
                results.push(value);
                gradients.bias.iter_mut().zip(dbias).for_each(|(sum, x)| *sum += x);
            }
            let dlogits = Matrix::new(&dlogits, rows.len(), vocab)?.transpose();
            let hidden = Matrix::new(&hidden, rows.len(), width)?;
            matmul(&mut gradients.embedding, dlogits, hidden, true, self.precision)?;
            scatter(&mut gradients.hidden, rows, &dhidden, width);
        }
        Ok((results, gradients))
    }
}

/// These `rows` of `matrix` [.., width], stacked.
pub fn gather(matrix: &[f32], rows: &[usize], width: usize) -> Vec<f32> {
    rows.iter().flat_map(|row| &matrix[row * width..(row + 1) * width]).copied().collect()
}

/// The inverse of `gather`: copies the rows of `part` to these `rows` of `matrix`.
pub fn scatter(matrix: &mut [f32], rows: &[usize], part: &[f32], width: usize) {
    for (part, row) in part.chunks_exact(width).zip(rows) {
        matrix[row * width..(row + 1) * width].copy_from_slice(part);
    }
}
