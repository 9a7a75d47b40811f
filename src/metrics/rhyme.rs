//! Rhyme without a dictionary: which line ends rhyme, and which lines of a poem rhyme, estimated from counts in the
//! training poems. It takes milliseconds, where learning an embedding takes seconds.
//!
//! The measure of a pair of line ends is its lift: observed over expected count. Rare pairs fall back on what the ends
//! share: other ends that occur with both, and for words their last letters.

use std::collections::BTreeMap;

use super::{Units, Verse};

/// Largest distance of rhyming lines.
const FARTHEST: usize = 3;

/// Expected count of a pair at which its own count weighs as much as the fallback.
const PRIOR: f64 = 4.0;

/// A pair of lines rhymes if its score exceeds that of unrelated lines by this, and by half the excess of the best pair.
const LEAST: f64 = 0.05;

/// Fewest poems with a number of lines from which to infer the rhyming ones.
const FEWEST_POEMS: usize = 20;

/// At most this many poems are used to infer rhyming lines; more change nothing.
const POEMS_FOR_PAIRS: usize = 2_000;

/// Lengths of word endings that are counted besides whole words.
const LETTERS: [usize; 3] = [1, 2, 3];

/// Rhyming line ends and rhyming lines, estimated from training poems.
pub struct RhymeModel {
    ends: Ends,
    /// Pairs of lines (from 0) that rhyme in poems with a number of lines.
    pairs: BTreeMap<usize, Vec<(usize, usize)>>,
}

impl RhymeModel {
    /// Estimates from training poems, given in `units`.
    pub fn learn(training: &[Verse], units: &Units) -> RhymeModel {
        let mut by_lines = BTreeMap::<usize, Vec<&Verse>>::new();
        training.iter().for_each(|poem| by_lines.entry(poem.len()).or_default().push(poem));
        by_lines.retain(|_, poems| poems.len() >= FEWEST_POEMS);
        let mut pairs: BTreeMap<usize, Vec<_>> = by_lines.keys().map(|&lines| (lines, near(lines))).collect();
        // The first pass takes all pairs of near lines for rhymes, later passes those that stand out.
        let mut ends = Ends::count(&by_lines, &pairs, units);
        for _ in 0..2 {
            let chosen = |(&lines, poems): (&usize, &Vec<&Verse>)| (lines, ends.rhyming(poems, &pairs[&lines]));
            pairs = by_lines.iter().map(chosen).collect();
            ends = Ends::count(&by_lines, &pairs, units);
        }
        RhymeModel { ends, pairs }
    }

