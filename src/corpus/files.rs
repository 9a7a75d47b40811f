//! The files of a corpus: one, several, or those of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::CorpusError;

/// Endings of files of text; files without one are read as well.
const ENDINGS: [&str; 16] = [
    "txt", "text", "md", "markdown", "json", "jsonl", "ndjson", "csv", "tsv", "tab", "html", "htm", "xhtml", "poem",
    "poems", "utf8",
];

/// Files that describe a collection.
const DESCRIPTIONS: [&str; 6] = ["readme", "license", "licence", "copying", "changelog", "contributing"];

/// The file at `path`, or the files of the folder and of those below it, sorted by path.
///
/// # Errors
/// A folder that cannot be listed or has no file of text.
pub fn files_of(path: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    collect(path, &mut found)?;
    found.sort();
    if found.is_empty() { Err(CorpusError::EmptyFolder { path: path.into() }) } else { Ok(found) }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), CorpusError> {
    let unreadable = |source| CorpusError::Unreadable { path: folder.into(), source };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if name.starts_with('.') {
            continue;
        }
        let is_text = path.extension().is_none_or(|ending| {
            let ending = ending.to_string_lossy().to_lowercase();
            ENDINGS.contains(&ending.as_str())
        });
        let is_description = DESCRIPTIONS.iter().any(|description| name.starts_with(description));
        // A link to a folder may lead around in a circle.
        if path.is_dir() && !path.is_symlink() {
            collect(&path, found)?;
        } else if path.is_file() && is_text && !is_description {
            found.push(path);
        }
    }
    Ok(())
}
