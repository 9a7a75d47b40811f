//! A quick check of generated poems during training, of what the held-out loss does not measure, and the choice of the
//! best checkpoint. Cheap enough for every few hundred steps; `poetgan eval` measures more, with intervals.

use candle_core::Result;
use rayon::prelude::*;

use crate::config::TrainingConfig;
use crate::corpus::Form;
use crate::gan::Gan;
use crate::gan::data::{Bucket, Dataset};
use crate::gan::latent::LatentReader;
use crate::generator::{Request, Sampler, Sequences};
use crate::metrics::coherence::{self, CoherenceStatistics, Segments};
use crate::metrics::novelty::TrainingPoems;
use crate::metrics::rhyme::RhymeModel;
use crate::metrics::{Units, Verse, diversity, repeats};
use crate::nn::params::Weights;
use crate::run::event::{Phase, QualityFigure};
use crate::run::limits::BEST;
use crate::run::state::Best;
use crate::tokenizer::Tokenizer;

/// Poems that are measured, real and generated.
pub const POEMS: usize = 200;

/// What is measured on some poems.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QualityFigures {
    pub distinct_2: f64,
    pub copied_line: f64,
    /// `None` where no lines of the form rhyme.
    pub rhyme: Option<f64>,
    /// The rhyme score of lines of different poems, which is high if all poems have the same rhyme.
    pub rhyme_between: f64,
    /// `None` where the form has no two segments.
    pub coherence: Option<f64>,
    pub repeated_rhyme: f64,
    pub repeated_char_poem: f64,
    /// What a poem's theme tells about its z, in bits; `None` for a model without themes, and for few poems.
    pub z_bits: Option<f64>,
}

/// Figures of generated poems beside those of real ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QualityCheck {
    pub model: QualityFigures,
    pub real: QualityFigures,
}

/// One evaluation of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// Held-out loss, nats per token.
    pub loss: f32,
    /// Rhyme score of poems less that of lines of different poems, so that one rhyme for all poems gains nothing; `None`
    /// where it was not measured, or where the poems violate [`BEST`].
    pub rhyme: Option<f32>,
}

/// How far above the lowest held-out loss the best step may be, nats per token; infinite without any likelihood training.
/// `None` where the lowest loss itself wins: in pretraining, and in adversarial training from scratch that mixes the
/// likelihood loss in.
pub fn max_loss_increase(training: &TrainingConfig, phase: Phase) -> Option<f32> {
    match (phase, training.pretrain_steps > 0, training.likelihood_weight > 0.0) {
        (Phase::Pretraining, ..) | (Phase::Adversarial, false, true) => None,
        (Phase::Adversarial, true, _) => Some(BEST.max_loss_increase),
        (Phase::Adversarial, false, false) => Some(f32::INFINITY),
    }
}

/// The best step after the evaluation of `step`. With `max_increase` of `None` it is the one with the lowest held-out
/// loss. Otherwise it is the one with the highest rhyme score, which likelihood alone hardly improves, of those whose
/// poems keep [`BEST`] and whose loss is at most `max_increase` above the lowest. So neither a model that repeats one
/// poem, nor one that copies, nor, after pretraining, one that has forgotten the language can become the best.
pub fn best_of(best: Option<Best>, step: u64, evaluation: Evaluation, max_increase: Option<f32>) -> Option<Best> {
    let Evaluation { loss, rhyme } = evaluation;
    let now = Best { loss, step, rhyme };
    let Some(before) = best else { return loss.is_finite().then_some(now) };
    let Some(max_increase) = max_increase else {
        return Some(if loss < before.loss { now } else { before });
    };
    let wins =
        loss < before.loss + max_increase && rhyme.is_some_and(|rhyme| before.rhyme.is_none_or(|old| rhyme >= old));
    // The increase is measured from the lowest loss of all steps, so it cannot add up.
    let loss = before.loss.min(loss);
    Some(if wins { Best { loss, ..now } } else { Best { loss, ..before } })
}

/// Measures poems of the form that has most held-out poems.
pub struct QualityMonitor {
    bucket: usize,
    units: Units,
    references: References,
    real: QualityFigures,
}

/// What poems of a form are measured against.
struct References {
    form: Form,
    training: TrainingPoems,
    rhyme: RhymeModel,
    /// Of poems of all forms.
    coherence: CoherenceStatistics,
}

