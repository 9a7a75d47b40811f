//! The discriminator step: the generator is fixed.

use candle_core::{Result, Tensor};

use super::data::Minibatch;
use super::models::Models;
use super::scorer::{Scorer, Trained};
use super::steps::{Steps, Update};
use crate::generator::Sequences;
use crate::nn::gan_loss;
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
        let parts = self.compute.gradients(&models.discriminator, minibatch.real.count, |range| {
            let (seeds, part) = (self.token_dropout_seeds(turn, &range), scorer.part(range.clone()));
            let real = scorer.score_real(&part, seeds.real)?;
            let fake = scorer.score_fake(&scorer.embed(&fake.part(range))?, &part, seeds.fake)?;
            let loss = scorer.loss(gan_loss::discriminator, &part, &real, &fake)?;
            let numbers = [vec![loss.to_scalar()?], probabilities(&real.poems)?, probabilities(&fake.poems)?];
            Ok((loss.backward()?, numbers.concat()))
        })?;
        let rate = self.config.training.discriminator_learning_rate * self.lr_scales.discriminator;
        let norm = models.discriminator_adam.update(&models.discriminator, &parts.grads, self.rate(rate, 0.0))?;
        let (loss, real, fake) = joined(&parts.numbers);
        Ok(DiscriminatorUpdate {
            update: Update { loss, norm },
            real: mean(&real),
            fake: mean(&fake),
            real_histogram: histogram(&real),
            fake_histogram: histogram(&fake),
        })
    }
}

/// The loss of all parts, and the probabilities of all real and of all generated poems. The numbers of a part are its loss, the
/// probabilities of its real poems, and those of as many generated ones.
fn joined(parts: &[Vec<f32>]) -> (f32, Vec<f32>, Vec<f32>) {
    let (mut loss, mut real, mut fake) = (0.0, Vec::new(), Vec::new());
    for (part_loss, probabilities) in parts.iter().filter_map(|part| part.split_first()) {
        let (of_real, of_fake) = probabilities.split_at(probabilities.len() / 2);
        loss += part_loss;
        real.extend_from_slice(of_real);
        fake.extend_from_slice(of_fake);
    }
    (loss, real, fake)
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
