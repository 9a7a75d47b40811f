//! Rhyme without a dictionary: which line ends rhyme, and which lines of a poem rhyme, estimated from counts in the
//! training poems. It takes milliseconds, where learning an embedding takes seconds.
//!
//! The measure of a pair of line ends is its lift: observed over expected count. Rare pairs fall back on what the ends
//! share: other ends that occur with both, and for words their last letters.

mod ends;
mod scheme;

use super::{Units, Verse};
use ends::Ends;
use scheme::{LengthGroup, groups, probability};
pub use scheme::{PERIOD, RhymePlace, RhymeScheme};

/// Rhyming line ends and rhyming lines, estimated from training poems.
pub struct RhymeModel {
    ends: Ends,
    scheme: RhymeScheme,
}

impl RhymeModel {
    /// Estimates from training poems, given in `units`.
    pub fn learn(training: &[Verse], units: &Units) -> RhymeModel {
        let mut groups = groups(training, units);
        let near: Vec<Vec<RhymePlace>> = groups.iter().map(|group| group.places.clone()).collect();
        // The first pass takes all pairs of near lines for rhymes, later passes those that stand out.
        let mut ends = Ends::count(groups.iter().flat_map(LengthGroup::pairs), units);
        for _ in 0..2 {
            // Of words all pairs can return, since their last letters tell what was missed.
            let candidates = |group: &LengthGroup, near: &[RhymePlace]| {
                if units.are_words() { near.to_vec() } else { group.places.clone() }
            };
            let chosen = groups.iter().zip(&near).map(|(group, near)| group.rhyming(&ends, &candidates(group, near)));
            let chosen: Vec<Vec<RhymePlace>> = chosen.collect();
            groups.iter_mut().zip(chosen).for_each(|(group, places)| group.places = places);
            ends = Ends::count(groups.iter().flat_map(LengthGroup::pairs), units);
        }
        let mut scheme = RhymeScheme::default();
        for group in groups {
            match group.lines {
                Some(lines) => drop(scheme.by_lines.insert(lines, group.places)),
                None => scheme.others = group.places,
            }
        }
        RhymeModel { ends, scheme }
    }

    /// Which lines rhyme.
    pub fn scheme(&self) -> &RhymeScheme {
        &self.scheme
    }

    /// Pairs of lines (from 0) that rhyme in poems with a number of lines.
    pub fn pairs(&self, lines: usize) -> Vec<(usize, usize)> {
        self.scheme.pairs(lines)
    }

    /// Mean probability, 0 to 1, that the lines that should rhyme do, at a prior of one half. `None` if poems with this
    /// number of lines have no rhyming lines.
    pub fn score(&self, poem: &Verse) -> Option<f64> {
        let pairs = self.pairs(poem.len());
        let one = |&(a, b): &(usize, usize)| self.probability(&poem[a], &poem[b]);
        (!pairs.is_empty()).then(|| pairs.iter().map(one).sum::<f64>() / pairs.len() as f64)
    }

    /// The same for the rhyming lines of one poem and of another with as many lines: how often poems rhyme by chance.
    pub fn score_between(&self, poem: &Verse, other: &Verse) -> Option<f64> {
        let pairs = self.pairs(poem.len());
        let one = |&(a, b): &(usize, usize)| self.probability(&poem[a], &other[b]);
        (!pairs.is_empty() && other.len() == poem.len())
            .then(|| pairs.iter().map(one).sum::<f64>() / pairs.len() as f64)
    }

    /// Probability that two lines rhyme; 0 if one is empty.
    fn probability(&self, line: &[u32], other: &[u32]) -> f64 {
        match (line.last(), other.last()) {
            (Some(&a), Some(&b)) => probability(self.ends.lift(a, b)),
            _ => 0.0,
        }
    }