impl QualityMonitor {
    /// `None` where no poem is held out.
    pub fn new(dataset: &Dataset, tokenizer: &Tokenizer) -> Option<QualityMonitor> {
        let sizes = dataset.buckets.iter().map(|bucket| bucket.held_out.len());
        let (bucket, _) =
            sizes.enumerate().filter(|(_, size)| *size > 0).max_by_key(|(index, size)| (*size, usize::MAX - index))?;
        let decode = |poem: &Vec<u32>| tokenizer.decode(poem);
        let Bucket { form, held_out, .. } = &dataset.buckets[bucket];
        let held_out = &held_out[..held_out.len().min(POEMS)];
        let rows: Vec<&[u32]> = held_out.iter().map(Vec::as_slice).collect();
        let z_bits = z_bits(dataset, bucket, &dataset.sequences(&rows, "quality noise", 0));
        let held_out: Vec<Vec<String>> = held_out.iter().map(decode).collect();
        let counted =
            |bucket| dataset.counted(bucket).collect::<Vec<_>>().into_par_iter().map(decode).collect::<Vec<_>>();
        let all: Vec<_> = dataset.buckets.iter().map(|bucket| (bucket.form, counted(bucket))).collect();
        let training: Vec<Vec<String>> = dataset.buckets[bucket].training.par_iter().map(decode).collect();
        let mut units = Units::for_poems(training.iter().map(Vec::as_slice));
        let training: Vec<Verse> = training.iter().map(|lines| units.verse(lines)).collect();
        let every = all.iter().flat_map(|(form, poems)| poems.iter().map(move |lines| (*form, lines.as_slice())));
        let (coherence, (rhyme, training)) = rayon::join(
            || CoherenceStatistics::new(every),
            || (RhymeModel::learn(&training, &units), TrainingPoems::new(&training)),
        );
        let references = References { form: *form, training, rhyme, coherence };
        let real = QualityFigures { z_bits, ..references.measure(&held_out, &mut units) };
        Some(QualityMonitor { bucket, units, references, real })
    }

    /// Measures fresh poems of a generator with these weights.
    pub fn check(&mut self, gan: &Gan, tokenizer: &Tokenizer, weights: &Weights) -> Result<QualityCheck> {
        let (config, dataset) = (&gan.config, &gan.dataset);
        let bucket = &dataset.buckets[self.bucket];
        let seeds: Vec<u64> = (0..bucket.held_out.len().min(POEMS) as u64).collect();
        let sampler = Sampler::new(&config.model, dataset.special, weights)?;
        let batch = sampler.sample(Request {
            tag: bucket.tag,
            rules: bucket.rules,
            seeds: &seeds,
            temperature: 1.0,
            top_p: 1.0,
            theme: None,
            moved: &[],
        });
        let z_bits = z_bits(dataset, self.bucket, &batch);
        let check = self.check_poems((0..batch.count).map(|index| tokenizer.decode(batch.poem(index))));
        Ok(QualityCheck { model: QualityFigures { z_bits, ..check.model }, ..check })
    }

    /// Measures these poems.
    fn check_poems(&mut self, poems: impl Iterator<Item = Vec<String>>) -> QualityCheck {
        let poems: Vec<Vec<String>> = poems.collect();
        QualityCheck { model: self.references.measure(&poems, &mut self.units), real: self.real }
    }

    /// The form that is measured.
    pub fn form(&self, dataset: &Dataset) -> String {
        dataset.buckets[self.bucket].form.to_string()
    }
}

impl QualityCheck {
    /// The figures, for an event.
    pub fn figures(&self) -> Vec<QualityFigure> {
        let of = |figures: QualityFigures| {
            [
                figures.rhyme,
                Some(figures.distinct_2),
                Some(figures.copied_line),
                figures.coherence,
                Some(figures.repeated_rhyme),
                Some(figures.repeated_char_poem),
                figures.z_bits,
            ]
        };
        let figure = |((name, model), real): ((&str, Option<f64>), Option<f64>)| {
            Some(QualityFigure { name: name.to_string(), model: model? as f32, real: real? as f32 })
        };
        QualityFigure::NAMES.into_iter().zip(of(self.model)).zip(of(self.real)).filter_map(figure).collect()
    }

    /// Rhyme score less that of lines of different poems, and 0 where no lines rhyme; `None` if the poems violate [`BEST`].
    pub fn rhyme(&self) -> Option<f32> {
        let excess = self.model.rhyme.map_or(0.0, |rhyme| rhyme - self.model.rhyme_between);
        qualifies(&self.model, &self.real).then_some(excess as f32)
    }
}

