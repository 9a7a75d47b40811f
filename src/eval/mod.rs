//! `poetgan eval`: measures of a model's poems next to those of real poems and simple baselines, per form.

pub mod c2st;
mod classify;
pub mod coherence;
mod columns;
pub mod explain;
mod form;
mod frechet;
pub mod language;
mod latent;
mod likelihood;
mod measure;
mod poem_text;
pub mod progress;
pub mod report;
mod vocabulary;

pub use columns::remaining;
pub use measure::{jackknife, tones};
pub use poem_text::PoemText;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::corpus::{self, Corpus, Form, HeldOutRule};
use crate::error::UserError;
use crate::gan::data::{Bucket, Dataset};
use crate::nn::threads;
use crate::run::changes::Saved;
use crate::tokenizer::select_held_out;
use crate::ui::Lang;
use crate::write::{Model, ModelChoice, SelectBy};
use form::evaluate_form;
use language::Language;
use progress::ProgressLine;
use report::EvalReport;

/// Fewest held-out poems of a form for a comparison.
const FEWEST: usize = 5;

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
}

impl ComparisonOptions {
    /// Size and seed of the samples.
    pub fn sample(&self) -> Sample {
        Sample { poems: self.samples, seed: self.seed }
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

/// A corpus and its poems as tokens of a model. Its held-out poems are those that the model can write, so that all columns
/// and the likelihood count the same ones.
pub struct TokenizedCorpus {
    pub corpus: Corpus,
    pub dataset: Dataset,
    /// Held-out poems of each form that the model cannot write.
    pub left_out: BTreeMap<Form, usize>,
}

impl TokenizedCorpus {
    pub fn new(mut corpus: Corpus, model: &Model) -> TokenizedCorpus {
        // A poem is of the form whose tag the model gives it.
        for poem in corpus.training.iter_mut().chain(&mut corpus.held_out) {
            poem.form = model.tokenizer.tagged_form(poem.form);
        }
        let mut left_out = BTreeMap::new();
        corpus.held_out.retain(|poem| {
            let is_writable = model.tokenizer.encode(poem).is_some();
            if !is_writable {
                *left_out.entry(poem.form).or_default() += 1;
            }
            is_writable
        });
        let dataset = Dataset::new(&corpus, &model.tokenizer, &model.config);
        TokenizedCorpus { corpus, dataset, left_out }
    }
}

/// Measures a model and prints the report.
///
/// # Errors
/// A model or corpus that cannot be read, a form without enough held-out poems, output that cannot be written.
pub fn run(options: &EvalOptions, out: &mut impl Write) -> Result<()> {
    if options.explain {
        return explain::print(options.lang, out).context("cannot write the explanations");
    }
    threads::prepare();
    let comparison = &options.comparison;
    let model = comparison.model.open()?;
    let pretrained = model.pretrained()?;
    let path = corpus_of(comparison.corpus.as_deref(), &model)?;
    let data = TokenizedCorpus::new(read_corpus(&path, comparison.corpus.as_deref(), &model)?, &model);
    let mut models = vec![NamedModel { name: "model", model: &model }];
    models.extend(pretrained.iter().map(|model| NamedModel { name: "pretrained", model }));
    let mut forms = BTreeMap::new();
    let buckets = selected_buckets(comparison.form, &data)?;
    let mut progress = ProgressLine::new(PARTS * buckets.len(), options.lang);
    let language =
        if comparison.quick { None } else { Some(language_of(&model, &data, comparison.sample(), &mut progress)?) };
    for bucket in buckets {
        let report = evaluate_form(options, &models, &data, bucket, language.as_ref(), &mut progress)?;
        forms.insert(bucket.form.to_string(), report);
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
    let terminal = io::stdout().is_terminal().then(crossterm::terminal::size);
    let terminal = terminal.and_then(Result::ok).map(|(columns, _)| columns);
    let shown = if comparison.json { report.json(out) } else { report.table(out, terminal, options.lang) };
    shown.context("cannot write the report")
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

/// The corpus to compare with: the one that the user names, else that of the model's run.
///
/// # Errors
/// A model without a run, or a run without a record of its corpus.
pub fn corpus_of(asked: Option<&Path>, model: &Model) -> Result<PathBuf> {
    if let Some(path) = asked {
        return Ok(path.to_path_buf());
    }
    let saved = model.run.as_deref().map(Saved::read).transpose()?.flatten();
    let path = saved.as_ref().and_then(|saved| saved.corpus["path"].as_str());
    path.map(PathBuf::from).ok_or_else(|| {
        let message = "this model does not record the corpus it was trained on; name the file of poems, such as \
                       corpora/tang.txt";
        UserError(message.to_string()).into()
    })
}

/// Reads the corpus at `path`, which is that of the model's run unless another one is `asked` for, and splits it as that run
/// did.
///
/// # Errors
/// A corpus that cannot be read.
pub fn read_corpus(path: &Path, asked: Option<&Path>, model: &Model) -> Result<Corpus> {
    let saved = model.run.as_deref().map(Saved::read).transpose()?.flatten();
    let of_run = saved.as_ref().filter(|_| asked.is_none());
    let options = of_run.and_then(|saved| serde_json::from_value(saved.corpus["options"].clone()).ok());
    let mut corpus = corpus::read(path, &options.unwrap_or_default())?;
    let is_same = |saved: &&Saved| saved.corpus["sha256"] == corpus.info.sha256.as_str();
    let rule = saved.as_ref().filter(is_same).map_or(HeldOutRule::Writable, Saved::held_out_rule);
    if rule == HeldOutRule::Writable {
        select_held_out(&mut corpus, &model.config.tokenizer);
    }
    Ok(corpus)
}

/// The buckets of the asked form, or of all forms with enough held-out poems.
fn selected_buckets(form: Option<Form>, data: &TokenizedCorpus) -> Result<Vec<&Bucket>> {
    let TokenizedCorpus { corpus, dataset, .. } = data;
    let held_out = |form: Form| corpus.held_out.iter().filter(|poem| poem.form == form).count();
    if let Some(form) = form {
        let bucket = dataset.buckets.iter().find(|bucket| bucket.form == form).ok_or_else(|| {
            let known: Vec<String> = dataset.buckets.iter().map(|bucket| bucket.form.to_string()).collect();
            UserError(format!(
                "--form {form}: the model and the corpus must both have this form; they share {}",
                known.join(", ")
            ))
        })?;
        if held_out(form) < FEWEST {
            let message =
                format!("--form {form}: only {} poems of this form are held out; {FEWEST} are needed", held_out(form));
            return Err(UserError(message).into());
        }
        return Ok(vec![bucket]);
    }
    let buckets: Vec<&Bucket> = dataset.buckets.iter().filter(|bucket| held_out(bucket.form) >= FEWEST).collect();
    if dataset.buckets.is_empty() {
        let message = format!("{}: the model was trained on none of its forms", corpus.info.path);
        return Err(UserError(message).into());
    }
    if buckets.is_empty() {
        let message = format!(
            "{}: no form has {FEWEST} held-out poems (one poem in twenty is held out); a larger corpus is needed",
            corpus.info.path
        );
        return Err(UserError(message).into());
    }
    Ok(buckets)
}
