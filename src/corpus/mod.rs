//! From files of poems to `Poem`s: the bytes are decoded, the layout of each file is recognised, every line is cleaned,
//! exact duplicates are dropped, and the poems are split into a training and a held-out part.

mod binary;
mod clean;
mod cleaning;
mod contents;
mod convert;
mod decode;
mod encoding;
mod error;
mod fields;
mod files;
mod finish;
mod folder;
mod foreign;
mod form;
mod format;
mod frame;
mod gather;
mod label;
mod layout;
mod lines;
mod machine;
mod notation;
mod numeral;
mod prose;
mod reading;
pub mod script;
mod split;
mod title;
mod verse;
mod warnings;

use std::collections::BTreeMap;
use std::path::Path;

use cleaning::{ChangeLog, repaired};
use compact_str::CompactString;
use encoding::Decoded;
use serde::{Deserialize, Serialize};

pub use clean::clean;
pub use cleaning::{Change, ChangeKind, LongLines};
pub use convert::{Converter, Script};
pub use decode::read_bytes;
pub use encoding::EncodingProblem;
pub use error::CorpusError;
pub use files::{FolderListing, NotRead, files_of, listing};
pub use foreign::Foreign;
pub use form::{FEWEST_LEARNED, Form, learned};
pub use format::Format;
pub use gather::{Survey, survey};
pub use layout::Mark;
pub use reading::{FileReading, LeftOutReason, LineCounts, ReadOptions, Reading};
pub use split::{CorpusParts, HELD_OUT, candidates, part};
pub use verse::punctuate;
pub use warnings::{Warning, in_other_script, warnings};

/// Fewest different poems that a model can be trained on.
pub const MIN_POEMS: usize = 20;

/// A poem of the corpus: cleaned, NFC, layout punctuation removed where the form is fixed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Poem {
    /// The text after `# ` or before the colon, with the author where the file names one.
    pub title: Option<String>,
    pub lines: Vec<CompactString>,
    pub form: Form,
    /// The lines, counted from 0, that begin a stanza, without the first.
    pub stanzas: Vec<usize>,
    /// Line of the file (from 1) where the poem's text begins, for error messages.
    pub source_line: usize,
    /// Number of the file, from 0, among those of the reading.
    pub source_file: usize,
}

impl Poem {
    /// Whether there is a letter or a digit of any script in it.
    pub fn has_letter(&self) -> bool {
        self.lines.iter().any(|line| line.contains(script::is_letter))
    }

    /// The lines, for measures that also read generated poems.
    pub fn text(&self) -> Vec<String> {
        self.lines.iter().map(|line| line.to_string()).collect()
    }
}

/// The record of a run's corpus, saved as `corpus.json` in the run directory. Two readings of the same file by the same
/// path give equal values, so that a resumed run can detect a changed corpus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusInfo {
    /// The path as the user wrote it.
    pub path: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    /// How the text of the file is encoded, such as UTF-8 or Big5; of a folder all encodings, as `UTF-8, Big5`.
    #[serde(default = "utf8")]
    pub encoding: String,
    pub format: Format,
    /// Distinct poems; the sum of `training` and `held_out`.
    pub poems: usize,
    pub training: usize,
    pub held_out: usize,
    /// Poems that were dropped because an earlier one has the same text.
    pub duplicates: usize,
    /// How the held-out poems were selected.
    #[serde(default)]
    pub held_out_rule: HeldOutRule,
    /// Poems of both parts that are not used, since the vocabulary lacks some of their tokens.
    #[serde(default)]
    pub left_out: LeftOut,
    /// Poems of each form, by its name.
    pub forms: BTreeMap<String, usize>,
    /// How it was asked to be read.
    #[serde(default, skip_serializing_if = "ReadOptions::is_default")]
    pub options: ReadOptions,
}

/// How the held-out poems of a corpus are selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeldOutRule {
    /// By a hash of their text alone; the rule of records without one.
    #[default]
    Hash,
    /// The same, but where the vocabulary of the training poems can write too few of these, others that it can write.
    Writable,
}

/// Poems left out because of tokens that are not in the vocabulary, by part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub training: usize,
    pub held_out: usize,
}

impl LeftOut {
    pub fn total(self) -> usize {
        self.training + self.held_out
    }
}

/// The encoding of records without one; earlier versions read no other.
fn utf8() -> String {
    encoding_rs::UTF_8.name().into()
}

