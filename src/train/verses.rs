//! Verses for people to read while a model trains, with the discriminator's opinion of every line.

use candle_core::Result;
use rand::RngCore;

use super::data::{Bucket, Dataset};
use super::event::{SamplePoem, ScoredLine};
use super::models::{Models, judging_weights};
use crate::config::Config;
use crate::discriminator::Judge;
use crate::generator::{Request, Sampler};
use crate::random;
use crate::tokenizer::Tokenizer;

/// A set of verses in one form; the forms of the corpus take turns. `judged` says whether the discriminator has learned
/// anything yet.
pub fn compose(
    (config, tokenizer, dataset): (&Config, &Tokenizer, &Dataset),
    models: &Models,
    (step, temperature): (u64, f32),
    judged: bool,
) -> Result<Vec<SamplePoem>> {
    let bucket = turn(dataset, step / config.training.sample_every.max(1));
    let seeds = seeds(config, step);
    let sampler = Sampler::new(&config.model, dataset.marks, &models.average.weights)?;
    let batch = sampler.sample(Request { tag: bucket.tag, rules: bucket.rules, seeds: &seeds, temperature });
    let judge = judged.then(|| judge(config, models, dataset)).transpose()?;
    let judgements = judge.as_ref().map(|judge| judge.judge(&batch)).transpose()?;
    let poem = |index: usize| {
        let tokens = batch.poem(index);
        let judgement = judgements.as_ref().map(|judgements| &judgements[index]);
        let marks = judge.as_ref().map_or(Ok(Vec::new()), |judge| judge.marks(tokens))?;
        // The form tag comes before the first target.
        let mark = |place: usize| marks.get(place - 1).copied();
        let lines = tokenizer.decode(tokens).into_iter().zip(tokenizer.origins(tokens)).enumerate();
        let scored = lines.map(|(line, (text, origins))| ScoredLine {
            text,
            score: judgement.and_then(|judgement| judgement.lines.get(line).copied()),
            marks: origins.into_iter().map_while(mark).collect(),
        });
        let (form, seed, score) = (bucket.form.to_string(), seeds[index], judgement.map(|judgement| judgement.poem));
        Ok(SamplePoem { form, seed, lines: scored.collect(), score })
    };
    (0..batch.count).map(poem).collect()
}

fn judge(config: &Config, models: &Models, dataset: &Dataset) -> Result<Judge> {
    let (weights, fixed) = judging_weights(&models.discriminator_state())?;
    Judge::new(&config.discriminator, weights, fixed.as_ref(), dataset.marks)
}

/// Half of the poems come from the same seeds every time, so that one can see them grow; the others are new.
fn seeds(config: &Config, step: u64) -> Vec<u64> {
    let seed = |index: usize| {
        let step = if 2 * index < config.sampling.poems { 0 } else { step };
        let mut rng = random::stream(config.training.seed, "verses", step);
        let drawn = (0..=index).map(|_| rng.next_u32()).last();
        drawn.map_or(0, u64::from)
    };
    (0..config.sampling.poems).map(seed).collect()
}

/// The forms by size, the largest first, in turn; forms of less than a twentieth of the poems wait outside.
fn turn(dataset: &Dataset, round: u64) -> &Bucket {
    let total = dataset.n_training();
    let mut forms: Vec<&Bucket> = dataset.buckets.iter().filter(|bucket| 20 * bucket.training.len() >= total).collect();
    forms.sort_by_key(|bucket| std::cmp::Reverse(bucket.training.len()));
    // A corpus has a largest form, and among at most twenty equal ones each holds a twentieth.
    forms.get(round as usize % forms.len().max(1)).copied().unwrap_or(&dataset.buckets[0])
}
