//! How a corpus was read: the options, and an account of everything that is in its files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::cleaning::{ChangeKind, LongLines};
use super::convert::Script;
use super::files::NotRead;
use super::layout::Mark;
use super::warnings::Warning;
use super::{Format, Poem};

/// How to read a corpus, where that is not to be recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOptions {
    pub layout: Option<Format>,
    /// The column of a table with the poems: its name, or its number from 1.
    pub column: Option<String>,
    /// Convert Chinese to this script.
    pub script: Option<Script>,
    pub long_lines: Option<LongLines>,
}

impl ReadOptions {
    pub fn is_default(&self) -> bool {
        *self == ReadOptions::default()
    }
}

/// A file of a corpus.
#[derive(Clone, Debug, PartialEq)]
pub struct FileReading {
    pub path: PathBuf,
    pub encoding: &'static str,
    pub layout: Format,
    /// Why this layout was recognised.
    pub why: String,
    /// Why the file was left out, if it was.
    pub problem: Option<String>,
    pub poems: usize,
}

/// Why a poem was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOutReason {
    /// A title or a record without verses.
    NoVerses,
    /// It consists of notes only.
    NothingLeft,
    /// A character is lost.
    LostGlyph,
}

/// The lines of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineCounts {
    pub total: usize,
    pub blank: usize,
    pub marks: BTreeMap<Mark, usize>,
    /// Lines with verses.
    pub verses: usize,
}

/// The account of a reading. `found` is the sum of `kept`, `duplicates` and all of `left_out`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    pub files: Vec<FileReading>,
    /// What else is in the folders, where that was counted.
    pub not_read: BTreeMap<NotRead, usize>,
    pub lines: LineCounts,
    pub found: usize,
    pub kept: usize,
    pub duplicates: usize,
    pub left_out: BTreeMap<LeftOutReason, usize>,
    /// Kept poems that share half of their lines with another one.
    pub near_duplicates: usize,
    /// Kept poems with several stanzas.
    pub with_stanzas: usize,
    /// Changed lines.
    pub changes: BTreeMap<ChangeKind, usize>,
    /// Kept poems with something unusual.
    pub warnings: BTreeMap<Warning, usize>,
    /// The first poem, as it is learned.
    pub first: Option<Poem>,
}

impl Reading {
    /// The layout of most files, and why it was recognised.
    pub fn layout(&self) -> (Format, &str) {
        let of_most = self.files.iter().filter(|file| file.problem.is_none()).max_by_key(|file| file.poems);
        of_most.or(self.files.first()).map_or((Format::BlankLines, ""), |file| (file.layout, &file.why))
    }

    /// The encodings of the files with their numbers, that of most files first.
    pub fn encodings(&self) -> Vec<(&'static str, usize)> {
        let mut counts = BTreeMap::new();
        for file in self.files.iter().filter(|file| file.problem.is_none()) {
            *counts.entry(file.encoding).or_default() += 1;
        }
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }

    /// The names of the encodings, such as `UTF-8, Big5`.
    pub fn encoding(&self) -> String {
        let names: Vec<&str> = self.encodings().into_iter().map(|(name, _)| name).collect();
        if names.is_empty() { "UTF-8".into() } else { names.join(", ") }
    }

    /// Why poems were left out, such as `24 with a lost character`.
    pub fn reasons(&self) -> String {
        let reason = |(left_out, count): (&LeftOutReason, &usize)| format!("{count} {}", left_out.what());
        self.left_out.iter().map(reason).collect::<Vec<_>>().join(", ")
    }
}

impl LeftOutReason {
    pub fn what(self) -> &'static str {
        match self {
            LeftOutReason::NoVerses => "without verses",
            LeftOutReason::NothingLeft => "with notes only",
            LeftOutReason::LostGlyph => "with a lost character (□, {...}, ？)",
        }
    }
}
