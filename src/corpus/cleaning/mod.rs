//! What is removed from or corrected in a poem, each change counted and with its line: notes, ruby, numbers, authors at the
//! end, compatibility characters. What most poems of a file have in common decides about ruby, numbers and authors.

mod author;
mod bullets;
mod compatibility;
mod glyphs;
mod habits;
mod head;
mod labels;
mod notes;
mod numbers;
mod repair;
mod ruby;
mod wrap;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::clean::{clean, escaped};
use super::convert::Converter;
use super::layout::{RawLine, RawPoem};
pub use glyphs::has_lost_glyph;
pub use habits::Habits;
pub use labels::remove as remove_labels;
pub use repair::repaired;
pub use wrap::LongLines;

/// The kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Escape sequences of terminals, removed.
    AnsiEscapes,
    /// Characters of Windows-1252 that were saved as control characters, repaired.
    Windows1252,
    /// Control characters and other invisible ones, removed.
    Invisible,
    /// Lines of a file that stand around its poems, left out.
    Frame,
    /// Notes in brackets, removed.
    Notes,
    /// The reading of characters in brackets, removed.
    Ruby,
    /// Kangxi radicals, half-width and full-width forms and ligatures, replaced by ordinary characters.
    Compatibility,
    /// Numbers of lines or poems, removed.
    Numbers,
    /// The author at the end, moved to the title.
    Authors,
    /// Title and author above the verses, moved to the title.
    Titles,
    /// Names of parts and numbers of stanzas, removed.
    Labels,
    /// Signs of a list before poems or lines, removed.
    Bullets,
    /// Traditional or simplified characters, converted.
    Script,
    /// Long lines, wrapped or cut.
    LongLines,
}

/// A changed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub line: usize,
    pub kind: ChangeKind,
    pub before: String,
    pub after: String,
}

/// The number of changed lines of each kind, and the changes themselves where they are wanted.
#[derive(Clone, Debug, Default)]
pub struct ChangeLog {
    pub counts: BTreeMap<ChangeKind, usize>,
    pub list: Option<Vec<Change>>,
}

impl ChangeLog {
    /// Appends later changes.
    pub fn append(&mut self, later: ChangeLog) {
        for (kind, count) in later.counts {
            *self.counts.entry(kind).or_default() += count;
        }
        if let (Some(list), Some(later)) = (&mut self.list, later.list) {
            list.extend(later);
        }
    }

    pub fn record(&mut self, line: usize, kind: ChangeKind, before: &str, after: &str) {
        *self.counts.entry(kind).or_default() += 1;
        if let Some(list) = &mut self.list {
            list.push(Change { line, kind, before: before.into(), after: after.into() });
        }
    }
}

/// Cleans the poems of a file.
pub struct Cleaner<'a> {
    pub habits: Habits,
    pub converter: Option<&'a Converter>,
}

impl Cleaner<'_> {
    /// Cleans a poem; lines without text left are dropped.
    pub fn clean(&self, poem: &mut RawPoem, changes: &mut ChangeLog) {
        for (number, before) in std::mem::take(&mut poem.hidden) {
            changes.record(number, ChangeKind::Invisible, &escaped(&before), &clean(&before));
        }
        if self.habits.authors {
            author::move_to_title(poem, changes);
        }
        if self.habits.numbers_any() {
            numbers::remove(poem, self.habits, changes);
        }
        self.habits.bullets.remove(poem, changes);
        if self.habits.head > 0 {
            head::move_to_title(poem, self.habits.head, changes);
        }
        for line in &mut poem.lines {
            self.clean_line(line, changes);
        }
        if poem.lines.iter().any(|line| line.text.is_empty()) {
            keep_full_lines(poem);
        }
        if let (Some(converter), Some(title)) = (self.converter, &mut poem.title) {
            *title = converter.convert(title);
        }
    }

    fn clean_line(&self, line: &mut RawLine, changes: &mut ChangeLog) {
        // Ruby is removed before notes, since both stand in brackets.
        let steps: [(ChangeKind, bool, Step); 3] = [
            (ChangeKind::Compatibility, true, compatibility::mapped),
            (ChangeKind::Ruby, self.habits.ruby, ruby::without_ruby),
            (ChangeKind::Notes, true, notes::without_notes),
        ];
        for (kind, applies, step) in steps {
            if applies && let Some(changed) = step(&line.text) {
                set(line, kind, &changed, changes);
            }
        }
        if let Some(converter) = self.converter {
            let converted = converter.convert(&line.text);
            if converted != line.text {
                set(line, ChangeKind::Script, &converted, changes);
            }
        }
    }
}

/// The text after a change; `None` where nothing changes.
type Step = fn(&str) -> Option<String>;

fn set(line: &mut RawLine, kind: ChangeKind, text: &str, changes: &mut ChangeLog) {
    let text = clean(text).into_owned();
    changes.record(line.number, kind, &line.text, &text);
    line.text = text;
}

/// Drops empty lines; the stanza of a dropped line begins with the next one.
fn keep_full_lines(poem: &mut RawPoem) {
    let mut begins = false;
    let lines = std::mem::take(&mut poem.lines);
    for mut line in lines {
        begins |= line.begins_stanza;
        if line.text.is_empty() {
            continue;
        }
        line.begins_stanza = std::mem::take(&mut begins) && !poem.lines.is_empty();
        poem.lines.push(line);
    }
    if let Some(first) = poem.lines.first() {
        poem.source_line = first.number;
    }
}
