//! The poems that a model is compared with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::corpus::{self, Corpus, Form, HeldOutRule};
use crate::error::UserError;
use crate::gan::data::{Bucket, Dataset};
use crate::run::changes::Saved;
use crate::tokenizer::select_held_out;
use crate::write::Model;

/// Fewest held-out poems of a form for a comparison.
const FEWEST: usize = 5;

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
pub fn selected_buckets(form: Option<Form>, data: &TokenizedCorpus) -> Result<Vec<&Bucket>> {
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
