//! `poetgan eval`: measures of a model's poems next to those of real poems and simple baselines, per form.

pub mod c2st;
mod classify;
pub mod coherence;
mod columns;
mod compared;
pub mod explain;
mod form;
mod frechet;
pub mod language;
mod latent;
mod likelihood;
mod measure;
mod poem_text;
pub mod progress;
pub mod record;
pub mod report;
mod vocabulary;

pub use columns::remaining;
pub use compared::{TokenizedCorpus, read_corpus};
pub use measure::{jackknife, tones};
pub use poem_text::PoemText;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::corpus::Form;
use crate::nn::threads;
use crate::outputs;
use crate::shard::{DividedWork, PartOptions, PartSet};
use crate::ui::Lang;
use crate::write::{Model, ModelChoice, SelectBy};
use compared::{corpus_of, selected_buckets};
use form::evaluate_form;
use language::Language;
use progress::ProgressLine;
use record::ComparisonRecord;
use report::EvalReport;

/// The name of the command in its parts.
const COMMAND: &str = "eval";

/// Generated poems of each model and form, unless the user asks for another number.
pub const SAMPLES: usize = 2000;

/// Parts of the work on one form, for the progress line.
const PARTS: usize = 3;

/// Options that `eval` and `sweep` share: what is compared with what.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonOptions {
    /// `None`: the corpus of the model's run.
    pub corpus: Option<PathBuf>,
    pub model: ModelChoice,
    /// `None`: for `eval` every form with enough held-out poems, for `sweep` the form with most training poems.
    pub form: Option<Form>,
    /// Generated poems of each model and form, and for `sweep` of each temperature.
    pub samples: usize,
    pub seed: u64,
    /// Drafts of each poem. The model's are selected by its discriminator, the pretrained model's by their likelihood.
    pub select: usize,
    pub select_by: SelectBy,
    /// As in [`Request`](crate::generator::Request).
    pub top_p: f32,
    /// Leave out whatever needs a language model of the corpus.
    pub quick: bool,
    pub json: bool,
    /// `None`: all of the work.
    pub part: Option<PartOptions>,
}

impl ComparisonOptions {
    /// Size and seed of the samples.
    pub fn sample(&self) -> Sample {
        Sample { poems: self.samples, seed: self.seed }
    }

    /// The poems to compare `model` with, once the files that `command` writes, `others` beside the part, are known to destroy nothing.
    ///
    /// # Errors
    /// No corpus, or such a file.
    pub fn checked_corpus(&self, model: &Model, command: &str, others: &[&Path]) -> Result<PathBuf> {
        let corpus = corpus_of(self.corpus.as_deref(), model)?;
        let part = self.part.as_ref().map(|part| part.path(command));
        let files: Vec<&Path> = part.as_deref().into_iter().chain(others.iter().copied()).collect();
        let inputs: Vec<PathBuf> = self.model.named().into_iter().chain([corpus.clone()]).collect();
        outputs::check(&files, &inputs)?;
        Ok(corpus)
    }
}

/// The options of `eval`.
#[derive(Clone, Debug, PartialEq)]
pub struct EvalOptions {
    pub comparison: ComparisonOptions,
    /// `None`: that of the model's configuration.
    pub temperature: Option<f32>,
    /// Print what the metrics mean, and do nothing else.
    pub explain: bool,
    pub lang: Lang,
}

/// Size and seed of a sample of poems.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub poems: usize,
    pub seed: u64,
}

/// A model and the column or curve that it is shown as.
#[derive(Clone, Copy)]
pub struct NamedModel<'a> {
    pub name: &'static str,
    pub model: &'a Model,
}

/// Measures a model and prints the report; or computes a part of the work, and writes its file.
///
/// # Errors
/// A model or corpus that cannot be read, a form without enough held-out poems, output that cannot be written.
pub fn run(options: &EvalOptions, out: &mut impl Write) -> Result<()> {
    if options.explain {
        return explain::print(options.lang, out).context("cannot write the explanations");
    }
    let Some(options_of_part) = &options.comparison.part else {
        return print(options, &mut DividedWork::Whole, out);
    };
    let mut work = options_of_part.begin(COMMAND)?;
    evaluate(options, &mut work)?;
    options_of_part.finish(&work, options.lang, out)
}

