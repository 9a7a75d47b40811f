//! The report on one form: all measures of all columns.

use anyhow::Result;
use rayon::prelude::*;

use super::classify::not_held_out;
use super::columns::{ColumnPoems, ComparedPoems, GeneratedPoems, gather, generate};
use super::language::Language;
use super::latent::LatentPoems;
use super::measure::{ReferencePoems, jackknife};
use super::progress::ProgressLine;
use super::report::{Figure, FormReport};
use super::{EvalOptions, NamedModel, TokenizedCorpus, c2st, classify, coherence, frechet, latent, likelihood};
use crate::config::TokenizerKind;
use crate::gan::data::Bucket;
use crate::generator::PoemNll;
use crate::shard::DividedWork;
use crate::write::PoemRequest;

/// What the models make of a form: the work that can be divided.
struct FormWork<'a> {
    poems: GeneratedPoems<'a>,
    latents: Vec<LatentPoems>,
    /// Likelihoods of the held-out poems by model.
    nll: Vec<(&'static str, Vec<PoemNll>)>,
}

/// Generates the poems of a form and measures all columns. Without a `language` model, classifiers and frechet are left
/// out. `None` for a part of the work.
///
/// # Errors
/// A model that cannot generate the form, or a failed tensor operation.
pub fn evaluate_form(
    options: &EvalOptions,
    models: &[NamedModel],
    data: &TokenizedCorpus,
    bucket: &Bucket,
    language: Option<&Language>,
    work: &mut DividedWork,
    progress: &mut ProgressLine,
) -> Result<Option<FormReport>> {
    let Some(work) = form_work(options, models, data, bucket, work, progress)? else { return Ok(None) };
    let seed = options.comparison.seed;
    progress.next(&format!("{}: measuring poems", bucket.form));
    let comparison = gather(work.poems);
    let references = ReferencePoems::new(&comparison, seed);
    let mut report = FormReport::default();
    report.counts.extend(references.counts());
    report.counts.insert("held-out poems", comparison.held_out.len());
    let left_out = data.left_out.get(&bucket.form).copied().unwrap_or(0);
    if left_out > 0 {
        report.counts.insert("held-out poems with tokens that the model lacks, left out", left_out);
    }
    measure_columns(&comparison, &references, seed, &mut report);
    for (named, poems) in models.iter().zip(work.latents) {
        latent::add(*named, poems, data, bucket, seed, &mut report)?;
    }
    let chain = [("bigram", chain_nll(&comparison))];
    for (name, own) in work.nll.iter().chain(&chain) {
        // Where tokens are neither characters nor words, only whole poems can be compared with the chain.
        let is_bpe = |named: &NamedModel| named.model.tokenizer.kind() == TokenizerKind::Bpe;
        let is_comparable = *name != "bigram" || !models.iter().any(is_bpe);
        references.likelihood(report.columns.entry(name).or_default(), own, is_comparable);
    }
    if let Some(language) = language {
        frechet_distances(&comparison, language, &mut report)?;
        classify::held_out(&comparison, language, seed, &mut report, progress)?;
        classify::cross_fitted(&comparison, &data.corpus, language, seed, &mut report, progress)?;
    }
    Ok(Some(report))
}

fn form_work<'a>(
    options: &EvalOptions,
    models: &[NamedModel],
    data: &'a TokenizedCorpus,
    bucket: &Bucket,
    work: &mut DividedWork,
    progress: &mut ProgressLine,
) -> Result<Option<FormWork<'a>>> {
    progress.next(&format!("{}: generating poems", bucket.form));
    let comparison = &options.comparison;
    let request = PoemRequest {
        form: Some(bucket.form),
        temperature: options.temperature,
        top_p: comparison.top_p,
        select: comparison.select,
        by: comparison.select_by,
        with_scores: false,
    };
    let poems = generate(models, &data.corpus, request, comparison.sample(), !comparison.quick, work)?;
    let (mut latents, mut nll) = (Vec::new(), Vec::new());
    for named in models {
        latents.extend(latent::generate(options, *named, data, bucket, work)?);
    }
    progress.next(&format!("{}: likelihood of held-out poems", bucket.form));
    for NamedModel { name, model } in models {
        let task = format!("{} {name} likelihood", bucket.form);
        nll.extend(likelihood::nll(model, &data.dataset, bucket, &task, work)?.map(|nll| (*name, nll)));
    }
    Ok(poems.map(|poems| FormWork { poems, latents, nll }))
}

/// Adds the figures and alarms of all columns that need no model.
fn measure_columns(comparison: &ComparedPoems, references: &ReferencePoems, seed: u64, report: &mut FormReport) {
    let measure = |poems: &ColumnPoems| {
        let mut figures = references.measure(poems);
        figures.0.extend(whole_poems(comparison, poems, seed));
        (figures, references.alarms(poems, &comparison.held_out))
    };
    let measured: Vec<_> = comparison.columns.par_iter().map(measure).collect();
    for (poems, (figures, alarms)) in comparison.columns.iter().zip(measured) {
        report.columns.insert(poems.name, figures);
        report.alarms.extend(alarms);
    }
}

/// Coherence and repetitions of the poems of a column.
fn whole_poems(comparison: &ComparedPoems, poems: &ColumnPoems, seed: u64) -> impl Iterator<Item = (String, Figure)> {
    let ComparedPoems { coherence: statistics, form, held_out, .. } = comparison;
    let unseen = (poems.unseen.texts.as_slice(), poems.unseen.verses.as_slice());
    let figures = coherence::figures(statistics, *form, unseen, &held_out.texts, seed);
    figures.into_iter().map(|(name, figure)| (name.to_string(), figure))
}

/// Adds the Fréchet distance of each column from the held-out poems, over the same number of poems in each.
fn frechet_distances(comparison: &ComparedPoems, language: &Language, report: &mut FormReport) -> Result<()> {
    let lens = comparison.columns.iter().map(|poems| not_held_out(poems).len());
    let count = lens.chain([comparison.held_out.len()]).min().unwrap_or(0);
    if count < c2st::LEAST_POEMS {
        return Ok(());
    }
    let reference = frechet::Reference::new(&language.pooled(&comparison.held_out.texts[..count])?);
    for poems in &comparison.columns {
        let states = language.pooled(&not_held_out(poems).texts[..count])?;
        let figure = jackknife(&states, |states| reference.distance(states));
        report.columns.entry(poems.name).or_default().0.insert("frechet".to_string(), figure);
    }
    report.counts.insert("poems for frechet", count);
    Ok(())
}

/// The likelihood of the held-out poems under the bigram chain.
fn chain_nll(comparison: &ComparedPoems) -> Vec<PoemNll> {
    let of_poem = |verse| {
        let (nats, units) = comparison.chain.nll(verse);
        PoemNll { nats, units }
    };
    comparison.held_out.verses.iter().map(of_poem).collect()
}
