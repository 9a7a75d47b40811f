//! The oracle of SeqGAN's synthetic task (Yu et al. 2017): an LSTM with random weights. Its distribution over sequences is
//! known exactly, so it can score samples of a model.
//!
//! Token 0 is the input of the first step and an ordinary token too; the initial state is zero; there is no end token.

use candle_core::Result;
use rayon::prelude::*;

use crate::nn::gumbel::{Key, gumbel_max};
use crate::nn::ops::{Matrix, lstm_cell};
use crate::nn::packed::{Packed, Start};
use crate::nn::{simd, threads};

/// Input of the first step.
const START: u32 = 0;
/// At most this many sequences are computed together by a thread, so that their logits fit into the second-level cache.
const GROUP: usize = 64;
/// NLL of 20 tokens 0 under SeqGAN's published oracle, in nats per token; it identifies that oracle.
const PUBLISHED: f64 = 13.9742;

/// The weights of an LSTM language model. Matrices are row-major [inputs, outputs]; no size is 0.
pub struct OracleWeights {
    pub vocab: usize,
    pub embed: usize,
    pub hidden: usize,
    /// [vocab, embed]
    pub embedding: Vec<f32>,
    /// [embed + hidden, 4 * hidden]; the gates are input, forget, candidate, output.
    pub gates: Vec<f32>,
    /// [4 * hidden]
    pub gate_bias: Vec<f32>,
    /// [hidden, vocab]
    pub output: Vec<f32>,
    /// [vocab]
    pub output_bias: Vec<f32>,
}

/// An LSTM language model, ready to score and to sample.
pub struct Oracle {
    vocab: usize,
    embed: usize,
    hidden: usize,
    /// [vocab, embed]
    embedding: Vec<f32>,
    /// [embed + hidden, 4 * hidden]; the gates are input, forget, candidate, output.
    gates: Packed,
    gate_bias: Vec<f32>,
    /// [hidden, vocab]
    output: Packed,
    output_bias: Vec<f32>,
}

/// The state of a batch of sequences, and buffers for a step.
struct Rows {
    cells: Vec<f32>,
    states: Vec<f32>,
    gates: Vec<f32>,
    /// [sequences, vocab]
    logits: Vec<f32>,
}

impl Oracle {
    pub fn new(weights: OracleWeights) -> Result<Oracle> {
        let OracleWeights { vocab, embed, hidden, embedding, gates, gate_bias, output, output_bias } = weights;
        Ok(Oracle {
            vocab,
            embed,
            hidden,
            embedding,
            gates: Packed::new(Matrix::new(&gates, embed + hidden, 4 * hidden)?)?,
            gate_bias,
            output: Packed::new(Matrix::new(&output, hidden, vocab)?)?,
            output_bias,
        })
    }

    /// Size of the vocabulary.
    pub fn vocab(&self) -> usize {
        self.vocab
    }

    /// Whether this is the oracle of the published figures, recognised by a score.
    pub fn is_published(&self) -> bool {
        (self.mean_nll(&[vec![0; 20]]) - PUBLISHED).abs() < 1e-3
    }

    /// -log p of each token of each sequence, in nats. Tokens must be below [`Oracle::vocab`].
    pub fn token_losses(&self, sequences: &[Vec<u32>]) -> Vec<Vec<f32>> {
        self.in_groups(sequences, |sequences| self.group_losses(sequences))
    }

    /// The mean of -log p over all tokens of all sequences, in nats; NaN without tokens.
    pub fn mean_nll(&self, sequences: &[Vec<u32>]) -> f64 {
        let losses = self.token_losses(sequences);
        let sum: f64 = losses.iter().flatten().map(|&loss| f64::from(loss)).sum();
        sum / losses.iter().map(Vec::len).sum::<usize>() as f64
    }

    /// One sequence of `time` tokens for each seed; it depends on its seed only.
    pub fn sample(&self, seeds: &[u64], time: usize) -> Vec<Vec<u32>> {
        self.in_groups(seeds, |seeds| self.group_samples(seeds, time))
    }

