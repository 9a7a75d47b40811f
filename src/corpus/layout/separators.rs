//! Poems between separator lines (`%` of fortune files, `---`, `***`, `===`), or between `<|startoftext|>` and
//! `<|endoftext|>`. Blank lines within are stanza breaks.

use std::collections::BTreeMap;

use super::super::clean::{clean, is_blank};
use super::super::lines::numbered_lines;
use super::builder::{Builder, Mark, Piece};
use super::sample::{TextSample, header, is_separator, share};
use super::{Evidence, Layout, LayoutProblem};

pub struct Separators;

/// Tokens between the examples of text for language models, and between verses, in lower case.
const TOKENS: [&str; 13] = [
    "<|startoftext|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|begin_of_text|>",
    "<s>",
    "</s>",
    "<bos>",
    "<eos>",
    "[bos]",
    "[eos]",
    "[cls]",
    "[sep]",
    "<|end|>",
];
const VERSE_TOKENS: [&str; 5] = ["<line>", "<|line|>", "<newline>", "<nl>", "[line]"];

/// Fewest separators; of `%`, which stands for nothing else, one.
const FEWEST: usize = 4;
/// With more blocks than this between two separators, separators stand between chapters.
const MAX_STANZAS: usize = 12;
const DOTS: [char; 4] = ['.', '…', '‥', '・'];
/// Longest separator that is not a usual one, in bytes.
const MAX_LENGTH: usize = 24;

impl Layout for Separators {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let lines = || sample.full_lines();
        let own = own_separator(sample);
        let is_mark = |line: &str| is_separator(line) || own.is_some_and(|own| clean(line) == own);
        let lines_of_marks = lines().filter(|line| is_mark(line) || has_token(line)).count();
        let tokens: usize = lines().map(|line| parts(line).count() - 1).sum();
        let separators = lines_of_marks.max(tokens);
        let blocks = sample.n_blocks.max(separators);
        let why = if lines().any(has_token) {
            share(lines_of_marks, lines().count(), "lines hold a token such as <|endoftext|>")
        } else {
            let first = lines().find(|line| is_mark(line)).unwrap_or_default().trim();
            format!("{separators} separator lines such as `{first}`")
        };
        let fewest = if lines().any(is_fortune) { 1 } else { FEWEST };
        (separators >= fewest && blocks <= MAX_STANZAS * separators).then_some(Evidence { score: 0.85, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let sample = TextSample::of(text);
        let own = own_separator(&sample);
        let mut builder = Builder::new(true, visit);
        for (number, line) in numbered_lines(text) {
            if is_separator(line) || own.is_some_and(|own| clean(line) == own) {
                builder.mark(Mark::Separator);
                builder.finish();
            } else if has_token(line) {
                with_tokens(&mut builder, number, line);
            } else if let Some(title) = header(line) {
                builder.title(number, title);
            } else {
                builder.verse(number, line);
            }
        }
        builder.finish();
        Ok(())
    }
}

/// Adds a line with tokens.
fn with_tokens(builder: &mut Builder, number: usize, line: &str) {
    let mut is_mark = true;
    for (i, part) in parts(line).enumerate() {
        if i > 0 {
            builder.finish();
        }
        if !is_blank(part) {
            is_mark = false;
            builder.text(number, &with_line_ends(part));
        }
    }
    if is_mark {
        builder.mark(Mark::Separator);
    }
}

/// The parts of a line between tokens, one by one, since a line may be a whole file.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let token = line.match_indices(['<', '[']).find_map(|(at, _)| Some((at, token_length(&line[at..], &TOKENS)?)));
        rest = token.map(|(at, length)| &line[at + length..]);
        Some(token.map_or(line, |(at, _)| &line[..at]))
    })
}

/// The text with line ends in place of the tokens between verses.
fn with_line_ends(text: &str) -> String {
    VERSE_TOKENS
        .iter()
        .fold(text.to_string(), |text, token| text.replace(token, "\n").replace(&token.to_uppercase(), "\n"))
}

/// Number of bytes of the token that a text begins with, in small letters or in capitals.
fn token_length(text: &str, tokens: &[&str]) -> Option<usize> {
    let begins = |token: &&&str| {
        text.starts_with(**token)
            || text.get(..token.len()).is_some_and(|text| {
                text.eq_ignore_ascii_case(token) && !text.contains(|c: char| c.is_ascii_lowercase())
            })
    };
    tokens.iter().find(begins).map(|token| token.len())
}

/// Whether a line is the separator of fortune files.
fn is_fortune(line: &str) -> bool {
    is_separator(line) && line.trim_start().starts_with('%')
}

