//! `poetgan check`: tones, rhyme and faults of poems by the rules of regulated Chinese verse.

mod marks;
mod report;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::corpus::{self, Form, Poem};
use crate::input;
use crate::lang::Lang;
use marks::MarkedPoem;

/// The options of `check`.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// `None` reads the standard input.
    pub file: Option<PathBuf>,
    pub json: bool,
    /// Use colour codes in text output.
    pub colour: bool,
    pub lang: Lang,
}

/// Checks the poems of a file and writes the result to `out`.
///
/// # Errors
/// Input without poems, or output that cannot be written. Poems of other forms are not an error.
pub fn run(options: &CheckOptions, out: &mut impl Write) -> Result<()> {
    let (path, bytes) = match &options.file {
        Some(file) => (file.as_path(), corpus::read_bytes(file)?),
        None => (Path::new("standard input"), input::read_standard_input()?),
    };
    let poems: Vec<MarkedPoem> = corpus::poems(path, &bytes)?.into_iter().map(MarkedPoem::of).collect();
    let written = if options.json { report::json(&poems, out) } else { report::text(&poems, options, out) };
    written.and_then(|()| out.flush()).context("cannot write the result")
}

/// The marked lines, summary and faults of a poem as text and as JSON; `None` if it is of no regulated form.
pub fn marks(lines: &[String], form: Form, lang: Lang, colour: bool) -> Option<(String, Value)> {
    let lines = lines.iter().map(|line| line.as_str().into()).collect();
    let poem = Poem { title: None, lines, form, stanzas: Vec::new(), source_line: 1, source_file: 0 };
    let regulated = MarkedPoem::of(poem).marks.ok()?;
    let options = CheckOptions { file: None, json: false, colour, lang };
    let mut text = Vec::new();
    report::marked_lines(&regulated, &options, &mut text).ok()?;
    Some((String::from_utf8(text).ok()?, report::regulated_object(&regulated)))
}
