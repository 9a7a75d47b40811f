//! Titles and authors that stand directly above the verses, without a blank line between: lines that make a poem of a
//! fixed form irregular, a first line in capitals or with the capitals of a title, or a title and `by Author`.

use super::super::layout::{RawLine, RawPoem};
use super::super::script::{is_han, is_stop};
use super::super::title::{by_line, has_title_case};
use super::super::verse::lines_and_form;
use super::{ChangeKind, ChangeLog};

/// Most lines above the verses: a title and an author.
const MOST: usize = 2;
/// Fewest poems that show it.
const FEWEST: usize = 3;

/// Number of lines above the verses in at least 7 of 10 poems; 0 where there are none.
pub fn height(poems: &[RawPoem]) -> usize {
    let count = |height: usize| poems.iter().filter(|poem| has_head(poem, height)).count();
    let counts: Vec<usize> = (1..=MOST).map(count).collect();
    let most = (1..=MOST).rev().max_by_key(|height| counts[height - 1]).unwrap_or(0);
    let n = counts.get(most.wrapping_sub(1)).copied().unwrap_or(0);
    if n >= FEWEST && n * 10 >= poems.len() * 7 { most } else { 0 }
}

/// Moves the lines above the verses to the title. Poems that are regular as they stand keep all lines.
pub fn move_to_title(poem: &mut RawPoem, height: usize, changes: &mut ChangeLog) {
    if poem.lines.len() <= height || !(has_head(poem, height) || lacks_stops(poem, height)) {
        return;
    }
    let mut names: Vec<String> = poem.title.take().into_iter().collect();
    for line in poem.lines.drain(..height) {
        changes.record(line.number, ChangeKind::Titles, &line.text, "");
        names.push(by_line(&line.text).unwrap_or(&line.text).to_string());
    }
    poem.title = Some(names.join(" | "));
    if let Some(first) = poem.lines.first_mut() {
        first.begins_stanza = false;
        poem.source_line = first.number;
    }
}

fn has_head(poem: &RawPoem, height: usize) -> bool {
    if poem.lines.len() <= height {
        return false;
    }
    let (head, verses) = poem.lines.split_at(height);
    let first = &head[0].text;
    if first.contains(is_han) {
        let is_fixed = |lines: &[RawLine]| {
            let lines: Vec<String> = lines.iter().map(|line| line.text.clone()).collect();
            lines.len() > 1 && lines_and_form(&lines, poem.splits).1.width().is_some()
        };
        return is_fixed(verses) && !is_fixed(&poem.lines[height - 1..]);
    }
    match head {
        [title] if is_capitals(&title.text) => !verses.iter().any(|line| is_capitals(&line.text)),
        [title] => {
            let with_case = verses.iter().filter(|line| has_title_case(&line.text)).count();
            verses.len() > 1 && has_title_case(&title.text) && with_case * 5 <= verses.len()
        }
        [_, author] => by_line(&author.text).is_some(),
        _ => false,
    }
}

/// Whether the lines above the verses end without the stops that nearly all verses below them end with.
fn lacks_stops(poem: &RawPoem, height: usize) -> bool {
    let (head, verses) = poem.lines.split_at(height);
    let stops = |lines: &[RawLine]| lines.iter().filter(|line| line.text.ends_with(is_stop)).count();
    verses.len() > 1 && stops(head) == 0 && stops(verses) * 10 >= verses.len() * 9
}

/// Whether all letters are capitals, and there are several.
fn is_capitals(line: &str) -> bool {
    line.chars().filter(|c| c.is_uppercase()).count() > 2 && !line.contains(char::is_lowercase)
}
