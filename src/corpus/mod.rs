//! From a file of poems to `Poem`s: the bytes are decoded, the layout of the file is recognised, every line is
//! cleaned, exact duplicates are dropped, and the poems are split into a training and a held-out part.

mod clean;
mod decode;
mod encoding;
mod error;
mod form;
mod format;
pub mod script;
mod split;
mod verse;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use encoding::Decoded;
use serde::{Deserialize, Serialize};

pub use clean::clean;
pub use decode::read_bytes;
pub use encoding::EncodingProblem;
pub use error::CorpusError;
pub use form::Form;
pub use format::Format;
pub use verse::punctuate;

/// Fewest different poems that a model can be trained on.
pub const MIN_POEMS: usize = 20;

/// A poem of the corpus: cleaned, NFC, layout punctuation removed where the form is fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poem {
    /// The text after `# ` or before the colon, with the author where the file names one.
    pub title: Option<String>,
    pub lines: Vec<String>,
    pub form: Form,
    /// Line of the file (from 1) where the poem's text begins, for error messages.
    pub source_line: usize,
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
    /// How the text of the file is encoded, such as UTF-8 or Big5.
    #[serde(default = "utf8")]
    pub encoding: String,
    pub format: Format,
    /// Distinct poems; the sum of `training` and `held_out`.
    pub poems: usize,
    pub training: usize,
    pub held_out: usize,
    /// Poems that were dropped because an earlier one has the same text.
    pub duplicates: usize,
    /// Poems of each form, by its name.
    pub forms: BTreeMap<String, usize>,
}

/// The encoding of records without one; earlier versions read no other.
fn utf8() -> String {
    encoding_rs::UTF_8.name().into()
}

/// The poems of a file, in the order of the file within each part.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus {
    pub training: Vec<Poem>,
    pub held_out: Vec<Poem>,
    pub info: CorpusInfo,
}

/// Reads the corpus file at `path`.
///
/// Peak memory is a few times the size of the file; time is linear in it.
///
/// # Errors
/// A file that cannot be read or decoded, or with fewer than [`MIN_POEMS`] different poems.
pub fn read(path: &Path) -> Result<Corpus, CorpusError> {
    let bytes = decode::read_bytes(path)?;
    let Decoded { text, encoding } = decode::decode(path, &bytes)?;
    let format = Format::detect(&text);
    let Gathered { mut poems, prints, duplicates } = gather(&text, format);
    if poems.is_empty() {
        return Err(no_poem(path, &text));
    }
    if poems.len() < MIN_POEMS {
        return Err(CorpusError::TooFewPoems { path: path.into(), found: poems.len(), format });
    }
    let (sha256, n_bytes) = (split::hexadecimal(&bytes), bytes.len() as u64);
    // The text is as large as everything below; free it before the split.
    drop(text);
    drop(bytes);
    form::free_rare_forms(&mut poems);
    let n_poems = poems.len();
    let forms = count_forms(&poems);
    let (training, held_out) = split::part(poems, &prints);
    let info = CorpusInfo {
        path: path.display().to_string(),
        sha256,
        bytes: n_bytes,
        encoding: encoding.name().into(),
        format,
        poems: n_poems,
        training: training.len(),
        held_out: held_out.len(),
        duplicates,
        forms,
    };
    Ok(Corpus { training, held_out, info })
}

/// All poems in `bytes`, duplicates included; `path` is for messages only.
///
/// # Errors
/// Bytes that cannot be decoded, or without poems.
pub fn poems(path: &Path, bytes: &[u8]) -> Result<Vec<Poem>, CorpusError> {
    let text = decode::decode(path, bytes)?.text;
    let read = |format: Format| {
        let mut poems = Vec::new();
        format.each_poem(&text, |poem| {
            let (lines, form) = verse::lines_and_form(&poem.lines, format.splits_at_stops());
            poems.push(Poem { title: poem.title, lines, form, source_line: poem.source_line });
        });
        poems
    };
    let format = Format::detect(&text);
    let mut poems = read(format);
    // A few lines without a blank one are one poem, unless each of them is long enough for a poem of its own.
    if format == Format::OnePerLine && poems.iter().all(|poem| poem.lines.len() < 4) {
        poems = read(Format::BlankLines);
    }
    if poems.is_empty() { Err(no_poem(path, &text)) } else { Ok(poems) }
}

fn no_poem(path: &Path, text: &str) -> CorpusError {
    // Any other line with a `#` would be a verse.
    let (path, titles) = (path.into(), text.contains('#'));
    if titles { CorpusError::OnlyTitles { path } } else { CorpusError::Empty { path } }
}

/// The different poems of a text with their fingerprints, and the number of exact duplicates among them.
struct Gathered {
    poems: Vec<Poem>,
    prints: Vec<split::Fingerprint>,
    duplicates: usize,
}

fn gather(text: &str, format: Format) -> Gathered {
    let mut seen = HashSet::new();
    let mut gathered = Gathered { poems: Vec::new(), prints: Vec::new(), duplicates: 0 };
    format.each_poem(text, |poem| {
        let (lines, form) = verse::lines_and_form(&poem.lines, format.splits_at_stops());
        let print = split::Fingerprint::of(&lines);
        if seen.insert(print.key) {
            gathered.poems.push(Poem { title: poem.title, lines, form, source_line: poem.source_line });
            gathered.prints.push(print);
        } else {
            gathered.duplicates += 1;
        }
    });
    gathered
}

fn count_forms(poems: &[Poem]) -> BTreeMap<String, usize> {
    let mut by_form = BTreeMap::<Form, usize>::new();
    for poem in poems {
        *by_form.entry(poem.form).or_default() += 1;
    }
    by_form.into_iter().map(|(form, count)| (form.to_string(), count)).collect()
}
