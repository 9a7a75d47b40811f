//! The layouts of corpus files, and their detection.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::MIN_POEMS;
use super::clean::{clean, is_blank};
use super::verse::clauses;

/// Number of lines that are used to detect the layout.
const SAMPLE: usize = 20_000;

/// Longer blocks of lines are not a poem if the text can be read in another way.
const LONG_POEM: usize = 50;

/// Longest title before a colon, in characters.
const MAX_TITLE: usize = 60;

/// The layout of a file of poems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One verse per text line, blank lines between poems, optionally a first line `# title | author`.
    BlankLines,
    /// One poem per text line; its verses end at `，。！？；` or, in other scripts, at ` / `.
    OnePerLine,
    /// One Chinese poem per text line, after its title and a colon.
    TitleColon,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::BlankLines => "poems between blank lines",
            Format::OnePerLine => "one poem per line",
            Format::TitleColon => "one poem per line as title:poem",
        })
    }
}

/// A poem as in the file: its lines are cleaned, but not yet split or assigned a form.
#[derive(Debug, Default, PartialEq)]
pub struct RawPoem {
    pub title: Option<String>,
    pub lines: Vec<String>,
    /// Line of the file (from 1) where the text begins.
    pub source_line: usize,
}

impl Format {
    /// The layout of `text`. Without blank lines, each line is a poem: most collections of short texts are like that, and a
    /// single long poem would not show how poems begin and end.
    pub fn detect(text: &str) -> Format {
        let mut lines = 0;
        let mut blocks = 0;
        let mut headers = 0;
        let mut couplets = 0;
        let mut titled = 0;
        let mut inside = false;
        for (_, line) in numbered_lines(text).take(SAMPLE) {
            let header = title_of_header(line).is_some();
            let blank = !header && is_blank(line);
            blocks += usize::from(header || (!blank && !inside));
            inside = !blank;
            if header || blank {
                headers += usize::from(header);
                continue;
            }
            lines += 1;
            couplets += usize::from(clauses(line).len() > 1);
            titled += usize::from(title_and_poem(line).is_some_and(|(_, poem)| clauses(poem).len() > 1));
        }
        let most = |count: usize| count * 10 > lines * 6;
        let long = lines > LONG_POEM * blocks && (blocks < MIN_POEMS || most(couplets));
        match () {
            () if most(titled) => Format::TitleColon,
            () if long || (blocks == 1 && headers == 0) => Format::OnePerLine,
            () => Format::BlankLines,
        }
    }

    /// Advice for a file with too few poems, as the end of a sentence.
    pub fn how_to_add(self) -> &'static str {
        match self {
            Format::BlankLines => "add poems, with a blank line between two",
            Format::OnePerLine => "add poems, one per line, or put a blank line between two poems of several lines",
            Format::TitleColon => "add poems, one per line",
        }
    }

    /// Whether a text line contains several verses, and must be split at its stops.
    pub fn splits_at_stops(self) -> bool {
        self != Format::BlankLines
    }

    /// Calls `visit` with every poem of `text`, in order.
    pub fn each_poem(self, text: &str, mut visit: impl FnMut(RawPoem)) {
        let mut poem = RawPoem::default();
        let mut finish = |poem: &mut RawPoem| {
            if !poem.lines.is_empty() {
                visit(std::mem::take(poem));
            }
        };
        for (number, line) in numbered_lines(text) {
            if let Some(title) = title_of_header(line) {
                finish(&mut poem);
                poem.title = title;
                continue;
            }
            if is_blank(line) {
                finish(&mut poem);
                continue;
            }
            if poem.lines.is_empty() {
                poem.source_line = number;
            }
            match self {
                Format::BlankLines => poem.lines.push(clean(line).into_owned()),
                Format::OnePerLine => push_parts(&mut poem, line),
                Format::TitleColon => {
                    let (title, text) = title_and_poem(line).map_or((None, line), |(title, text)| (Some(title), text));
                    poem.title = title.map(|title| clean(title).into_owned());
                    push_parts(&mut poem, text);
                }
            }
            if self != Format::BlankLines {
                finish(&mut poem);
            }
        }
        finish(&mut poem);
    }
}

/// Splits at ` / `, which separates verses that are quoted in one line.
fn push_parts(poem: &mut RawPoem, line: &str) {
    let parts = clean(line);
    poem.lines.extend(parts.split(" / ").map(clean).filter(|part| !part.is_empty()).map(String::from));
}

