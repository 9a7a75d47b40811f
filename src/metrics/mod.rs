//! Measures of poems, as pure functions on their units: characters in scripts without spaces, words in others. `eval`
//! decides what is compared with what.

pub mod bigram;
pub mod bleu;
pub mod bootstrap;
pub mod coherence;
pub mod collapse;
pub mod diversity;
pub mod information;
pub mod lengths;
pub mod ngram;
pub mod novelty;
pub mod repeats;
pub mod rhyme;
pub mod shuffled;
pub mod spearman;

use std::collections::HashMap;

use rayon::prelude::*;

use crate::corpus::script::{is_letter, is_unspaced};

/// A poem: the units of each of its lines.
pub type Verse = Vec<Vec<u32>>;

/// The units of a collection of poems, numbered in order of first occurrence.
#[derive(Clone, Debug)]
pub struct Units {
    names: Vec<String>,
    ids: HashMap<String, u32>,
    words: bool,
}

impl Units {
    /// Units for poems like these: characters if most letters belong to scripts without spaces, else words.
    pub fn for_poems<'a, S: AsRef<str> + 'a>(poems: impl Iterator<Item = &'a [S]>) -> Units {
        Units::of_letters(poems.map(LetterCounts::of).fold(LetterCounts::default(), LetterCounts::plus))
    }

    /// The same for poems that are made on all threads.
    pub fn for_many<S: AsRef<str>, P: AsRef<[S]>>(poems: impl ParallelIterator<Item = P>) -> Units {
        let counts = poems.map(|poem| LetterCounts::of(poem.as_ref()));
        Units::of_letters(counts.reduce(LetterCounts::default, LetterCounts::plus))
    }

    fn of_letters(LetterCounts { unspaced, all }: LetterCounts) -> Units {
        Units { names: Vec::new(), ids: HashMap::new(), words: 2 * unspaced <= all }
    }

    /// Units with these names, numbered in this order.
    pub fn of_names(names: &[String], words: bool) -> Units {
        let mut units = Units { names: Vec::new(), ids: HashMap::new(), words };
        for name in names {
            units.named(name);
        }
        units
    }

    /// The units of a line; `None` for unknown ones.
    pub fn known(&self, line: &str) -> Vec<Option<u32>> {
        self.texts(line).map(|name| self.ids.get(&name).copied()).collect()
    }

    /// The units of a poem, without punctuation and case; unknown ones are added.
    pub fn verse(&mut self, lines: &[impl AsRef<str>]) -> Verse {
        lines.iter().map(|line| self.line(line.as_ref())).collect()
    }

    /// The unit with this text, added if unknown.
    pub fn named(&mut self, name: &str) -> u32 {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let id = self.names.len() as u32;
        self.names.push(name.to_string());
        self.ids.insert(name.to_string(), id);
        id
    }

    fn line(&mut self, line: &str) -> Vec<u32> {
        let texts: Vec<String> = self.texts(line).collect();
        texts.iter().map(|name| self.named(name)).collect()
    }

    /// The texts of the units of a line.
    fn texts<'a>(&self, line: &'a str) -> impl Iterator<Item = String> + 'a {
        let parts: Vec<&str> = if self.words {
            line.split_whitespace().map(|word| word.trim_matches(|c| !is_letter(c))).collect()
        } else {
            line.split_inclusive(|_: char| true).filter(|c| c.chars().all(is_letter)).collect()
        };
        let words = self.words;
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(move |part| if words { part.to_lowercase() } else { part.to_string() })
    }

    /// The text of a unit.
    pub fn name(&self, id: u32) -> &str {
        self.names.get(id as usize).map_or("", String::as_str)
    }

    /// Number of units.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Whether the units are words, not characters.
    pub fn are_words(&self) -> bool {
        self.words
    }
}

/// Numbers of letters, and of those of scripts without spaces.
#[derive(Clone, Copy, Default)]
struct LetterCounts {
    unspaced: usize,
    all: usize,
}

impl LetterCounts {
    fn of<S: AsRef<str>>(lines: &[S]) -> LetterCounts {
        let mut counts = LetterCounts::default();
        for c in lines.iter().flat_map(|line| line.as_ref().chars()).filter(|&c| is_letter(c)) {
            counts.all += 1;
            counts.unspaced += usize::from(is_unspaced(c));
        }
        counts
    }

    fn plus(self, other: LetterCounts) -> LetterCounts {
        LetterCounts { unspaced: self.unspaced + other.unspaced, all: self.all + other.all }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(String::from).collect()
    }

    #[test]
    fn units_are_characters_or_words() {
        let poem = lines("床前明月光，\n疑是地上霜。");
        let mut units = Units::for_poems([poem.as_slice()].into_iter());
        let verse = units.verse(&poem);
        assert_eq!((verse[0].len(), verse[1].len(), units.are_words()), (5, 5, false));
        assert_eq!(units.name(verse[1][4]), "霜");

        let poem = lines("Shall I compare thee,\nthee to a Summer's day?");
        let mut units = Units::for_poems([poem.as_slice()].into_iter());
        assert_eq!(units.verse(&poem), [vec![0, 1, 2, 3], vec![3, 4, 5, 6, 7]]);
        assert_eq!((units.name(6), units.count()), ("summer's", 8));
    }
}