impl References {
    fn measure(&self, poems: &[Vec<String>], units: &mut Units) -> QualityFigures {
        let verses: Vec<Verse> = poems.iter().map(|lines| units.verse(lines)).collect();
        let segments: Vec<Segments> = poems.iter().map(|lines| self.coherence.segments(self.form, lines)).collect();
        let wins = self.coherence.wins(&segments, &coherence::pairs(self.form));
        let share = |is: &dyn Fn(&Verse) -> bool| mean(verses.iter().map(|verse| f64::from(is(verse))).collect());
        let rhymes: Vec<f64> = verses.iter().filter_map(|poem| self.rhyme.score(poem)).collect();
        QualityFigures {
            distinct_2: diversity::distinct(&verses, 2),
            copied_line: self.training.copied_line(&verses),
            rhyme: (!self.rhyme.scheme().is_empty()).then(|| mean(rhymes)),
            rhyme_between: mean(
                verses.windows(2).filter_map(|two| self.rhyme.score_between(&two[0], &two[1])).collect(),
            ),
            coherence: (!wins.is_empty()).then(|| mean(wins)),
            repeated_rhyme: share(&|verse| repeats::repeats_rhyme(self.form, verse)),
            repeated_char_poem: share(&repeats::repeats_word),
            z_bits: None,
        }
    }
}

/// What the themes of these poems of a bucket tell about their z.
fn z_bits(dataset: &Dataset, bucket: usize, poems: &Sequences) -> Option<f64> {
    let themes = dataset.themes.as_ref().filter(|themes| themes.dims() > 0)?;
    let Bucket { tag, rules, .. } = &dataset.buckets[bucket];
    let reader = LatentReader { themes, tag: *tag, rules: *rules, special: dataset.special };
    let bits = reader.bits(poems, 0);
    (!bits.is_empty()).then(|| mean(bits))
}

/// The mean; 0 of nothing.
fn mean(values: Vec<f64>) -> f64 {
    // The sum of nothing is a negative zero.
    values.iter().sum::<f64>() / values.len().max(1) as f64 + 0.0
}

