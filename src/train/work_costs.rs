//! How long the work of training takes on this machine, measured on copies of the models.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::stopwatch;
use super::work::WorkCosts;
use crate::cluster::Ranks;
use crate::config::Config;
use crate::gan::compute::Compute;
use crate::gan::data::{Batches, Dataset, Minibatch};
use crate::gan::held_out;
use crate::gan::models::Models;
use crate::gan::quality;
use crate::gan::schedule::pretrain_learning_rate;
use crate::gan::steps::{LrScales, Steps};
use crate::generator::{Request, Sampler};
use crate::nn::params::get;
use crate::run::state::Cursor;

/// Timed repeats of each kind of work, at most, and the share of the limit after which no more are made.
const REPEATS: usize = 6;
const SHARE: f64 = 0.01;
/// Without a limit, the part of each minibatch and of the evaluation that is timed, so that training begins soon.
const PART: usize = 4;

/// New models and the minibatches that they are timed on.
struct Trial<'a> {
    config: &'a Config,
    dataset: &'a Dataset,
    /// Of this rank alone.
    compute: Compute,
    models: Models,
    batches: Batches,
    /// Time after which the work is not repeated.
    patience: Duration,
    /// One in so many poems is used, and the time multiplied.
    part: usize,
}

/// Measures each kind of work, taking a small share of `limit`, or as little time as possible. No weight of the run changes.
///
/// # Errors
/// A failed tensor operation.
pub fn measure(
    config: &Config,
    dataset: &Dataset,
    models: &Models,
    compute: &Compute,
    limit: Option<Duration>,
) -> Result<WorkCosts> {
    let vocab = get(&models.discriminator.frozen(), "embedding")?.dim(0)?;
    let models = Models::new(config, vocab, models.frozen_embeddings.clone())?;
    let batches = dataset.batches(Cursor::default());
    let (patience, part) = (limit.unwrap_or_default().mul_f64(SHARE), if limit.is_some() { 1 } else { PART });
    let alone = Compute { ranks: Arc::new(Ranks::ALONE), ..compute.clone() };
    let mut trial = Trial { config, dataset, compute: alone, models, batches, patience, part };
    let evaluation_s = trial.evaluation()?;
    let pretrain_s = trial.timed(|steps, models, minibatch| {
        let rate = pretrain_learning_rate(&steps.config.training, 1);
        steps.pretrain_step(models, minibatch, rate).map(drop)
    })?;
    trial.models.begin_adversarial();
    let turn_s = trial.timed(|steps, models, minibatch| {
        let fakes = steps.sample(models, minibatch, 0)?;
        steps.discriminator_step(models, minibatch, &fakes, 0).map(drop)
    })?;
    let generator_s = trial.timed(|steps, models, minibatch| {
        let fakes = steps.sample_relaxed(models, minibatch, 0)?;
        steps.generator_step(models, minibatch, &fakes).map(drop)
    })?;
    let discriminator_s = turn_s * config.training.n_critic as f64;
    // What the other ranks take off a step is an estimate: their messages are not measured.
    let [pretrain_s, discriminator_s, generator_s] =
        [pretrain_s, discriminator_s, generator_s].map(|seconds| seconds / compute.ranks.size as f64);
    Ok(WorkCosts { pretrain_s, discriminator_s, generator_s, evaluation_s })
}

impl Trial<'_> {
    /// Mean seconds of a step over the first minibatches; a first one fills the allocator's pools.
    fn timed(&mut self, step: impl Fn(&Steps, &mut Models, &Minibatch) -> candle_core::Result<()>) -> Result<f64> {
        let step_number = self.config.training.pretrain_steps + 1;
        let compute = self.compute.clone();
        let steps = Steps::new(self.config, self.dataset, step_number, LrScales::ONE, &compute);
        let minibatch = self.minibatch();
        step(&steps, &mut self.models, &minibatch)?;
        let begun = stopwatch::now();
        let mut repeats = 0;
        while repeats == 0 || (repeats < REPEATS && stopwatch::since(begun) < self.patience) {
            let minibatch = self.minibatch();
            step(&steps, &mut self.models, &minibatch)?;
            repeats += 1;
        }
        Ok(self.part as f64 * stopwatch::since(begun).as_secs_f64() / repeats as f64)
    }

    fn minibatch(&mut self) -> Minibatch {
        let minibatch = self.batches.next(self.dataset);
        minibatch.part(0..minibatch.real.count.div_ceil(self.part))
    }

    /// Seconds of the held-out loss and of the poems whose quality is measured.
    fn evaluation(&self) -> Result<f64> {
        let (config, dataset, weights) = (self.config, self.dataset, &self.models.average.weights);
        let begun = stopwatch::now();
        held_out::evaluate(config, dataset, weights, held_out::MAX_POEMS.div_ceil(self.part))?;
        let bucket = dataset.buckets.iter().max_by_key(|bucket| bucket.held_out.len()).context("no poems")?;
        let seeds: Vec<u64> = (0..bucket.held_out.len().min(quality::POEMS.div_ceil(self.part)) as u64).collect();
        let sampler = Sampler::new(&config.model, dataset.special, weights)?;
        let (tag, rules) = (bucket.tag, bucket.rules);
        sampler.sample(Request { tag, rules, seeds: &seeds, temperature: 1.0, top_p: 1.0, theme: None, moved: &[] });
        Ok(self.part as f64 * stopwatch::since(begun).as_secs_f64())
    }
}
