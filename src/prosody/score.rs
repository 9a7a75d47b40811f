//! The rules that a poem follows, as values that can be averaged.

use super::pattern::{KINDS, alternates, is_regulated};
use super::table::{self, GroupSet, Tones, level_set, tones};

/// The rules that a poem follows. A character with several tones takes the one that fits. A character that is not in the
/// rhyme book fits every tone pattern and no rhyme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// The last characters of the even lines, two at least, share a level rhyme group.
    pub rhyme: bool,
    /// The same with groups of any tone.
    pub rhyme_any: bool,
    /// The last character of the first line is in that level group too.
    pub first_line_rhyme: bool,
    /// For each line: it fits a pattern of regulated verse, including 拗救. False unless it has five or seven characters.
    pub tone_line: Vec<bool>,
    /// For each line: its second, fourth and sixth characters alternate in tone.
    pub tone_alternation: Vec<bool>,
    /// For each line: a character occurs twice in it.
    pub repeated_char: Vec<bool>,
    /// Second characters oppose each other in a couplet (对) and agree from one couplet to the next (粘).
    pub dui_nian: bool,
    /// All lines fit the patterns that follow from the first; `None` unless all lines have five or all have seven
    /// characters.
    pub tone_poem: Option<bool>,
}

/// Scores a poem of any shape; [`applies`](super::applies) checks whether it has that of regulated verse.
pub fn score(lines: &[Vec<char>]) -> Score {
    let tones = tones_of(lines);
    let shared = |sets: fn(char) -> GroupSet| rhyme_set(lines, sets);
    let level = shared(level_set);
    let first = lines.first().and_then(|line| line.last()).map_or(0, |&c| level_set(c));
    Score {
        rhyme: level != 0,
        rhyme_any: shared(table::set) != 0,
        first_line_rhyme: level & first != 0,
        tone_line: tones.iter().map(|line| is_regulated(line)).collect(),
        tone_alternation: tones.iter().map(|line| alternates(line)).collect(),
        repeated_char: lines.iter().map(|line| repeats(line)).collect(),
        dui_nian: keeps_dui_nian(&tones),
        tone_poem: is_even(lines).then(|| follows_a_pattern(&tones)),
    }
}

/// The tones of every character.
pub(super) fn tones_of(lines: &[Vec<char>]) -> Vec<Vec<Tones>> {
    lines.iter().map(|line| line.iter().map(|&c| tones(c)).collect()).collect()
}

/// Whether all lines have five, or all have seven characters.
pub(super) fn is_even(lines: &[Vec<char>]) -> bool {
    let width = lines.first().map_or(0, Vec::len);
    matches!(width, 5 | 7) && lines.iter().all(|line| line.len() == width)
}

/// Whether the second characters of adjacent lines can differ in tone within couplets and agree between them. A character
/// of both tones may count as one towards the line before and as the other towards the next, as in the definition behind
/// published scores of real poems.
fn keeps_dui_nian(tones: &[Vec<Tones>]) -> bool {
    let any = Tones { level: true, oblique: true };
    let second = |line: &Vec<Tones>| line.get(1).copied().unwrap_or(any);
    tones.windows(2).enumerate().all(|(number, pair)| {
        let (a, b) = (second(&pair[0]), second(&pair[1]));
        let (same, opposite) =
            ((a.level && b.level) || (a.oblique && b.oblique), (a.level && b.oblique) || (a.oblique && b.level));
        if number % 2 == 0 { opposite } else { same }
    })
}

/// Lines, from 0, whose second character has the wrong tone given the line before: 失对 at odd lines, 失粘 at even ones. The
/// next line is compared with the faulty one, so that one error counts once.
pub(super) fn breaks(tones: &[Vec<Tones>]) -> Vec<usize> {
    let any = Tones { level: true, oblique: true };
    let mut broken = Vec::new();
    let mut before = any;
    for (number, line) in tones.iter().enumerate() {
        let here = line.get(1).copied().unwrap_or(any);
        let opposite = Tones { level: before.oblique, oblique: before.level };
        let wanted = if number % 2 == 1 { opposite } else { before };
        let both = Tones { level: here.level && wanted.level, oblique: here.oblique && wanted.oblique };
        let fits = number == 0 || both.level || both.oblique;
        if !fits {
            broken.push(number);
        }
        before = if number > 0 && fits { both } else { here };
    }
    broken
}