/// The poems of a corpus, in the order of the files within each part.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus {
    pub training: Vec<Poem>,
    pub held_out: Vec<Poem>,
    pub info: CorpusInfo,
    /// How the files were read.
    pub reading: Reading,
}

impl Corpus {
    /// The lines of all poems.
    pub fn lines(&self) -> Vec<&str> {
        let poems = self.training.iter().chain(&self.held_out);
        poems.flat_map(|poem| &poem.lines).map(CompactString::as_str).collect()
    }
}

/// Reads the corpus at `path`: a file, or all files of text in a folder.
///
/// Peak memory is a few times the size of the file; time is linear in it.
///
/// # Errors
/// A file that cannot be read or decoded, fewer than [`MIN_POEMS`] different poems, or none in letters.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    let survey = survey(&files_of(path)?, options, false)?;
    let (Survey { poems, reading, .. }, (format, _)) = (&survey, survey.reading.layout());
    if poems.is_empty() {
        return Err(none_left(path, reading));
    }
    if poems.len() < MIN_POEMS {
        return Err(CorpusError::TooFewPoems { path: path.into(), found: poems.len(), format });
    }
    if !poems.iter().any(Poem::has_letter) {
        return Err(CorpusError::NoLetters { path: path.into(), format });
    }
    if let Some(length) = prose::length(poems) {
        return Err(CorpusError::Prose { path: path.into(), format, length });
    }
    Ok(split(path, survey, options))
}

/// The poems of a survey of the files at `path`, split into both parts.
pub fn split(path: &Path, survey: Survey, options: &ReadOptions) -> Corpus {
    let Survey { mut poems, prints, mut reading, sha256, bytes, .. } = survey;
    let (format, _) = reading.layout();
    form::free_rare_forms(&mut poems);
    let forms = count_forms(&poems);
    let n_poems = poems.len();
    let CorpusParts { training, held_out, near_duplicates } = split::part(poems, &prints);
    reading.near_duplicates = near_duplicates;
    let info = CorpusInfo {
        path: path.display().to_string(),
        sha256,
        bytes,
        encoding: reading.encoding(),
        format,
        poems: n_poems,
        training: training.len(),
        held_out: held_out.len(),
        duplicates: reading.duplicates,
        held_out_rule: HeldOutRule::Hash,
        left_out: LeftOut::default(),
        forms,
        options: options.clone(),
    };
    Corpus { training, held_out, info, reading }
}

/// All poems in `bytes`, duplicates included; `path` is for messages only.
///
/// # Errors
/// Bytes that cannot be decoded, or without poems.
pub fn poems(path: &Path, bytes: &[u8]) -> Result<Vec<Poem>, CorpusError> {
    let Decoded { text, .. } = decode::decode(path, bytes)?;
    let changes = &mut ChangeLog::default();
    let (text, _) = frame::without_frame(repaired(text, changes), changes);
    let format = gather::recognised(path, &text, &ReadOptions::default())?.format;
    let mut poems = gather::all_poems(path, &text, format)?;
    // A few lines without a blank one are one poem, unless each of them is long enough for a poem of its own.
    if format == Format::OnePerLine && poems.iter().all(|poem| poem.lines.len() < 4) {
        poems = gather::all_poems(path, &text, Format::BlankLines)?;
    }
    // Any other line with a `#` would be a verse.
    let titles = text.contains('#');
    let path = || path.into();
    match poems.is_empty() {
        false => Ok(poems),
        true if titles => Err(CorpusError::OnlyTitles { path: path() }),
        true => Err(CorpusError::Empty { path: path() }),
    }
}

/// Why a corpus has no poem.
fn none_left(path: &Path, reading: &Reading) -> CorpusError {
    let path = path.into();
    let format = reading.layout().0;
    let without_verses = reading.left_out.get(&LeftOutReason::NoVerses).copied().unwrap_or(0);
    match reading.found {
        0 => CorpusError::Empty { path },
        found if found == without_verses && format == Format::BlankLines => CorpusError::OnlyTitles { path },
        found => CorpusError::NoneLeft { path, found, format, reasons: reading.reasons() },
    }
}

fn count_forms(poems: &[Poem]) -> BTreeMap<String, usize> {
    let mut by_form = BTreeMap::<Form, usize>::new();
    for poem in poems {
        *by_form.entry(poem.form).or_default() += 1;
    }
    by_form.into_iter().map(|(form, count)| (form.to_string(), count)).collect()
}