/// The lines of `text` with their numbers, from 1. Lines end with LF, CR LF, or (in files of old Macs) CR.
fn numbered_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = if text.contains('\n') { '\n' } else { '\r' };
    text.split(end).enumerate().map(|(i, line)| (i + 1, line))
}

/// The title of a line `# title | author`; `Some(None)` for `#` without a title.
fn title_of_header(line: &str) -> Option<Option<String>> {
    let title = line.trim_start().strip_prefix('#')?;
    if !(title.is_empty() || title.starts_with(char::is_whitespace)) {
        return None;
    }
    Some(Some(clean(title).into_owned()).filter(|title| !title.is_empty()))
}

/// The parts of a line `title:poem` or `title：poem`.
fn title_and_poem(line: &str) -> Option<(&str, &str)> {
    let (title, poem) = line.split_once([':', '：'])?;
    let is_title = title.chars().count() <= MAX_TITLE && clauses(title).len() == 1;
    (is_title && !is_blank(title) && !is_blank(poem)).then_some((title, poem))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts = (Option<String>, Vec<String>, usize);

    fn blocks(text: &str) -> (Format, Vec<Parts>) {
        let format = Format::detect(text);
        let mut found = Vec::new();
        format.each_poem(text, |poem| found.push((poem.title, poem.lines, poem.source_line)));
        (format, found)
    }

    #[test]
    fn blank_lines_separate_poems() {
        let (format, found) =
            blocks("# 静夜思 | 李白\n床前明月光，\n疑是地上霜。\n\n\u{3000}\nRoses are red,\nviolets blue\n");
        assert_eq!(format, Format::BlankLines);
        assert_eq!(found[0], (Some("静夜思 | 李白".into()), vec!["床前明月光，".into(), "疑是地上霜。".into()], 2));
        assert_eq!(found[1], (None, vec!["Roses are red,".into(), "violets blue".into()], 6));
    }

    #[test]
    fn a_header_begins_a_poem_without_a_blank_line() {
        let (_, found) = blocks("# one\na\nb\n# two\n\nc\n#\nd\n#hashtag");
        let titles: Vec<_> = found.iter().map(|(title, ..)| title.as_deref()).collect();
        assert_eq!(titles, [Some("one"), Some("two"), None]);
        assert_eq!(found[2].1, ["d", "#hashtag"]);
    }

    #[test]
    fn text_without_blank_lines_has_a_poem_per_line() {
        let (format, found) = blocks("床前明月光，疑是地上霜。\r\n春眠不觉晓，处处闻啼鸟。\r\n");
        assert_eq!(format, Format::OnePerLine);
        assert_eq!((found.len(), found[1].2), (2, 2));
        let (format, found) = blocks("an old pond / a frog jumps in / the sound of water\rabcdefg\r");
        assert_eq!(format, Format::OnePerLine);
        assert_eq!(found[0].1, ["an old pond", "a frog jumps in", "the sound of water"]);
        assert_eq!(found[1], (None, vec!["abcdefg".into()], 2));
    }

    #[test]
    fn a_stray_blank_line_does_not_make_one_poem_of_thousands() {
        let text = format!("{0}\n{0}", "床前明月光，疑是地上霜。\n".repeat(200));
        assert_eq!(Format::detect(&text), Format::OnePerLine);
        // Long poems in another language stay as they are: they may be the books of an epic.
        let epic = format!("{}\n", "Arms and the man I sing\n".repeat(600)).repeat(24);
        assert_eq!(Format::detect(&epic), Format::BlankLines);
    }

    #[test]
    fn titles_may_stand_before_a_colon() {
        let (format, found) =
            blocks("静夜思:床前明月光，疑是地上霜。\n春晓：春眠不觉晓，处处闻啼鸟。\n无题，相见时难别亦难。\n");
        assert_eq!(format, Format::TitleColon);
        assert_eq!(found[0], (Some("静夜思".into()), vec!["床前明月光，疑是地上霜。".into()], 1));
        assert_eq!(found[1].0.as_deref(), Some("春晓"));
        assert_eq!(found[2].0, None);
        let speech = "He said: go.\nShe said: no.\n";
        assert_eq!(Format::detect(speech), Format::OnePerLine);
    }
}
