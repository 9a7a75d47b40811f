//! The rules of regulated Chinese verse: tones, rhymes and their patterns, by the Pingshui rhyme book (平水韵), not by
//! modern pronunciation, in which one tone in thirteen differs.

pub mod faults;
mod finals;
pub mod pattern;
mod rhymes;
mod score;
mod table;

pub use finals::of_final;
pub use rhymes::rhyme_entropy;
pub use score::{Score, score};
pub use table::{Group, GroupSet, Tone, Tones, groups, level_set, tones};

use crate::corpus::script::is_han;

/// Whether a poem has the shape of regulated verse: an even number of Chinese lines, at least four, all of five or all of
/// seven characters.
pub fn applies(lines: &[Vec<char>]) -> bool {
    let counts = lines.len() >= 4 && lines.len().is_multiple_of(2) && score::is_even(lines);
    counts && lines.iter().flatten().all(|&c| is_han(c))
}

/// The tones of each line, where the poem is of regulated shape, else none: `-` level, `/` oblique, `?` either.
pub fn tone_marks(lines: &[String]) -> Vec<String> {
    let lines: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
    if !applies(&lines) {
        return Vec::new();
    }
    let tone = |character: &char| {
        let tones = tones(*character);
        match (tones.can_be(true), tones.can_be(false)) {
            (true, false) => '-',
            (false, true) => '/',
            _ => '?',
        }
    };
    lines.iter().map(|line| line.iter().map(tone).collect()).collect()
}

/// The scores of all poems; `None` without poems, or if one of them is not of regulated shape.
pub fn scores(poems: &[Vec<String>]) -> Option<Vec<Score>> {
    let characters = |lines: &Vec<String>| lines.iter().map(|line| line.chars().collect()).collect();
    let poems: Vec<Vec<Vec<char>>> = poems.iter().map(characters).collect();
    let all = !poems.is_empty() && poems.iter().all(|poem| applies(poem));
    all.then(|| poems.iter().map(|poem| score(poem)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regulated_shapes_are_recognised() {
        let poem = |line: &str, n| vec![line.chars().collect::<Vec<char>>(); n];
        assert!(applies(&poem("白日依山尽", 4)) && applies(&poem("朝辞白帝彩云间", 12)));
        assert!(!applies(&poem("白日依山尽", 5)) && !applies(&poem("白日依山尽", 2)) && !applies(&poem("白日依山", 4)));
        assert!(!applies(&poem("abcde", 4)) && !applies(&[]));
        let mixed = [poem("白日依山尽", 2), poem("朝辞白帝彩云间", 2)].concat();
        assert!(!applies(&mixed));
    }
}
