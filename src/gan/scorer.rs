//! The discriminator within one step: its weights and the layout of a minibatch, real and generated.

use std::ops::Range;

use candle_core::{Device, Result, Tensor};

use super::models::Models;
use super::steps::Steps;
use crate::config::{DiscriminatorConfig, LossKind};
use crate::discriminator::{self, Discriminator, Grid, Scores};
use crate::generator::Sequences;
use crate::nn::params::Weights;
use crate::nn::precision::Precision;

/// A loss of `nn::gan_loss`: of its kind, the scores of real and of generated examples, and their weights.
type Loss = fn(LossKind, &Tensor, &Tensor, &Tensor) -> Result<Tensor>;

/// The network that receives gradients.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trained {
    Discriminator,
    Generator,
}

/// Scores the poems of one minibatch.
pub(super) struct Scorer<'a> {
    config: &'a DiscriminatorConfig,
    loss: LossKind,
    precision: Precision,
    weights: Weights,
    /// Token embeddings, [vocab, columns].
    pub table: Tensor,
    real: &'a Sequences,
    /// The whole minibatch, laid out once.
    real_grid: Grid,
    fake_grid: Grid,
    /// Lines that both a real poem and its counterpart have.
    n_paired_lines: f32,
}

/// The grids of a part of a minibatch.
pub(super) struct Part {
    poems: Range<usize>,
    real: Grid,
    fake: Grid,
}

impl<'a> Scorer<'a> {
    /// `fake` are as many poems as `minibatch` has.
    pub fn new(
        steps: &Steps<'a>,
        models: &mut Models,
        trained: Trained,
        real: &'a Sequences,
        fake: &Sequences,
    ) -> Result<Scorer<'a>> {
        let is_trained = trained == Trained::Discriminator;
        let params = &models.discriminator;
        let weights = if is_trained { params.trainable() } else { params.frozen() };
        let weights = match &mut models.spectral {
            Some(spectral) => spectral.normalise(&weights, is_trained)?,
            None => weights,
        };
        let table = discriminator::table(&weights, models.frozen_embeddings.as_ref())?;
        let config = &steps.config.discriminator;
        let (real_grid, fake_grid) = Grid::pair(real, fake, steps.special, config.least_grid());
        let n_paired_lines = paired_lines(&real_grid, &fake_grid).iter().sum::<f32>().max(1.0);
        let (loss, precision) = (steps.config.training.loss, steps.compute.precision);
        Ok(Scorer { config, loss, precision, weights, table, real, real_grid, fake_grid, n_paired_lines })
    }

    /// Number of poems of the minibatch.
    pub fn count(&self) -> usize {
        self.fake_grid.count
    }

    pub fn part(&self, poems: Range<usize>) -> Part {
        Part { real: self.real_grid.part(poems.clone()), fake: self.fake_grid.part(poems.clone()), poems }
    }

    /// Scores of the real poems of a part. `dropout_seed` is that of token dropout.
    pub fn score_real(&self, part: &Part, dropout_seed: u64) -> Result<Scores> {
        self.scores(&self.embed(&self.real.part(part.poems.clone()))?, &part.real, dropout_seed)
    }

    /// Scores of generated poems of a part, given as `x` [count * time, columns]: rows of `table`, or mixtures of them.
    pub fn score_fake(&self, x: &Tensor, part: &Part, dropout_seed: u64) -> Result<Scores> {
        self.scores(x, &part.fake, dropout_seed)
    }

    /// Tokens in the discriminator's embedding, [count * time, columns].
    pub fn embed(&self, batch: &Sequences) -> Result<Tensor> {
        let targets = batch.targets();
        self.table.index_select(&Tensor::from_slice(&targets, targets.len(), &Device::Cpu)?, 0)
    }

    /// A part's share in the loss of whole poems plus that of single lines, where both batches have them.
    pub fn loss(&self, loss: Loss, part: &Part, real: &Scores, fake: &Scores) -> Result<Tensor> {
        let weight = 1.0 / self.real_grid.count as f32;
        let poems = Tensor::full(weight, part.real.count, &Device::Cpu)?;
        let lines = paired_lines(&part.real, &part.fake);
        let lines = Tensor::from_vec(lines, (part.real.count, part.real.lines), &Device::Cpu)?;
        let lines = (lines / f64::from(self.n_paired_lines))?;
        loss(self.loss, &real.poems, &fake.poems, &poems)? + loss(self.loss, &real.lines, &fake.lines, &lines)?
    }

    fn scores(&self, x: &Tensor, grid: &Grid, dropout_seed: u64) -> Result<Scores> {
        let discriminator = Discriminator::new(self.config, self.weights.clone()).with_precision(self.precision);
        discriminator.scores(x, grid, Some(dropout_seed))
    }
}

/// 1 for each line that both poems of a pair have, else 0, [count * lines].
fn paired_lines(real: &Grid, fake: &Grid) -> Vec<f32> {
    let both = |(a, b): (&f32, &f32)| if *a > 0.0 && *b > 0.0 { 1.0 } else { 0.0 };
    real.shares.iter().zip(&fake.shares).map(both).collect()
}
