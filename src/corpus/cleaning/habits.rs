//! What most poems of a file have in common, so that it belongs to the layout of the file and not to the verse.

use super::super::layout::RawPoem;
use super::super::numeral::before;
use super::super::script::is_han;
use super::bullets::Bullets;
use super::{author, head, numbers, ruby};

/// Marks that most poems of a file have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// The author at the end.
    pub authors: bool,
    /// A number before every line.
    pub line_numbers: bool,
    /// A number before every poem.
    pub poem_numbers: bool,
    /// Line numbers at the end of some lines.
    pub end_numbers: bool,
    /// The reading of Chinese characters in brackets.
    pub ruby: bool,
    /// Number of lines with title and author above the verses.
    pub head: usize,
    /// The sign of a list before every poem, every line, or neither.
    pub bullets: Bullets,
}

/// Fewest poems or lines that make a habit.
const FEWEST: usize = 3;

impl Habits {
    /// The habits of a file with these first poems.
    pub fn of(poems: &[RawPoem]) -> Habits {
        let most = |count: usize, total: usize| count >= FEWEST && count * 10 >= total * 6;
        let n = poems.len();
        let lines = || poems.iter().flat_map(|poem| &poem.lines);
        let n_lines = lines().count();
        let numbered = lines().filter(|line| before(&line.text).is_some()).count();
        let first_numbers = || poems.iter().filter_map(|poem| before(&poem.lines.first()?.text));
        let rising = first_numbers().zip(first_numbers().skip(1)).filter(|(a, b)| a.0 < b.0).count();
        let end_numbered = poems.iter().filter(|poem| has_end_numbers(poem)).count();
        let long = poems.iter().filter(|poem| poem.lines.len() >= 5).count();
        let with_han = lines().filter(|line| line.text.contains(is_han)).count();
        let with_ruby = lines().filter(|line| ruby::without_ruby(&line.text).is_some()).count();
        let line_numbers = most(numbered, n_lines + n_lines / 3) && n_lines > n;
        Habits {
            authors: most(poems.iter().filter(|poem| author::at_end(poem).is_some()).count(), n),
            line_numbers,
            poem_numbers: !line_numbers && most(rising + 1, n + n / 3) && rising >= FEWEST,
            end_numbers: most(end_numbered, long),
            ruby: most(with_ruby, with_han),
            head: head::height(poems),
            bullets: Bullets::of(poems),
        }
    }

    /// Whether numbers are removed.
    pub fn numbers_any(self) -> bool {
        self.line_numbers || self.poem_numbers || self.end_numbers
    }
}

fn has_end_numbers(poem: &RawPoem) -> bool {
    poem.lines.len() >= 5 && poem.lines.iter().zip(1..).any(|(line, n)| numbers::at_end(&line.text, n).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::super::layout::{Piece, layout};
    use super::super::{ChangeLog, Cleaner};
    use super::*;
    use crate::corpus::Format;

    /// The title and lines of the last poem of a text between blank lines after cleaning.
    fn cleaned(text: &str) -> (Option<String>, Vec<String>) {
        let mut poems = Vec::new();
        let mut visit = |piece| {
            if let Piece::Poem(poem) = piece {
                poems.push(poem);
            }
        };
        layout(Format::BlankLines, None).read(text, &mut visit).unwrap();
        let cleaner = Cleaner { habits: Habits::of(&poems), converter: None };
        let mut last = poems.pop().unwrap();
        cleaner.clean(&mut last, &mut ChangeLog::default());
        (last.title, last.lines.into_iter().map(|line| line.text).collect())
    }

    #[test]
    fn authors_at_the_end_are_no_verse() {
        let lines = |lines: [&str; 2]| lines.map(String::from).to_vec();
        let read = cleaned(&"床前明月光，\n疑是地上霜。——李白\n\n".repeat(5));
        assert_eq!(read, (Some("李白".into()), lines(["床前明月光，", "疑是地上霜。"])));
        let read = cleaned(&"an old pond\na frog\n  -- Basho\n\n".repeat(5));
        assert_eq!(read, (Some("Basho".into()), lines(["an old pond", "a frog"])));
        // A dash that few poems have is one of the verse.
        let read = cleaned(&format!("{}a\nb, -- c\n\n", "a\nb\n\n".repeat(9)));
        assert_eq!(read, (None, lines(["a", "b, -- c"])));
    }

    #[test]
    fn titles_above_the_verses_are_no_verse() {
        for (text, title, n) in [
            ("静夜思诗\n李白\n床前明月光，\n疑是地上霜。\n\n", "静夜思诗 | 李白", 2),
            ("静夜思诗\n床前明月光，\n疑是地上霜。\n\n", "静夜思诗", 2),
            ("THE TYGER\nTyger burning bright\nin the night\n\n", "THE TYGER", 2),
            ("The Tyger of Night\nTyger, burning bright,\nin the forests\n\n", "The Tyger of Night", 2),
            ("a tyger\nby William Blake\nburning bright\nin the forests\n\n", "a tyger | William Blake", 2),
        ] {
            let (read, lines) = cleaned(&text.repeat(5));
            assert_eq!((read.as_deref(), lines.len()), (Some(title), n), "{text}");
        }
        // A poem that is regular as it stands keeps its first line.
        let read =
            cleaned(&format!("{}床前明月光，\n疑是地上霜。\n\n", "静夜思诗\n床前明月光，\n疑是地上霜。\n\n".repeat(9)));
        assert_eq!(read, (None, vec!["床前明月光，".into(), "疑是地上霜。".into()]));
    }

    #[test]
    fn authors_in_a_line_of_their_own_are_no_verse() {
        for author in ["by Jane Doe", "(Jane Doe)", "-- Jane Doe, \"The Sea, a poem\""] {
            let (title, lines) = cleaned(&format!("a verse\nanother\n{author}\n\n").repeat(5));
            assert!(title.is_some_and(|title| title.starts_with("Jane Doe")) && lines.len() == 2, "{author}");
        }
        assert_eq!(cleaned(&"a verse\nby the sea\n\n".repeat(5)).1.len(), 2);
    }

    #[test]
    fn signs_of_lists_are_no_verse() {
        assert_eq!(cleaned(&"- a\nb\n\n".repeat(5)).1, ["a", "b"]);
        assert_eq!(cleaned(&"| a\n| b\n\n".repeat(5)).1, ["a", "b"]);
        assert_eq!(cleaned(&"> a\n>\n> b\n\n".repeat(5)).1, ["a", "b"]);
        assert_eq!(cleaned(&":a\n::b\n\n".repeat(5)).1, ["a", "b"]);
        assert_eq!(cleaned(&format!("{}- a\nb\n\n", "a\n- b\n\n".repeat(5))).1, ["- a", "b"]);
    }

    #[test]
    fn numbers_that_most_lines_or_poems_have_are_no_verse() {
        let every: String = (0..9).map(|i| format!("{}. a\n{}. b\n\n", 2 * i + 1, 2 * i + 2)).collect();
        let poems: String = (1..9).map(|i| format!("({i}) a\nb\n\n")).collect();
        for text in [every, poems] {
            assert_eq!(cleaned(&text).1, ["a", "b"], "{text}");
        }
        assert_eq!(cleaned(&"a\nb\nc\nd\ne   5\nf\n\n".repeat(9)).1[4], "e");
        assert_eq!(cleaned("a\nb\n\n3 ravens\nd\n").1, ["3 ravens", "d"]);
    }
}
