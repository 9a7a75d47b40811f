//! Prose that is read as poems: a paragraph in a single line, or wrapped at a width.

use compact_str::CompactString;

use super::Poem;

/// Longest usual line of a poem of a single line, in characters.
const MAX_VERSE: usize = 120;
/// Widths at which prose is wrapped, in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 55..=120;

/// The median length of the poems, in characters, where most are a single long line.
pub fn length(poems: &[Poem]) -> Option<usize> {
    let single = || poems.iter().filter(|poem| poem.lines.len() == 1);
    let mut lengths: Vec<usize> = single().map(|poem| poem.lines[0].chars().count()).collect();
    if lengths.len() * 10 < poems.len() * 8 {
        return None;
    }
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied().filter(|&length| length > MAX_VERSE)
}

/// Number of poems that look like prose, where most do.
pub fn count(poems: &[Poem]) -> usize {
    let is_long = |poem: &Poem| poem.lines.len() == 1 && poem.lines[0].chars().count() > MAX_VERSE;
    let count = poems.iter().filter(|poem| is_long(poem) || is_wrapped(poem)).count();
    if length(poems).is_some() || count * 2 > poems.len() { count } else { 0 }
}

/// Whether the lines are filled up to a width, and most of them begin in the middle of a sentence.
fn is_wrapped(poem: &Poem) -> bool {
    let Some((_, filled)) = poem.lines.split_last().filter(|(_, filled)| filled.len() > 1) else { return false };
    let width = |line: &CompactString| line.chars().count();
    let most = filled.iter().map(width).max().unwrap_or(0);
    let is_filled = filled.iter().all(|line| width(line) * 10 >= most * 8);
    let begins_small = poem.lines[1..].iter().filter(|line| line.starts_with(char::is_lowercase)).count();
    WIDTHS.contains(&most) && is_filled && begins_small * 2 > filled.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poem(lines: &[String]) -> Poem {
        Poem { lines: lines.iter().map(CompactString::from).collect(), ..Poem::default() }
    }

    #[test]
    fn paragraphs_and_wrapped_lines_are_prose() {
        let paragraph = poem(&["a sentence of prose ".repeat(9)]);
        let wrapped = poem(&[
            "which goes on and on ".repeat(3),
            "and on, until the line is filled by all of its words; ".into(),
            "end".into(),
        ]);
        let verse = poem(&["Shall I compare thee to a summer's day?".into(), "thou art".into(), "more".into()]);
        assert_eq!(length(&vec![paragraph.clone(); 9]), Some(180));
        for (poems, n) in [(vec![paragraph; 9], 9), (vec![wrapped.clone(); 9], 9), (vec![verse.clone(); 9], 0)] {
            assert_eq!(count(&poems), n);
        }
        assert_eq!(count(&[wrapped, verse.clone(), verse]), 0);
    }
}
