//! What output must not hold.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::{Path, PathBuf};

use resvg::usvg::{Options, Tree};

use super::setup::MARK;

/// What steers a terminal or reorders the characters of a line. Not by the code that is tested.
pub fn is_hostile(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{206f}')
}

/// Fails if the text holds a character that steers, other than line ends and `allowed`, or if a line end of what was fed
/// stands in it.
pub fn assert_clean(what: &str, text: &str, allowed: &[char]) {
    for (number, line) in text.split('\n').enumerate() {
        if let Some(c) = line.chars().find(|c| is_hostile(*c) && !allowed.contains(c)) {
            panic!("{what}, line {}: U+{:04X} in {line:?}", number + 1, u32::from(c));
        }
        assert!(!line.starts_with(MARK), "{what}, line {}: a line of the input: {line:?}", number + 1);
    }
}

/// The same for a file that a command has written, by its kind.
pub fn assert_clean_file(what: &str, path: &Path) {
    let what = format!("{what}: {}", path.display().to_string().escape_default());
    let bytes = fs::read(path).unwrap();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => {
            let text = String::from_utf8(bytes).unwrap();
            assert_clean(&what, &text, &[]);
            assert_no_formulas(&what, &text);
        }
        Some("html") => {
            let text = String::from_utf8(bytes).unwrap();
            // In a page a line end is a blank.
            assert_clean(&what, &text.replace(&format!("\n{MARK}"), " "), &['\t']);
            assert_no_markup(&what, &text);
        }
        Some("svg") => {
            let text = String::from_utf8(bytes).unwrap();
            assert_clean(&what, &text, &[]);
            assert_no_markup(&what, &text);
            Tree::from_str(&text, &Options::default()).unwrap_or_else(|error| panic!("{what}: {error}"));
        }
        Some("txt" | "md" | "1") => assert_clean(&what, &String::from_utf8(bytes).unwrap(), &[]),
        // Packed models and event files are bytes; their names are clean.
        _ => {}
    }
}

/// Fails if a spreadsheet would take a cell for a formula.
pub fn assert_no_formulas(what: &str, table: &str) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
    for row in reader.records() {
        let row = row.unwrap_or_else(|error| panic!("{what}: {error}"));
        for cell in &row {
            let is_formula = cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
            assert!(!is_formula || cell.parse::<f64>().is_ok(), "{what}: {cell:?}");
        }
    }
}

/// Fails if what was fed has become an element.
fn assert_no_markup(what: &str, page: &str) {
    let page = page.to_ascii_lowercase();
    for tag in ["<script", "<img", "<iframe", "javascript:"] {
        assert!(!page.contains(tag), "{what}: {tag}");
    }
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
