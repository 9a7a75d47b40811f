//! The vocabulary of the classifiers: units that occur more than once in real poems, independent of the generator's
//! tokenizer.

use super::PoemText;
use crate::generator::SpecialTokens;
use crate::metrics::Units;

/// The first token of every poem.
pub const TAG: u32 = 0;
const UNKNOWN: u32 = 3;
pub const SPECIAL: SpecialTokens = SpecialTokens {
    line: 1,
    end: 2,
    stanza: None,
    first_content: UNKNOWN as usize,
    first_letter: UNKNOWN as usize + 1,
};
/// The token of the most frequent unit.
const FIRST: u32 = UNKNOWN + 1;
/// At most this many units have a token of their own.
const MOST: usize = 8000;
const LEAST_COUNT: u32 = 2;
/// Longer poems are cut to this many tokens.
const LONGEST: usize = 256;

/// Units of a collection, numbered by falling frequency.
pub struct Vocabulary {
    units: Units,
}

impl Vocabulary {
    pub fn new(poems: &[PoemText]) -> Vocabulary {
        let mut units = Units::for_poems(poems.iter().map(Vec::as_slice));
        let mut counts: Vec<u32> = Vec::new();
        for unit in poems.iter().flat_map(|poem| units.verse(poem)).flatten() {
            counts.resize(counts.len().max(unit as usize + 1), 0);
            counts[unit as usize] += 1;
        }
        let mut kept: Vec<u32> =
            (0..).zip(&counts).filter(|(_, count)| **count >= LEAST_COUNT).map(|(id, _)| id).collect();
        kept.sort_by_key(|&id| std::cmp::Reverse(counts[id as usize]));
        kept.truncate(MOST);
        Vocabulary::of_names(kept.iter().map(|&id| units.name(id).to_string()).collect(), units.are_words())
    }

    pub fn of_names(names: Vec<String>, words: bool) -> Vocabulary {
        Vocabulary { units: Units::of_names(&names, words) }
    }

    /// The units in their order.
    pub fn names(&self) -> Vec<String> {
        (0..self.units.count() as u32).map(|id| self.units.name(id).to_string()).collect()
    }

    pub fn are_words(&self) -> bool {
        self.units.are_words()
    }

    /// Number of tokens.
    pub fn size(&self) -> usize {
        FIRST as usize + self.units.count()
    }

    /// The text of a token; empty for a special token.
    pub fn name(&self, token: u32) -> &str {
        token.checked_sub(FIRST).map_or("", |id| self.units.name(id))
    }

    /// A poem as `<form>` line `<line>` line ... `<end>`, of at most `LONGEST` tokens.
    pub fn tokens(&self, poem: &[String]) -> Vec<u32> {
        let mut tokens = vec![TAG];
        for (line, units) in poem.iter().map(|line| self.units.known(line)).enumerate() {
            if line > 0 {
                tokens.push(SPECIAL.line);
            }
            tokens.extend(units.into_iter().map(|unit| unit.map_or(UNKNOWN, |unit| unit + FIRST)));
        }
        tokens.truncate(LONGEST - 1);
        tokens.push(SPECIAL.end);
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_units_come_first_and_rare_ones_are_unknown() {
        let poem = vec!["春春月，".to_string(), "春月风".to_string()];
        let vocabulary = Vocabulary::new(std::slice::from_ref(&poem));
        assert_eq!((vocabulary.names(), vocabulary.size()), (vec!["春".to_string(), "月".to_string()], 6));
        assert_eq!(vocabulary.tokens(&poem), [TAG, 4, 4, 5, 1, 4, 5, UNKNOWN, 2]);
        assert_eq!(vocabulary.tokens(&["山".repeat(900)]).len(), LONGEST);
    }
}
