//! `poetgan runs`: the runs of a folder, one per line, in an order and with settings as columns, or two of them side by side.
//!
//! Read-only. Of each journal only the end is read, however long it is.

mod backwards;
mod compare;
mod row;
mod settings;
mod sort;
mod summary;
mod table;

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::error::UserError;
use crate::lang::Lang;
use crate::printable::printable;
use crate::run::run_dir::RunDir;
use row::RunRow;

/// Which runs to list, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct RunsOptions {
    /// Names in the folder, or paths; none: all runs of the folder; two: these side by side.
    pub names: Vec<String>,
    pub folder: PathBuf,
    /// Column or setting to sort by; by name if `None`.
    pub sort: Option<String>,
    pub reverse: bool,
    /// Settings to show as columns.
    pub settings: Vec<String>,
    /// Show those that differ among the runs, too.
    pub differing_settings: bool,
    pub json: bool,
    pub lang: Lang,
}

impl RunsOptions {
    /// Whether two runs are to be shown side by side, and not as a list.
    fn is_comparison(&self) -> bool {
        let has_list_options =
            self.sort.is_some() || self.reverse || self.differing_settings || !self.settings.is_empty();
        self.names.len() == 2 && !has_list_options
    }
}

/// Lists the runs that `options` name on `out`.
///
/// # Errors
/// When the folder, a run, a setting or a sort key that is asked for is not there, or one of two runs that are compared
/// cannot be read.
pub fn run(options: &RunsOptions, out: &mut impl Write) -> Result<()> {
    let mut rows = rows(options)?;
    if let Some(key) = &options.sort {
        sort::sort(&mut rows, key, options.reverse)?;
    } else if options.reverse {
        rows.reverse();
    }
    let settings = settings::shown(&rows, &options.settings, options.differing_settings)?;
    let written = match rows.as_slice() {
        [one, other] if options.is_comparison() => {
            let pair = compare::RunPair::new(one, other)?;
            if options.json { pair.json(out) } else { pair.text(options.lang, out) }
        }
        rows if options.json => table::json(rows, &settings, out),
        [] => writeln!(
            out,
            "{}{}",
            printable(&options.folder.display().to_string()),
            options.lang.pick(": no runs yet", "：还没有运行")
        ),
        rows => table::text(rows, &settings, columns(), options.lang, out),
    };
    written.and_then(|()| out.flush()).context("cannot write the runs")
}

fn rows(options: &RunsOptions) -> Result<Vec<RunRow>> {
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
    folders.into_iter().map(|path| Ok(RunRow::read(name(&path), path)?)).collect()
}

fn named(name: &str, folder: &Path) -> Result<RunRow> {
    let path = RunDir::named(name, folder);
    if !path.is_dir() {
        let advice = "poetgan runs lists all runs";
        return Err(UserError(format!("{}: no such run; {advice}", path.display())).into());
    }
    Ok(RunRow::read(name.to_string(), path)?)
}

/// Width of the terminal, if there is one.
fn columns() -> Option<usize> {
    let terminal = io::stdout().is_terminal().then(crossterm::terminal::size);
    terminal.and_then(Result::ok).map(|(columns, _)| usize::from(columns))
}
