//! A quick look at the poems during training: what the held-out loss does not tell. Cheap enough to be taken every few
//! hundred steps; `poetgan eval` measures more, and with intervals.

use candle_core::Result;

use crate::config::{Config, TrainingConfig};
use crate::gan::data::{Bucket, Dataset};
use crate::generator::{Request, Sampler};
use crate::metrics::novelty::Training;
use crate::metrics::rhyme::Rhyme;
use crate::metrics::{Units, Verse, diversity};
use crate::nn::params::Weights;
use crate::run::event::{Phase, QualityFigure};
use crate::run::state::Best;
use crate::tokenizer::Tokenizer;

/// Poems that are looked at, real and generated.
const POEMS: usize = 200;

/// In the duel a checkpoint can be the best one only if its poems have at least this share of the different pairs of
/// neighbours that real ones have,
const LEAST_DIVERSITY: f64 = 0.9;
/// if at most this much more of their lines than of real ones are copied,
const MOST_COPIES: f64 = 0.02;
/// and, after a warm-up, if the held-out loss is at most this far above the lowest one.
const DRIFT: f32 = 0.1;

/// What is measured on some poems.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    pub distinct_2: f64,
    pub copied_line: f64,
    pub rhyme: f64,
}

/// What a look at the poems finds, beside the same of real ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    pub model: Figures,
    pub real: Figures,
}

/// What a held-out loss and a look at the poems say of one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    pub loss: f32,
    /// How well the line ends go together, 0 to 1; `None` where nobody looked, or where the poems are disqualified.
    pub rhyme: Option<f32>,
}

/// How far above the lowest held-out loss the best step may be, nats; any distance in a game without likelihood. `None`
/// where the lowest loss itself wins: in the warm-up, and in a game without one that mixes likelihood in.
pub fn drift(training: &TrainingConfig, phase: Phase) -> Option<f32> {
    match (phase, training.warmup_steps > 0, training.likelihood_weight > 0.0) {
        (Phase::Warmup, ..) | (Phase::Adversarial, false, true) => None,
        (Phase::Adversarial, true, _) => Some(DRIFT),
        (Phase::Adversarial, false, false) => Some(f32::INFINITY),
    }
}

/// The best step after `step` was looked at, with the `drift` that is allowed. Without any it is the one with the lowest
/// held-out loss. Otherwise it is the one whose line ends go together best, what the likelihood alone does not see, of
/// those that are as diverse as real poems, copy no more than these, and have not drifted further. So neither a model that
/// repeats one poem, nor one that copies, nor, after a warm-up, one that has forgotten the language can become the best,
/// whatever its discriminator says.
pub fn best_of(best: Option<Best>, step: u64, standing: Standing, drift: Option<f32>) -> Option<Best> {
    let Standing { loss, rhyme } = standing;
    let now = Best { loss, step, rhyme };
    let Some(before) = best else { return loss.is_finite().then_some(now) };
    let Some(drift) = drift else {
        return Some(if loss < before.loss { now } else { before });
    };
    let wins = loss < before.loss + drift && rhyme.is_some_and(|rhyme| before.rhyme.is_none_or(|old| rhyme >= old));
    // The bar stays where the lowest loss set it: the game may drift by so much in all, not each time.
    let loss = before.loss.min(loss);
    Some(if wins { Best { loss, ..now } } else { Best { loss, ..before } })
}

/// Looks at the form that has most held-out poems.
pub struct Watch {
    bucket: usize,
    units: Units,
    training: Training,
    rhyme: Rhyme,
    real: Figures,
}

impl Watch {
    /// `None` where no poem is held out.
    pub fn new(dataset: &Dataset, tokenizer: &Tokenizer) -> Option<Watch> {
        let sizes = dataset.buckets.iter().map(|bucket| bucket.held_out.len());
        let (bucket, _) =
            sizes.enumerate().filter(|(_, size)| *size > 0).max_by_key(|(index, size)| (*size, usize::MAX - index))?;
        let Bucket { training, held_out, .. } = &dataset.buckets[bucket];
        let texts = |poems: &[Vec<u32>]| poems.iter().map(|poem| tokenizer.decode(poem)).collect::<Vec<_>>();
        let (training, held_out) = (texts(training), texts(&held_out[..held_out.len().min(POEMS)]));
        let mut units = Units::for_poems(training.iter().map(Vec::as_slice));
        let mut verses = |poems: &[Vec<String>]| poems.iter().map(|lines| units.verse(lines)).collect::<Vec<Verse>>();
        let (training, held_out) = (verses(&training), verses(&held_out));
        let (rhyme, training) = (Rhyme::learn(&training, &units), Training::new(&training));
        let real = measure(&held_out, &training, &rhyme);
        Some(Watch { bucket, units, training, rhyme, real })
    }

