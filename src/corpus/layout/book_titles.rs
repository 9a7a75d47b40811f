//! Poems below lines `《title》`, with the author before or behind the title or in a line below, or below `[title]`, `<title>`
//! and the like.

use std::collections::BTreeSet;

use super::super::clean::{clean, is_blank};
use super::super::label::is_label;
use super::super::lines::numbered_lines;
use super::super::script::is_letter;
use super::builder::{Builder, Mark, Piece};
use super::numbered::number_alone;
use super::sample::{TextSample, is_separator};
use super::{Evidence, Layout, LayoutProblem};

pub struct BookTitles;

/// The signs around titles: those of books, and others.
const BOOK: (char, char) = ('《', '》');
const OTHERS: [(char, char); 4] = [('[', ']'), ('<', '>'), ('【', '】'), ('〈', '〉')];
/// Fewest titles in other signs, and the longest, in characters.
const FEWEST: usize = 3;
const MAX_TITLE: usize = 60;
/// Longest author, and signs between title and author.
const MAX_AUTHOR: usize = 12;
const BETWEEN: [char; 9] = [' ', '-', '—', '·', ':', '：', '/', '.', '、'];

impl Layout for BookTitles {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let signs = signs(sample)?;
        let is_title = |line: &&str| title_in(signs, line).is_some();
        let titles = sample.full_lines().filter(is_title).count();
        let lines = sample.full_lines().count();
        let begins = sample.full_lines().next().is_some_and(|line| is_title(&line));
        let why = format!("{titles} lines are a title in {}{}", signs.0, signs.1);
        // A title must have verses below it.
        (titles >= 2 && begins && lines >= 2 * titles && lines <= 200 * titles).then_some(Evidence { score: 0.85, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let signs = signs(&TextSample::of(text)).unwrap_or(BOOK);
        let mut builder = Builder::new(true, visit);
        for (number, line) in numbered_lines(text) {
            if let Some(title) = title_in(signs, line) {
                builder.title(number, &title);
            } else if is_separator(line) {
                builder.mark(Mark::Separator);
            } else {
                builder.verse(number, line);
            }
        }
        builder.finish();
        Ok(())
    }
}

/// The signs around the titles of a text: 《》, or others around lines that differ from each other.
fn signs(sample: &TextSample) -> Option<(char, char)> {
    if sample.full_lines().any(|line| title(line).is_some()) {
        return Some(BOOK);
    }
    OTHERS.into_iter().find(|&signs| {
        let titles: Vec<String> = sample.full_lines().filter_map(|line| title_in(signs, line)).collect();
        // What returns is the name of a part or a token.
        let different: BTreeSet<&String> = titles.iter().collect();
        different.len() >= FEWEST && different.len() * 10 >= titles.len() * 8
    })
}

fn title_in(signs: (char, char), line: &str) -> Option<String> {
    if signs == BOOK {
        return title(line);
    }
    let line = clean(line);
    let inner = line.strip_prefix(signs.0)?.strip_suffix(signs.1)?.trim();
    let is_title = inner.chars().count() <= MAX_TITLE
        && inner.contains(char::is_alphabetic)
        && !inner.contains([signs.0, signs.1, '|', '/', '"'])
        && !is_label(&line)
        && !number_alone(&line);
    is_title.then(|| inner.to_string())
}

/// `title | author` of a line that is a title in 《》.
pub fn title(line: &str) -> Option<String> {
    let line = clean(line);
    let (before, rest) = line.split_once('《')?;
    let (title, after) = rest.rsplit_once('》')?;
    let name = |text: &str| text.trim_matches(BETWEEN).to_string();
    let author = name(&format!("{}{}", before.trim_start_matches(|c: char| c.is_ascii_digit()), after));
    let is_name = author.chars().count() <= MAX_AUTHOR && author.chars().all(|c| is_letter(c) || BETWEEN.contains(&c));
    if !is_name || is_blank(title) || title.contains('《') {
        return None;
    }
    Some(if author.is_empty() { title.to_string() } else { format!("{title} | {author}") })
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn titles_in_brackets_begin_poems() {
        let poem = "床前明月光，疑是地上霜。\n\n举头望明月，低头思故乡。\n";
        for (title, read) in [
            ("《静夜思》", "静夜思"),
            ("《静夜思》 李白", "静夜思 | 李白"),
            ("李白《静夜思》", "静夜思 | 李白"),
            ("1.《静夜思》——李白", "静夜思 | 李白"),
        ] {
            let (format, found) = blocks(&format!("{title}\n{poem}").repeat(3));
            assert_eq!((format, found.len()), (Format::BookTitles, 3), "{title}");
            assert_eq!((found[2].0.as_deref(), found[2].1.len()), (Some(read), 2));
        }
    }

    #[test]
    fn other_signs_stand_around_titles_that_differ() {
        let text = |open: &str, close: &str, name: &dyn Fn(usize) -> String| -> String {
            (1..9).map(|i| format!("{open}{}{close}\na {i}\nb\n\nc\n\n", name(i))).collect()
        };
        for (open, close) in [("[", "]"), ("<", ">"), ("【", "】")] {
            let (format, found) = blocks(&text(open, close, &|i| format!("Title {i}")));
            assert_eq!((format, found.len()), (Format::BookTitles, 8), "{open}");
            assert_eq!((found[7].0.as_deref(), found[7].1.len()), (Some("Title 8"), 3));
        }
        assert_eq!(blocks(&text("[", "]", &|_| "a pause".into())).0, Format::BlankLines);
        assert_eq!(blocks(&text("[", "]", &|i| format!("Verse {i}"))).0, Format::BlankLines);
    }
}
