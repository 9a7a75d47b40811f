//! The qualities of a sweep: measures that a likelihood over adjacent units does not capture.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::corpus::{Corpus, Form};
use crate::eval::c2st::{self, Background, RealPoems};
use crate::eval::language::Language;
use crate::eval::progress::ProgressLine;
use crate::eval::report::Figure;
use crate::eval::{
    ComparisonOptions, PoemText, SAMPLES, Sample, TokenizedCorpus, coherence, language_of, remaining, tones,
};
use crate::metrics::coherence::CoherenceStatistics;
use crate::metrics::rhyme::RhymeModel;
use crate::metrics::{Units, Verse, bootstrap};
use crate::prosody;
use crate::write::Model;

/// The qualities in the order of the report; more is better for all of them.
pub const QUALITIES: [&str; 8] = [
    "rhyme",
    "dui_nian",
    "tone_poem",
    "learned_rhyme",
    "coherence",
    "unrepeated_rhyme",
    "unrepeated_char_poem",
    "c2st_error",
];

/// Figures of [`coherence::figures`] and the qualities that they become; of repetitions, less is better.
const OF_WHOLE_POEMS: [(&str, &str, bool); 3] = [
    ("coherence", "coherence", true),
    ("repeated_rhyme", "unrepeated_rhyme", false),
    ("repeated_char_poem", "unrepeated_char_poem", false),
];

/// Computes the qualities of poems of one form.
pub struct QualityScorer {
    pub units: Units,
    form: Form,
    rhyme: RhymeModel,
    coherence: CoherenceStatistics,
    classifier: Option<Classifier>,
    seed: u64,
}

/// The boosted trees of the classifier two-sample test, prepared once for all points.
struct Classifier {
    background: Background,
    language: Language,
    /// Features of the held-out poems.
    held_out: Vec<Vec<f64>>,
}

impl QualityScorer {
    /// Prepares all qualities; the classifier only where there are enough held-out poems.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn new(
        model: &Model,
        corpus: Corpus,
        form: Form,
        options: &ComparisonOptions,
        progress: &mut ProgressLine,
    ) -> Result<QualityScorer> {
        let data = TokenizedCorpus::new(corpus, model);
        let corpus = &data.corpus;
        let poems = || corpus.training.iter().filter(|poem| poem.form == form);
        let mut units = Units::for_poems(poems().map(|poem| poem.lines.as_slice()));
        let training: Vec<Verse> = poems().map(|poem| units.verse(&poem.lines)).collect();
        let rhyme = RhymeModel::learn(&training, &units);
        let coherence = CoherenceStatistics::new(corpus.training.iter().map(|poem| (poem.form, poem.lines.as_slice())));
        let n_held_out = corpus.held_out.iter().filter(|poem| poem.form == form).count();
        let is_enough = n_held_out.min(options.samples) >= c2st::LEAST_POEMS;
        let classifier = if is_enough && !options.quick {
            Some(Classifier::new(model, &data, form, options.seed, progress)?)
        } else {
            None
        };
        Ok(QualityScorer { units, form, rhyme, coherence, classifier, seed: options.seed })
    }

    /// The qualities of a collection of poems, by name, with their intervals.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn figures(&self, texts: &[PoemText], verses: &[Verse]) -> Result<BTreeMap<&'static str, Figure>> {
        let mean = |values: Vec<f64>| Figure::from(bootstrap::mean(&values, self.seed));
        let mut figures = if let Some(scores) = prosody::scores(texts) {
            let of = |value: fn(&prosody::Score) -> bool| mean(scores.iter().map(|s| f64::from(value(s))).collect());
            BTreeMap::from([
                ("rhyme", of(|score| score.rhyme)),
                ("dui_nian", of(|score| score.dui_nian)),
                ("tone_poem", of(|score| score.tone_poem == Some(true))),
            ])
        } else {
            let learned = verses.iter().map(|verse| self.rhyme.score(verse).unwrap_or(0.0)).collect();
            BTreeMap::from([("learned_rhyme", mean(learned))])
        };
        for (name, figure) in coherence::figures(&self.coherence, self.form, (texts, verses), &[], self.seed) {
            if let Some((_, quality, is_gain)) = OF_WHOLE_POEMS.into_iter().find(|(known, ..)| *known == name) {
                figures.insert(quality, if is_gain { figure } else { complement(figure) });
            }
        }
        if let Some(classifier) = &self.classifier {
            figures.insert("c2st_error", classifier.error(texts, self.seed)?);
        }
        Ok(figures)
    }
}

/// One less a share.
fn complement(share: Figure) -> Figure {
    Figure { value: 1.0 - share.value, interval: share.interval.map(|(low, high)| (1.0 - high, 1.0 - low)) }
}

impl Classifier {
    fn new(
        model: &Model,
        data: &TokenizedCorpus,
        form: Form,
        seed: u64,
        progress: &mut ProgressLine,
    ) -> Result<Classifier> {
        // The default sample of `eval`, so that both commands share one saved language model.
        let sample = Sample { poems: SAMPLES, seed };
        let language = language_of(model, data, sample, progress)?;
        let corpus = &data.corpus;
        let background = Background::new(&remaining(&corpus.training, form, sample), seed)?;
        let of_form = corpus.held_out.iter().filter(|poem| poem.form == form);
        let held_out: Vec<PoemText> = of_form.map(|poem| poem.text()).collect();
        let mut classifier = Classifier { background, language, held_out: Vec::new() };
        classifier.held_out = classifier.features(&held_out)?;
        Ok(classifier)
    }

    /// Test error of the trees on these poems against held-out ones; 0.5 is chance.
    fn error(&self, texts: &[PoemText], seed: u64) -> Result<Figure> {
        let generated = self.features(&texts[..texts.len().min(self.held_out.len())])?;
        let accuracy = c2st::by_trees(&self.held_out, &generated, seed)?;
        Ok(complement(Figure { value: accuracy.share(), interval: Some(accuracy.interval()) }))
    }

    fn features(&self, texts: &[PoemText]) -> Result<Vec<Vec<f64>>> {
        RealPoems { background: &self.background, language: Some(&self.language), extra: &tones }.features(texts)
    }
}
