//! The author at the end of a poem: `——李白`, or a last line `-- Basho`, `by Basho` or `(Basho)`.

use super::super::layout::RawPoem;
use super::super::script::is_stop;
use super::super::title::{MAX_AUTHOR, by_line, is_short_name};
use super::{ChangeKind, ChangeLog};

/// Longest author with a work, in characters.
const MAX_SOURCE: usize = 80;
const DASHES: [&str; 5] = ["——", "--", "—", "–", "―"];

/// Where the last line ends and the author.
pub fn at_end(poem: &RawPoem) -> Option<(usize, &str)> {
    let last = &poem.lines.last()?.text;
    let has_verses = poem.lines.len() > 1;
    if let Some(author) = by_line(last).or_else(|| in_brackets(last)).filter(|_| has_verses) {
        return Some((0, author));
    }
    let dash = DASHES.iter().filter_map(|dash| last.rfind(dash)).max()?;
    let text = last[..dash].trim_end_matches(['—', '–', '―', '-', ' ']);
    let author = last[dash..].trim_start_matches(['—', '–', '―', '-', ' ']);
    // A work has a title in signs of quotation.
    let has_work = author.ends_with(['》', '"', '”', '〉']);
    let most = if has_work { MAX_SOURCE } else { MAX_AUTHOR };
    let is_name = (1..=most).contains(&author.chars().count())
        && (has_work || !author.trim_end_matches('.').contains(|c: char| is_stop(c) && c != '.'));
    let is_alone = text.is_empty() && has_verses;
    let follows_end = text.ends_with(|c: char| is_stop(c) || matches!(c, '”' | '」' | '"' | '’'));
    (is_name && (is_alone || follows_end)).then_some((text.len(), author))
}

/// The author of a line `(Author)`.
fn in_brackets(line: &str) -> Option<&str> {
    let author = [('(', ')'), ('（', '）'), ('[', ']')]
        .iter()
        .find_map(|(open, close)| line.strip_prefix(*open)?.strip_suffix(*close))?;
    is_short_name(author).then_some(author)
}

/// Moves the author to the title.
pub fn move_to_title(poem: &mut RawPoem, changes: &mut ChangeLog) {
    let Some((end, author)) = at_end(poem) else { return };
    let author = author.to_string();
    if let Some(last) = poem.lines.last_mut() {
        let text = last.text[..end].to_string();
        changes.record(last.number, ChangeKind::Authors, &last.text, &text);
        last.text = text;
    }
    poem.title = Some(poem.title.take().map_or(author.clone(), |title| format!("{title} | {author}")));
}
