//! What a vocabulary must have for a poem to be written: its characters or its words.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::pieces::{each_character, each_word};
use crate::config::TokenizerKind;
use crate::corpus::Poem;

/// Rare characters and words are kept if leaving them out would exclude more than one poem in this many.
const COSTLY: usize = 5;
/// Poems that one task counts.
const CHUNK: usize = 4096;

/// Counts of units.
#[derive(Default)]
struct Counts {
    /// Of units of one character of the basic plane, by its number; empty before the first one.
    characters: Vec<u32>,
    others: HashMap<String, usize, FixedState>,
}

/// A set of units that is asked for every character of a corpus.
pub struct KnownUnits<'a> {
    /// Whether each character of the basic plane is one.
    characters: Vec<bool>,
    others: HashSet<&'a str, FixedState>,
}

/// Number of characters of the basic plane.
const BASIC: usize = 1 << 16;

/// The number of a unit that is one character of the basic plane.
fn basic(unit: &str) -> Option<usize> {
    let mut characters = unit.chars();
    let first = characters.next().map(|c| c as usize).filter(|&c| c < BASIC)?;
    characters.as_str().is_empty().then_some(first)
}

impl<'a> KnownUnits<'a> {
    pub fn new(units: impl Iterator<Item = &'a str>) -> KnownUnits<'a> {
        let mut known = KnownUnits { characters: vec![false; BASIC], others: HashSet::default() };
        for unit in units {
            match basic(unit) {
                Some(character) => known.characters[character] = true,
                None => drop(known.others.insert(unit)),
            }
        }
        known
    }

    pub fn contains(&self, unit: &str) -> bool {
        basic(unit).map_or_else(|| self.others.contains(unit), |character| self.characters[character])
    }
}

/// The units that must all be in the vocabulary for a poem to be used.
#[derive(Clone, Copy)]
pub enum RequiredUnits {
    Characters,
    Words,
}

impl RequiredUnits {
    /// The units of a kind of tokens. BPE builds its tokens from characters, so only characters can be unknown.
    pub fn of(kind: TokenizerKind) -> RequiredUnits {
        if kind == TokenizerKind::Word { RequiredUnits::Words } else { RequiredUnits::Characters }
    }

    /// Calls `visit` with every unit of the poem, in order.
    pub fn each(self, poem: &Poem, mut visit: impl FnMut(&str)) {
        for line in &poem.lines {
            match self {
                RequiredUnits::Characters => each_character(line, &mut visit),
                RequiredUnits::Words => each_word(line, &mut visit),
            }
        }
    }

    /// The count of each unit, by falling count.
    pub fn count<'a>(self, poems: impl Iterator<Item = &'a Poem>) -> Vec<(String, usize)> {
        let poems: Vec<&Poem> = poems.collect();
        let counts = poems.par_chunks(CHUNK).map(|poems| self.counts(poems)).reduce(Counts::default, merged);
        let Counts { characters, others } = counts;
        let characters = (0u32..).zip(characters).filter(|&(_, count)| count > 0);
        let characters = characters.filter_map(|(c, count)| Some((char::from_u32(c)?.to_string(), count as usize)));
        let mut counts: Vec<(String, usize)> = characters.chain(others).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    }

    fn counts(self, poems: &[&Poem]) -> Counts {
        let mut counts = Counts::default();
        for poem in poems {
            self.each(poem, |unit| counts.add(unit));
        }
        counts
    }

    /// The at most `room` units of the vocabulary, the most frequent first, and their least count: `min_count`, or 1 if that
    /// would exclude more than a fifth of the poems.
    pub fn kept<'a>(
        self,
        poems: impl Iterator<Item = &'a Poem> + Clone,
        min_count: usize,
        room: usize,
    ) -> (Vec<String>, usize) {
        let mut counts = self.count(poems.clone());
        counts.truncate(room);
        let n_frequent = counts.partition_point(|&(_, count)| count >= min_count);
        let known = KnownUnits::new(counts[..n_frequent].iter().map(|(unit, _)| unit.as_str()));
        let poems: Vec<&Poem> = poems.collect();
        let is_lost = |poem: &&&Poem| {
            let mut lost = false;
            self.each(poem, |unit| lost |= !known.contains(unit));
            lost
        };
        let (n_poems, n_lost) = (poems.len(), poems.par_iter().filter(is_lost).count());
        let min_count = if n_lost * COSTLY > n_poems {
            1
        } else {
            counts.truncate(n_frequent);
            min_count
        };
        (counts.into_iter().map(|(unit, _)| unit).collect(), min_count)
    }
}

impl Counts {
    fn add(&mut self, unit: &str) {
        if let Some(character) = basic(unit) {
            if self.characters.is_empty() {
                self.characters.resize(BASIC, 0);
            }
            self.characters[character] += 1;
        } else if let Some(count) = self.others.get_mut(unit) {
            *count += 1;
        } else {
            self.others.insert(unit.to_string(), 1);
        }
    }
}

fn merged(mut a: Counts, b: Counts) -> Counts {
    if a.characters.is_empty() {
        a.characters = b.characters;
    } else {
        a.characters.iter_mut().zip(b.characters).for_each(|(a, b)| *a += b);
    }
    b.others.into_iter().for_each(|(unit, count)| *a.others.entry(unit).or_default() += count);
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters in and beyond the basic plane, with marks, and words; more poems than one task counts.
    #[test]
    fn units_are_counted_alike_on_any_number_of_threads() {
        let texts = ["床前明月光", "𠮷 a\u{301}b", "the moon, the night", "明明"];
        let poem = |i: usize| Poem { lines: vec![texts[i % 4].into(), texts[i % 3].into()], ..Poem::default() };
        let poems: Vec<Poem> = (0..2 * CHUNK + 7).map(poem).collect();
        for units in [RequiredUnits::Characters, RequiredUnits::Words] {
            let mut expected = HashMap::<String, usize>::new();
            poems.iter().for_each(|poem| units.each(poem, |unit| *expected.entry(unit.to_string()).or_default() += 1));
            for threads in [1, 3] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let found = pool.install(|| units.count(poems.iter()));
                assert!(found.is_sorted_by_key(|(_, count)| std::cmp::Reverse(*count)));
                assert_eq!(found.into_iter().collect::<HashMap<_, _>>(), expected);
            }
        }
        let known = KnownUnits::new(["明", "𠮷", "a\u{301}"].into_iter());
        assert!(["明", "𠮷", "a\u{301}"].iter().all(|unit| known.contains(unit)));
        assert!(!["月", "𠮸", "a", "明月", ""].iter().any(|unit| known.contains(unit)));
    }
}