/// The line without letters that occurs most often and is no usual separator, such as `//` or `###`, if poems can be between
/// such lines. Dots between verses are verses that are left out, and `#` alone is a header.
fn own_separator<'a>(sample: &TextSample<'a>) -> Option<&'a str> {
    let mut counts = BTreeMap::<&str, usize>::new();
    let dots_separate = dots_separate(sample);
    for line in sample.full_lines().map(str::trim).filter(|line| line.len() <= MAX_LENGTH && header(line).is_none()) {
        let is_verse = |c: char| c.is_alphanumeric() || "。！？!?".contains(c) || (DOTS.contains(&c) && !dots_separate);
        if !line.chars().any(is_verse) && !is_separator(line) {
            *counts.entry(line).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count >= FEWEST).max_by_key(|(_, count)| *count).map(|(line, _)| line)
}

/// Whether lines of dots separate poems: there are no blank lines, or they all stand between some, with at most two blocks of
/// verses for each.
fn dots_separate(sample: &TextSample) -> bool {
    let is_dots = |line: &str| !is_blank(line) && line.chars().all(|c| c.is_whitespace() || DOTS.contains(&c));
    let n_dots = sample.full_lines().filter(|line| is_dots(line)).count();
    let n_alone = sample.first_lines().filter(|(line, has_next)| is_dots(line) && !has_next).count();
    let has_others = sample.full_lines().filter(|line| is_separator(line)).count() >= FEWEST;
    !has_others && sample.n_blocks == 1 || (n_alone == n_dots && sample.n_blocks <= 3 * n_alone + 1)
}

fn has_token(line: &str) -> bool {
    line.match_indices(['<', '[']).any(|(at, _)| token_length(&line[at..], &TOKENS).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn separators_are_no_verses() {
        for separator in ["%", "%%", "---", "* * *", "====", "~~~~~"] {
            let (format, found) = blocks(&format!("a\nb\n\nc\n{separator}\n").repeat(20));
            assert_eq!((format, found.len()), (Format::Separators, 20), "{separator}");
            assert_eq!(found[19].1, ["a", "b", "c"]);
        }
    }

    #[test]
    fn two_poems_have_one_sign_between_them() {
        for text in ["a\n\nb\n%\nc\n\nd\n", "a\n\nb\n%%\nc\n\nd\n%%\n"] {
            let (format, found) = blocks(text);
            assert_eq!((format, found.len(), found[1].1.len()), (Format::Separators, 2, 2), "{text}");
        }
        assert_eq!(blocks("a\n\n5 % of b\n\nc\n").0, Format::BlankLines);
    }

    #[test]
    fn tokens_of_language_models_separate_poems() {
        let (format, found) = blocks(&"<|startoftext|>a\nb<|endoftext|>\n".repeat(20));
        assert_eq!((format, found.len()), (Format::Separators, 20));
        assert_eq!((&found[1].1, found[1].2), (&vec!["a".to_string(), "b".to_string()], 3));
        let (_, found) = blocks(&"a / b<|endoftext|>".repeat(20));
        assert_eq!((found.len(), found[19].1.len()), (20, 2));
    }

    #[test]
    fn a_line_of_signs_that_recurs_separates_poems() {
        for sign in ["//", "###", "⁂", "@", "$$", "⸻"] {
            let (format, found) = blocks(&format!("a\nb\n{sign}\n").repeat(20));
            assert_eq!((format, found.len()), (Format::Separators, 20), "{sign}");
        }
    }

    #[test]
    fn dots_separate_poems_or_stand_for_verses() {
        for dots in ["……", "...", ". . ."] {
            let (format, found) = blocks(&format!("a\nb\n{dots}\n").repeat(20));
            assert_eq!((format, found.len()), (Format::Separators, 20), "{dots}");
            let (format, found) = blocks(&format!("a\n\nb\n\n{dots}\n\n").repeat(20));
            assert_eq!((format, found.len()), (Format::Separators, 20), "{dots}");
            assert_eq!(blocks(&format!("a\n{dots}\nb\n\n").repeat(20)).0, Format::BlankLines);
            let text = format!("{}{dots}\n\n", "a\nb\n\n".repeat(10)).repeat(5);
            assert_eq!(blocks(&text).0, Format::BlankLines);
            let (_, found) = blocks(&format!("a\n{dots}\nb\n---\n").repeat(20));
            assert_eq!(found.len(), 20, "lost verses between other separators");
        }
    }

    #[test]
    fn tokens_may_stand_between_verses() {
        let (format, found) = blocks(&"<BOS> a <LINE> b <EOS>\n".repeat(20));
        assert_eq!((format, found.len()), (Format::Separators, 20));
        assert_eq!(found[19].1, ["a", "b"]);
        assert_eq!(blocks(&"[CLS]a / b[SEP]".repeat(20)).1.len(), 20);
    }

    #[test]
    fn a_rule_between_chapters_does_not_join_poems() {
        let text = format!("{}---\n", "a\nb\n\n".repeat(50)).repeat(5);
        let (format, found) = blocks(&text);
        assert_eq!((format, found.len()), (Format::BlankLines, 250));
    }
}