fn qualifies(found: &QualityFigures, real: &QualityFigures) -> bool {
    found.distinct_2 >= BEST.min_diversity * real.distinct_2 && found.copied_line <= real.copied_line + BEST.max_copies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::corpus;
    use crate::metrics::bigram::Chain;
    use std::path::Path;

    fn evaluation(loss: f32, rhyme: Option<f32>) -> Evaluation {
        Evaluation { loss, rhyme }
    }

    #[test]
    fn in_the_warm_up_the_lowest_loss_is_the_best() {
        let best = best_of(None, 1, evaluation(5.0, Some(0.4)), None);
        assert_eq!(best, Some(Best { loss: 5.0, step: 1, rhyme: Some(0.4) }));
        assert_eq!(best_of(best, 2, evaluation(5.05, Some(0.9)), None), best);
        assert_eq!(best_of(best, 2, evaluation(4.9, None), None).unwrap().step, 2);
        assert_eq!(best_of(best, 2, evaluation(f32::NAN, Some(0.9)), None), best);
        assert_eq!(best_of(None, 1, evaluation(f32::NAN, None), None), None);
    }

    #[test]
    fn in_the_adversarial_phase_rhyme_decides_among_those_with_a_bounded_loss() {
        let best = Some(Best { loss: 5.0, step: 7, rhyme: Some(0.5) });
        let after = |loss, rhyme| best_of(best, 9, evaluation(loss, rhyme), Some(BEST.max_loss_increase)).unwrap();
        assert_eq!((after(5.25, Some(0.6)).step, after(5.35, Some(0.9)).step), (9, 7));
        assert_eq!((after(5.05, Some(0.4)).step, after(5.05, None).step), (7, 7));
        assert_eq!(after(f32::NAN, Some(0.9)).step, 7);
        // The bound on the loss does not move while the loss rises, and falls with it.
        assert_eq!((after(5.05, Some(0.6)).loss, after(4.9, Some(0.4)).loss), (5.0, 4.9));
    }

    #[test]
    fn a_pure_gan_has_no_likelihood_to_keep() {
        let mut training = Config::preset("tiny").unwrap().training;
        (training.pretrain_steps, training.likelihood_weight) = (0, 0.0);
        let best = Some(Best { loss: 9.0, step: 1, rhyme: Some(0.1) });
        let after = |rhyme| {
            best_of(best, 2, evaluation(12.0, rhyme), max_loss_increase(&training, Phase::Adversarial)).unwrap().step
        };
        assert_eq!((after(Some(0.3)), after(Some(0.05)), after(None)), (2, 1, 1));
    }

    /// A monitor, and the poems: training and held-out ones.
    fn tang() -> (QualityMonitor, [Vec<Vec<String>>; 2]) {
        let corpus = corpus::read(Path::new("corpora/tang.txt"), &Default::default()).unwrap();
        let config = Config::preset("base").unwrap();
        let tokenizer = Tokenizer::train(&config.tokenizer, &corpus.training).unwrap();
        let dataset = Dataset::new(&corpus, &tokenizer, &config);
        let monitor = QualityMonitor::new(&dataset, &tokenizer).unwrap();
        let Bucket { training, held_out, .. } = &dataset.buckets[monitor.bucket];
        let texts = |poems: &[Vec<u32>]| poems.iter().map(|poem| tokenizer.decode(poem)).collect();
        (monitor, [texts(training), texts(held_out)])
    }

    /// Whether a step with these figures and the lowest held-out loss becomes the best.
    fn wins(monitor: &mut QualityMonitor, poems: &[Vec<String>]) -> bool {
        let before = Best { loss: 5.0, step: 1, rhyme: Some(0.5) };
        let rhyme = monitor.check_poems(poems.iter().take(POEMS).cloned()).rhyme();
        best_of(Some(before), 2, evaluation(5.0, rhyme), Some(BEST.max_loss_increase)).unwrap().step == 2
    }

    #[test]
    fn neither_a_chain_nor_a_repeated_poem_nor_copies_become_the_best() {
        let (mut monitor, [training, held_out]) = tang();
        assert!(wins(&mut monitor, &held_out[POEMS..]), "real poems");
        let repeated: Vec<_> = (0..POEMS).map(|_| held_out[POEMS].clone()).collect();
        assert!(!wins(&mut monitor, &repeated), "one poem again and again");
        let few: Vec<_> = held_out[POEMS..].iter().take(50).cycle().take(POEMS).cloned().collect();
        assert!(!wins(&mut monitor, &few), "fifty poems again and again");
        assert!(!wins(&mut monitor, &training), "copies");
        let half = |(i, poem): (usize, &Vec<String>)| if i % 8 == 0 { training[i].clone() } else { poem.clone() };
        let copying: Vec<_> = held_out[POEMS..].iter().enumerate().map(half).collect();
        assert!(!wins(&mut monitor, &copying), "an eighth of copies");
        let mut units = Units::for_poems(training.iter().map(Vec::as_slice));
        let chain = Chain::new(&training.iter().map(|poem| units.verse(poem)).collect::<Vec<_>>());
        let line = |line: &Vec<u32>| line.iter().map(|&id| units.name(id)).collect::<String>();
        let chained: Vec<_> = (0..POEMS as u64).map(|i| chain.draw(1, i).iter().map(line).collect()).collect();
        assert!(!wins(&mut monitor, &chained), "a bigram chain");
    }

    #[test]
    fn one_rhyme_for_all_poems_does_not_become_the_best() {
        let (mut monitor, [_, held_out]) = tang();
        let ends = ['人', '春', '新', '身'];
        let with_end = |(j, line): (usize, &String), first: usize| match j % 2 {
            1 => line.chars().take(line.chars().count() - 1).chain([ends[(first + j / 2) % ends.len()]]).collect(),
            _ => line.clone(),
        };
        let one_rhyme: Vec<Vec<String>> = (held_out[POEMS..].iter().enumerate())
            .map(|(i, poem)| poem.iter().enumerate().map(|line| with_end(line, i)).collect())
            .collect();
        assert!(monitor.check_poems(one_rhyme.iter().cloned()).model.rhyme.unwrap() > 0.9, "they rhyme");
        assert!(!wins(&mut monitor, &one_rhyme), "and all on the same");
    }

    #[test]
    fn poems_that_repeat_or_copy_are_disqualified() {
        let real = QualityFigures {
            distinct_2: 0.8,
            copied_line: 0.01,
            rhyme: Some(0.9),
            rhyme_between: 0.1,
            coherence: Some(0.7),
            repeated_rhyme: 0.0,
            repeated_char_poem: 0.3,
            z_bits: None,
        };
        assert!(qualifies(&QualityFigures { distinct_2: 0.75, rhyme: Some(0.1), ..real }, &real));
        assert!(!qualifies(&QualityFigures { distinct_2: 0.5, ..real }, &real));
        assert!(!qualifies(&QualityFigures { copied_line: 0.2, ..real }, &real));
    }
}
