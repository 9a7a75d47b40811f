//! What the poems of a sweep are judged by: all that a likelihood over neighbours does not see.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::SweepOptions;
use crate::corpus::{self, Corpus, Form};
use crate::error::UserError;
use crate::eval::c2st::{self, Background, Knowledge};
use crate::eval::language::Language;
use crate::eval::progress::Progress;
use crate::eval::report::Figure;
use crate::eval::{SAMPLES, language_of, remaining, tones};
use crate::gan::data::Dataset;
use crate::metrics::rhyme::Rhyme;
use crate::metrics::{Units, Verse, bootstrap};
use crate::prosody;
use crate::write::Model;

/// The qualities, in the order of the report. Of all of them more is better.
pub const QUALITIES: [&str; 5] = ["rhyme", "dui_nian", "tone_poem", "learned_rhyme", "c2st_error"];

pub struct Judge {
    pub units: Units,
    rhyme: Rhyme,
    classifier: Option<Classifier>,
    seed: u64,
}

/// What the trees of the classifier two-sample test need, prepared once for all points.
struct Classifier {
    background: Background,
    language: Language,
    /// The features of the held-out poems.
    held_out: Vec<Vec<f64>>,
}

impl Judge {
    pub fn new(
        (model, path): (&Model, &Path),
        form: Form,
        options: &SweepOptions,
        progress: &mut Progress,
    ) -> Result<Judge> {
        let corpus = corpus::read(path)?;
        let poems = || corpus.training.iter().filter(|poem| poem.form == form);
        let mut units = Units::for_poems(poems().map(|poem| poem.lines.as_slice()));
        let training: Vec<Verse> = poems().map(|poem| units.verse(&poem.lines)).collect();
        if training.is_empty() {
            return Err(UserError(format!("{}: it has no poem of the form {form}", corpus.info.path)).into());
        }
        let of_form = corpus.held_out.iter().filter(|poem| poem.form == form);
        let held_out: Vec<Vec<String>> = of_form.map(|poem| poem.lines.clone()).collect();
        let is_enough = held_out.len().min(options.samples) >= c2st::LEAST_POEMS;
        let classifier = if is_enough && !options.quick {
            Some(Classifier::new((model, &corpus), (form, held_out), options.seed, progress)?)
        } else {
            None
        };
        Ok(Judge { rhyme: Rhyme::learn(&training, &units), units, classifier, seed: options.seed })
    }

    /// The qualities of a collection of poems by name, each with its interval.
    pub fn figures(&self, texts: &[Vec<String>], verses: &[Verse]) -> Result<BTreeMap<&'static str, Figure>> {
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
        if let Some(classifier) = &self.classifier {
            figures.insert("c2st_error", classifier.error(texts, self.seed)?);
        }
        Ok(figures)
    }
}

impl Classifier {
    fn new(
        (model, corpus): (&Model, &Corpus),
        (form, held_out): (Form, Vec<Vec<String>>),
        seed: u64,
        progress: &mut Progress,
    ) -> Result<Classifier> {
        let dataset = Dataset::new(corpus, &model.tokenizer, &model.config);
        // That of an evaluation with its usual number of poems, so that the two share one language model.
        let language = language_of(model, (corpus, &dataset), (SAMPLES, seed), progress)?;
        let background = Background::new(&remaining(&corpus.training, &[form], SAMPLES, seed), seed)?;
        let mut classifier = Classifier { background, language, held_out: Vec::new() };
        classifier.held_out = classifier.features(&held_out)?;
        Ok(classifier)
    }

    /// How often the trees of `eval` are wrong about a poem: 0.5 where they cannot tell these from held-out ones.
    fn error(&self, texts: &[Vec<String>], seed: u64) -> Result<Figure> {
        let generated = self.features(&texts[..texts.len().min(self.held_out.len())])?;
        let accuracy = c2st::by_trees(&self.held_out, &generated, seed)?;
        let (low, high) = accuracy.interval();
        Ok(Figure { value: 1.0 - accuracy.share(), interval: Some((1.0 - high, 1.0 - low)) })
    }

    fn features(&self, texts: &[Vec<String>]) -> Result<Vec<Vec<f64>>> {
        Knowledge { background: &self.background, language: Some(&self.language), extra: &tones }.features(texts)
    }
}