/// Prints the report on what the parts have generated.
///
/// # Errors
/// Parts that were computed with another model or corpus, and whatever [`run`] fails with.
pub fn merge(parts: PartSet, json: bool, lang: Lang, out: &mut impl Write) -> Result<()> {
    let ComparisonRecord { comparison, temperature } = ComparisonRecord::of_identity(&parts.identity())?;
    let options =
        EvalOptions { comparison: ComparisonOptions { json, ..comparison }, temperature, explain: false, lang };
    print(&options, &mut DividedWork::Merged(parts), out)
}

fn print(options: &EvalOptions, work: &mut DividedWork, out: &mut impl Write) -> Result<()> {
    let Some(report) = evaluate(options, work)? else { return Ok(()) };
    let terminal = io::stdout().is_terminal().then(crossterm::terminal::size);
    let terminal = terminal.and_then(Result::ok).map(|(columns, _)| columns);
    let shown = if options.comparison.json { report.json(out) } else { report.table(out, terminal, options.lang) };
    shown.context("cannot write the report")
}

/// The report; `None` for a part of the work.
fn evaluate(options: &EvalOptions, work: &mut DividedWork) -> Result<Option<EvalReport>> {
    threads::prepare();
    let comparison = &options.comparison;
    let model = comparison.model.open(options.lang)?;
    let pretrained = model.pretrained()?;
    let path = comparison.checked_corpus(&model, COMMAND, &[])?;
    let data = TokenizedCorpus::new(read_corpus(&path, comparison.corpus.as_deref(), &model)?, &model);
    let mut models = vec![NamedModel { name: "model", model: &model }];
    models.extend(pretrained.iter().map(|model| NamedModel { name: "pretrained", model }));
    work.identify(|| record::identity(comparison, options.temperature, &models, &data.corpus.info.sha256))?;
    let mut forms = BTreeMap::new();
    let buckets = selected_buckets(comparison.form, &data)?;
    let mut progress = ProgressLine::new(PARTS * buckets.len(), options.lang);
    let needs_language = !comparison.quick && !work.is_part();
    let language =
        if needs_language { Some(language_of(&model, &data, comparison.sample(), &mut progress)?) } else { None };
    for bucket in buckets {
        if let Some(report) = evaluate_form(options, &models, &data, bucket, language.as_ref(), work, &mut progress)? {
            forms.insert(bucket.form.to_string(), report);
        }
    }
    drop(progress);
    let report = EvalReport {
        model: model.name.clone(),
        corpus: path.display().to_string(),
        samples: comparison.samples,
        seed: comparison.seed,
        select: comparison.select,
        select_by: comparison.select_by,
        top_p: comparison.top_p,
        temperature: options.temperature.unwrap_or(model.config.sampling.temperature),
        forms,
    };
    Ok(if work.is_part() { None } else { Some(report) })
}

/// The language model of `eval`: trained on the real poems of all forms that an evaluation with this sample neither shows
/// in a column nor classifies. It is saved in the model's run directory, if it has one, and read from there.
///
/// # Errors
/// A failed tensor operation, or a file that cannot be written.
pub fn language_of(
    model: &Model,
    data: &TokenizedCorpus,
    sample: Sample,
    progress: &mut ProgressLine,
) -> Result<Language> {
    let forms: Vec<Form> = data.dataset.buckets.iter().map(|bucket| bucket.form).collect();
    let Sample { poems, seed } = sample;
    let key = format!("2 {} {forms:?} {poems} {seed} {}", data.corpus.info.sha256, language::STEPS);
    Language::cached(model.run.as_deref(), &key, || {
        let poems = columns::never_classified(&data.corpus.training, &forms, sample);
        let on_step = |step, of| progress.part("training a language model on real poems", step, of);
        Language::train(&poems, language::STEPS, seed, on_step)
    })
}
