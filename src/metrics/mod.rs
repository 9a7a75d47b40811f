//! Measures of poems, as pure functions on their units: characters of unspaced scripts, words of others. What a measure
//! means stands beside it; who compares what with what is the business of `eval`.

pub mod bigram;
pub mod bleu;
pub mod bootstrap;
pub mod collapse;
pub mod diversity;
pub mod lengths;
pub mod ngram;
pub mod novelty;
pub mod rhyme;
pub mod shuffled;

use std::collections::HashMap;

use crate::corpus::script::{is_letter, is_unspaced};

/// A poem: the units of each of its lines.
pub type Verse = Vec<Vec<u32>>;

/// The units of a collection of poems, numbered in the order in which they were met.
#[derive(Clone, Debug)]
pub struct Units {
    names: Vec<String>,
    ids: HashMap<String, u32>,
    words: bool,
}

impl Units {
    /// Units for poems in the language of these: characters where most letters are of an unspaced script, else words.
    pub fn for_poems<'a>(poems: impl Iterator<Item = &'a [String]>) -> Units {
        let (mut unspaced, mut letters) = (0usize, 0usize);
        for c in poems.flatten().flat_map(|line| line.chars()).filter(|&c| is_letter(c)) {
            letters += 1;
            unspaced += usize::from(is_unspaced(c));
        }
        Units { names: Vec::new(), ids: HashMap::new(), words: 2 * unspaced <= letters }
    }

    /// The units of a poem; punctuation and case are left out.
    pub fn verse(&mut self, lines: &[String]) -> Verse {
        lines.iter().map(|line| self.line(line)).collect()
    }

    /// The unit with this text, a new one if it was not met before.
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
        if !self.words {
            let mut room = [0; 4];
            return line.chars().filter(|&c| is_letter(c)).map(|c| self.named(c.encode_utf8(&mut room))).collect();
        }
        let words = line.split_whitespace().map(|word| word.trim_matches(|c| !is_letter(c)).to_lowercase());
        words.filter(|word| !word.is_empty()).map(|word| self.named(&word)).collect()
    }

    /// The text of a unit.
    pub fn name(&self, id: u32) -> &str {
        self.names.get(id as usize).map_or("", String::as_str)
    }

    /// Units met so far.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Whether the units are words.
    pub fn are_words(&self) -> bool {
        self.words
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
