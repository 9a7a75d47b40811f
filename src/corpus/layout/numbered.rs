//! Numbered poems: below a line that is only a number (`12`, `XII.`, `第十二首`, `Sonnet 12`), or one poem per line after its
//! number (`12. ...`).

use std::collections::{BTreeMap, BTreeSet};

use super::super::clean::{clean, is_blank};
use super::super::lines::numbered_lines;
use super::super::numeral::before;
use super::builder::{Builder, Mark, Piece};
use super::sample::{TextSample, header, is_separator, share};
use super::{Evidence, Layout, LayoutProblem};

pub struct Numbered;

const FEWEST: usize = 3;
/// Longest words before a number, in characters.
const MAX_WORD: usize = 30;
/// More lines than this below each number are not one poem.
const LONG_POEM: usize = 200;

impl Layout for Numbered {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let lines = sample.full_lines().count();
        let word = own_word(sample);
        let is_header = |line: &&str| is_header(line, word);
        let counted = sample.full_lines().filter(is_header).count();
        if counted >= FEWEST && lines > 2 * counted && lines <= LONG_POEM * counted {
            let begins = sample.full_lines().take(3).any(|line| is_header(&line));
            let why = format!("{counted} lines are only a number");
            return begins.then_some(Evidence { score: 0.75, why });
        }
        let rising = rising_numbers(sample);
        let why = share(rising, lines, "lines begin with a number that rises");
        (rising >= FEWEST && rising * 10 >= lines * 9).then_some(Evidence { score: 0.75, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let sample = TextSample::of(text);
        let word = own_word(&sample);
        let has_headers = sample.full_lines().any(|line| is_header(line, word));
        // What stands above the first number is the title of the book.
        let mut is_front = has_headers;
        let mut builder = Builder::new(true, visit).split_at(sample.verse_sign());
        for (number, line) in numbered_lines(text) {
            if has_headers && is_header(line, word) {
                is_front = false;
                builder.title(number, line);
            } else if is_front && !is_blank(line) {
                builder.mark(Mark::Other);
            } else if is_separator(line) {
                builder.mark(Mark::Separator);
            } else if has_headers {
                builder.verse(number, line);
            } else if !is_blank(line) {
                builder.parts(number, before(line).map_or(line, |(_, rest)| rest));
                builder.finish();
            }
        }
        builder.finish();
        Ok(())
    }
}

fn is_header(line: &str, word: Option<&str>) -> bool {
    number_alone(line) || word.is_some_and(|word| word_of(line) == Some(word))
}

/// The words before the number at the end of a line, in any language.
fn word_of(line: &str) -> Option<&str> {
    let line = line.trim().trim_end_matches(['.', ':']);
    let word = line.trim_end_matches(char::is_numeric);
    let is_short = word.chars().count() <= MAX_WORD && word.contains(char::is_alphabetic);
    (word.len() < line.len() && is_short && word.ends_with(' ') && !word.starts_with('#')).then_some(word)
}

/// The words that stand before a different number each time at the beginning of blocks, such as `Fragment `.
fn own_word<'a>(sample: &TextSample<'a>) -> Option<&'a str> {
    let mut lines = BTreeMap::<&str, BTreeSet<&str>>::new();
    let mut repeated = BTreeSet::new();
    for (line, _) in sample.first_lines() {
        if let Some(word) = word_of(line)
            && !lines.entry(word).or_default().insert(line.trim())
        {
            repeated.insert(word);
        }
    }
    let usual = lines.into_iter().filter(|(word, lines)| lines.len() >= FEWEST && !repeated.contains(word));
    usual.max_by_key(|(_, lines)| lines.len()).map(|(word, _)| word)
}

/// Whether the line is a number that can be a header.
pub fn number_alone(line: &str) -> bool {
    if line.len() > 60 || header(line).is_some() {
        return false;
    }
    let line = clean(line);
    let words = ["sonnet", "poem", "no", "nr", "canto", "song", "ode", "haiku", "第", "其", "卷"];
    let lower = line.to_lowercase();
    let rest = words.iter().find_map(|word| lower.strip_prefix(word)).unwrap_or(&lower);
    let rest = rest.trim_matches(|c: char| " .-—:()[]（）〔〕【】、#首".contains(c));
    let is_numeral = |signs: &str| !rest.is_empty() && rest.chars().all(|c| signs.contains(c));
    // Words such as `ill` and `mix` have the letters of Roman numerals, but are seldom in capitals.
    let is_roman = is_numeral("ivxlcdm") && line.contains(&rest.to_uppercase());
    is_roman || is_numeral("0123456789") || is_numeral("〇零一二三四五六七八九十百")
}

/// Number of lines that begin with a number that is not below the one before.
fn rising_numbers(sample: &TextSample) -> usize {
    let numbers = sample.full_lines().filter_map(|line| before(line).map(|(number, _)| number));
    let mut last = 0;
    numbers.filter(|&number| std::mem::replace(&mut last, number) < number).count()
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn lines_of_numbers_begin_poems() {
        let roman = ["I", "II", "III", "IV", "V"].map(|numeral| format!("{numeral}.\n\na\nb\n\nc\n\n")).concat();
        let chinese = ["一", "二", "三", "四"].map(|numeral| format!("第{numeral}首\na\nb\n\nc\n")).concat();
        let english: String = (1..40).map(|i| format!("Sonnet {i}\na\nb\n\nc\n\n")).collect();
        for (text, n) in [(roman, 5), (chinese, 4), (english, 39)] {
            let (format, found) = blocks(&text);
            assert_eq!((format, found.len()), (Format::Numbered, n), "{text}");
            assert_eq!(found[n - 1].1, ["a", "b", "c"]);
        }
    }

    #[test]
    fn words_before_numbers_may_be_of_any_language() {
        for word in ["غزل شماره", "gedicht", "सॉनेट"] {
            let text: String = (1..9).map(|i| format!("{word} {i}\n\na\nb\n\nc\n\n")).collect();
            let (format, found) = blocks(&format!("A book\n\n{text}"));
            assert_eq!((format, found.len(), found[7].1.len()), (Format::Numbered, 8, 3), "{word}");
            assert_eq!(found[0].0, Some(format!("{word} 1")));
        }
        let text: String = (1..9).map(|i| format!("# Sonnet {i}\na\nb\n\nc\n\n")).collect();
        assert_eq!(blocks(&text).0, Format::BlankLines);
        assert_eq!(blocks(&"page 7\na\nb\n\n".repeat(5)).0, Format::BlankLines);
    }

    #[test]
    fn numbers_before_poems_are_removed() {
        let text: String = (1..30).map(|i| format!("{i}. 床前明月光，疑是地上霜。\n")).collect();
        let (format, found) = blocks(&text);
        assert_eq!((format, found.len()), (Format::Numbered, 29));
        assert_eq!(found[20].1, ["床前明月光，疑是地上霜。"]);
        assert_eq!(blocks("99 bottles of beer\n98 bottles of beer\n97 bottles of beer\n").0, Format::OnePerLine);
    }
}
