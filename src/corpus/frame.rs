//! What stands around the text of a book: the licence of Project Gutenberg, and the notes of Aozora Bunko.

use std::borrow::Cow;

use super::clean::is_blank;
use super::contents::without_contents;
use super::fields::with_headers;
use super::lines::numbered_lines;

/// Words of the lines of Project Gutenberg that end its head and begin its tail, in lower case.
const STARTS: [&str; 3] = ["*** start of", "***start of", "*end*the small print"];
const ENDS: [&str; 4] = ["*** end of", "***end of", "end of the project gutenberg", "end of project gutenberg"];
/// First words of the paragraph of those who made the file.
const MAKERS: [&str; 3] = ["produced by", "e-text prepared by", "this etext was prepared"];
/// The heading of the explanation of signs of Aozora Bunko, and the first words of its tail.
const SIGNS: &str = "【テキスト中に現れる記号について】";
const SOURCE: &str = "底本：";

/// The text with blank lines in place of what stands around it, headers in place of fields above poems, and the number of
/// lines that this concerns.
pub fn without_frame(text: Cow<'_, str>) -> (Cow<'_, str>, usize) {
    let (text, outside) = without_notes(text);
    let (text, in_contents) = without_contents(text);
    let (text, in_fields) = with_headers(text);
    (text, outside + in_contents + in_fields)
}

fn without_notes(text: Cow<'_, str>) -> (Cow<'_, str>, usize) {
    let is_book = text.contains("Gutenberg") || text.contains("GUTENBERG");
    if !is_book && !text.contains(SOURCE) && !text.contains(SIGNS) {
        return (text, 0);
    }
    let lines: Vec<&str> = numbered_lines(&text).map(|(_, line)| line).collect();
    let inner = if is_book { gutenberg(&lines) } else { aozora(&lines) };
    let is_outside = |i: usize| !inner.contains(&i) && !is_blank(lines[i]);
    let outside = (0..lines.len()).filter(|&i| is_outside(i)).count();
    if outside == 0 {
        return (text, 0);
    }
    let kept = (0..lines.len()).map(|i| if inner.contains(&i) { lines[i] } else { "" });
    (kept.collect::<Vec<_>>().join("\n").into(), outside)
}

/// The lines of the book, without the paragraph of those who made the file.
fn gutenberg(lines: &[&str]) -> std::ops::Range<usize> {
    let begins = |i: &usize, words: &[&str]| {
        let line = lines[*i].trim().to_lowercase();
        words.iter().any(|words| line.starts_with(words))
    };
    let is_named = |i: &usize| lines[*i].to_lowercase().contains("gutenberg") || begins(i, &STARTS[2..]);
    let start = (0..lines.len()).filter(is_named).find(|i| begins(i, &STARTS)).map_or(0, |i| i + 1);
    let end = (start..lines.len()).filter(is_named).find(|i| begins(i, &ENDS)).unwrap_or(lines.len());
    let first = (start..end).find(|&i| !is_blank(lines[i])).unwrap_or(start);
    let is_maker = start > 0 && first < end && begins(&first, &MAKERS);
    let text = if is_maker { (first..end).find(|&i| is_blank(lines[i])).unwrap_or(first) } else { start };
    text..end
}

fn aozora(lines: &[&str]) -> std::ops::Range<usize> {
    let is_rule = |i: &usize| lines[*i].len() > 9 && lines[*i].chars().all(|c| c == '-');
    let signs = lines.iter().position(|line| line.contains(SIGNS));
    let start = signs.and_then(|at| (at..lines.len()).find(is_rule)).map_or(0, |rule| rule + 1);
    let end = (start..lines.len()).rfind(|&i| lines[i].starts_with(SOURCE)).unwrap_or(lines.len());
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_licence_is_no_part_of_the_text() {
        let text = "The Project Gutenberg EBook of Verses\n\n*** START OF THIS PROJECT GUTENBERG EBOOK VERSES ***\n\n\
                    Produced by A. B.\nand C.\n\nI\n\na\n\nEnd of the Project Gutenberg EBook of Verses\n\n1.A. By reading\n";
        let (inner, lines) = without_frame(text.into());
        assert_eq!((inner.as_ref(), lines), ("\n\n\n\n\n\n\nI\n\na\n\n\n\n\n", 6));
        let poem = "a poem about Gutenberg\nthe end of\n\nb";
        assert_eq!(without_frame(poem.into()), (poem.into(), 0));
    }

    #[test]
    fn the_notes_of_aozora_are_no_part_of_the_text() {
        let rule = "-".repeat(55);
        let text = format!(
            "題\n作者\n\n{rule}\n【テキスト中に現れる記号について】\n\n《》：ルビ\n{rule}\n\n古池や\n\n底本：「句」\n"
        );
        let (inner, lines) = without_frame(text.into());
        assert_eq!((inner.trim(), lines), ("古池や", 7));
    }
}
