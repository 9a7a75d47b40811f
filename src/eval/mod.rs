//! `poetgan eval`: how good a model's poems are, beside real poems and simple baselines, form by form.

pub mod c2st;
mod columns;
pub mod explain;
mod frechet;
pub mod language;
mod likelihood;
mod measure;
pub mod progress;
pub mod report;
mod vocabulary;

pub use columns::remaining;
pub use measure::{jackknife, tones};

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rayon::prelude::*;

use crate::config::TokenizerKind;
use crate::corpus::{self, Corpus, Form};
use crate::error::UserError;
use crate::gan::data::{Bucket, Dataset};
use crate::generator::PoemNll;
use crate::nn::threads;
use crate::run::changes::Saved;
use crate::write::{Chooser, Model, Wanted};
use c2st::Knowledge;
use columns::{Comparison, Poems, Texts, gather};
use language::Language;
use measure::Yardsticks;
use progress::Progress;
use report::{FormReport, Report};

/// Fewest held-out poems of a form that can be compared with.
const FEWEST: usize = 5;

/// Poems that each generator writes of each form, unless the user says otherwise.
pub const SAMPLES: usize = 2000;

/// Parts of the work on one form, as progress counts them.
const PARTS: usize = 3;

/// What the command line asks of `eval`.
#[derive(Clone, Debug, PartialEq)]
pub struct EvalOptions {
    /// `None`: the corpus that the model's run names.
    pub corpus: Option<PathBuf>,
    pub model: Option<PathBuf>,
    /// `None`: every form with enough held-out poems.
    pub form: Option<Form>,
    /// Poems that each generator writes of each form.
    pub samples: usize,
    pub seed: u64,
    /// Drafts of each poem: the discriminator chooses among the model's, its own likelihood among the pretrained model's.
    pub select: usize,
    pub temperature: Option<f32>,
    /// Without what has to be trained.
    pub quick: bool,
    pub json: bool,
    pub explain: bool,
}

/// Measures, and prints the result.
pub fn run(options: &EvalOptions, out: &mut impl Write) -> Result<()> {
    if options.explain {
        return explain::print(out).context("cannot write the explanations");
    }
    threads::prepare();
    let model = Model::find(options.model.as_deref())?;
    let warmup = model.pretrained()?;
    let path = corpus_of(options.corpus.as_deref(), &model)?;
    let corpus = corpus::read(&path)?;
    let dataset = Dataset::new(&corpus, &model.tokenizer, &model.config);
    let mut models = vec![("model", &model)];
    models.extend(warmup.iter().map(|warmup| ("pretrained", warmup)));
    let mut forms = BTreeMap::new();
    let buckets = chosen(options.form, &dataset, &corpus)?;
    let mut progress = Progress::new(PARTS * buckets.len());
    let sample = (options.samples, options.seed);
    let language =
        if options.quick { None } else { Some(language_of(&model, (&corpus, &dataset), sample, &mut progress)?) };
    for bucket in buckets {
        let report = of_form(options, &models, (&corpus, &dataset), bucket, language.as_ref(), &mut progress)?;
        forms.insert(bucket.form.to_string(), report);
    }
    drop(progress);
    let report = Report {
        model: model.name.clone(),
        corpus: path.display().to_string(),
        samples: options.samples,
        seed: options.seed,
        select: options.select,
        temperature: options.temperature.unwrap_or(model.config.sampling.temperature),
        forms,
    };
    let terminal = io::stdout().is_terminal().then(crossterm::terminal::size);
    let terminal = terminal.and_then(Result::ok).map(|(columns, _)| columns);
    if options.json { report.json(out) } else { report.table(out, terminal) }.context("cannot write the report")
}

/// A language model of the real poems of all forms that stand in no column of an evaluation with so many `samples` and
/// this `seed`; kept in the model's run, if it has one.
pub fn language_of(
    model: &Model,
    (corpus, dataset): (&Corpus, &Dataset),
    (samples, seed): (usize, u64),
    progress: &mut Progress,
) -> Result<Language> {
    let forms: Vec<Form> = dataset.buckets.iter().map(|bucket| bucket.form).collect();
    let key = format!("1 {} {forms:?} {samples} {seed} {}", corpus.info.sha256, language::STEPS);
    Language::cached(model.run.as_deref(), &key, || {
        let poems = columns::remaining(&corpus.training, &forms, samples, seed);
        let mut told = |step, of| progress.part("a language model learns from real poems", step, of);
        Language::train(&poems, language::STEPS, seed, &mut told)
    })
}

/// The poems to compare with: those that the user names, else those of the model's run.
pub fn corpus_of(asked: Option<&Path>, model: &Model) -> Result<PathBuf> {
    if let Some(path) = asked {
        return Ok(path.to_path_buf());
    }
    let saved = model.run.as_deref().map(Saved::read).transpose()?.flatten();
    let path = saved.as_ref().and_then(|saved| saved.corpus["path"].as_str());
    path.map(PathBuf::from).ok_or_else(|| {
        let message =
            "this model does not say what it was trained on; name the file of poems, such as corpora/tang.txt";
        UserError(message.to_string()).into()
    })
}

