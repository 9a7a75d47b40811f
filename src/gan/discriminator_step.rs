//! The discriminator step: the generator is fixed.

use candle_core::{Result, Tensor};

use super::data::Minibatch;
use super::models::Models;
use super::scorer::{Scorer, Trained};
use super::steps::{Steps, Update, unzip};
use crate::generator::Sequences;
use crate::nn::gan_loss;
use crate::nn::threads::in_ranges;
use crate::run::event::{BINS, Histogram, StepRecord, Turn};

/// One update of the discriminator.
#[derive(Clone, Copy, Debug)]
pub struct DiscriminatorUpdate {
    pub update: Update,
    /// Mean probability of being real, of real and of generated poems, 0 to 1.
    pub real: f32,
    pub fake: f32,
    pub real_histogram: Histogram,
    pub fake_histogram: Histogram,
}

impl DiscriminatorUpdate {
    /// Enters the numbers into the record of the step.
    pub(super) fn enter(&self, record: &mut StepRecord) {
        record.discriminator_loss = Some(self.update.loss);
        record.discriminator_grad_norm = Some(self.update.norm as f32);
        (record.d_real, record.d_fake) = (Some(self.real), Some(self.fake));
        record.real_histogram = Some(self.real_histogram);
        record.fake_histogram = Some(self.fake_histogram);
        record.undone |= !self.update.is_finite();
    }

    /// As turn `number` (from 1) of the step.
    pub(super) fn turn(&self, number: u64) -> Turn {
        Turn::Discriminator { number, loss: self.update.loss, real: self.real, fake: self.fake }
    }
}

impl Steps<'_> {
    /// One step of the discriminator on real and on generated poems.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn discriminator_step(
        &self,
        models: &mut Models,
        minibatch: &Minibatch,
        fake: &Sequences,
        turn: u64,
    ) -> Result<DiscriminatorUpdate> {
        let scorer = Scorer::new(self, models, Trained::Discriminator, &minibatch.real, fake)?;
        let parts = in_ranges(minibatch.real.count, |range| {
            let (seeds, part) = (self.token_dropout_seeds(turn, &range), scorer.part(range.clone()));
            let real = scorer.score_real(&part, seeds.real)?;
            let fake = scorer.score_fake(&scorer.embed(&fake.part(range))?, &part, seeds.fake)?;
            let loss = scorer.loss(gan_loss::discriminator, &part, &real, &fake)?;
            let numbers = PartNumbers {
                loss: loss.to_scalar()?,
                real: probabilities(&real.poems)?,
                fake: probabilities(&fake.poems)?,
            };
            Ok((loss.backward()?, numbers))
        });
        let (grads, parts) = unzip(parts)?;
        let rate = self.config.training.discriminator_learning_rate * self.lr_scales.discriminator;
        let norm = models.discriminator_adam.update(&models.discriminator, &grads, self.rate(rate, 0.0))?;
        let real: Vec<f32> = parts.iter().flat_map(|part| &part.real).copied().collect();
        let fake: Vec<f32> = parts.iter().flat_map(|part| &part.fake).copied().collect();
        Ok(DiscriminatorUpdate {
            update: Update { loss: parts.iter().map(|part| part.loss).sum(), norm },
            real: mean(&real),
            fake: mean(&fake),
            real_histogram: histogram(&real),
            fake_histogram: histogram(&fake),
        })
    }
}

/// Loss of a part of the minibatch, and the probabilities of its poems.
struct PartNumbers {
    loss: f32,
    real: Vec<f32>,
    fake: Vec<f32>,
}

/// sigmoid(logits)
fn probabilities(logits: &Tensor) -> Result<Vec<f32>> {
    candle_nn::ops::sigmoid(&logits.flatten_all()?)?.to_vec1()
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

fn histogram(probabilities: &[f32]) -> Histogram {
    let mut counts = [0u16; BINS];
    for probability in probabilities {
        let bin = (probability * BINS as f32) as usize;
        counts[bin.min(BINS - 1)] = counts[bin.min(BINS - 1)].saturating_add(1);
    }
    counts
}
