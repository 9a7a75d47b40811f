//! What stands around the text of a book: the licence of Project Gutenberg, and the notes of Aozora Bunko.

use std::borrow::Cow;
use std::ops::Range;

use super::clean::is_blank;
use super::cleaning::{ChangeKind, ChangeLog};
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
/// lines that this concerns. Those that are left out are recorded in `changes`.
pub fn without_frame<'a>(text: Cow<'a, str>, changes: &mut ChangeLog) -> (Cow<'a, str>, usize) {
    let mut leave_out = |number: usize, line: &str| changes.record(number, ChangeKind::Frame, line, "");
    let (text, outside) = without_notes(text, &mut leave_out);
    let (text, in_contents) = without_contents(text, &mut leave_out);
    let (text, in_fields) = with_headers(text);
    (text, outside + in_contents + in_fields)
}

/// Calls `leave_out` with the number of every line that is left out, and with the line.
fn without_notes<'a>(text: Cow<'a, str>, leave_out: &mut dyn FnMut(usize, &str)) -> (Cow<'a, str>, usize) {
    let is_book = text.contains("Gutenberg") || text.contains("GUTENBERG");
    if !is_book && !text.contains(SOURCE) && !text.contains(SIGNS) {
        return (text, 0);
    }
    let lines: Vec<&str> = numbered_lines(&text).map(|(_, line)| line).collect();
    let inner = if is_book { gutenberg(&lines) } else { vec![aozora(&lines)] };
    let mut kept = vec![""; lines.len()];
    inner.into_iter().for_each(|book| kept[book.clone()].copy_from_slice(&lines[book]));
    let mut outside = 0;
    for (i, line) in lines.iter().enumerate().filter(|(i, line)| kept[*i].is_empty() && !is_blank(line)) {
        leave_out(i + 1, line);
        outside += 1;
    }
    if outside == 0 { (text, 0) } else { (kept.join("\n").into(), outside) }
}

/// The lines of the books, of which a file may hold several, each without the paragraph of those who made it.
fn gutenberg(lines: &[&str]) -> Vec<Range<usize>> {
    let begins = |i: &usize, words: &[&str]| {
        let line = lines[*i].trim().to_lowercase();
        words.iter().any(|words| line.starts_with(words))
    };
    let is_named = |i: &usize| lines[*i].to_lowercase().contains("gutenberg") || begins(i, &STARTS[2..]);
    let find = |from: usize, words: &[&str]| (from..lines.len()).filter(is_named).find(|i| begins(i, words));
    let mut books = Vec::new();
    let mut next = Some(find(0, &STARTS).map_or(0, |i| i + 1));
    while let Some(start) = next {
        let end = find(start, &ENDS).unwrap_or(lines.len());
        let first = (start..end).find(|&i| !is_blank(lines[i])).unwrap_or(start);
        let is_maker = start > 0 && first < end && begins(&first, &MAKERS);
        let text = if is_maker { (first..end).find(|&i| is_blank(lines[i])).unwrap_or(first) } else { start };
        books.push(text..end);
        next = find(end, &STARTS).map(|i| i + 1);
    }
    books
}

fn aozora(lines: &[&str]) -> Range<usize> {
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
        let mut changes = ChangeLog { list: Some(Vec::new()), ..ChangeLog::default() };
        let (inner, lines) = without_frame(text.into(), &mut changes);
        assert_eq!((inner.as_ref(), lines), ("\n\n\n\n\n\n\nI\n\na\n\n\n\n\n", 6));
        let listed: Vec<usize> = changes.list.unwrap().iter().map(|change| change.line).collect();
        assert_eq!((listed, changes.counts[&ChangeKind::Frame]), (vec![1, 3, 5, 6, 12, 14], 6));
        let poem = "a poem about Gutenberg\nthe end of\n\nb";
        assert_eq!(without_frame(poem.into(), &mut ChangeLog::default()), (poem.into(), 0));
    }

    #[test]
    fn every_book_of_a_file_is_read() {
        let book = |verse: &str| {
            format!(
                "The Project Gutenberg EBook of {verse}\n*** START OF THE PROJECT GUTENBERG EBOOK ***\nProduced by A. B.\n\n\
                 {verse}\n\nEnd of the Project Gutenberg EBook\n*** END OF THE PROJECT GUTENBERG EBOOK ***\n1.A. By reading\n"
            )
        };
        let text = ["a", "b", "c"].map(book).concat();
        let (inner, lines) = without_frame(text.into(), &mut ChangeLog::default());
        assert_eq!((inner.split_whitespace().collect::<Vec<_>>(), lines), (vec!["a", "b", "c"], 18));
    }

    #[test]
    fn the_notes_of_aozora_are_no_part_of_the_text() {
        let rule = "-".repeat(55);
        let text = format!(
            "題\n作者\n\n{rule}\n【テキスト中に現れる記号について】\n\n《》：ルビ\n{rule}\n\n古池や\n\n底本：「句」\n"
        );
        let (inner, lines) = without_frame(text.into(), &mut ChangeLog::default());
        assert_eq!((inner.trim(), lines), ("古池や", 7));
    }
}
