//! The algorithm: generator and discriminator, trained in turn. No files, no terminal, no clock.

pub mod compute;
pub mod data;
mod discriminator_step;
pub mod frozen_embeddings;
mod generator_step;
pub mod held_out;
pub mod latent;
pub mod models;
mod pretrain_step;
pub mod quality;
pub mod recovery;
mod repeat_matching;
mod rhymes;
pub mod runtime_settings;
mod samples;
pub mod schedule;
mod scorer;
mod shared_embedding;
pub mod steps;
mod theme_loss;
mod token_frequencies;

use candle_core::Error;

use crate::config::Config;
use crate::nn::precision::Precision;
use crate::run::event::{Phase, StepRecord, Turn};
use crate::run::state::Cursor;
use compute::Compute;
use data::{Batches, Dataset};
pub use discriminator_step::DiscriminatorUpdate;
pub use generator_step::GeneratorUpdate;
use models::Models;
use steps::{LrScales, Steps};

/// Both models in training on one dataset.
pub struct Gan {
    pub config: Config,
    pub dataset: Dataset,
    pub models: Models,
    pub batches: Batches,
    /// Below 1 only after steps that were undone, or a discriminator that was too strong.
    pub lr_scales: LrScales,
    pub compute: Compute,
}

/// What a step of the schedule did.
pub struct StepReport {
    pub record: StepRecord,
    /// Tokens that the models were trained on.
    pub tokens: usize,
}

impl Gan {
    pub fn new(config: Config, dataset: Dataset, models: Models, cursor: Cursor) -> Gan {
        let batches = dataset.batches(cursor);
        Gan { config, dataset, models, batches, lr_scales: LrScales::ONE, compute: Compute::alone(Precision::F32) }
    }

    /// Step `step` (from 1) of the schedule. `after_turn` is called after each turn of an adversarial step.
    pub fn step<E: From<Error>>(
        &mut self,
        step: u64,
        after_turn: impl FnMut(Turn) -> Result<(), E>,
    ) -> Result<StepReport, E> {
        if step == self.config.training.pretrain_steps + 1 {
            self.models.begin_adversarial();
        }
        let report = match schedule::phase(&self.config.training, step) {
            Phase::Pretraining => self.pretrain(step)?,
            Phase::Adversarial => self.adversarial(step, after_turn)?,
        };
        if !report.record.undone {
            self.models.average.update(&self.models.generator, step)?;
        }
        Ok(report)
    }

    /// Maximum likelihood: the generator learns to predict the next token of real poems.
    fn pretrain(&mut self, step: u64) -> candle_core::Result<StepReport> {
        let training = &self.config.training;
        let learning_rate = schedule::pretrain_learning_rate(training, step);
        let whole = self.batches.next(&self.dataset);
        let tokens = whole.real.n_targets();
        let is_local = training.local_steps > 1 && !self.compute.ranks.is_alone();
        let (minibatch, compute) = if is_local { self.compute.own_work(whole) } else { (whole, self.compute.clone()) };
        let steps = Steps::new(&self.config, &self.dataset, step, self.lr_scales, &compute);
        let update = steps.pretrain_step(&mut self.models, &minibatch, learning_rate)?;
        if is_local && (step.is_multiple_of(training.local_steps) || step == training.pretrain_steps) {
            match self.compute.average(&self.models.generator) {
                // The step is done, with the weights of this rank alone; the next one finds that another is missing.
                Err(_) if self.compute.ranks.is_lost() => {}
                averaged => averaged?,
            }
        }
        let mut record = StepRecord::new(step, Phase::Pretraining, learning_rate * self.lr_scales.all);
        (record.likelihood_loss, record.generator_grad_norm) = (Some(update.loss), Some(update.norm as f32));
        record.undone = !update.is_finite();
        Ok(StepReport { record, tokens })
    }

    /// `n_critic` turns of the discriminator with the generator fixed, then a turn of the generator with the
    /// discriminator fixed, each on fresh samples. A step that fails, or has numbers that are not finite, changes no weight.
    fn adversarial<E: From<Error>>(
        &mut self,
        step: u64,
        after_turn: impl FnMut(Turn) -> Result<(), E>,
    ) -> Result<StepReport, E> {
        let (before, frequencies) = (self.models.discriminator_copy()?, self.models.generated_frequencies.clone());
        let report = self.turns(step, after_turn);
        if report.as_ref().map_or(true, |report| report.record.undone) {
            self.models.restore_discriminator(before)?;
            self.models.generated_frequencies = frequencies;
        }
        report
    }

    /// The turns of an adversarial step.
    fn turns<E: From<Error>>(
        &mut self,
        step: u64,
        mut after_turn: impl FnMut(Turn) -> Result<(), E>,
    ) -> Result<StepReport, E> {
        let steps = Steps::new(&self.config, &self.dataset, step, self.lr_scales, &self.compute);
        let models = &mut self.models;
        let training = &self.config.training;
        let mut record = steps.adversarial_record();
        let mut minibatch = self.batches.next(&self.dataset);
        let mut tokens = 0;
        for turn in 0..training.n_critic {
            if turn > 0 {
                minibatch = self.batches.next(&self.dataset);
            }
            let fake = steps.sample(models, &minibatch, turn)?;
            let update = steps.discriminator_step(models, &minibatch, &fake, turn)?;
            tokens += minibatch.real.n_targets() + fake.n_targets();
            update.enter(&mut record);
            after_turn(update.turn(turn + 1))?;
        }
        if !record.undone && !schedule::is_d_warmup(training, step) {
            let fake = steps.sample_relaxed(models, &minibatch, training.n_critic)?;
            let update = steps.generator_step(models, &minibatch, &fake)?;
            tokens += fake.poems.n_targets();
            update.enter(&mut record);
            if !record.undone {
                repeat_matching::update(models, &minibatch, &fake.poems, self.dataset.special)?;
            }
            after_turn(update.turn())?;
        }
        Ok(StepReport { record, tokens })
    }
}

#[cfg(test)]
mod tests;