    /// Looks at fresh poems.
    pub fn look(
        &mut self,
        (config, tokenizer, dataset): (&Config, &Tokenizer, &Dataset),
        weights: &Weights,
    ) -> Result<Look> {
        let bucket = &dataset.buckets[self.bucket];
        let seeds: Vec<u64> = (0..bucket.held_out.len().min(POEMS) as u64).collect();
        let sampler = Sampler::new(&config.model, dataset.marks, weights)?;
        let batch = sampler.sample(Request {
            tag: bucket.tag,
            rules: bucket.rules,
            seeds: &seeds,
            temperature: 1.0,
            moved: None,
        });
        Ok(self.judge((0..batch.count).map(|index| tokenizer.decode(batch.poem(index)))))
    }

    /// What it says of these poems.
    fn judge(&mut self, poems: impl Iterator<Item = Vec<String>>) -> Look {
        let poems: Vec<Verse> = poems.map(|lines| self.units.verse(&lines)).collect();
        Look { model: measure(&poems, &self.training, &self.rhyme), real: self.real }
    }

    /// The form that is looked at.
    pub fn form(&self, dataset: &Dataset) -> String {
        dataset.buckets[self.bucket].form.to_string()
    }
}

impl Look {
    /// The figures, as they are told.
    pub fn figures(&self) -> Vec<QualityFigure> {
        let figure = |name: &str, of: fn(&Figures) -> f64| QualityFigure {
            name: name.to_string(),
            model: of(&self.model) as f32,
            real: of(&self.real) as f32,
        };
        vec![
            figure(QualityFigure::RHYME, |figures| figures.rhyme),
            figure(QualityFigure::DIVERSITY, |figures| figures.distinct_2),
            figure(QualityFigure::COPIES, |figures| figures.copied_line),
        ]
    }

    /// How well the line ends go together, for the best rule; `None` if the poems are disqualified.
    pub fn rhyme(&self) -> Option<f32> {
        qualifies(&self.model, &self.real).then_some(self.model.rhyme as f32)
    }
}

fn measure(poems: &[Verse], training: &Training, rhyme: &Rhyme) -> Figures {
    Figures {
        distinct_2: diversity::distinct(poems, 2),
        copied_line: training.copied_line(poems),
        rhyme: mean(poems.iter().filter_map(|poem| rhyme.score(poem)).collect()),
    }
}

/// The mean; 0 of nothing.
fn mean(values: Vec<f64>) -> f64 {
    // The sum of nothing is a negative zero.
    values.iter().sum::<f64>() / values.len().max(1) as f64 + 0.0
}