    /// Lift of two units as ends of rhyming lines; 1 without evidence.
    pub fn lift(&self, a: u32, b: u32) -> f64 {
        self.ends.lift(a, b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::shuffled::shuffled;
    use crate::random;

    fn units(count: u32) -> Units {
        let mut units = Units::for_poems([["一".to_string()].as_slice()].into_iter());
        (0..count).for_each(|i| {
            units.named(&i.to_string());
        });
        units
    }

    /// Quatrains of one unit a line, of which lines 1 and 3 rhyme: their units are equal modulo 7.
    fn poems(count: usize, index: u64) -> Vec<Verse> {
        let mut rng = random::stream(1, "test", index);
        let mut draw = |below: usize| random::below(&mut rng, below) as u32;
        (0..count)
            .map(|_| {
                let class = draw(7);
                vec![vec![draw(84)], vec![7 * draw(12) + class], vec![draw(84)], vec![7 * draw(12) + class]]
            })
            .collect()
    }

    #[test]
    fn rhyming_lines_and_classes_are_found() {
        let rhyme = RhymeModel::learn(&poems(4000, 0), &units(84));
        assert_eq!(rhyme.pairs(4), [(1, 3)]);
        assert!(rhyme.lift(3, 10) > 3.0 && rhyme.lift(3, 11) < 0.5, "{} {}", rhyme.lift(3, 10), rhyme.lift(3, 11));
        let mean = |poems: &[Verse]| poems.iter().filter_map(|poem| rhyme.score(poem)).sum::<f64>() / 100.0;
        let (real, mixed) = (mean(&poems(100, 1)), mean(&shuffled(&poems(100, 1), 0)));
        assert!(real > 0.75 && mixed < 0.4, "{real} {mixed}");
    }

    #[test]
    fn poems_without_rhyme_have_no_score() {
        let free: Vec<Verse> = poems(400, 0).into_iter().map(|poem| poem[..3].to_vec()).collect();
        let rhyme = RhymeModel::learn(&free, &units(84));
        assert_eq!((rhyme.pairs(3), rhyme.score(&free[0])), (vec![], None));
        assert!(rhyme.scheme().is_empty());
    }

    #[test]
    fn unknown_and_missing_ends_are_no_error() {
        let rhyme = RhymeModel::learn(&poems(4000, 0), &units(84));
        assert_eq!(rhyme.score(&vec![vec![]; 4]), Some(0.0));
        assert_eq!(rhyme.score(&vec![vec![999]; 4]), Some(0.5));
        assert_eq!(rhyme.score(&vec![]), None);
        let none = RhymeModel::learn(&[vec![], vec![vec![]]], &units(0));
        assert_eq!((none.score(&vec![vec![1]]), none.lift(0, 1)), (None, 1.0));
    }

    /// Poems whose lines end in words of rhyming classes: line i has the class `pattern[i]` of its poem, or is free at a dot.
    fn worded(pattern: &str, count: usize, index: u64, units: &mut Units) -> Vec<Verse> {
        let mut rng = random::stream(index, "worded", 0);
        let vowels = ["a", "e", "i", "o", "u", "ai", "ou", "ea"];
        let mut poem = || -> Verse {
            let classes: Vec<usize> = (0..64).map(|_| random::below(&mut rng, 64)).collect();
            let mut line = |(at, class): (usize, char)| {
                let class = if class == '.' { classes[32 + at % 32] } else { classes[class as usize % 32] };
                let begin = (b'a' + random::below(&mut rng, 26) as u8) as char;
                let rime = format!("{}{}", vowels[class / 8], ["t", "n", "l", "rd", "st", "m", "ck", "ng"][class % 8]);
                vec![units.named("the"), units.named(&format!("{begin}{rime}"))]
            };
            pattern.chars().enumerate().map(&mut line).collect()
        };
        (0..count).map(|_| poem()).collect()
    }

    fn words() -> Units {
        Units::for_poems([["word".to_string()].as_slice()].into_iter())
    }

    #[test]
    fn schemes_of_words_are_found() {
        let schemes: [(&str, &[(usize, usize)]); 5] = [
            ("ABAB", &[(0, 2), (1, 3)]),
            ("AABB", &[(0, 1), (2, 3)]),
            ("AABBA", &[(0, 1), (0, 4), (1, 4), (2, 3)]),
            ("AABBCCDDEE", &[(0, 1), (2, 3), (4, 5), (6, 7), (8, 9)]),
            (".....", &[]),
        ];
        for (pattern, pairs) in schemes {
            for count in [60, 600] {
                let mut units = words();
                let poems = worded(pattern, count, 0, &mut units);
                let rhyme = RhymeModel::learn(&poems, &units);
                assert_eq!(rhyme.pairs(pattern.len()), pairs, "{pattern}, {count} poems");
                assert_eq!(rhyme.scheme().is_empty(), pairs.is_empty());
            }
        }
    }

    /// Quatrains of crossed rhymes and a couplet at the end; no number of stanzas is frequent.
    #[test]
    fn poems_of_rare_lengths_have_a_common_scheme() {
        let mut units = words();
        let mut poems = Vec::new();
        for stanzas in 1..8 {
            let pattern: String = ["ABAB", "CDCD", "EFEF", "GHGH", "IJIJ", "KLKL", "MNMN"][..stanzas].concat();
            poems.extend(worded(&(pattern + "ZZ"), 12, stanzas as u64, &mut units));
        }
        let rhyme = RhymeModel::learn(&poems, &units);
        assert_eq!(rhyme.pairs(10), [(0, 2), (1, 3), (4, 6), (5, 7), (8, 9)], "{:?}", rhyme.scheme());
        assert_eq!(rhyme.pairs(6), [(0, 2), (1, 3), (4, 5)]);
    }
}
