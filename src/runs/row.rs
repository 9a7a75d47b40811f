//! A row of the list.

use std::path::PathBuf;

use super::summary::RunSummary;

/// A folder, and its run or why that cannot be read.
pub struct RunRow {
    pub name: String,
    pub path: PathBuf,
    pub summary: Result<RunSummary, String>,
}
