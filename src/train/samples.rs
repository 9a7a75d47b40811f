//! Verses for people to read while a model trains, with the discriminator's opinion of every line.

use candle_core::Result;
use rand::RngCore;

use crate::config::Config;
use crate::discriminator::{Judge, Judgement};
use crate::gan::data::{Bucket, Dataset};
use crate::gan::models::{Models, judging_weights};
use crate::generator::{Request, Sampler};
use crate::prosody;
use crate::random;
use crate::run::event::{REACH, SamplePoem, ScoredLine};
use crate::tokenizer::Tokenizer;
use crate::train::nearest::Nearest;

/// Seeds of fresh poems: few enough digits to be shown, and to be typed again.
const FRESH_SEEDS: u32 = 99_000;

/// Writes verses with the weights of one moment.
pub struct Scribe<'a> {
    context: (&'a Config, &'a Tokenizer, &'a Dataset),
    sampler: Sampler,
    /// The discriminator, once it has learned anything.
    judge: Option<Judge>,
    nearest: &'a Nearest,
}

impl<'a> Scribe<'a> {
    /// `judged` says whether the discriminator has learned anything yet.
    pub fn new(
        context: (&'a Config, &'a Tokenizer, &'a Dataset),
        models: &Models,
        judged: bool,
        nearest: &'a Nearest,
    ) -> Result<Scribe<'a>> {
        let (config, _, dataset) = context;
        let sampler = Sampler::new(&config.model, dataset.marks, &models.average.weights)?;
        let judge = judged.then(|| judge(config, models, dataset)).transpose()?;
        Ok(Scribe { context, sampler, judge, nearest })
    }

    /// A set of verses in one form; the forms of the corpus take turns.
    pub fn compose(&self, step: u64) -> Result<Vec<SamplePoem>> {
        let (config, _, dataset) = self.context;
        let bucket = turn(dataset, step / config.training.sample_every.max(1));
        self.write(bucket, &seeds(config, step), None)
    }

    /// The poem of a seed in the most common form, moved along a direction of z by the amounts of [`REACH`].
    pub fn along(&self, seed: u64, direction: usize) -> Result<Vec<(f32, SamplePoem)>> {
        let bucket = turn(self.context.2, 0);
        let moved = |amount: &f32| {
            let poems = self.write(bucket, &[seed], Some((direction, *amount)))?;
            Ok(poems.into_iter().map(|poem| (*amount, poem)).collect::<Vec<_>>())
        };
        Ok(REACH.iter().map(moved).collect::<Result<Vec<_>>>()?.concat())
    }

    fn write(&self, bucket: &Bucket, seeds: &[u64], moved: Option<(usize, f32)>) -> Result<Vec<SamplePoem>> {
        let temperature = self.context.0.sampling.temperature;
        let request = Request { tag: bucket.tag, rules: bucket.rules, seeds, temperature, moved };
        let batch = self.sampler.sample(request);
        let judgements = self.judge.as_ref().map(|judge| judge.judge(&batch)).transpose()?;
        let poem = |index: usize| {
            let judgement = judgements.as_ref().map(|judgements| &judgements[index]);
            self.poem(batch.poem(index), judgement, (bucket.form.to_string(), seeds[index]))
        };
        (0..batch.count).map(poem).collect()
    }

    fn poem(&self, tokens: &[u32], judgement: Option<&Judgement>, (form, seed): (String, u64)) -> Result<SamplePoem> {
        let (_, tokenizer, dataset) = self.context;
        let mut marks = self.judge.as_ref().map_or(Ok(Vec::new()), |judge| judge.marks(tokens))?;
        // A number that is none has no place in the journal.
        if !marks.iter().all(|mark| mark.is_finite()) {
            marks.clear();
        }
        // The form tag comes before the first target.
        let mark = |place: usize| marks.get(place - 1).copied();
        let texts = tokenizer.decode(tokens);
        let tones = tones(&texts);
        let lines = texts.into_iter().zip(tokenizer.origins(tokens)).enumerate();
        let scored = lines.map(|(line, (text, origins))| ScoredLine {
            text,
            score: judgement.and_then(|judgement| judgement.lines.get(line).copied()),
            marks: origins.into_iter().map_while(mark).collect(),
            tones: tones.get(line).cloned().unwrap_or_default(),
        });
        let nearest = self.nearest.find(tokens, dataset).map(|poem| tokenizer.decode(poem));
        let score = judgement.map(|judgement| judgement.poem);
        Ok(SamplePoem { form, seed, lines: scored.collect(), score, nearest: nearest.unwrap_or_default() })
    }
}

/// The tones of each line, where the poem is one that rules of tone apply to.
fn tones(lines: &[String]) -> Vec<String> {
    let lines: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
    if !prosody::applies(&lines) {
        return Vec::new();
    }
    let tone = |character: &char| {
        let tones = prosody::tones(*character);
        match (tones.can_be(true), tones.can_be(false)) {
            (true, false) => '-',
            (false, true) => '/',
            _ => '?',
        }
    };
    lines.iter().map(|line| line.iter().map(tone).collect()).collect()
}

fn judge(config: &Config, models: &Models, dataset: &Dataset) -> Result<Judge> {
    let (weights, fixed) = judging_weights(&models.discriminator_state())?;
    Judge::new(&config.discriminator, weights, fixed.as_ref(), dataset.marks)
}

/// Half of the poems are those of the seeds 1, 2, 3 and so on, every time, so that one can see them grow; the others are
/// new ones.
fn seeds(config: &Config, step: u64) -> Vec<u64> {
    let n_fixed = config.sampling.poems.div_ceil(2) as u64;
    let mut rng = random::stream(config.training.seed, "verses", step);
    let fresh = std::iter::repeat_with(|| u64::from(rng.next_u32() % FRESH_SEEDS) + n_fixed + 1);
    (1..=n_fixed).chain(fresh).take(config.sampling.poems).collect()
}

/// The forms by size, the largest first, in turn; forms of less than a twentieth of the poems wait outside.
fn turn(dataset: &Dataset, round: u64) -> &Bucket {
    let total = dataset.n_training();
    let mut forms: Vec<&Bucket> = dataset.buckets.iter().filter(|bucket| 20 * bucket.training.len() >= total).collect();
    forms.sort_by_key(|bucket| std::cmp::Reverse(bucket.training.len()));
    // A corpus has a largest form, and among at most twenty equal ones each holds a twentieth.
    forms.get(round as usize % forms.len().max(1)).copied().unwrap_or(&dataset.buckets[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_are_those_of_the_rhyme_book() {
        let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        // Li Bai, "Thoughts on a still night"; 看, 望, 思 and 乡 are read in both tones.
        let told = tones(&lines("床前看月光 疑是地上霜 举头望山月 低头思故乡"));
        assert_eq!(told, ["--?/-", "-///-", "/-?-/", "--?/?"]);
        assert!(tones(&lines("Shall-I compare thee to")).is_empty());
    }
}
