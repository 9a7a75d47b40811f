//! Poems from a trained model.

mod compose;
pub mod model;
pub mod options;
mod packed_file;

pub use compose::{Chooser, Wanted, Written, compose, compose_with, how_chosen, seeds_of_sample};
pub use model::Model;
pub use options::WriteOptions;

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::run::files::write_atomically;

/// Drafts of a poem where nobody asks for another number: the second one costs a millisecond or two, and keeps the
/// diversity of real poems (docs/evaluation.md, "Selection by the discriminator").
pub const USUAL_DRAFTS: usize = 2;

/// Poems that are written before the next ones are begun: what a reader waits for, at most.
const PORTION: u64 = 256;

/// A poem as a JSON object.
#[derive(Serialize)]
struct Json<'a> {
    seed: u64,
    form: String,
    lines: &'a [String],
    text: &'a str,
    line_scores: &'a [f32],
    score: Option<f32>,
}

/// Writes the poems that `options` ask for to `out`.
pub fn run(options: &WriteOptions, out: &mut impl Write) -> Result<()> {
    crate::nn::threads::prepare();
    let model = Model::find(options.model.as_deref())?;
    let WriteOptions { form, temperature, json: judged, .. } = *options;
    let select = options.select.unwrap_or(if model.discriminator.is_some() { USUAL_DRAFTS } else { 1 });
    let wanted = Wanted { form, temperature, select, by: Chooser::Discriminator, judged };
    let mut done = 0;
    while done < options.count {
        let portion = PORTION.min(options.count - done);
        let seeds: Vec<u64> = (0..portion).map(|i| options.seed.wrapping_add(done + i)).collect();
        let poems = compose(&model, wanted, &seeds)?;
        for (poem, index) in poems.iter().zip(done..) {
            if options.json { json(poem, out) } else { text(poem, index > 0, out) }
                .context("cannot write the poems")?;
        }
        out.flush().context("cannot write the poems")?;
        done += portion;
    }
    Ok(())
}

/// Packs the model at `model` into the file `output`; returns a line that says what was done.
pub fn pack(model: &Path, output: &Path) -> Result<String> {
    crate::nn::threads::prepare();
    let bytes = Model::open(model)?.pack()?;
    write_atomically(output, &bytes).with_context(|| format!("cannot write {}", output.display()))?;
    Ok(format!("{}: {:.1} MB\n", output.display(), bytes.len() as f64 / 1e6))
}

fn text(poem: &Written, follows: bool, out: &mut impl Write) -> std::io::Result<()> {
    if follows {
        writeln!(out)?;
    }
    writeln!(out, "{}", poem.text)
}

fn json(poem: &Written, out: &mut impl Write) -> std::io::Result<()> {
    let Written { seed, form, lines, text, line_scores, score } = poem;
    let object = Json { seed: *seed, form: form.to_string(), lines, text, line_scores, score: *score };
    serde_json::to_writer(&mut *out, &object)?;
    writeln!(out)
}
