//! `poetgan write`: poems from a trained model.

mod axes;
mod axis_poems;
pub mod between;
mod choice;
mod compose;
pub mod constraints;
pub mod explain;
pub mod explore;
pub mod model;
pub mod options;
mod packed_file;
pub mod phrases;
pub mod revise;
mod select;
mod steering;
pub mod studio;

pub use axes::{AxisMove, axis_words};
pub use axis_poems::{AxisPoems, along_axes};
pub use choice::{BUILTIN, CheckpointChoice, ModelChoice};
pub use compose::{GeneratedPoem, PoemRequest, compose, compose_steered, compose_with, seeds_of_sample};
pub use model::Model;
pub use options::WriteOptions;
pub use select::SelectBy;
pub use steering::Steering;

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;

use self::explain::Explainer;
use self::phrases::PhraseIndex;
use crate::corpus::{self, ReadOptions};
use crate::error::UserError;
use crate::run::files::write_atomically;

/// The defaults of `write`, chosen by measurement (docs/evaluation.md, "Defaults of write").
pub const DEFAULT_TEMPERATURE: f32 = 0.7;
pub const DEFAULT_TOP_P: f32 = 1.0;
pub const DEFAULT_DRAFTS: usize = 8;
pub const DEFAULT_SELECT_BY: SelectBy = SelectBy::Draw;

/// Poems that are generated before they are printed.
const BATCH: u64 = 256;

/// A poem as a JSON object.
#[derive(Serialize)]
struct Json<'a> {
    seed: u64,
    form: String,
    lines: &'a [String],
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    stanzas: &'a [usize],
    text: &'a str,
    line_scores: &'a [f32],
    score: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Value>,
}

/// What `write` asks of a model unless the user says otherwise.
pub fn usual_request(model: &Model) -> PoemRequest {
    PoemRequest {
        form: None,
        temperature: Some(DEFAULT_TEMPERATURE),
        top_p: DEFAULT_TOP_P,
        select: if model.discriminator.is_some() { DEFAULT_DRAFTS } else { 1 },
        by: DEFAULT_SELECT_BY,
        with_scores: false,
    }
}

/// Generates poems and writes them to `out`.
///
/// # Errors
/// A model that cannot be read or lacks the form, or output that cannot be written.
pub fn run(options: &WriteOptions, out: &mut impl Write) -> Result<()> {
    crate::nn::threads::prepare();
    let model = options.model.open_and_tell()?;
    model.tell_of_rare(options.form);
    if options.avoid_copying {
        model.tell_of_copying();
    }
    let (request, steering) = wanted(&model, options)?;
    let explainer = options.explain.map(|style| Explainer::new(&model, style)).transpose()?;
    let mut done = 0;
    while done < options.count {
        let batch = BATCH.min(options.count - done);
        let seeds: Vec<u64> = (0..batch).map(|i| options.seed.wrapping_add(done + i)).collect();
        let poems = compose_steered(&model, request, &steering, &seeds)?;
        for (poem, index) in poems.iter().zip(done..) {
            if options.json {
                json(poem, explainer.as_ref(), out)
            } else {
                text(poem, explainer.as_ref(), index > 0, out)
            }
            .context("cannot write the poems")?;
        }
        out.flush().context("cannot write the poems")?;
        done += batch;
    }
    Ok(())
}

/// What the options ask of a model.
///
/// # Errors
/// Words and axes that the model does not know, or wishes that no poem can meet.
fn wanted(model: &Model, options: &WriteOptions) -> Result<(PoemRequest, Steering)> {
    let WriteOptions { form, temperature, top_p, select_by: by, .. } = *options;
    let with_scores = options.json || options.explain.is_some();
    let select = options.select.unwrap_or(usual_request(model).select);
    let request = PoemRequest { form, temperature: Some(temperature), top_p, select, by, with_scores };
    let steering = Steering::new(model, options.theme.as_deref(), &options.axes)?;
    let steering = steering.with_wishes(model, &options.wishes, form)?;
    Ok((request, Steering { avoid_copying: options.avoid_copying, ..steering }))
}

/// Packs a model into the file `output`, with an index of the phrases of `corpus` instead of its own, if it is given; returns
/// a line with its name and size.
///
/// # Errors
/// A model or a corpus that cannot be read, a corpus with too many phrases, or a file that cannot be written.
pub fn pack(model: &ModelChoice, corpus: Option<&Path>, output: &Path) -> Result<String> {
    crate::nn::threads::prepare();
    let mut model = model.open()?;
    if let Some(path) = corpus {
        let index = PhraseIndex::of(&model.tokenizer, &corpus::read(path, &ReadOptions::default())?.lines());
        let too_many = |phrases| {
            UserError(format!("--corpus {}: {phrases} phrases are too many for an index of 1 MB", path.display()))
        };
        model.phrases = Some(index.map_err(too_many)?);
    }
    let bytes = model.pack()?;
    write_atomically(output, &bytes).with_context(|| format!("cannot write {}", output.display()))?;
    Ok(format!("{}: {:.1} MB, from {}\n", output.display(), bytes.len() as f64 / 1e6, model.name))
}

fn text(
    poem: &GeneratedPoem,
    explainer: Option<&Explainer>,
    follows: bool,
    out: &mut impl Write,
) -> std::io::Result<()> {
    if follows {
        writeln!(out)?;
    }
    writeln!(out, "{}", poem.text)?;
    explainer.map_or(Ok(()), |explainer| writeln!(out, "\n{}", explainer.text(poem)))
}

fn json(poem: &GeneratedPoem, explainer: Option<&Explainer>, out: &mut impl Write) -> std::io::Result<()> {
    let GeneratedPoem { seed, form, lines, stanzas, text, line_scores, score, cost } = poem;
    let (seed, form, score) = (*seed, form.to_string(), *score);
    let cost = cost.map(|cost| cost.forbidden).filter(|&cost| cost > 0.0);
    let explanation = explainer.map(|explainer| explainer.json(poem));
    let object = Json { seed, form, lines, stanzas, text, line_scores, score, cost, explanation };
    serde_json::to_writer(&mut *out, &object)?;
    writeln!(out)
}
