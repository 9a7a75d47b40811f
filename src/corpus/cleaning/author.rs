//! The author at the end of a poem: `——李白`, or a last line `-- Basho`.

use super::super::layout::RawPoem;
use super::super::script::is_stop;
use super::{ChangeKind, ChangeLog};

/// Longest author, in characters.
const MAX_AUTHOR: usize = 24;
const DASHES: [&str; 5] = ["——", "--", "—", "–", "―"];

/// Where the last line ends and the author.
pub fn at_end(poem: &RawPoem) -> Option<(usize, &str)> {
    let last = &poem.lines.last()?.text;
    let dash = DASHES.iter().filter_map(|dash| last.rfind(dash)).max()?;
    let text = last[..dash].trim_end_matches(['—', '–', '―', '-', ' ']);
    let author = last[dash..].trim_start_matches(['—', '–', '―', '-', ' ']);
    let is_name = (1..=MAX_AUTHOR).contains(&author.chars().count())
        && !author.trim_end_matches('.').contains(|c: char| is_stop(c) && c != '.');
    let is_alone = text.is_empty() && poem.lines.len() > 1;
    let follows_end = text.ends_with(|c: char| is_stop(c) || matches!(c, '”' | '」' | '"' | '’'));
    (is_name && (is_alone || follows_end)).then_some((text.len(), author))
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
