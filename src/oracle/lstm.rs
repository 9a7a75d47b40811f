//! The oracle of SeqGAN's synthetic task (Yu et al. 2017): an LSTM with random weights whose distribution over sequences
//! is known exactly, so that samples of a model can be scored by it.
//!
//! Token 0 starts every sequence and is an ordinary token too; the state begins with zeros; there is no end.

use candle_core::Result;
use rayon::prelude::*;

use crate::nn::gumbel::{Key, gumbel_max};
use crate::nn::ops::{Matrix, lstm_cell};
use crate::nn::packed::{Packed, Start};
use crate::nn::{simd, threads};

/// Input of the first step.
const START: u32 = 0;
/// Most sequences that one thread computes together: their logits stay in the second-level cache.
const GROUP: usize = 64;
/// What the first 20 tokens of SeqGAN's oracle score when all of them are 0, in nats per token: no other oracle does.
const PUBLISHED: f64 = 13.9742;

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

/// The state of some sequences, and room for what a step computes.
struct Rows {
    cells: Vec<f32>,
    states: Vec<f32>,
    gates: Vec<f32>,
    /// [sequences, vocab]
    logits: Vec<f32>,
}

impl Oracle {
    /// `vocab`, `embed` and `hidden` are its sizes, none of them 0; weights are row-major [inputs, outputs] with their
    /// biases: `gates` [embed + hidden, 4 * hidden], `output` [hidden, vocab].
    pub fn new(
        (vocab, embed, hidden): (usize, usize, usize),
        embedding: Vec<f32>,
        gates: (&[f32], Vec<f32>),
        output: (&[f32], Vec<f32>),
    ) -> Result<Oracle> {
        Ok(Oracle {
            vocab,
            embed,
            hidden,
            embedding,
            gates: Packed::new(Matrix::new(gates.0, embed + hidden, 4 * hidden)?)?,
            gate_bias: gates.1,
            output: Packed::new(Matrix::new(output.0, hidden, vocab)?)?,
            output_bias: output.1,
        })
    }

    /// Tokens of its vocabulary.
    pub fn vocab(&self) -> usize {
        self.vocab
    }

    /// Whether it is the oracle that the published figures were measured with, by what it scores.
    pub fn is_published(&self) -> bool {
        (self.mean_nll(&[vec![0; 20]]) - PUBLISHED).abs() < 1e-3
    }

    /// -log p of each token of each sequence, in nats. Tokens must be of its vocabulary.
    pub fn token_losses(&self, sequences: &[Vec<u32>]) -> Vec<Vec<f32>> {
        self.in_groups(sequences, |sequences| self.group_losses(sequences))
    }

    /// The mean of -log p over all tokens of all sequences, in nats; not a number where there are none.
    pub fn mean_nll(&self, sequences: &[Vec<u32>]) -> f64 {
        let losses = self.token_losses(sequences);
        let sum: f64 = losses.iter().flatten().map(|&loss| f64::from(loss)).sum();
        sum / losses.iter().map(Vec::len).sum::<usize>() as f64
    }

    /// One sequence of `time` tokens for each seed. It depends on its seed alone.
    pub fn sample(&self, seeds: &[u64], time: usize) -> Vec<Vec<u32>> {
        self.in_groups(seeds, |seeds| self.group_samples(seeds, time))
    }

    /// Computes groups of `items` in parallel; what they give comes in the order of the items.
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

    /// Categorical draws by the Gumbel arg max, whose noise is a function of seed and position.
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

    /// Reads one token into each row; afterwards the logits are those of the next.
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

/// -log softmax(logits)[token]; the logits are used up.
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
