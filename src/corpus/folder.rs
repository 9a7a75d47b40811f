//! Whether each of many files is a poem.

use std::path::PathBuf;

use super::cleaning::{ChangeLog, repaired};
use super::decode::{decode, read_bytes};
use super::frame::without_frame;
use super::layout::{TextSample, recognise};
use super::{Format, MIN_POEMS};

/// Number of files that are looked at, and most lines and stanzas of a poem.
const FILES: usize = 40;
const MAX_LINES: usize = 120;
const MAX_STANZAS: usize = 16;

/// Whether most of many files are short and have no other layout than lines and blank lines.
pub fn is_one_per_file(files: &[PathBuf]) -> bool {
    if files.len() < MIN_POEMS {
        return false;
    }
    let step = files.len().div_ceil(FILES);
    let looked_at: Vec<bool> = files.iter().step_by(step).map(|path| is_one_poem(path).unwrap_or(false)).collect();
    looked_at.iter().filter(|is_poem| **is_poem).count() * 10 >= looked_at.len() * 8
}

fn is_one_poem(path: &std::path::Path) -> Option<bool> {
    let bytes = read_bytes(path).ok()?;
    let decoded = decode(path, &bytes).ok()?;
    let changes = &mut ChangeLog::default();
    let (text, _) = without_frame(repaired(decoded.text, changes), changes);
    let sample = TextSample::of(&text);
    let is_plain = matches!(recognise(&text, None).format, Format::BlankLines | Format::OnePerLine);
    Some(is_plain && sample.n_verses <= MAX_LINES && sample.n_blocks <= MAX_STANZAS && sample.n_headers <= 1)
}