    /// Applies `work` to groups of `items` in parallel; results are in the order of the items.
    fn in_groups<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&[T]) -> Vec<R> + Sync + Send) -> Vec<R> {
        let group = items.len().div_ceil(threads::count()).clamp(1, GROUP);
        items.par_chunks(group).flat_map_iter(work).collect()
    }

    fn group_losses(&self, sequences: &[Vec<u32>]) -> Vec<Vec<f32>> {
        let longest = sequences.iter().map(Vec::len).max().unwrap_or(0);
        let mut losses: Vec<Vec<f32>> = sequences.iter().map(|tokens| Vec::with_capacity(tokens.len())).collect();
        let mut rows = Rows::new(self, sequences.len());
        for t in 0..longest {
            let before = |tokens: &Vec<u32>| t.checked_sub(1).and_then(|t| tokens.get(t)).copied().unwrap_or(START);
            self.step(&mut rows, sequences.iter().map(before));
            let logits = rows.logits.chunks_exact_mut(self.vocab);
            for ((tokens, losses), logits) in sequences.iter().zip(&mut losses).zip(logits) {
                losses.extend(tokens.get(t).map(|&token| loss(logits, token)));
            }
        }
        losses
    }

    /// Categorical sampling by the Gumbel-max trick; the noise is a function of seed and position.
    fn group_samples(&self, seeds: &[u64], time: usize) -> Vec<Vec<u32>> {
        let mut samples: Vec<Vec<u32>> = seeds.iter().map(|_| Vec::with_capacity(time)).collect();
        let mut rows = Rows::new(self, seeds.len());
        for position in 0..time {
            self.step(&mut rows, samples.iter().map(|tokens| tokens.last().copied().unwrap_or(START)));
            let logits = rows.logits.chunks_exact(self.vocab);
            for ((&seed, tokens), logits) in seeds.iter().zip(&mut samples).zip(logits) {
                tokens.push(gumbel_max(logits, Key { seed, position }, &[], 0, 1.0, simd::Arch::new()).0 as u32);
            }
        }
        samples
    }

    /// Feeds one token to each row; afterwards `rows.logits` are those of the next token.
    fn step(&self, rows: &mut Rows, tokens: impl Iterator<Item = u32>) {
        let Rows { cells, states, gates, logits } = rows;
        let mut x = Vec::with_capacity(states.len() / self.hidden * (self.embed + self.hidden));
        for (token, state) in tokens.zip(states.chunks_exact(self.hidden)) {
            x.extend_from_slice(&self.embedding[token as usize * self.embed..][..self.embed]);
            x.extend_from_slice(state);
        }
        self.gates.multiply(gates, Start::Bias(&self.gate_bias), &x); // [rows, 4 * hidden]
        let each = cells.chunks_exact_mut(self.hidden).zip(states.chunks_exact_mut(self.hidden));
        for (gates, (cell, state)) in gates.chunks_exact_mut(4 * self.hidden).zip(each) {
            simd::vectorised(
                #[inline(always)]
                || lstm_cell(gates, cell, state),
            );
        }
        self.output.multiply(logits, Start::Bias(&self.output_bias), states); // [rows, vocab]
    }
}

impl Rows {
    fn new(oracle: &Oracle, count: usize) -> Rows {
        let zeros = |columns: usize| vec![0.0; count * columns];
        Rows {
            cells: zeros(oracle.hidden),
            states: zeros(oracle.hidden),
            gates: zeros(4 * oracle.hidden),
            logits: zeros(oracle.vocab),
        }
    }
}

/// -log softmax(logits)[token]; overwrites the logits.
fn loss(logits: &mut [f32], token: u32) -> f32 {
    simd::vectorised(
        #[inline(always)]
        || {
            let largest = simd::max(logits);
            let logit = logits[token as usize] - largest;
            simd::exp_in_place(logits, 1.0, largest).ln() - logit
        },
    )
}

#[cfg(test)]
mod tests;
