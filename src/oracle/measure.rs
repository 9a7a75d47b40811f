//! Measures of sampled sequences and of a model.

use candle_core::Result;

use super::lstm::Oracle;
use super::task::Task;
use crate::nn::params::Weights;

/// Measures of a set of sequences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SequenceFigures {
    /// -log p under the oracle, in nats per token.
    pub nll_oracle: f64,
    /// -log p of held-out sequences of the oracle under the model, in nats per token; for the oracle itself, under the
    /// oracle.
    pub nll_held_out: f64,
    /// Distinct pairs of adjacent tokens divided by all pairs.
    pub distinct_2: f64,
    /// Share of sequences that occur once.
    pub unique: f64,
}

/// Measures `count` samples of the generator with these weights at the inverse temperature `alpha`.
///
/// # Errors
/// A failed tensor operation.
pub fn of_model(oracle: &Oracle, task: &Task, weights: &Weights, count: usize, alpha: f32) -> Result<SequenceFigures> {
    let samples = task.samples(weights, count, alpha)?;
    Ok(of_samples(oracle, &samples, task.held_out_nll(weights, alpha)?))
}

/// Measures samples, given the held-out NLL.
pub fn of_samples(oracle: &Oracle, samples: &[Vec<u32>], nll_held_out: f64) -> SequenceFigures {
    let nll_oracle = oracle.mean_nll(samples);
    SequenceFigures { nll_oracle, nll_held_out, distinct_2: distinct_2(samples), unique: unique(samples) }
}

/// Distinct pairs of adjacent tokens divided by all pairs (Li et al. 2016); 0 without pairs.
fn distinct_2(samples: &[Vec<u32>]) -> f64 {
    let mut pairs: Vec<&[u32]> = samples.iter().flat_map(|tokens| tokens.windows(2)).collect();
    let all = pairs.len();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.len() as f64 / all.max(1) as f64
}

/// The share of sequences that occur once; 0 without sequences.
fn unique(samples: &[Vec<u32>]) -> f64 {
    let mut sorted: Vec<&Vec<u32>> = samples.iter().collect();
    sorted.sort_unstable();
    let alone = sorted.chunk_by(|a, b| a == b).filter(|equal| equal.len() == 1).count();
    alone as f64 / samples.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_lowers_both_shares() {
        let same = vec![vec![1, 2, 3]; 4];
        assert_eq!((distinct_2(&same), unique(&same)), (0.25, 0.0));
        let mixed = [vec![1, 2, 3], vec![4, 5, 6], vec![1, 2, 3], vec![7, 8, 9]];
        assert_eq!((distinct_2(&mixed), unique(&mixed)), (0.75, 0.5));
        assert_eq!((distinct_2(&[]), unique(&[])), (0.0, 0.0));
        assert_eq!((distinct_2(&[vec![1]]), unique(&[vec![1]])), (0.0, 1.0));
    }
}