/// The buckets that can be compared with.
fn chosen<'a>(form: Option<Form>, dataset: &'a Dataset, corpus: &Corpus) -> Result<Vec<&'a Bucket>> {
    let held_out = |form: Form| corpus.held_out.iter().filter(|poem| poem.form == form).count();
    if let Some(form) = form {
        let bucket = dataset.buckets.iter().find(|bucket| bucket.form == form).ok_or_else(|| {
            let known: Vec<String> = dataset.buckets.iter().map(|bucket| bucket.form.to_string()).collect();
            UserError(format!("--form {form}: model and corpus do not both have it; they have {}", known.join(", ")))
        })?;
        if held_out(form) < FEWEST {
            let message =
                format!("--form {form}: only {} poems of it are held out; {FEWEST} are needed", held_out(form));
            return Err(UserError(message).into());
        }
        return Ok(vec![bucket]);
    }
    let buckets: Vec<&Bucket> = dataset.buckets.iter().filter(|bucket| held_out(bucket.form) >= FEWEST).collect();
    if dataset.buckets.is_empty() {
        let message = format!("{}: none of its forms is one that the model has learned", corpus.info.path);
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

fn of_form(
    options: &EvalOptions,
    models: &[(&'static str, &Model)],
    (corpus, dataset): (&Corpus, &Dataset),
    bucket: &Bucket,
    language: Option<&Language>,
    progress: &mut Progress,
) -> Result<FormReport> {
    progress.next(&format!("{}: poems are written", bucket.form));
    let EvalOptions { samples, seed, temperature, select, .. } = *options;
    let wanted = Wanted { form: Some(bucket.form), temperature, select, by: Chooser::Discriminator, judged: false };
    let comparison = gather(models, (&corpus.training, &corpus.held_out), wanted, (samples, seed))?;
    progress.next(&format!("{}: poems are measured", bucket.form));
    let yardsticks = Yardsticks::new(&comparison, seed);
    let mut report = FormReport::default();
    report.counts.extend(yardsticks.counts());
    report.counts.insert("held-out poems", comparison.held_out.len());
    let measure = |texts: &Texts| (yardsticks.measure(texts), yardsticks.alarms(texts, &comparison.held_out));
    let measured: Vec<_> = comparison.columns.par_iter().map(measure).collect();
    for (texts, (column, alarms)) in comparison.columns.iter().zip(measured) {
        report.columns.insert(texts.name, column);
        report.alarms.extend(alarms);
    }
    progress.next(&format!("{}: the likelihood of held-out poems", bucket.form));
    let mut nll: Vec<(&'static str, Vec<PoemNll>)> = Vec::new();
    for (name, model) in models {
        nll.push((name, likelihood::nll(model, dataset, bucket)?));
    }
    nll.push(("bigram", chain_costs(&comparison)));
    for (name, own) in &nll {
        // Where the model's tokens are no characters or words, only whole poems can be compared.
        let is_comparable = *name != "bigram" || models.iter().all(|(_, m)| m.tokenizer.kind() != TokenizerKind::Bpe);
        yardsticks.likelihood(report.columns.entry(name).or_default(), own, is_comparable);
    }
    if let Some(language) = language {
        frechet_distances(&comparison, language, &mut report)?;
        classify(&comparison, language, &mut report, (seed, bucket.form, progress))?;
    }
    Ok(report)
}

/// Tells the poems of every column from held-out ones; the column `real` stands for other real poems.
fn classify(
    comparison: &Comparison,
    language: &Language,
    report: &mut FormReport,
    (seed, form, progress): (u64, Form, &mut Progress),
) -> Result<()> {
    let real = &comparison.held_out.texts;
    if real.len() < c2st::LEAST_POEMS {
        let few = "held-out poems are too few for classifiers and for frechet, which need";
        report.alarms.push(format!("{} {few} {}", real.len(), c2st::LEAST_POEMS));
        return Ok(());
    }
    let background = c2st::Background::new(&comparison.background.texts, seed)?;
    let known = Knowledge { background: &background, language: Some(language), extra: &measure::tones };
    for (index, texts) in (1..).zip(&comparison.columns) {
        progress.part(
            &format!("{form}: classifiers learn to tell '{}'", texts.name),
            index,
            comparison.columns.len() as u64,
        );
        let other = others(texts);
        let generated = &other.texts[..other.len().min(real.len())];
        if generated.len() < c2st::LEAST_POEMS {
            continue;
        }
        let found = c2st::test(real, generated, known, seed)?;
        let column = report.columns.entry(texts.name).or_default();
        column.insert("c2st_accuracy", found.accuracy());
        for result in &found.classifiers {
            column.insert(&format!("c2st_{}", result.classifier), Some(result.test));
        }
    }
    Ok(())
}

/// The poems of a column that are compared with held-out ones: for `real` those of other real poems.
fn others(texts: &Texts) -> &Poems {
    if texts.name == "real" { &texts.many } else { &texts.unseen }
}

/// Distances of all columns from the held-out poems, on equally many of each.
fn frechet_distances(comparison: &Comparison, language: &Language, report: &mut FormReport) -> Result<()> {
    let lens = comparison.columns.iter().map(|texts| others(texts).len());
    let count = lens.chain([comparison.held_out.len()]).min().unwrap_or(0);
    if count < c2st::LEAST_POEMS {
        return Ok(());
    }
    let reference = frechet::Reference::new(&language.pooled(&comparison.held_out.texts[..count])?);
    for texts in &comparison.columns {
        let states = language.pooled(&others(texts).texts[..count])?;
        let figure = jackknife(&states, |states| reference.distance(states));
        report.columns.entry(texts.name).or_default().0.insert("frechet".to_string(), figure);
    }
    report.counts.insert("poems for frechet", count);
    Ok(())
}

/// The likelihood of the held-out poems under the chain.
fn chain_costs(comparison: &Comparison) -> Vec<PoemNll> {
    let cost = |verse| {
        let (nats, units) = comparison.chain.nll(verse);
        PoemNll { nats, units }
    };
    comparison.held_out.verses.iter().map(cost).collect()
}
