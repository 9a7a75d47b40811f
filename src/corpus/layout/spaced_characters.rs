//! Chinese characters with spaces between them, as in published data sets: `床 前 明 月 光 ， 疑 是 ...`. Verses end at
//! punctuation, at tabs, or, without either, after five or seven characters.

use super::super::clean::is_blank;
use super::super::lines::numbered_lines;
use super::super::script::is_han;
use super::builder::{Builder, Piece};
use super::sample::{TextSample, share};
use super::{Evidence, Layout, LayoutProblem, title_colon};

pub struct SpacedCharacters;

/// Numbers of verses of poems that are written without any mark between them.
const HEIGHTS: [usize; 4] = [4, 8, 2, 1];

impl Layout for SpacedCharacters {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let lines = sample.full_lines().count();
        let spaced = sample.full_lines().filter(|line| is_spaced(line)).count();
        let why = share(spaced, lines, "lines are Chinese characters with spaces between them");
        (spaced * 10 > lines * 8).then_some(Evidence { score: 0.98, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let sample = TextSample::of(text);
        let has_blocks = sample.n_blocks > 1;
        let titled = sample.full_lines().filter(|line| title_colon::parts(&joined(line)).is_some()).count();
        let has_titles = !has_blocks && titled * 10 > sample.n_verses * 6;
        let mut builder = Builder::new(true, visit);
        for (number, line) in numbered_lines(text) {
            if is_blank(line) {
                builder.finish();
                continue;
            }
            let whole = joined(line);
            if let Some((title, poem)) = title_colon::parts(&whole).filter(|_| has_titles) {
                builder.titled(number, title);
                builder.verse(number, poem);
                builder.finish();
                continue;
            }
            for verse in line.trim().split(['\t', '|']).filter(|verse| !is_blank(verse)) {
                let verse = joined(verse);
                if has_blocks { builder.verse(number, &verse) } else { verses(&mut builder, number, &verse) }
            }
            if !has_blocks {
                builder.finish();
            }
        }
        builder.finish();
        Ok(())
    }
}

/// Whether nearly all words of the line are single characters, mostly Chinese.
fn is_spaced(line: &str) -> bool {
    let is_single = |word: &&str| word.chars().nth(1).is_none();
    let words = line.split_whitespace().count();
    let single = line.split_whitespace().filter(is_single).count();
    let han = line.split_whitespace().filter(is_single).filter(|word| word.chars().all(is_han)).count();
    words >= 5 && single * 10 >= words * 9 && han * 10 >= words * 7
}

/// The line without the spaces between characters; words of other scripts keep theirs.
fn joined(line: &str) -> String {
    let mut joined = String::with_capacity(line.len());
    for word in line.split_whitespace() {
        let both_spaced = joined.ends_with(|c: char| c.is_ascii_alphanumeric())
            && word.starts_with(|c: char| c.is_ascii_alphanumeric());
        if both_spaced {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    joined
}

/// Adds a line of one or several verses.
fn verses(builder: &mut Builder, number: usize, line: &str) {
    let characters: Vec<char> = line.chars().collect();
    let fits = |&width: &usize| HEIGHTS.iter().any(|height| width * height == characters.len());
    let width = [5, 7].into_iter().find(fits).filter(|_| characters.iter().all(|&c| is_han(c)));
    for verse in characters.chunks(width.unwrap_or(characters.len().max(1))) {
        builder.verse(number, &verse.iter().collect::<String>());
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    fn spaced(text: &str) -> String {
        text.chars().map(String::from).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn spaces_between_characters_are_removed() {
        let line = spaced("床前明月光，疑是地上霜。举头望明月，低头思故乡。");
        let (format, found) = blocks(&format!("{line}\n{line}\n"));
        assert_eq!((format, found.len()), (Format::SpacedCharacters, 2));
        assert_eq!(found[1].1, ["床前明月光，疑是地上霜。举头望明月，低头思故乡。"]);
    }

    #[test]
    fn titles_may_stand_before_a_colon() {
        let line = spaced("静夜思：床前明月光，疑是地上霜。");
        let (format, found) = blocks(&format!("{line}\n").repeat(5));
        assert_eq!((format, found.len(), found[4].0.as_deref()), (Format::SpacedCharacters, 5, Some("静夜思")));
    }

    #[test]
    fn verses_without_marks_have_five_or_seven_characters() {
        let verses = ["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"];
        let texts = [spaced(&verses.concat()), verses.map(spaced).join("\t"), verses.map(spaced).join("\n")];
        for (text, end) in texts.iter().zip(["\n", "\n", "\n\n"]) {
            let (format, found) = blocks(&format!("{text}{end}").repeat(3));
            assert_eq!((format, found.len()), (Format::SpacedCharacters, 3), "{text}");
            assert_eq!(found[2].1, verses);
        }
    }
}
