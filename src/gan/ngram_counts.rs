//! How often n-grams occur in the training poems, by classes of counts: what a poem's n-grams have in other poems.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::generator::SpecialTokens;
use crate::nn::ops::Listed;

/// The n-grams that are counted, by the distances of their tokens from the first one: pairs of neighbours, pairs with one token
/// between them, and three in a row. All tokens from the first to the last are of one line.
pub const PATTERNS: [&[usize]; 3] = [&[0, 1], &[0, 2], &[0, 1, 2]];

/// Classes of counts: 0, 1, 2 to 3, 4 to 7, 8 to 15, 16 and more.
pub const CLASSES: usize = 6;

/// The tokens of an n-gram, the rest 0.
type Ngram = [u32; 3];

/// The n-grams of one pattern.
struct Counts {
    pattern: &'static [usize],
    /// Each n-gram with its count, sorted.
    ngrams: Vec<(Ngram, u32)>,
    /// For each place of the pattern, the lists of tokens that complete the others to a known n-gram.
    places: Vec<Place>,
}

/// Where the lists of each context begin in all lists: (tokens of the other places, begin), sorted; then where the last ends.
struct Place {
    contexts: Vec<(Ngram, usize)>,
    end: usize,
}

/// The counts of all n-grams of the training poems.
pub struct NgramCounts {
    special: SpecialTokens,
    patterns: Vec<Counts>,
    /// For each pattern, place and context the tokens that complete it, with the index [pattern, class] of their count.
    lists: Arc<Vec<Listed>>,
}

/// An n-gram of a poem.
pub struct Occurrence {
    /// Index of the pattern.
    pub pattern: usize,
    pub class: usize,
}

impl NgramCounts {
    pub fn new<'a>(poems: impl Iterator<Item = &'a [u32]>, special: SpecialTokens) -> NgramCounts {
        let poems: Vec<&[u32]> = poems.collect();
        let mut lists = Vec::new();
        let of_pattern = |(index, pattern): (usize, &&'static [usize])| {
            let mut all: Vec<Ngram> = poems.par_iter().flat_map_iter(|poem| ngrams(poem, pattern, special)).collect();
            all.par_sort_unstable();
            let ngrams: Vec<(Ngram, u32)> =
                all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
            let places = (0..pattern.len()).map(|place| Place::new(&ngrams, place, index, &mut lists)).collect();
            Counts { pattern, ngrams, places }
        };
        let patterns = PATTERNS.iter().enumerate().map(of_pattern).collect();
        NgramCounts { special, patterns, lists: lists.into() }
    }

    pub fn lists(&self) -> Arc<Vec<Listed>> {
        self.lists.clone()
    }

    /// The n-grams of a poem with the class of their count. Of a training poem (`is_training`) its own n-grams do not count.
    pub fn occurrences(&self, poem: &[u32], is_training: bool) -> Vec<Occurrence> {
        let mut found = Vec::new();
        for (index, counts) in self.patterns.iter().enumerate() {
            let own: Vec<Ngram> = ngrams(poem, counts.pattern, self.special).collect();
            for &ngram in &own {
                let mut count = counts.of(ngram);
                if is_training {
                    count = count.saturating_sub(own.iter().filter(|other| **other == ngram).count() as u32);
                }
                found.push(Occurrence { pattern: index, class: class(count) });
            }
        }
        found
    }

    /// The lists of tokens that would complete known n-grams at place `place` of a poem, given its other tokens.
    pub fn completions(&self, poem: &[u32], place: usize) -> Vec<Range<usize>> {
        let is_content = |place: usize| poem.get(place).is_some_and(|&t| t as usize >= self.special.first_content);
        let mut found = Vec::new();
        for counts in &self.patterns {
            for (nth, &distance) in counts.pattern.iter().enumerate() {
                let Some(start) = place.checked_sub(distance) else { continue };
                if (start..=start + counts.span()).all(is_content) {
                    let ngram = at(poem, start, counts.pattern);
                    found.extend(counts.places[nth].list(without(ngram, nth)));
                }
            }
        }
        found
    }
}

impl Counts {
    fn of(&self, ngram: Ngram) -> u32 {
        self.ngrams.binary_search_by_key(&ngram, |&(ngram, _)| ngram).map_or(0, |index| self.ngrams[index].1)
    }

    /// Distance of the last token from the first.
    fn span(&self) -> usize {
        self.pattern[self.pattern.len() - 1]
    }
}

