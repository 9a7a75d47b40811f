//! The table of contents of a book: its entries are the titles below.

use std::borrow::Cow;
use std::collections::HashSet;

use super::clean::{clean, is_blank};
use super::lines::numbered_lines;

/// Headings of tables of contents, in lower case.
const HEADINGS: [&str; 10] = [
    "contents",
    "table of contents",
    "the contents",
    "inhalt",
    "inhaltsverzeichnis",
    "table des matières",
    "índice",
    "содержание",
    "目录",
    "目錄",
];
/// Lines in which the heading is looked for, and fewest entries.
const SAMPLE: usize = 400;
const FEWEST: usize = 3;

/// The text with blank lines in place of its table of contents, and the number of lines that this concerns. Calls `leave_out`
/// with the number of each of them, and with the line.
pub fn without_contents<'a>(text: Cow<'a, str>, leave_out: &mut dyn FnMut(usize, &str)) -> (Cow<'a, str>, usize) {
    let is_heading = |line: &str| {
        line.len() <= 60 && HEADINGS.contains(&clean(line).trim_end_matches(['.', ':']).to_lowercase().as_str())
    };
    let Some((heading, _)) = numbered_lines(&text).take(SAMPLE).find(|(_, line)| is_heading(line)) else {
        return (text, 0);
    };
    let mut lines: Vec<&str> = numbered_lines(&text).map(|(_, line)| line).collect();
    let begin = heading - 1;
    let Some(end) = end_of_entries(&lines, begin + 1) else { return (text, 0) };
    let later: HashSet<String> = lines[end..].iter().map(|line| key(line)).collect();
    let entries: Vec<String> =
        lines[begin + 1..end].iter().map(|line| key(line)).filter(|key| !key.is_empty()).collect();
    let known = entries.iter().filter(|entry| later.contains(*entry)).count();
    // What is not repeated below is a poem of that title.
    if entries.len() < FEWEST || known * 2 < entries.len() {
        return (text, 0);
    }
    let mut left_out = 0;
    for (number, line) in (begin + 1..).zip(&lines[begin..end]).filter(|(_, line)| !is_blank(line)) {
        leave_out(number, line);
        left_out += 1;
    }
    lines[begin..end].fill("");
    (lines.join("\n").into(), left_out)
}

/// Where two blank lines end the entries.
fn end_of_entries(lines: &[&str], begin: usize) -> Option<usize> {
    let mut entries = 0;
    for i in begin..lines.len().saturating_sub(1) {
        entries += usize::from(!is_blank(lines[i]));
        if entries >= FEWEST && is_blank(lines[i]) && is_blank(lines[i + 1]) {
            return Some(i);
        }
    }
    None
}

/// A title without case, signs, and the number of its page.
fn key(line: &str) -> String {
    let line = clean(line).to_lowercase();
    let title = line.trim_end_matches(|c: char| c.is_numeric() || c.is_whitespace() || !c.is_alphanumeric());
    title.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_return_as_titles_are_left_out() {
        let titles = ["The Sea", "A Night", "Of Stones"];
        let entries: String = titles.iter().zip(7..).map(|(title, page)| format!("  {title} .... {page}\n")).collect();
        let poems: String = titles.iter().map(|title| format!("{}.\n\na\nb\n\n", title.to_uppercase())).collect();
        let mut listed = Vec::new();
        let (text, left_out) =
            without_contents(format!("Poems\n\nCONTENTS\n\n{entries}\n\n{poems}").into(), &mut |number, _| {
                listed.push(number)
            });
        assert_eq!((text, left_out), (format!("Poems\n{}{poems}", "\n".repeat(8)).into(), 4));
        assert_eq!(listed, [3, 5, 6, 7]);
        // A poem may have that title.
        let poem = "Contents\n\na\nb\nc\n\n\nd\ne\n";
        assert_eq!(without_contents(poem.into(), &mut |_, _| ()), (poem.into(), 0));
    }
}
