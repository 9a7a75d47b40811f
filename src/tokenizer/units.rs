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

type Counts = HashMap<String, usize, FixedState>;

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
        let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    }

    fn counts(self, poems: &[&Poem]) -> Counts {
        let mut counts = Counts::default();
        for poem in poems {
            self.each(poem, |unit| match counts.get_mut(unit) {
                Some(count) => *count += 1,
                None => {
                    counts.insert(unit.to_string(), 1);
                }
            });
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
        let known: HashSet<&str, FixedState> = counts[..n_frequent].iter().map(|(unit, _)| unit.as_str()).collect();
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

fn merged(mut a: Counts, b: Counts) -> Counts {
    b.into_iter().for_each(|(unit, count)| *a.entry(unit).or_default() += count);
    a
}