impl Place {
    /// Appends the lists of this place to all lists.
    fn new(ngrams: &[(Ngram, u32)], nth: usize, pattern: usize, lists: &mut Vec<Listed>) -> Place {
        let mut entries: Vec<(Ngram, u32, usize)> =
            ngrams.iter().map(|&(ngram, count)| (without(ngram, nth), ngram[nth], class(count))).collect();
        entries.par_sort_unstable();
        let mut contexts: Vec<(Ngram, usize)> = Vec::new();
        for (context, token, class) in entries {
            if contexts.last().is_none_or(|last| last.0 != context) {
                contexts.push((context, lists.len()));
            }
            lists.push(Listed { token, value: (pattern * CLASSES + class) as u8 });
        }
        Place { contexts, end: lists.len() }
    }

    fn list(&self, context: Ngram) -> Option<Range<usize>> {
        let index = self.contexts.binary_search_by_key(&context, |&(context, _)| context).ok()?;
        let end = self.contexts.get(index + 1).map_or(self.end, |next| next.1);
        Some(self.contexts[index].1..end)
    }
}

fn class(count: u32) -> usize {
    (count.checked_ilog2().map_or(0, |log| log as usize + 1)).min(CLASSES - 1)
}

fn at(poem: &[u32], start: usize, pattern: &[usize]) -> Ngram {
    let mut ngram = [0; 3];
    ngram.iter_mut().zip(pattern).for_each(|(token, distance)| *token = poem[start + distance]);
    ngram
}

/// The n-gram with another mark in place of one token.
fn without(mut ngram: Ngram, nth: usize) -> Ngram {
    ngram[nth] = u32::MAX;
    ngram
}

/// The n-grams of a poem.
fn ngrams<'a>(poem: &'a [u32], pattern: &'a [usize], special: SpecialTokens) -> impl Iterator<Item = Ngram> + 'a {
    let span = pattern[pattern.len() - 1];
    let is_line = move |start: &usize| poem[*start..=start + span].iter().all(|&t| t as usize >= special.first_content);
    (0..poem.len().saturating_sub(span)).filter(is_line).map(move |start| at(poem, start, pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 5 };

    fn counts(poems: &[Vec<u32>]) -> NgramCounts {
        NgramCounts::new(poems.iter().map(Vec::as_slice), SPECIAL)
    }

    #[test]
    fn counts_are_those_of_other_poems() {
        let poem = vec![3, 5, 6, 7, 1, 5, 6, 8, 2];
        let counts = counts(&[poem.clone(), vec![3, 5, 6, 2], vec![3, 6, 5, 6, 2]]);
        let classes = |poem: &[u32], is_training: bool, pattern: usize| -> Vec<usize> {
            let found = counts.occurrences(poem, is_training);
            found.iter().filter(|o| o.pattern == pattern).map(|o| o.class).collect()
        };
        // 5 6 occurs four times, twice in other poems; 6 7 and 6 8 once, in no other.
        assert_eq!(classes(&poem, false, 0), [3, 1, 3, 1]);
        assert_eq!(classes(&poem, true, 0), [2, 0, 2, 0]);
        assert_eq!(classes(&poem, true, 1), [0, 0]);
        assert_eq!(classes(&[3, 6, 9, 6, 2], false, 1), [1], "6 5 6");
        assert_eq!(classes(&[3, 5, 6, 7, 2], false, 2), [1]);
    }

    #[test]
    fn completions_are_the_tokens_of_known_ngrams() {
        let counts = counts(&[vec![3, 5, 6, 7, 1, 8, 9, 2], vec![3, 5, 9, 7, 2]]);
        let tokens = |poem: &[u32], place: usize| {
            let lists = counts.completions(poem, place);
            let mut tokens: Vec<u32> = lists.into_iter().flatten().map(|i| counts.lists()[i].token).collect();
            tokens.sort_unstable();
            tokens
        };
        // After 5: 6 and 9; before 7: the same; between them: the same again.
        assert_eq!(tokens(&[3, 5, 10, 7, 2], 2), [6, 6, 6, 9, 9, 9]);
        // First of a line before 6 7: 5 by the next token, by the one after it, and by both.
        assert_eq!(tokens(&[3, 10, 6, 7, 2], 1), [5, 5, 5]);
        assert!(tokens(&[3, 5, 1, 10, 2], 3).is_empty(), "no n-gram crosses a line end");
        // All tokens of a known poem complete its n-grams.
        let poem = [3, 5, 6, 7, 2];
        (1..4).for_each(|place| assert!(tokens(&poem, place).contains(&poem[place])));
    }

    #[test]
    fn classes_of_counts() {
        assert_eq!([0, 1, 2, 3, 4, 7, 8, 15, 16, 1000].map(class), [0, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    }
}
