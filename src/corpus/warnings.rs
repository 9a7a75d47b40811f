//! What is unusual in verse: digits, brackets, Latin letters in Chinese, markup, no letters, both Chinese scripts, prose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Poem;
use super::convert::{Converter, Script};
use super::prose;
use super::script::{is_han, is_kana, is_mostly_han};

/// Something unusual in a poem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    Digits,
    Brackets,
    /// Latin letters in a Chinese poem.
    LatinInChinese,
    Markup,
    /// Signs alone, such as emoji.
    NoLetters,
    /// A Chinese poem in the script that fewer poems have.
    OtherScript,
    /// A paragraph, where most poems are.
    Prose,
}

/// Where one poem in this many has kana, others may be Japanese without any.
const JAPANESE: usize = 10;

/// Simplified characters that are traditional ones as well.
const AMBIGUOUS: &str = "后里云余干斗谷几丑郁松表御于征才么台志系症冲范卷姜折沈珠秋游万与无尔";

/// Number of poems with each warning.
pub fn warnings(poems: &[Poem]) -> BTreeMap<Warning, usize> {
    let mut counts = BTreeMap::new();
    for poem in poems {
        let found = of_poem(poem);
        found.into_iter().flatten().for_each(|warning| *counts.entry(warning).or_default() += 1);
    }
    let other_script = in_other_script(poems);
    if other_script > 0 {
        counts.insert(Warning::OtherScript, other_script);
    }
    let prose = prose::count(poems);
    if prose > 0 {
        counts.insert(Warning::Prose, prose);
    }
    counts
}

fn of_poem(poem: &Poem) -> [Option<Warning>; 5] {
    let (mut digits, mut brackets, mut latin, mut markup) = (false, false, false, false);
    for line in &poem.lines {
        for c in line.chars() {
            digits |= c.is_ascii_digit();
            brackets |= "()[]{}（）【】〔〕［］".contains(c);
            latin |= c.is_ascii_alphabetic();
        }
        markup |= has_markup(line);
    }
    let latin = latin && is_mostly_han(&poem.lines.concat());
    let when = |is_so: bool, warning| is_so.then_some(warning);
    [
        when(digits, Warning::Digits),
        when(brackets, Warning::Brackets),
        when(latin, Warning::LatinInChinese),
        when(markup, Warning::Markup),
        when(!poem.has_letter(), Warning::NoLetters),
    ]
}

fn has_markup(line: &str) -> bool {
    let has_entity = line.split('&').skip(1).any(|rest| rest.find(';').is_some_and(|end| (2..8).contains(&end)));
    let is_marked = line.starts_with(['#', '>', '|', '%']) || line.contains("http") || line.contains("**");
    has_entity || is_marked || line.contains("</") || line.contains("/>") || line.contains("<br") || line.contains('\\')
}

/// Number of Chinese poems in the script that fewer poems have; 0 where one script is hardly used. Japanese has characters of
/// both.
pub fn in_other_script(poems: &[Poem]) -> usize {
    let n_japanese = poems.iter().filter(|poem| has_kana(poem)).count();
    if n_japanese * JAPANESE >= poems.len() {
        return 0;
    }
    let marks = ScriptMarks::of(poems);
    let (mut traditional, mut simplified) = (0, 0);
    for poem in poems.iter().filter(|poem| !has_kana(poem)) {
        let count = |script| {
            poem.lines.iter().flat_map(|line| line.chars()).filter(|&c| marks.script(c) == Some(script)).count()
        };
        match count(Script::Traditional).cmp(&count(Script::Simplified)) {
            std::cmp::Ordering::Greater => traditional += 1,
            std::cmp::Ordering::Less => simplified += 1,
            std::cmp::Ordering::Equal => {}
        }
    }
    traditional.min(simplified)
}

fn has_kana(poem: &Poem) -> bool {
    // The dot between names stands among the kana, but in Chinese as well.
    poem.lines.iter().any(|line| line.contains(|c| is_kana(c) && c != '・'))
}

/// The script of the characters that belong to one only.
struct ScriptMarks {
    /// By code point from U+4E00.
    scripts: Vec<Option<Script>>,
}

const FIRST: u32 = 0x4e00;

impl ScriptMarks {
    fn of(poems: &[Poem]) -> ScriptMarks {
        let mut scripts = vec![None; (0xa000 - FIRST) as usize];
        let mut is_used = vec![false; scripts.len()];
        for c in poems.iter().flat_map(|poem| &poem.lines).flat_map(|line| line.chars()).filter(|&c| is_han(c)) {
            if let Some(used) = index(c).and_then(|at| is_used.get_mut(at)) {
                *used = true;
            }
        }
        let characters = || (FIRST..).zip(&is_used).filter(|(_, used)| **used).filter_map(|(c, _)| char::from_u32(c));
        for (to, from) in [(Script::Simplified, Script::Traditional), (Script::Traditional, Script::Simplified)] {
            // Without the tables there is no warning, which is no reason to fail.
            let Ok(converter) = Converter::to(to) else { continue };
            for c in characters().filter(|&c| !AMBIGUOUS.contains(c)) {
                if !converter.convert(c.encode_utf8(&mut [0; 4])).starts_with(c)
                    && let Some(script) = index(c).and_then(|at| scripts.get_mut(at))
                {
                    *script = if script.is_some() { None } else { Some(from) };
                }
            }
        }
        ScriptMarks { scripts }
    }

    fn script(&self, c: char) -> Option<Script> {
        index(c).and_then(|at| self.scripts.get(at).copied().flatten())
    }
}

fn index(c: char) -> Option<usize> {
    u32::from(c).checked_sub(FIRST).map(|at| at as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Form;

    #[test]
    fn unusual_poems_are_counted() {
        let poem = |line: &str| Poem { lines: vec![line.into()], form: Form::Free, ..Poem::default() };
        let poems =
            ["a 1", "a (b)", "床前明月光x", "a &amp; b", "舉頭望明月", "举头望明月", "床前明月光", "后里"].map(poem);
        let found = warnings(&poems);
        assert_eq!(found.values().copied().collect::<Vec<_>>(), [1; 5]);
        assert_eq!(warnings(&poems[5..]), BTreeMap::new());
    }

    #[test]
    fn japanese_is_in_no_chinese_script() {
        let poem = |line: &&str| Poem { lines: vec![(*line).into()], ..Poem::default() };
        let poems = |lines: &[&str]| lines.iter().map(poem).collect::<Vec<Poem>>();
        // Forms of the characters that are simplified ones, and others that are traditional ones, as printed in Japan.
        let japanese = poems(&["国の春来たる", "風の間に鳥の声", "会う夜の体", "東風吹けば", "花鳥風月"]);
        assert_eq!(in_other_script(&japanese), 0);
        let chinese = ["舉頭望明月"; 10].into_iter().chain(["举头望明月"; 10]).collect::<Vec<_>>();
        assert_eq!(in_other_script(&poems(&[&chinese[..], &["国の春"]].concat())), 10);
        assert_eq!(in_other_script(&poems(&[&chinese[..], &["麦克・白"; 9]].concat())), 10);
    }

    #[test]
    fn poems_of_signs_have_no_letters() {
        let poem = |line: &str| Poem { lines: vec![line.into()], ..Poem::default() };
        assert_eq!(warnings(&["🌸🌸", "。", "🌸 a"].map(poem))[&Warning::NoLetters], 2);
    }
}
