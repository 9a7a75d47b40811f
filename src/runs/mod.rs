//! `poetgan runs`: the runs of a folder, one per line, or two of them side by side.
//!
//! Read-only. Of each journal only the end is read, however long it is.

mod backwards;
mod compare;
mod row;
mod summary;
mod table;

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::error::UserError;
use crate::lang::Lang;
use crate::run::run_dir::RunDir;
use row::RunRow;

/// Which runs to list, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct RunsOptions {
    /// Names in the folder, or paths; none: all runs of the folder; two: these side by side.
    pub names: Vec<String>,
    pub folder: PathBuf,
    pub json: bool,
    pub lang: Lang,
}

/// Lists the runs that `options` name on `out`.
///
/// # Errors
/// When the folder or a run that is asked for is not there, or one of two that are compared cannot be read.
pub fn run(options: &RunsOptions, out: &mut impl Write) -> Result<()> {
    let rows = rows(options)?;
    let written = match rows.as_slice() {
        [one, other] if options.names.len() == 2 => {
            let pair = compare::RunPair::new(one, other)?;
            if options.json { pair.json(out) } else { pair.text(options.lang, out) }
        }
        rows if options.json => table::json(rows, out),
        [] => writeln!(out, "{}{}", options.folder.display(), options.lang.pick(": no runs yet", "：还没有运行")),
        rows => table::text(rows, columns(), options.lang, out),
    };
    written.and_then(|()| out.flush()).context("cannot write the runs")
}

fn rows(options: &RunsOptions) -> Result<Vec<RunRow>, UserError> {
    let folder = &options.folder;
    if !options.names.is_empty() {
        return options.names.iter().map(|name| named(name, folder)).collect();
    }
    let unusable = |cause: io::Error| {
        let advice = "poetgan train creates it, or name another folder with --dir";
        let cause = if cause.kind() == io::ErrorKind::NotFound { "no such folder".into() } else { cause.to_string() };
        UserError(format!("{}: cannot list its runs: {cause}; {advice}", folder.display()))
    };
    let entries: Vec<PathBuf> =
        fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect()).map_err(unusable)?;
    let mut folders: Vec<PathBuf> = entries.into_iter().filter(|path| path.is_dir()).collect();
    folders.sort();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(folders.into_iter().map(|path| RunRow { name: name(&path), summary: summary::read(&path), path }).collect())
}

fn named(name: &str, folder: &Path) -> Result<RunRow, UserError> {
    let path = RunDir::named(name, folder);
    if !path.is_dir() {
        let advice = "poetgan runs lists all runs";
        return Err(UserError(format!("{}: no such run; {advice}", path.display())));
    }
    Ok(RunRow { name: name.to_string(), summary: summary::read(&path), path })
}

/// Width of the terminal, if there is one.
fn columns() -> Option<usize> {
    let terminal = io::stdout().is_terminal().then(crossterm::terminal::size);
    terminal.and_then(Result::ok).map(|(columns, _)| usize::from(columns))
}
