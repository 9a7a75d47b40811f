//! Poems between separator lines (`%` of fortune files, `---`, `***`, `===`), or between `<|startoftext|>` and
//! `<|endoftext|>`. Blank lines within are stanza breaks.

use super::super::clean::is_blank;
use super::super::lines::numbered_lines;
use super::builder::{Builder, Mark, Piece};
use super::sample::{TextSample, header, is_separator, share};
use super::{Evidence, Layout, LayoutProblem};

pub struct Separators;

/// Tokens around the examples of text for language models.
const TOKENS: [&str; 6] = ["<|startoftext|>", "<|endoftext|>", "<|end_of_text|>", "<|begin_of_text|>", "<s>", "</s>"];

/// Fewest separators.
const FEWEST: usize = 4;
/// With more blocks than this between two separators, separators stand between chapters.
const MAX_STANZAS: usize = 12;

impl Layout for Separators {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let lines = || sample.full_lines();
        let lines_of_marks = lines().filter(|line| is_separator(line) || has_token(line)).count();
        let tokens: usize = lines().filter(|line| has_token(line)).map(|line| line.matches("<").count()).sum();
        let separators = lines_of_marks.max(tokens);
        let blocks = sample.n_blocks.max(separators);
        let why = if lines().any(has_token) {
            share(lines_of_marks, lines().count(), "lines hold a token such as <|endoftext|>")
        } else {
            let first = lines().find(|line| is_separator(line)).unwrap_or_default().trim();
            format!("{separators} separator lines such as `{first}`")
        };
        (separators >= FEWEST && blocks <= MAX_STANZAS * separators).then_some(Evidence { score: 0.85, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let mut builder = Builder::new(true, visit);
        for (number, line) in numbered_lines(text) {
            if is_separator(line) {
                builder.mark(Mark::Separator);
                builder.finish();
            } else if has_token(line) {
                let line = TOKENS.iter().fold(line.to_string(), |line, token| line.replace(token, "\0"));
                let mut is_first = true;
                let mut has_text = false;
                for part in line.split('\0') {
                    if !is_first {
                        builder.finish();
                    }
                    is_first = false;
                    if !is_blank(part) {
                        has_text = true;
                        builder.text(number, part);
                    }
                }
                if !has_text {
                    builder.mark(Mark::Separator);
                }
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

fn has_token(line: &str) -> bool {
    line.contains('<') && TOKENS.iter().any(|token| line.contains(token))
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
    fn tokens_of_language_models_separate_poems() {
        let (format, found) = blocks(&"<|startoftext|>a\nb<|endoftext|>\n".repeat(20));
        assert_eq!((format, found.len()), (Format::Separators, 20));
        assert_eq!((&found[1].1, found[1].2), (&vec!["a".to_string(), "b".to_string()], 3));
        let (_, found) = blocks(&"a / b<|endoftext|>".repeat(20));
        assert_eq!((found.len(), found[19].1.len()), (20, 2));
    }

    #[test]
    fn a_rule_between_chapters_does_not_join_poems() {
        let text = format!("{}---\n", "a\nb\n\n".repeat(50)).repeat(5);
        let (format, found) = blocks(&text);
        assert_eq!((format, found.len()), (Format::BlankLines, 250));
    }
}
