//! `poetgan corpus`: how files of poems are read.

mod account;
mod convert;
mod histogram;
mod json;
mod text;
mod words;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::corpus::{self, FolderListing, MIN_POEMS, ReadOptions, Survey};
use crate::error::UserError;
use crate::input::place;
use crate::lang::Lang;
use crate::printable::printable;
use account::Account;

pub use convert::converted;

/// The options of `corpus`.
#[derive(Clone, Debug)]
pub struct InspectOptions {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    pub reading: ReadOptions,
    pub json: bool,
    /// Where to write the poems as they were read.
    pub convert: Option<PathBuf>,
    /// Print the changed lines instead of the report.
    pub clean: bool,
    pub lang: Lang,
}

/// Reads the files and writes the report to `out`.
///
/// # Errors
/// Files that cannot be read, or without a poem that is left; output that cannot be written.
pub fn run(options: &InspectOptions, out: &mut impl Write) -> Result<()> {
    let FolderListing { files, not_read } = listing(&options.paths)?;
    let mut survey = corpus::survey(&files, &options.reading, options.clean)?;
    survey.reading.not_read = not_read;
    if let Some(path) = &options.convert {
        let written = place(path);
        if files.iter().any(|file| place(file) == written) {
            return Err(UserError(format!("{}: this is a file of the corpus; name another one", path.display())).into());
        }
        std::fs::write(path, converted(&survey.poems)).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let (reasons, found) = (survey.reading.reasons(), survey.reading.found);
    if options.clean {
        changes(&survey, out).context("cannot write the changes")?;
    } else {
        let path = options.paths.first().map(PathBuf::as_path).unwrap_or(Path::new(""));
        let account = Account::of(path, survey, &options.reading)?;
        let report = if options.json {
            json::write(&account, out)
        } else {
            let mut report = Vec::new();
            text::write(&account, words::Words { lang: options.lang }, &mut report).and_then(|()| {
                String::from_utf8_lossy(&report).lines().try_for_each(|line| writeln!(out, "{}", printable(line)))
            })
        };
        report.and_then(|()| out.flush()).context("cannot write the report")?;
        if account.poems == 0 {
            let path = options.paths.first().map(|path| path.display().to_string()).unwrap_or_default();
            let why = if found == 0 {
                "it contains no poem".into()
            } else {
                format!("none of {found} poems is left: {reasons}")
            };
            let message = format!("{path}: {why}; at least {MIN_POEMS} are needed for training");
            return Err(UserError(message).into());
        }
    }
    Ok(())
}

/// The files at these paths, and what is in the folders besides.
fn listing(paths: &[PathBuf]) -> Result<FolderListing> {
    let mut all = FolderListing::default();
    for path in paths {
        let FolderListing { files, not_read } = corpus::listing(path)?;
        all.files.extend(files);
        not_read.into_iter().for_each(|(why, count)| *all.not_read.entry(why).or_default() += count);
    }
    Ok(all)
}

/// Writes every changed line: `file:line: kind: before -> after`.
fn changes(survey: &Survey, out: &mut impl Write) -> std::io::Result<()> {
    for (path, changes) in &survey.changes {
        for change in changes {
            let kind = json::name(&change.kind);
            let line = format!("{}:{}: {kind}: {} -> {}", path.display(), change.line, change.before, change.after);
            writeln!(out, "{}", printable(&line))?;
        }
    }
    out.flush()
}
