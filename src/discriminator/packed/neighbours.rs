//! The neighbours head without a graph: what [`neighbours::scores`](super::super::neighbours::scores) computes for one poem.

use candle_core::Result;

use super::super::grid::TAIL;
use super::super::neighbours::{COLUMNS, NAMES, RELATIONS, Relation, SLOWNESS, THRESHOLDS, at_zero};
use crate::config::NEIGHBOUR_RANKS;
use crate::nn::dense::vector;
use crate::nn::params::Weights;
use crate::nn::simd;

pub struct NeighboursHead {
    factors: Vec<f32>,
    thresholds: Vec<f32>,
}

impl NeighboursHead {
    pub fn new(weights: &Weights) -> Result<NeighboursHead> {
        let factors = vector(weights, NAMES[0])?.into_iter().map(|x| x * SLOWNESS as f32).collect();
        Ok(NeighboursHead { factors, thresholds: vector(weights, NAMES[1])? })
    }

    /// The score of a poem for the rows of its lines' ends x [lines, TAIL, COLUMNS], zeros for padding, of so many `tokens`.
    pub fn score(&self, x: &[f32], tokens: usize) -> f32 {
        let lines: Vec<Vec<&[f32]>> =
            x.chunks_exact(TAIL * COLUMNS).map(|line| line.chunks_exact(COLUMNS).collect()).collect();
        let (mut sum, mut first, mut factor) = (0.0, 0, 0);
        for (kind, (relation, rank)) in RELATIONS.into_iter().zip(NEIGHBOUR_RANKS).enumerate() {
            let factors = &self.factors[factor..factor + rank];
            let thresholds = &self.thresholds[kind * THRESHOLDS.len()..(kind + 1) * THRESHOLDS.len()];
            for (a, b) in pairs(relation, &lines) {
                let (a, b) = (&a[first..first + rank], &b[first + rank..first + 2 * rank]);
                let information =
                    a.iter().zip(b).zip(factors).fold(0.0, |sum, ((a, b), weight)| (a * weight).mul_add(*b, sum));
                sum += saturating(information, thresholds);
            }
            (first, factor) = (first + 2 * rank, factor + rank);
        }
        sum / (tokens as f32).max(1.0).sqrt()
    }
}

/// The tokens of all pairs of a kind.
fn pairs<'a>(relation: Relation, lines: &[Vec<&'a [f32]>]) -> Vec<(&'a [f32], &'a [f32])> {
    let both = |a: &[&'a [f32]], b: &[&'a [f32]]| a.iter().copied().zip(b.iter().copied()).collect::<Vec<_>>();
    match relation {
        Relation::Distance(n) => lines.iter().flat_map(|line| both(line, &line[n..])).collect(),
        Relation::Lines(start) => {
            let couplets = lines.get(start..).unwrap_or_default().chunks_exact(2);
            couplets.flat_map(|lines| both(&lines[0], &lines[1])).collect()
        }
    }
}

fn saturating(information: f32, weights: &[f32]) -> f32 {
    let function = |threshold: f64| at_zero(threshold) as f32 - simd::softplus(threshold as f32 - information);
    THRESHOLDS.into_iter().zip(weights).map(|(threshold, weight)| weight * function(threshold)).sum()
}