    /// Pairs of lines (from 0) that rhyme in poems with a number of lines.
    pub fn pairs(&self, lines: usize) -> &[(usize, usize)] {
        self.pairs.get(&lines).map_or(&[], Vec::as_slice)
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

/// All pairs of lines within `FARTHEST`.
fn near(lines: usize) -> Vec<(usize, usize)> {
    (0..lines).flat_map(|a| (a + 1..lines.min(a + FARTHEST + 1)).map(move |b| (a, b))).collect()
}

fn probability(lift: f64) -> f64 {
    lift / (1.0 + lift)
}

/// Counts of pairs of line ends, from the coarsest classes to the units themselves.
struct Ends {
    levels: Vec<Level>,
    /// Pairs counted.
    total: f64,
}

/// Counts for one classification of line ends.
#[derive(Default)]
struct Level {
    /// Class of each unit.
    classes: Vec<u32>,
    /// For each class, the counts of the classes that it was paired with.
    together: Vec<BTreeMap<u32, f64>>,
    /// Number of ends of each class.
    alone: Vec<f64>,
}

impl Ends {
    fn count(
        poems: &BTreeMap<usize, Vec<&Verse>>,
        pairs: &BTreeMap<usize, Vec<(usize, usize)>>,
        units: &Units,
    ) -> Ends {
        let letters = if units.are_words() { &LETTERS[..] } else { &[] };
        let mut levels: Vec<Level> = letters.iter().map(|&count| Level::new(units, count)).collect();
        levels.push(Level::new(units, usize::MAX));
        let mut total = 0.0;
        for (lines, poems) in poems {
            for (poem, &(a, b)) in poems.iter().flat_map(|poem| pairs[lines].iter().map(move |pair| (poem, pair))) {
                if let (Some(&a), Some(&b)) = (poem[a].last(), poem[b].last()) {
                    levels.iter_mut().for_each(|level| level.add(a, b));
                    total += 1.0;
                }
            }
        }
        Ends { levels, total }
    }

    fn lift(&self, a: u32, b: u32) -> f64 {
        self.refine(self.levels.first().map_or(1.0, |level| level.lift_in_two_steps(a, b, self.total)), a, b, 0.0)
    }

    /// The lift of a pair by its counts less `own`, starting from the prior `lift`.
    fn refine(&self, mut lift: f64, a: u32, b: u32, own: f64) -> f64 {
        for level in &self.levels {
            let (seen, expected) = level.seen_and_expected(a, b, self.total, own);
            lift = (seen + PRIOR * lift) / (expected + PRIOR);
        }
        lift
    }

    /// The pairs of lines that rhyme: their ends have a higher lift than ends of the same lines of different poems. The
    /// counts of the poem itself are left out, and so is the two-step lift, which may go through the same poem.
    fn rhyming(&self, poems: &[&Verse], pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let poems = &poems[..poems.len().min(POEMS_FOR_PAIRS)];
        let excess = |&(a, b): &(usize, usize)| {
            let score = |first: &Verse, second: &Verse, own: f64| match (first[a].last(), second[b].last()) {
                (Some(&a), Some(&b)) => probability(self.refine(1.0, a, b, own)),
                _ => 0.0,
            };
            // A poem far away, since adjacent poems often belong to one sequence with common rhymes.
            let other = |i: usize| poems[(i + poems.len() / 2) % poems.len()];
            let one = |(i, poem): (usize, &&Verse)| score(poem, poem, 1.0) - score(poem, other(i), 0.0);
            poems.iter().enumerate().map(one).sum::<f64>() / poems.len() as f64
        };
        let excesses: Vec<f64> = pairs.iter().map(excess).collect();
        let bound = excesses.iter().fold(0.0, |most: f64, &one| most.max(one)) / 2.0;
        let stands_out = |(_, excess): &(&(usize, usize), &f64)| **excess > bound.max(LEAST);
        pairs.iter().zip(&excesses).filter(stands_out).map(|(&pair, _)| pair).collect()
    }
}

impl Level {
    /// Classes of units by their last `letters`.
    fn new(units: &Units, letters: usize) -> Level {
        let mut names = BTreeMap::new();
        let class = |unit: usize| {
            let name = units.name(unit as u32);
            let skipped = name.chars().count().saturating_sub(letters);
            let end: String = name.chars().skip(skipped).collect();
            let next = names.len() as u32;
            *names.entry(end).or_insert(next)
        };
        let classes: Vec<u32> = (0..units.count()).map(class).collect();
        let count = names.len();
        Level { classes, together: vec![BTreeMap::new(); count], alone: vec![0.0; count] }
    }

    fn add(&mut self, a: u32, b: u32) {
        let (Some(a), Some(b)) = (self.class(a), self.class(b)) else { return };
        for (a, b) in [(a, b), (b, a)] {
            *self.together[a].entry(b as u32).or_default() += 1.0;
            self.alone[a] += 1.0;
        }
    }

    fn class(&self, unit: u32) -> Option<usize> {
        self.classes.get(unit as usize).map(|&class| class as usize)
    }

    /// Observed and expected counts of two classes as a pair, in either order.
    fn seen_and_expected(&self, a: u32, b: u32, total: f64, own: f64) -> (f64, f64) {
        let (Some(a), Some(b)) = (self.class(a), self.class(b)) else { return (0.0, 0.0) };
        let both = if a == b { 0.5 } else { 1.0 };
        let seen = self.together[a].get(&(b as u32)).map_or(0.0, |&count| count * both);
        ((seen - own).max(0.0), both * self.alone[a] * self.alone[b] / (2.0 * total).max(1.0))
    }

    /// The lift through a third class that was paired with both: the sum over c of p(c|a) p(c|b) / p(c), which equals that
    /// of p(c|a) p(b|c) / p(b).
    fn lift_in_two_steps(&self, a: u32, b: u32, total: f64) -> f64 {
        let (Some(a), Some(b)) = (self.class(a), self.class(b)) else { return 1.0 };
        let (few, many) = if self.together[a].len() <= self.together[b].len() { (a, b) } else { (b, a) };
        if self.alone[few] == 0.0 || self.alone[many] == 0.0 {
            return 1.0;
        }
        let way = |(c, count): (&u32, &f64)| {
            self.together[many].get(c).map_or(0.0, |other| count * other / self.alone[*c as usize])
        };
        let ways: f64 = self.together[few].iter().map(way).sum();
        2.0 * total * ways / (self.alone[a] * self.alone[b])
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
        assert_eq!((rhyme.pairs(3), rhyme.score(&free[0])), (&[][..], None));
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
}
