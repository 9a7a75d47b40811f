//! A row of the list.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::summary::{self, RunSummary};
use crate::config::ConfigError;
use crate::run::changes::flat;

/// A folder, and its run or why that cannot be read.
pub struct RunRow {
    pub name: String,
    pub path: PathBuf,
    pub summary: Result<RunSummary, String>,
    /// All settings by `section.key`, as TOML writes them; empty for a run that cannot be read.
    pub settings: BTreeMap<String, String>,
}

impl RunRow {
    /// Reads the run in `path`.
    ///
    /// # Errors
    /// Settings that cannot be written as TOML.
    pub fn read(name: String, path: PathBuf) -> Result<RunRow, ConfigError> {
        let summary = summary::read(&path);
        let settings = summary.as_ref().map_or(Ok(BTreeMap::new()), |run| flat(&run.config))?;
        Ok(RunRow { name, path, summary, settings })
    }
}
