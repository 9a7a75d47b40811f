//! `poetgan check`: poems marked by the rules of regulated Chinese verse.

mod marks;
mod report;

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::corpus;
use marks::Marks;

/// What to check, and how to tell of it.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// `None`: the standard input.
    pub file: Option<PathBuf>,
    pub json: bool,
    pub colour: bool,
}

/// Reads the poems that `options` name and writes their marks to `out`.
///
/// # Errors
/// When there is no poem to be read, or `out` cannot be written to. Poems of another form are no error.
pub fn run(options: &CheckOptions, out: &mut impl Write) -> Result<()> {
    let (path, bytes) = match &options.file {
        Some(file) => (file.as_path(), corpus::read_bytes(file)?),
        None => (Path::new("standard input"), standard_input()?),
    };
    let poems: Vec<Marks> = corpus::poems(path, &bytes)?.into_iter().map(Marks::of).collect();
    let told = if options.json { report::json(&poems, out) } else { report::text(&poems, options.colour, out) };
    told.and_then(|()| out.flush()).context("cannot write the marks")
}

fn standard_input() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).context("cannot read the standard input")?;
    Ok(bytes)
}