fn rhyme_set(lines: &[Vec<char>], sets: fn(char) -> GroupSet) -> GroupSet {
    if lines.len() < 4 {
        return 0;
    }
    let ends = lines.iter().skip(1).step_by(2).map(|line| line.last().map_or(0, |&c| sets(c)));
    ends.fold(GroupSet::MAX, |shared, set| shared & set)
}

fn repeats(line: &[char]) -> bool {
    line.iter().enumerate().any(|(i, c)| line[..i].contains(c))
}

fn follows_a_pattern(tones: &[Vec<Tones>]) -> bool {
    KINDS.into_iter().any(|first| {
        let mut kind = first;
        tones.iter().enumerate().all(|(number, line)| {
            if number > 0 {
                kind = kind.next(number % 2 == 1);
            }
            kind.fits(line)
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn poem(text: &str) -> Vec<Vec<char>> {
        text.split_whitespace().map(|line| line.chars().collect()).collect()
    }

    #[test]
    fn a_regulated_quatrain_follows_all_rules() {
        for text in [
            "白日依山尽 黄河入海流 欲穷千里目 更上一层楼",
            "朝辞白帝彩云间 千里江陵一日还 两岸猿声啼不住 轻舟已过万重山",
        ] {
            let score = score(&poem(text));
            assert!(score.rhyme && score.rhyme_any && score.dui_nian, "{text}");
            assert_eq!(score.tone_poem, Some(true), "{text}");
            assert!(score.tone_line.iter().chain(&score.tone_alternation).all(|fits| *fits), "{text}");
            assert!(!score.repeated_char.contains(&true));
            assert_eq!(score.first_line_rhyme, text.starts_with('朝'));
        }
    }

    #[test]
    fn an_old_style_quatrain_breaks_some() {
        let score = score(&poem("床前明月光 疑是地上霜 举头望明月 低头思故乡"));
        assert!(score.rhyme && score.first_line_rhyme);
        assert_eq!((score.dui_nian, score.tone_poem), (false, Some(false)));
        assert_eq!(score.tone_line, [true, false, false, true]);
    }

    #[test]
    fn rhyme_in_oblique_tones_is_no_level_rhyme() {
        let score = score(&poem("千山鸟飞绝 万径人踪灭 孤舟蓑笠翁 独钓寒江雪"));
        assert_eq!((score.rhyme, score.rhyme_any), (false, true));
    }

    #[test]
    fn one_wrong_word_is_found() {
        let rhyme = |text| score(&poem(text)).rhyme;
        assert!(!rhyme("白日依山尽 黄河入海流 欲穷千里目 更上一层山"));
        // A character that the book does not have rhymes with nothing.
        assert!(!rhyme("白日依山尽 黄河入海流 欲穷千里目 更上一层x"));
        let score = score(&poem("白日白山尽 黄河入海流 欲穷千里目 更上一层楼"));
        assert_eq!(score.repeated_char, [true, false, false, false]);
    }

    #[test]
    fn one_error_is_one_break() {
        let tones = |seconds: &str| -> Vec<Vec<Tones>> {
            let line = |c| vec![Tones { level: c != 'Z', oblique: c != 'P' }; 2];
            seconds.chars().map(line).collect()
        };
        assert_eq!(breaks(&tones("ZPPZZPPZ")), [] as [usize; 0]);
        assert_eq!(breaks(&tones("ZPZP")), [2]);
        assert_eq!(breaks(&tones("ZZZP")), [1]);
        // The middle one cannot be level for the first and oblique for the third.
        assert_eq!(breaks(&tones("Z*ZP")), [2]);
        assert_eq!(breaks(&tones("*P*Z")), [] as [usize; 0]);
    }

    #[test]
    fn unusual_shapes_can_be_scored() {
        let empty = score(&[]);
        assert_eq!((empty.rhyme, empty.tone_poem), (false, None));
        let score = score(&[vec![], vec!['山'], vec!['a', 'b'], vec![]]);
        assert_eq!((score.rhyme, score.tone_poem, score.tone_line), (false, None, vec![false; 4]));
    }

    proptest! {
        #[test]
        fn any_poem_can_be_scored(text in "[山水月光a ]{0,60}") {
            let lines = poem(&text);
            let score = score(&lines);
            prop_assert_eq!(score.tone_line.len(), lines.len());
            prop_assert!(score.rhyme_any || !score.rhyme);
            // A whole poem that fits has lines that fit, which alternate and oppose each other.
            if score.tone_poem == Some(true) {
                prop_assert!(score.dui_nian && score.tone_line.iter().all(|fits| *fits));
            }
        }
    }
}
