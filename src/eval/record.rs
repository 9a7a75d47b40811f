//! What the results of a comparison depend on, as the parts of its work record it.

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{ComparisonOptions, NamedModel};
use crate::error::UserError;
use crate::shard::Identity;
use crate::write::{CheckpointChoice, ModelChoice, SelectBy, pinned};

/// The options of a comparison, and the temperature of `eval`.
pub struct ComparisonRecord {
    pub comparison: ComparisonOptions,
    pub temperature: Option<f32>,
}

/// The same as values of JSON. Decimal numbers are texts, since JSON might round them.
#[derive(Serialize, Deserialize)]
struct Fields {
    model: PathBuf,
    checkpoint: Option<u64>,
    model_sha256: String,
    pretrained_sha256: Option<String>,
    corpus: Option<PathBuf>,
    corpus_sha256: String,
    form: Option<String>,
    samples: usize,
    seed: u64,
    select: usize,
    select_by: SelectBy,
    top_p: String,
    temperature: Option<String>,
    quick: bool,
}

/// What the results of a comparison depend on. The model is named as it can be found later, when there may be newer ones.
///
/// # Errors
/// A failed tensor operation, or a path that is not UTF-8.
pub fn identity(
    options: &ComparisonOptions,
    temperature: Option<f32>,
    models: &[NamedModel],
    corpus_sha256: &str,
) -> Result<Identity> {
    let mut digests = models.iter().map(|named| named.model.sha256()).collect::<Result<Vec<_>>>()?.into_iter();
    let choice = models.first().map(|named| pinned(&options.model, named.model)).unwrap_or_default();
    let fields = Fields {
        model: choice.path.unwrap_or_default(),
        checkpoint: match choice.checkpoint {
            Some(CheckpointChoice::Step(step)) => Some(step),
            _ => None,
        },
        model_sha256: digests.next().unwrap_or_default(),
        pretrained_sha256: digests.next(),
        corpus: options.corpus.clone(),
        corpus_sha256: corpus_sha256.to_string(),
        form: options.form.map(|form| form.to_string()),
        samples: options.samples,
        seed: options.seed,
        select: options.select,
        select_by: options.select_by,
        top_p: options.top_p.to_string(),
        temperature: temperature.map(|temperature| temperature.to_string()),
        quick: options.quick,
    };
    let value = serde_json::to_value(fields).map_err(|_| {
        UserError("--shard: the paths of the model and of the poems must be UTF-8; rename them".to_string())
    })?;
    Ok(value.as_object().cloned().unwrap_or_default())
}

impl ComparisonRecord {
    /// The options that [`identity`] recorded.
    ///
    /// # Errors
    /// Values of another kind.
    pub fn of_identity(identity: &Identity) -> Result<ComparisonRecord> {
        read(identity).ok_or_else(|| {
            UserError("the options that the parts record are damaged; compute the parts again".to_string()).into()
        })
    }
}

fn read(identity: &Identity) -> Option<ComparisonRecord> {
    let fields: Fields = serde_json::from_value(identity.clone().into()).ok()?;
    let comparison = ComparisonOptions {
        corpus: fields.corpus,
        model: ModelChoice { path: Some(fields.model), checkpoint: fields.checkpoint.map(CheckpointChoice::Step) },
        form: fields.form.map(|form| form.parse()).transpose().ok()?,
        samples: fields.samples,
        seed: fields.seed,
        select: fields.select,
        select_by: fields.select_by,
        top_p: fields.top_p.parse().ok()?,
        quick: fields.quick,
        json: false,
        part: None,
    };
    Some(ComparisonRecord { comparison, temperature: fields.temperature.map(|text| text.parse()).transpose().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::Model;

    #[cfg(unix)]
    #[test]
    fn a_path_that_a_part_cannot_record_is_a_mistake_of_the_user() {
        let name = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xff.txt");
        let options = ComparisonOptions { corpus: Some(name.into()), ..options() };
        let model = Model::builtin().unwrap();
        let error = identity(&options, None, &[NamedModel { name: "model", model: &model }], "00").unwrap_err();
        assert!(error.is::<UserError>() && error.to_string().contains("must be UTF-8"), "{error}");
    }

    fn options() -> ComparisonOptions {
        ComparisonOptions {
            corpus: Some("poems/a.txt".into()),
            model: ModelChoice::default(),
            form: Some("7x4".parse().unwrap()),
            samples: 20,
            seed: u64::MAX >> 1,
            select: 8,
            select_by: SelectBy::Best,
            top_p: 0.9,
            quick: true,
            json: false,
            part: None,
        }
    }

    #[test]
    fn options_survive_their_record() {
        let options = options();
        let model = Model::builtin().unwrap();
        let named = [NamedModel { name: "model", model: &model }];
        let identity = identity(&options, Some(0.1), &named, "00").unwrap();
        let read = ComparisonRecord::of_identity(&identity).unwrap();
        let model = ModelChoice { path: Some("builtin".into()), checkpoint: None };
        assert_eq!((read.comparison, read.temperature), (ComparisonOptions { model, ..options }, Some(0.1)));
        let mut damaged = identity;
        damaged.insert("top_p".to_string(), 3.into());
        assert!(ComparisonRecord::of_identity(&damaged).is_err());
    }
}
