//! The files of a corpus: one, several, or those of a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::CorpusError;

/// Endings of files of text; files without one are read as well.
const ENDINGS: [&str; 16] = [
    "txt", "text", "md", "markdown", "json", "jsonl", "ndjson", "csv", "tsv", "tab", "html", "htm", "xhtml", "poem",
    "poems", "utf8",
];

/// Files that describe a collection.
const DESCRIPTIONS: [&str; 6] = ["readme", "license", "licence", "copying", "changelog", "contributing"];

/// Why something in a folder is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotRead {
    /// A file whose ending is not one of text.
    OtherEnding,
    /// A file that describes the collection.
    Description,
    /// A file or a folder whose name begins with a dot.
    Hidden,
    /// A link that leads to nothing.
    DeadLink,
    /// A link to a folder, which may lead around in a circle.
    FolderLink,
    /// A pipe, a socket or a device: to open one may take forever.
    Special,
}

impl NotRead {
    pub fn what(self) -> &'static str {
        match self {
            NotRead::OtherEnding => "with an ending that is not one of text",
            NotRead::Description => "about the collection (README and the like)",
            NotRead::Hidden => "hidden",
            NotRead::DeadLink => "links that lead to nothing",
            NotRead::FolderLink => "links to folders",
            NotRead::Special => "pipes, sockets or devices",
        }
    }
}

/// The files at a path, and what is in the folder besides.
#[derive(Debug, Default)]
pub struct FolderListing {
    /// Sorted by path.
    pub files: Vec<PathBuf>,
    pub not_read: BTreeMap<NotRead, usize>,
}

/// The files of [`listing`].
///
/// # Errors
/// A folder that cannot be listed or has no file of text.
pub fn files_of(path: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    Ok(listing(path)?.files)
}

/// The file at `path`, or the files of the folder and of those below it.
///
/// # Errors
/// A folder that cannot be listed or has no file of text.
pub fn listing(path: &Path) -> Result<FolderListing, CorpusError> {
    if !path.is_dir() {
        return Ok(FolderListing { files: vec![path.to_path_buf()], not_read: BTreeMap::new() });
    }
    let mut found = FolderListing::default();
    collect(path, &mut found)?;
    found.files.sort();
    if found.files.is_empty() { Err(CorpusError::EmptyFolder { path: path.into() }) } else { Ok(found) }
}

fn collect(folder: &Path, found: &mut FolderListing) -> Result<(), CorpusError> {
    let unreadable = |source| CorpusError::Unreadable { path: folder.into(), source };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        match not_read(&path) {
            Some(why) => *found.not_read.entry(why).or_default() += 1,
            None if path.is_dir() => collect(&path, found)?,
            None => found.files.push(path),
        }
    }
    Ok(())
}

fn not_read(path: &Path) -> Option<NotRead> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_text = path.extension().is_none_or(|ending| {
        let ending = ending.to_string_lossy().to_lowercase();
        ENDINGS.contains(&ending.as_str())
    });
    match () {
        () if name.starts_with('.') => Some(NotRead::Hidden),
        () if path.is_dir() => path.is_symlink().then_some(NotRead::FolderLink),
        () if path.is_symlink() && !path.exists() => Some(NotRead::DeadLink),
        () if !path.is_file() => Some(NotRead::Special),
        () if !is_text => Some(NotRead::OtherEnding),
        () if DESCRIPTIONS.iter().any(|description| name.starts_with(description)) => Some(NotRead::Description),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn what_is_not_read_is_counted() {
        use super::*;
        use std::os::unix::{fs::symlink, net::UnixListener};

        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("more")).unwrap();
        fs::create_dir(at(".git")).unwrap();
        for name in ["a.txt", "more/b.json", "cover.png", "more/README.md", ".git/c.txt"] {
            fs::write(at(name), "a poem").unwrap();
        }
        symlink(at("nothing"), at("dead.txt")).unwrap();
        symlink(at("loop.txt"), at("loop.txt")).unwrap();
        symlink(folder.path(), at("more/again")).unwrap();
        symlink(at("a.txt"), at("link.txt")).unwrap();
        let _socket = UnixListener::bind(at("socket.txt")).unwrap();
        let FolderListing { files, not_read } = listing(folder.path()).unwrap();
        assert_eq!(files, ["a.txt", "link.txt", "more/b.json"].map(at));
        let expected = [
            (NotRead::OtherEnding, 1),
            (NotRead::Description, 1),
            (NotRead::Hidden, 1),
            (NotRead::DeadLink, 2),
            (NotRead::FolderLink, 1),
            (NotRead::Special, 1),
        ];
        assert_eq!(not_read, expected.into());
    }
}
