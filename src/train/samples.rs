//! Samples to read while a model trains, with the discriminator's score of every line.

use candle_core::Result;
use rand::RngCore;

use crate::config::Config;
use crate::corpus::learned;
use crate::discriminator::{PackedDiscriminator, PoemScores};
use crate::gan::Gan;
use crate::gan::data::{Bucket, Dataset};
use crate::gan::models::scoring_weights;
use crate::generator::{Request, Sampler};
use crate::prosody;
use crate::random;
use crate::run::event::{AxisWords, LatentRequest, REACH, SamplePoem, ScoredLine};
use crate::tokenizer::Tokenizer;
use crate::train::nearest::Nearest;
use crate::write::axis_words;

/// Seeds of fresh poems: few enough digits to be shown, and to be typed again.
const FRESH_SEEDS: u32 = 99_000;

/// Samples poems with the weights of one step.
pub struct SampleWriter<'a> {
    gan: &'a Gan,
    tokenizer: &'a Tokenizer,
    nearest: &'a Nearest,
    sampler: Sampler,
    /// The discriminator, if its scores mean anything yet.
    discriminator: Option<PackedDiscriminator>,
}

/// Which poems to sample.
struct Wanted<'a> {
    bucket: &'a Bucket,
    seeds: &'a [u64],
    /// Directions of z, and by how much to move along each.
    moved: &'a [(usize, f32)],
}

impl<'a> SampleWriter<'a> {
    /// Without `is_scored` the poems get no scores.
    pub fn new(gan: &'a Gan, tokenizer: &'a Tokenizer, nearest: &'a Nearest, is_scored: bool) -> Result<Self> {
        let sampler = Sampler::new(&gan.config.model, gan.dataset.special, &gan.models.average.weights)?;
        let discriminator = if is_scored { Some(packed_discriminator(gan)?) } else { None };
        Ok(SampleWriter { gan, tokenizer, nearest, sampler, discriminator })
    }

    /// Samples in one form; the forms of the corpus take turns.
    pub fn write(&self, step: u64) -> Vec<SamplePoem> {
        let config = &self.gan.config;
        let bucket = turn(&self.gan.dataset, step / config.training.sample_every.max(1));
        self.sample(&Wanted { bucket, seeds: &seeds(config, step), moved: &[] })
    }

    /// The poem of a seed, moved along a direction of z by the amounts of [`REACH`].
    pub fn along(&self, request: &LatentRequest) -> Vec<(f32, SamplePoem)> {
        let bucket = turn(&self.gan.dataset, request.form as u64);
        let moved = |amount: &f32| {
            let moved = [request.moved.as_slice(), &[(request.direction, *amount)]].concat();
            let poems = self.sample(&Wanted { bucket, seeds: &[request.seed], moved: &moved });
            poems.into_iter().map(|poem| (*amount, poem)).collect::<Vec<_>>()
        };
        REACH.iter().flat_map(moved).collect()
    }

    /// The words at the ends of the axes of the themes.
    pub fn axes(&self) -> Vec<AxisWords> {
        self.gan.dataset.themes.as_ref().map_or_else(Vec::new, |themes| axis_words(themes, self.tokenizer))
    }

    fn sample(&self, wanted: &Wanted) -> Vec<SamplePoem> {
        let &Wanted { bucket, seeds, moved } = wanted;
        let temperature = self.gan.config.sampling.temperature;
        let request =
            Request { tag: bucket.tag, rules: bucket.rules, seeds, temperature, top_p: 1.0, theme: None, moved };
        let batch = self.sampler.sample(request);
        let scores = self.discriminator.as_ref().map(|discriminator| discriminator.score(&batch));
        let poem = |index: usize| {
            let (poem_scores, tokens) = (scores.as_ref().map(|scores| &scores[index]), batch.poem(index));
            let nearest = self.nearest.find(tokens, &self.gan.dataset).map(|poem| self.tokenizer.decode(poem));
            SamplePoem {
                form: bucket.form.to_string(),
                seed: seeds[index],
                lines: self.lines(tokens, poem_scores),
                score: poem_scores.map(|poem_scores| poem_scores.poem),
                nearest: nearest.unwrap_or_default(),
                stanzas: self.tokenizer.stanzas(tokens),
            }
        };
        (0..batch.count).map(poem).collect()
    }

    fn lines(&self, tokens: &[u32], poem_scores: Option<&PoemScores>) -> Vec<ScoredLine> {
        let mut attributions =
            self.discriminator.as_ref().map_or(Vec::new(), |discriminator| discriminator.attributions(tokens));
        // JSON has no numbers that are not finite.
        if !attributions.iter().all(|attribution| attribution.is_finite()) {
            attributions.clear();
        }
        // The form tag comes before the first target.
        let attribution = |position: usize| attributions.get(position - 1).copied();
        let texts = self.tokenizer.decode(tokens);
        let tones = prosody::tone_marks(&texts);
        let lines = texts.into_iter().zip(self.tokenizer.origins(tokens)).enumerate();
        let scored = lines.map(|(line, (text, origins))| ScoredLine {
            text,
            score: poem_scores.and_then(|poem_scores| poem_scores.lines.get(line).copied()),
            attributions: origins.into_iter().map_while(attribution).collect(),
            tones: tones.get(line).cloned().unwrap_or_default(),
        });
        scored.collect()
    }
}

fn packed_discriminator(gan: &Gan) -> Result<PackedDiscriminator> {
    let (weights, frozen) = scoring_weights(&gan.models.discriminator_state())?;
    PackedDiscriminator::new(&gan.config.discriminator, &weights, frozen.as_ref(), gan.dataset.special)
}

/// Half of the poems have the seeds 1, 2, 3 and so on every time, so that their progress shows; the others have new ones.
fn seeds(config: &Config, step: u64) -> Vec<u64> {
    let n_fixed = config.sampling.poems.div_ceil(2) as u64;
    let mut rng = random::stream(config.training.seed, "verses", step);
    let fresh = std::iter::repeat_with(|| u64::from(rng.next_u32() % FRESH_SEEDS) + n_fixed + 1);
    (1..=n_fixed).chain(fresh).take(config.sampling.poems).collect()
}

/// The forms by size, the largest first, in turn; forms with too few poems or less than a twentieth of them are left out.
fn turn(dataset: &Dataset, round: u64) -> &Bucket {
    let total = dataset.n_training();
    let poems = |bucket: &&Bucket| (bucket.training.len() + bucket.held_out.len()) as u64;
    let mut forms = learned(&dataset.buckets, poems);
    forms.retain(|bucket| 20 * bucket.training.len() >= total);
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
        let told = prosody::tone_marks(&lines("床前看月光 疑是地上霜 举头望山月 低头思故乡"));
        assert_eq!(told, ["--?/-", "-///-", "/-?-/", "--?/?"]);
        assert!(prosody::tone_marks(&lines("Shall-I compare thee to")).is_empty());
    }
}