fn qualifies(found: &Figures, real: &Figures) -> bool {
    found.distinct_2 >= LEAST_DIVERSITY * real.distinct_2 && found.copied_line <= real.copied_line + MOST_COPIES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus;
    use crate::metrics::bigram::Chain;
    use std::path::Path;

    fn standing(loss: f32, rhyme: Option<f32>) -> Standing {
        Standing { loss, rhyme }
    }

    #[test]
    fn in_the_warm_up_the_lowest_loss_is_the_best() {
        let best = best_of(None, 1, standing(5.0, Some(0.4)), None);
        assert_eq!(best, Some(Best { loss: 5.0, step: 1, rhyme: Some(0.4) }));
        assert_eq!(best_of(best, 2, standing(5.05, Some(0.9)), None), best);
        assert_eq!(best_of(best, 2, standing(4.9, None), None).unwrap().step, 2);
        assert_eq!(best_of(best, 2, standing(f32::NAN, Some(0.9)), None), best);
        assert_eq!(best_of(None, 1, standing(f32::NAN, None), None), None);
    }

    #[test]
    fn in_the_duel_rhyme_decides_among_those_that_have_not_drifted() {
        let best = Some(Best { loss: 5.0, step: 7, rhyme: Some(0.5) });
        let after = |loss, rhyme| best_of(best, 9, standing(loss, rhyme), Some(DRIFT)).unwrap();
        assert_eq!((after(5.05, Some(0.6)).step, after(5.2, Some(0.9)).step), (9, 7));
        assert_eq!((after(5.05, Some(0.4)).step, after(5.05, None).step), (7, 7));
        assert_eq!(after(f32::NAN, Some(0.9)).step, 7);
        // The bar for the likelihood does not move with a game that drifts, and falls with one that gains.
        assert_eq!((after(5.05, Some(0.6)).loss, after(4.9, Some(0.4)).loss), (5.0, 4.9));
    }

    #[test]
    fn a_pure_gan_has_no_likelihood_to_keep() {
        let mut training = Config::preset("tiny").unwrap().training;
        (training.warmup_steps, training.likelihood_weight) = (0, 0.0);
        let best = Some(Best { loss: 9.0, step: 1, rhyme: Some(0.1) });
        let after = |rhyme| best_of(best, 2, standing(12.0, rhyme), drift(&training, Phase::Adversarial)).unwrap().step;
        assert_eq!((after(Some(0.3)), after(Some(0.05)), after(None)), (2, 1, 1));
    }

    /// A look at real poems, and the poems: training and held-out ones.
    fn tang() -> (Watch, [Vec<Vec<String>>; 2]) {
        let corpus = corpus::read(Path::new("corpora/tang.txt")).unwrap();
        let config = Config::preset("base").unwrap();
        let tokenizer = Tokenizer::train(&config.tokenizer, &corpus.training).unwrap();
        let dataset = Dataset::new(&corpus, &tokenizer, &config);
        let watch = Watch::new(&dataset, &tokenizer).unwrap();
        let Bucket { training, held_out, .. } = &dataset.buckets[watch.bucket];
        let texts = |poems: &[Vec<u32>]| poems.iter().map(|poem| tokenizer.decode(poem)).collect();
        (watch, [texts(training), texts(held_out)])
    }

    /// As far as poems go: with a likelihood as good as the best, does a step with these become the best one?
    fn wins(watch: &mut Watch, poems: &[Vec<String>]) -> bool {
        let before = Best { loss: 5.0, step: 1, rhyme: Some(0.5) };
        let rhyme = watch.judge(poems.iter().take(POEMS).cloned()).rhyme();
        best_of(Some(before), 2, standing(5.0, rhyme), Some(DRIFT)).unwrap().step == 2
    }

    #[test]
    fn neither_a_chain_nor_a_repeated_poem_nor_copies_become_the_best() {
        let (mut watch, [training, held_out]) = tang();
        assert!(wins(&mut watch, &held_out[POEMS..]), "real poems");
        let repeated: Vec<_> = (0..POEMS).map(|_| held_out[POEMS].clone()).collect();
        assert!(!wins(&mut watch, &repeated), "one poem again and again");
        let few: Vec<_> = held_out[POEMS..].iter().take(50).cycle().take(POEMS).cloned().collect();
        assert!(!wins(&mut watch, &few), "fifty poems again and again");
        assert!(!wins(&mut watch, &training), "copies");
        let half = |(i, poem): (usize, &Vec<String>)| if i % 8 == 0 { training[i].clone() } else { poem.clone() };
        let copying: Vec<_> = held_out[POEMS..].iter().enumerate().map(half).collect();
        assert!(!wins(&mut watch, &copying), "an eighth of copies");
        let mut units = Units::for_poems(training.iter().map(Vec::as_slice));
        let chain = Chain::new(&training.iter().map(|poem| units.verse(poem)).collect::<Vec<_>>());
        let line = |line: &Vec<u32>| line.iter().map(|&id| units.name(id)).collect::<String>();
        let chained: Vec<_> = (0..POEMS as u64).map(|i| chain.draw(1, i).iter().map(line).collect()).collect();
        assert!(!wins(&mut watch, &chained), "a bigram chain");
    }

    #[test]
    fn poems_that_repeat_or_copy_are_disqualified() {
        let real = Figures { distinct_2: 0.8, copied_line: 0.01, rhyme: 0.9 };
        assert!(qualifies(&Figures { distinct_2: 0.75, rhyme: 0.1, ..real }, &real));
        assert!(!qualifies(&Figures { distinct_2: 0.5, ..real }, &real));
        assert!(!qualifies(&Figures { copied_line: 0.2, ..real }, &real));
    }
}
