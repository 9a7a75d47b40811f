//! Counts of pairs of line ends, and the lift of a pair.

use std::collections::BTreeMap;

use crate::metrics::Units;

/// Expected count of a pair at which its own count weighs as much as the fallback.
const PRIOR: f64 = 4.0;

/// Lengths of word endings that are counted besides whole words.
const LETTERS: [usize; 3] = [1, 2, 3];

/// Counts of pairs of line ends, from the coarsest classes to the units themselves.
pub(super) struct Ends {
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
    /// Counts pairs of line ends.
    pub(super) fn count(pairs: impl Iterator<Item = (u32, u32)>, units: &Units) -> Ends {
        let letters = if units.are_words() { &LETTERS[..] } else { &[] };
        let mut levels: Vec<Level> = letters.iter().map(|&count| Level::new(units, count)).collect();
        levels.push(Level::new(units, usize::MAX));
        let mut total = 0.0;
        for (a, b) in pairs {
            levels.iter_mut().for_each(|level| level.add(a, b));
            total += 1.0;
        }
        Ends { levels, total }
    }

    /// The lift of two units; 1 without evidence.
    pub(super) fn lift(&self, a: u32, b: u32) -> f64 {
        self.refine(self.levels.first().map_or(1.0, |level| level.lift_in_two_steps(a, b, self.total)), a, b, &[])
    }

    /// The lift of a pair by its counts without those of the pairs `own`, starting from the prior `lift`.
    pub(super) fn refine(&self, mut lift: f64, a: u32, b: u32, own: &[(u32, u32)]) -> f64 {
        for level in &self.levels {
            let (seen, expected) = level.seen_and_expected(a, b, self.total, own);
            lift = (seen + PRIOR * lift) / (expected + PRIOR);
        }
        lift
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
    fn seen_and_expected(&self, a: u32, b: u32, total: f64, own: &[(u32, u32)]) -> (f64, f64) {
        let (Some(a), Some(b)) = (self.class(a), self.class(b)) else { return (0.0, 0.0) };
        let both = if a == b { 0.5 } else { 1.0 };
        let seen = self.together[a].get(&(b as u32)).map_or(0.0, |&count| count * both);
        let is_own = |&&(c, d): &&(u32, u32)| {
            let pair = (self.class(c), self.class(d));
            pair == (Some(a), Some(b)) || pair == (Some(b), Some(a))
        };
        let own = own.iter().filter(is_own).count() as f64;
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
