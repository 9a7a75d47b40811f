//! Named faults of regulated verse.

use super::pattern::{ends_in_three_level, has_lone_level};
use super::score::{breaks, tones_of};
use super::table::{Group, Tone, groups};

/// The kind of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// 失对: the second characters of a couplet have the same tone.
    Unopposed,
    /// 失粘: the second characters of neighbouring couplets have different tones.
    Unlinked,
    /// 孤平
    LoneLevel,
    /// 三平尾
    ThreeLevel,
    /// 出韵: an even line does not end in the poem's rhyme.
    OutOfRhyme,
    /// 重字: a character is repeated, other than in doubled words (叠字).
    Repeated,
}

/// A fault, its lines, and its character if it is one of a character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: FaultKind,
    /// Line numbers from 0, sorted, without repetitions.
    pub lines: Vec<usize>,
    pub character: Option<char>,
}

impl FaultKind {
    /// The Chinese term.
    pub fn term(self) -> &'static str {
        match self {
            FaultKind::Unopposed => "失对",
            FaultKind::Unlinked => "失粘",
            FaultKind::LoneLevel => "孤平",
            FaultKind::ThreeLevel => "三平尾",
            FaultKind::OutOfRhyme => "出韵",
            FaultKind::Repeated => "重字",
        }
    }

    /// An explanation of the term.
    pub fn meaning(self) -> &'static str {
        match self {
            FaultKind::Unopposed => "the second characters of the couplet have the same tone",
            FaultKind::Unlinked => "the second characters of neighbouring couplets differ in tone",
            FaultKind::LoneLevel => "a level tone stands alone before the end",
            FaultKind::ThreeLevel => "the last three tones are level",
            FaultKind::OutOfRhyme => "the line does not end in the poem's rhyme",
            FaultKind::Repeated => "the character is repeated",
        }
    }
}

/// The faults of a poem, by kind and then by line. Only certain faults are reported: a character with two tones, or one
/// that is not in the rhyme book, counts as correct.
pub fn faults(lines: &[Vec<char>]) -> Vec<Fault> {
    let tones = tones_of(lines);
    let fault = |kind, lines: Vec<usize>| Fault { kind, lines, character: None };
    let mut found = Vec::new();
    for line in breaks(&tones) {
        let kind = if line % 2 == 1 { FaultKind::Unopposed } else { FaultKind::Unlinked };
        found.push(fault(kind, vec![line - 1, line]));
    }
    for (number, line) in tones.iter().enumerate() {
        if has_lone_level(line) {
            found.push(fault(FaultKind::LoneLevel, vec![number]));
        }
        if ends_in_three_level(line) {
            found.push(fault(FaultKind::ThreeLevel, vec![number]));
        }
    }
    found.extend(out_of_rhyme(lines));
    found.extend(repeated(lines));
    found
}

/// The rhyme group of most even lines, at least two; of equals a level one, then the first.
pub fn rhyme(lines: &[Vec<char>]) -> Option<Group> {
    let ends: Vec<&[Group]> = even_ends(lines).map(|(_, c)| groups(c)).collect();
    let mut best: Option<(usize, Group)> = None;
    for &group in ends.iter().copied().flatten() {
        let count =
            2 * ends.iter().filter(|groups| groups.contains(&group)).count() + usize::from(group.tone == Tone::Level);
        if best.is_none_or(|(most, _)| count > most) {
            best = Some((count, group));
        }
    }
    best.filter(|(count, _)| *count >= 4).map(|(_, group)| group)
}

fn out_of_rhyme(lines: &[Vec<char>]) -> Vec<Fault> {
    let rhyme = rhyme(lines);
    let known = even_ends(lines).filter(|(_, c)| !groups(*c).is_empty());
    let outside = known.filter(|(_, c)| rhyme.is_none_or(|group| !groups(*c).contains(&group)));
    let fault = |(line, c)| Fault { kind: FaultKind::OutOfRhyme, lines: vec![line], character: Some(c) };
    let found: Vec<Fault> = outside.map(fault).collect();
    // Without a rhyme, a single line cannot be out of it.
    if rhyme.is_none() && found.len() < 2 { Vec::new() } else { found }
}

fn even_ends(lines: &[Vec<char>]) -> impl Iterator<Item = (usize, char)> {
    lines.iter().enumerate().skip(1).step_by(2).filter_map(|(number, line)| Some((number, *line.last()?)))
}

fn repeated(lines: &[Vec<char>]) -> Vec<Fault> {
    // A doubled word counts once.
    let words: Vec<Vec<char>> = lines
        .iter()
        .cloned()
        .map(|mut line| {
            line.dedup();
            line
        })
        .collect();
    let mut seen: Vec<(char, Vec<usize>)> = Vec::new();
    for (number, line) in words.iter().enumerate() {
        for &c in line {
            match seen.iter_mut().find(|(known, _)| *known == c) {
                Some((_, numbers)) => numbers.push(number),
                None => seen.push((c, vec![number])),
            }
        }
    }
    let again = seen.into_iter().filter(|(_, numbers)| numbers.len() > 1);
    again
        .map(|(c, mut lines)| {
            lines.dedup();
            Fault { kind: FaultKind::Repeated, lines, character: Some(c) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poem(text: &str) -> Vec<Vec<char>> {
        text.split_whitespace().map(|line| line.chars().collect()).collect()
    }

    fn found(text: &str) -> Vec<(&'static str, Vec<usize>)> {
        faults(&poem(text)).into_iter().map(|fault| (fault.kind.term(), fault.lines)).collect()
    }

    #[test]
    fn regular_poems_have_no_fault() {
        assert_eq!(found("白日依山尽 黄河入海流 欲穷千里目 更上一层楼"), []);
        assert_eq!(rhyme(&poem("白日依山尽 黄河入海流 欲穷千里目 更上一层楼")).unwrap().name, "下平聲十一尤");
    }

    #[test]
    fn every_fault_is_found_at_its_line() {
        // Line 3 begins as line 1 does.
        assert_eq!(found("白日依山尽 黄河入海流 更上一层目 欲穷千里楼"), [("失粘", vec![1, 2])]);
        assert_eq!(found("黄河依山尽 黄河入海流 欲穷千里目 更上一层楼")[0], ("失对", vec![0, 1]));
        assert_eq!(found("白日依山尽 入河入海流 欲穷千里目 更上一层楼"), [("孤平", vec![1]), ("重字", vec![1])]);
        assert_eq!(found("白日依山尽 黄河入海流 欲穷千里目 更上东山楼"), [("三平尾", vec![3]), ("重字", vec![0, 3])]);
        assert_eq!(found("白日依山尽 黄河入海流 欲穷千里目 更上一层天"), [("出韵", vec![1]), ("出韵", vec![3])]);
    }

    #[test]
    fn only_the_line_outside_the_rhyme_is_reported() {
        let text = "国破山河在 城春草木深 感时花溅泪 恨别鸟惊心 烽火连三月 家书抵万天 白头搔更短 浑欲不胜簪";
        assert_eq!(found(text), [("出韵", vec![5])]);
    }

    #[test]
    fn doubled_words_are_no_repetition() {
        assert_eq!(repeated(&poem("年年岁岁花相似 岁岁年年人不同")).len(), 2);
        assert_eq!(repeated(&poem("行行重行行")).len(), 1);
        assert_eq!(repeated(&poem("青青河畔草")), []);
    }
}
