//! Verses for people to read while a model trains, with the discriminator's opinion of every line.

use candle_core::Result;
use rand::RngCore;

use super::data::{Bucket, Dataset};
use super::event::{SamplePoem, ScoredLine};
use super::models::{Models, judging_weights};
use crate::config::Config;
use crate::discriminator::{Judge, Judgement};
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
    let mut rng = random::stream(config.training.seed, "verses", step);
    let seeds: Vec<u64> = (0..config.sampling.poems).map(|_| u64::from(rng.next_u32())).collect();
    let sampler = Sampler::new(&config.model, dataset.marks, &models.average.weights)?;
    let batch = sampler.sample(Request { tag: bucket.tag, rules: bucket.rules, seeds: &seeds, temperature });
    let judgements = if judged {
        let (weights, fixed) = judging_weights(&models.discriminator_state())?;
        let judge = Judge::new(&config.discriminator, weights, fixed.as_ref(), dataset.marks)?;
        judge.judge(&batch)?.into_iter().map(Some).collect()
    } else {
        vec![None; batch.count]
    };
    let poem = |(index, judgement): (usize, Option<Judgement>)| {
        let lines = tokenizer.decode(batch.poem(index));
        let score = |line: usize| judgement.as_ref().and_then(|judgement| judgement.lines.get(line).copied());
        let scored = lines.into_iter().enumerate().map(|(line, text)| ScoredLine { score: score(line), text });
        SamplePoem {
            form: bucket.form.to_string(),
            seed: seeds[index],
            lines: scored.collect(),
            score: judgement.as_ref().map(|judgement| judgement.poem),
        }
    };
    Ok(judgements.into_iter().enumerate().map(poem).collect())
}

/// The forms by size, the largest first, in turn; forms of less than a twentieth of the poems wait outside.
fn turn(dataset: &Dataset, round: u64) -> &Bucket {
    let total = dataset.n_training();
    let mut forms: Vec<&Bucket> = dataset.buckets.iter().filter(|bucket| 20 * bucket.training.len() >= total).collect();
    forms.sort_by_key(|bucket| std::cmp::Reverse(bucket.training.len()));
    // A corpus has a largest form, and among at most twenty equal ones each holds a twentieth.
    forms.get(round as usize % forms.len().max(1)).copied().unwrap_or(&dataset.buckets[0])
}
