//! The theme head without a graph: what [`theme::scores`](super::super::theme::scores) computes for one poem.

use candle_core::Result;

use super::super::theme::{BOUND, NAMES, SLOWNESS, pair_shares};
use super::Rows;
use crate::config::AXES;
use crate::nn::dense::vector;
use crate::nn::params::Weights;

pub struct ThemeHead {
    products: Vec<f32>,
    squares: Vec<f32>,
    offset: f32,
}

impl ThemeHead {
    pub fn new(weights: &Weights) -> Result<ThemeHead> {
        let slow = |name: &str| -> Result<Vec<f32>> {
            Ok(vector(weights, name)?.into_iter().map(|x| x * SLOWNESS as f32).collect())
        };
        Ok(ThemeHead { products: slow(NAMES[0])?, squares: slow(NAMES[1])?, offset: slow(NAMES[2])?[0] })
    }

    /// The score of a poem for the coordinates of the tokens of each couplet.
    pub fn score(&self, couplets: &[Rows]) -> f32 {
        let tokens: Vec<f32> = couplets.iter().map(|couplet| couplet.len() as f32).collect();
        let means: Vec<Vec<f32>> = couplets.iter().map(mean).collect();
        let shares = pair_shares(&tokens, couplets.len().max(2));
        means.windows(2).zip(shares).map(|(pair, share)| share * self.ratio(&pair[0], &pair[1])).sum()
    }

    /// The bounded likelihood ratio of a pair.
    fn ratio(&self, a: &[f32], b: &[f32]) -> f32 {
        let mut ratio = self.offset;
        for (axis, (a, b)) in a.iter().zip(b).enumerate() {
            ratio += self.products[axis] * a * b - self.squares[axis] * 0.5 * (a * a + b * b);
        }
        let bound = BOUND as f32;
        bound * libm::tanhf(ratio / bound)
    }
}

fn mean(rows: &Rows) -> Vec<f32> {
    let mut mean = vec![0.0; AXES];
    for row in rows {
        mean.iter_mut().zip(*row).for_each(|(mean, x)| *mean += x);
    }
    mean.iter_mut().for_each(|x| *x /= (rows.len() as f32).max(1.0));
    mean
}
