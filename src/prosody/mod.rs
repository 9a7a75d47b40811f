//! The rules of regulated Chinese verse: tones, rhyme, and the patterns of both, by the rhyme book of the time (平水韵)
//! and not by modern readings, which disagree with it about one tone in thirteen.

pub mod faults;
pub mod pattern;
mod score;
mod table;

pub use score::{Score, score};
pub use table::{Group, Tone, Tones, groups, tones};

use crate::corpus::script::is_han;

/// Whether a poem has the shape of regulated verse: an even number of Chinese lines, four or more, all of five or all
/// of seven characters.
pub fn applies(lines: &[Vec<char>]) -> bool {
    let counts = lines.len() >= 4 && lines.len().is_multiple_of(2) && score::is_even(lines);
    counts && lines.iter().flatten().all(|&c| is_han(c))
}

/// The scores of all poems; `None` where one of them is something else, and where there are none.
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
    fn the_shape_is_told() {
        let poem = |line: &str, n| vec![line.chars().collect::<Vec<char>>(); n];
        assert!(applies(&poem("白日依山尽", 4)) && applies(&poem("朝辞白帝彩云间", 12)));
        assert!(!applies(&poem("白日依山尽", 5)) && !applies(&poem("白日依山尽", 2)) && !applies(&poem("白日依山", 4)));
        assert!(!applies(&poem("abcde", 4)) && !applies(&[]));
        let mixed = [poem("白日依山尽", 2), poem("朝辞白帝彩云间", 2)].concat();
        assert!(!applies(&mixed));
    }
}
