//! Opinions of a trained discriminator, without a graph: what the dashboard and `write` show.

use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;

use super::{Discriminator, Grid, table};
use crate::config::DiscriminatorConfig;
use crate::generator::{Marks, Sequences};
use crate::nn::params::Weights;

/// Probabilities of being real, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub poem: f32,
    pub lines: Vec<f32>,
}

/// A discriminator that only judges.
pub struct Judge {
    config: DiscriminatorConfig,
    weights: Weights,
    table: Tensor,
    marks: Marks,
}

impl Judge {
    /// `weights` are frozen, and normalised where the loss asks for that.
    pub fn new(config: &DiscriminatorConfig, weights: Weights, fixed: Option<&Tensor>, marks: Marks) -> Result<Judge> {
        let table = table(&weights, fixed)?;
        Ok(Judge { config: config.clone(), weights, table, marks })
    }

    /// One judgement for each poem. It does not depend on the other poems of the batch, bit for bit: each poem is laid
    /// out and computed alone.
    pub fn judge(&self, batch: &Sequences) -> Result<Vec<Judgement>> {
        (0..batch.count).into_par_iter().map(|poem| self.judge_one(batch.poem(poem))).collect()
    }

    fn judge_one(&self, poem: &[u32]) -> Result<Judgement> {
        let batch = Sequences::new(&[poem], Vec::new(), self.marks);
        let discriminator = Discriminator::new(&self.config, self.weights.clone());
        let (lines, width) = discriminator.least_grid();
        let grid = Grid::new(&batch, self.marks, lines, width);
        let x = self.table.index_select(&Tensor::from_vec(batch.targets(), batch.time, &Device::Cpu)?, 0)?;
        let scores = discriminator.scores(&x, &grid, None)?;
        let n_lines = grid.shares.iter().filter(|&&share| share > 0.0).count();
        let lines: Vec<f32> = scores.lines.flatten_all()?.to_vec1()?;
        let probability = |logit: &f32| 1.0 / (1.0 + (-logit).exp());
        Ok(Judgement {
            poem: probability(&scores.poems.to_vec1::<f32>()?[0]),
            lines: lines[..n_lines].iter().map(probability).collect(),
        })
    }
}
