//! The options of a command that computes one part.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::part::PartFile;
use super::{DividedWork, Shard};
use crate::error::UserError;
use crate::lang::Lang;
use crate::printable::printable;
use crate::run::files::unwritable;

/// Which part is computed, and the file for it.
#[derive(Clone, Debug, PartialEq)]
pub struct PartOptions {
    pub shard: Shard,
    /// `None`: `COMMAND-part-K-of-N.json`.
    pub file: Option<PathBuf>,
}

impl PartOptions {
    /// The empty part, once its file is known to have a place.
    ///
    /// # Errors
    /// A file in a folder that does not exist, or a folder itself.
    pub fn begin(&self, command: &str) -> Result<DividedWork, UserError> {
        let path = self.path(command);
        if let Some(why) = unwritable(&path) {
            return Err(UserError(format!("cannot write {}: {why}; check the path", path.display())));
        }
        Ok(DividedWork::Part(PartFile::new(command, self.shard)))
    }

    /// Writes the part to its file, and a line about it to `out`.
    ///
    /// # Errors
    /// A file or an output that cannot be written.
    pub fn finish(&self, work: &DividedWork, lang: Lang, out: &mut impl Write) -> Result<()> {
        let DividedWork::Part(part) = work else { return Ok(()) };
        let path = self.path(part.command());
        part.write(&path)?;
        let (file, command) = (printable(&path.display().to_string()), part.command());
        let Shard { number, of } = self.shard;
        let line = lang.pick(
            format!("{file}: part {number} of {of} of {command}; poetgan merge joins the parts"),
            format!("{file}：{command} 的第 {number} 份，共 {of} 份；用 poetgan merge 合并各份"),
        );
        writeln!(out, "{line}").and_then(|()| out.flush()).context("cannot write the report")
    }

    /// The file for the part.
    pub fn path(&self, command: &str) -> PathBuf {
        let Shard { number, of } = self.shard;
        let usual = || Path::new(&format!("{command}-part-{number}-of-{of}.json")).to_path_buf();
        self.file.clone().unwrap_or_else(usual)
    }
}
