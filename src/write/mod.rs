//! `poetgan write`: poems from a trained model.

mod axes;
mod axis_poems;
pub mod between;
mod card;
mod choice;
mod compose;
pub mod constraints;
pub mod explain;
pub mod explore;
mod fingerprint;
pub mod known;
mod markdown;
pub mod model;
pub mod options;
mod output;
mod packed_file;
pub mod phrases;
mod poem_json;
mod poem_script;
pub mod revise;
pub mod rhyme_pairs;
mod select;
mod spelling;
mod steering;
pub mod studio;
mod told;
mod upright;

pub use axes::{AxisMove, axis_words};
pub use axis_poems::{AxisPoems, along_axes};
pub use choice::{BUILTIN, CheckpointChoice, ModelChoice, pinned};
pub use compose::{GeneratedPoem, PoemRequest, compose, compose_steered, compose_with, seeds_of_sample};
pub use model::Model;
pub use options::WriteOptions;
pub use output::{OutputOptions, PoemFormat};
pub use select::SelectBy;
pub use steering::Steering;
pub use told::Told;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use self::explain::Explainer;
use self::phrases::PhraseIndex;
use self::rhyme_pairs::RhymePairs;
use crate::corpus::{self, ReadOptions};
use crate::error::UserError;
use crate::lang::Lang;
use crate::outputs;
use crate::printable::printable;
use crate::run::files::write_atomically;
use output::PoemOutput;
use spelling::Spelling;

/// The defaults of `write`, chosen by measurement (docs/evaluation.md, "Defaults of write").
pub const DEFAULT_TEMPERATURE: f32 = 0.7;
pub const DEFAULT_TOP_P: f32 = 1.0;
pub const DEFAULT_DRAFTS: usize = 8;
pub const DEFAULT_SELECT_BY: SelectBy = SelectBy::Draw;

/// Poems that are generated before they are printed: at first few, so that there is soon something to read, then more.
const FIRST_BATCH: u64 = 2;
const BATCH: u64 = 256;

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
    options.output.check(options.count, options.model.named().as_slice())?;
    crate::nn::threads::prepare();
    let told = options.output.told;
    let model = options.model.open(told.lang)?;
    options.form.map(|form| model.form_token(form)).transpose()?;
    told.rare(&model, options.form);
    if options.avoid_copying {
        told.copying(&model);
    }
    let (request, steering) = wanted(&model, options)?;
    let explainer = options.explain.map(|style| Explainer::new(&model, style)).transpose()?;
    let poems = options.shard.map_or(0..options.count, |shard| shard.range(options.count));
    let (first, count) = (options.seed.wrapping_add(poems.start), poems.end - poems.start);
    let mut output = PoemOutput::new(&options.output, explainer, poems.start, out)?;
    let is_newest = options.model.path.is_none();
    for (number, seeds) in batches(first, count).enumerate() {
        output.write(compose_steered(&model, request, &steering, &seeds)?)?;
        // After the first poems, so that a mistake is told alone.
        if number == 0 {
            told.model(&model, &seeds_text(first, count), is_newest);
        }
    }
    output.finish()
}

/// The seeds of `count` poems in batches.
fn batches(first: u64, count: u64) -> impl Iterator<Item = Vec<u64>> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let batch = BATCH.min(done.max(FIRST_BATCH)).min(count - done);
        done += batch;
        (batch > 0).then(|| (done - batch..done).map(|i| first.wrapping_add(i)).collect())
    })
}

/// The seeds of `count` poems in words.
fn seeds_text(first: u64, count: u64) -> String {
    let last = first.wrapping_add(count - 1);
    if first == last { format!("seed {first}") } else { format!("seeds {first} to {last}") }
}

/// The theme, the moves and the constraints for a model, in its characters.
fn steering(options: &WriteOptions, model: &Model) -> Result<Steering> {
    let WriteOptions { theme, axes, constraints, form, .. } = options;
    let spelling = Spelling::of(model, spelling::texts(theme.as_deref(), axes, constraints))?;
    let theme = theme.as_deref().map(|theme| spelling.text(theme));
    let steering = Steering::new(model, theme.as_deref(), &spelling.moves(axes))?;
    steering.with_constraints(model, &spelling.constraints(constraints), *form)
}

/// What the options ask of a model.
///
/// # Errors
/// Words and axes that the model does not know, or constraints that no poem can meet.
fn wanted(model: &Model, options: &WriteOptions) -> Result<(PoemRequest, Steering)> {
    let WriteOptions { form, temperature, top_p, select_by: by, .. } = *options;
    let with_scores = options.output.format == PoemFormat::Json || options.explain.is_some();
    let select = options.select.unwrap_or(usual_request(model).select);
    let request = PoemRequest { form, temperature: Some(temperature), top_p, select, by, with_scores };
    Ok((request, Steering { avoid_copying: options.avoid_copying, ..steering(options, model)? }))
}

/// Packs a model into the file `output`, with the phrases and the rhyming lines of `corpus` instead of its own, if it is given;
/// returns a line with its name and size.
///
/// # Errors
/// A model or a corpus that cannot be read, a corpus with too many phrases, or a file that cannot be written.
pub fn pack(model: &ModelChoice, corpus: Option<&Path>, output: &Path, lang: Lang) -> Result<String> {
    let inputs: Vec<PathBuf> = model.named().into_iter().chain(corpus.map(Path::to_path_buf)).collect();
    outputs::check(&[output], &inputs)?;
    crate::nn::threads::prepare();
    let mut model = model.open(lang)?;
    if let Some(path) = corpus {
        let corpus = corpus::read(path, &ReadOptions::default())?;
        let index = PhraseIndex::of(&model.tokenizer, &corpus.lines());
        let too_many = |phrases| {
            UserError(format!("--corpus {}: {phrases} phrases are too many for an index of 1 MB", path.display()))
        };
        model.phrases = Ok(Some(index.map_err(too_many)?));
        model.rhymes = Some(RhymePairs::of(&corpus.training));
    }
    let bytes = model.pack()?;
    write_atomically(output, &bytes).with_context(|| format!("cannot write {}", output.display()))?;
    let [output, name] = [&output.display().to_string(), &model.name].map(|text| printable(text));
    Ok(format!("{output}: {:.1} MB, from {name}\n", bytes.len() as f64 / 1e6))
}
