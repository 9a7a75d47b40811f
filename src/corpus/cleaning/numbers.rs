//! Numbers before lines and poems, and line numbers at the end of lines.

use super::super::layout::{RawLine, RawPoem};
use super::super::numeral::before;
use super::{ChangeKind, ChangeLog, Habits};

/// Removes the numbers that most poems of the file have.
pub fn remove(poem: &mut RawPoem, habits: Habits, changes: &mut ChangeLog) {
    for (i, line) in poem.lines.iter_mut().enumerate() {
        let begins = habits.line_numbers || (habits.poem_numbers && i == 0);
        if begins && let Some((_, rest)) = before(&line.text) {
            let rest = rest.to_string();
            replace(line, rest, changes);
        }
        if habits.end_numbers
            && let Some(rest) = at_end(&line.text, i + 1)
        {
            let rest = rest.to_string();
            replace(line, rest, changes);
        }
    }
}

fn replace(line: &mut RawLine, text: String, changes: &mut ChangeLog) {
    changes.record(line.number, ChangeKind::Numbers, &line.text, &text);
    line.text = text;
}

/// The text before the number of the line at its end.
pub fn at_end(line: &str, number: usize) -> Option<&str> {
    let rest = line.strip_suffix(&number.to_string())?;
    rest.ends_with(' ').then(|| rest.trim_end()).filter(|rest| !rest.is_empty())
}
