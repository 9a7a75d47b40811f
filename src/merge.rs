//! `poetgan merge`: the report of `eval` or `sweep` on what their parts have generated.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;

use crate::error::UserError;
use crate::lang::Lang;
use crate::outputs;
use crate::shard::PartSet;
use crate::sweep::PlotFiles;
use crate::{eval, sweep};

/// The options of `merge`.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeOptions {
    /// The files of all parts.
    pub parts: Vec<PathBuf>,
    pub json: bool,
    /// For parts of `sweep`.
    pub files: PlotFiles,
    pub lang: Lang,
}

/// Prints what the command of the parts would have printed without `--shard`.
///
/// # Errors
/// Parts that are damaged, missing or do not belong together, another model or corpus, and whatever the command fails with.
pub fn run(options: MergeOptions, out: &mut impl Write) -> Result<()> {
    let MergeOptions { parts, json, files, lang } = options;
    outputs::check(&files.paths(), &parts)?;
    let parts = PartSet::read(&parts)?;
    match parts.command() {
        "sweep" => sweep::merge(parts, json, files, lang, out),
        "eval" if files == PlotFiles::default() => eval::merge(parts, json, lang, out),
        "eval" => {
            Err(UserError("--svg, --png: only a sweep has a plot, and these are parts of eval".to_string()).into())
        }
        other => Err(UserError(format!("parts of {other} cannot be merged; only those of eval and sweep")).into()),
    }
}
