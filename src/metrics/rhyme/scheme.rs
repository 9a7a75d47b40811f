//! Which lines of a poem rhyme.

use std::collections::BTreeMap;

use super::ends::Ends;
use crate::metrics::{Units, Verse};

/// Largest distance of rhyming lines: of characters, and of words (the last line of a limerick rhymes with the first).
const FARTHEST: [usize; 2] = [3, 4];

/// A pair of lines rhymes if its score exceeds that of unrelated lines by this, and by half the excess of the best pair.
const LEAST: f64 = 0.05;
/// The excess must also be this many standard errors, since many pairs of few poems are tried.
const ERRORS: f64 = 4.0;

/// Fewest poems with a number of lines from which to infer the rhyming ones.
const FEWEST_POEMS: usize = 20;

/// At most this many poems are used to infer rhyming lines; more change nothing.
const POEMS_FOR_PAIRS: usize = 2_000;

/// Poems of rarer lengths are compared in stanzas of this many lines.
pub const PERIOD: usize = 4;

/// Two lines of a poem, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RhymePlace {
    /// These lines.
    Lines(usize, usize),
    /// Each line whose number is `first` modulo [`PERIOD`], and the one `distance` after it.
    Every { first: usize, distance: usize },
    /// The last line and the one `distance` before it.
    Last { distance: usize },
}

impl RhymePlace {
    /// The pairs of lines at this place in a poem with `lines` lines.
    pub fn pairs(self, lines: usize) -> Vec<(usize, usize)> {
        match self {
            RhymePlace::Lines(a, b) => vec![(a, b)],
            RhymePlace::Every { first, distance } => {
                let firsts = (first..lines.saturating_sub(distance)).step_by(PERIOD);
                firsts.map(|a| (a, a + distance)).collect()
            }
            RhymePlace::Last { distance } if lines > distance => vec![(lines - 1 - distance, lines - 1)],
            RhymePlace::Last { .. } => Vec::new(),
        }
    }
}

/// Rhyming lines, by the number of lines of a poem.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RhymeScheme {
    /// Of frequent lengths.
    pub by_lines: BTreeMap<usize, Vec<RhymePlace>>,
    /// Of all other lengths.
    pub others: Vec<RhymePlace>,
}

impl RhymeScheme {
    /// Pairs of lines, counted from 0, that rhyme in poems with a number of lines; ascending.
    pub fn pairs(&self, lines: usize) -> Vec<(usize, usize)> {
        let places = self.by_lines.get(&lines).unwrap_or(&self.others);
        let mut pairs: Vec<_> = places.iter().flat_map(|place| place.pairs(lines)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Whether no lines rhyme.
    pub fn is_empty(&self) -> bool {
        self.others.is_empty() && self.by_lines.values().all(Vec::is_empty)
    }
}

/// Poems whose lines are compared at the same places.
pub(super) struct LengthGroup<'a> {
    /// The number of lines; `None` for poems of rare lengths.
    pub lines: Option<usize>,
    pub poems: Vec<&'a Verse>,
    pub places: Vec<RhymePlace>,
}

/// Poems of the same number of lines, and for words those of all rare lengths together; with all near places.
pub(super) fn groups<'a>(training: &'a [Verse], units: &Units) -> Vec<LengthGroup<'a>> {
    let farthest = FARTHEST[usize::from(units.are_words())];
    let mut by_lines = BTreeMap::<usize, Vec<&Verse>>::new();
    training.iter().for_each(|poem| by_lines.entry(poem.len()).or_default().push(poem));
    let (frequent, rare): (Vec<_>, Vec<_>) = by_lines.into_iter().partition(|(_, poems)| poems.len() >= FEWEST_POEMS);
    let of_lines = |(lines, poems): (usize, Vec<&'a Verse>)| {
        let near = |a: usize| (a + 1..lines.min(a + farthest + 1)).map(move |b| RhymePlace::Lines(a, b));
        LengthGroup { lines: Some(lines), poems, places: (0..lines).flat_map(near).collect() }
    };
    let mut groups: Vec<LengthGroup> = frequent.into_iter().map(of_lines).collect();
    let rare: Vec<&Verse> = rare.into_iter().flat_map(|(_, poems)| poems).collect();
    if units.are_words() && rare.len() >= FEWEST_POEMS {
        let every = |first: usize| (1..=farthest).map(move |distance| RhymePlace::Every { first, distance });
        let last = (1..=farthest).map(|distance| RhymePlace::Last { distance });
        groups.push(LengthGroup {
            lines: None,
            poems: rare,
            places: (0..PERIOD).flat_map(every).chain(last).collect(),
        });
    }
    groups
}

impl LengthGroup<'_> {
    /// The pairs of line ends at the group's places.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.poems.iter().flat_map(|poem| self.pairs_of(poem))
    }

    fn pairs_of(&self, poem: &Verse) -> Vec<(u32, u32)> {
        let ends = |(a, b): (usize, usize)| Some((*poem[a].last()?, *poem[b].last()?));
        self.places.iter().flat_map(|place| place.pairs(poem.len())).filter_map(ends).collect()
    }

    /// Those of `places` whose lines rhyme: their ends have a higher lift than ends of the same lines of different poems.
    /// The counts of the poem itself are left out, and so is the two-step lift, which may go through the same poem.
    pub(super) fn rhyming(&self, ends: &Ends, places: &[RhymePlace]) -> Vec<RhymePlace> {
        let excesses: Vec<Excess> = places.iter().map(|&place| self.excess(ends, place)).collect();
        let bound = excesses.iter().fold(0.0, |most: f64, excess| most.max(excess.mean)) / 2.0;
        let stands_out = |excess: &Excess| excess.mean > bound.max(LEAST) && excess.mean > ERRORS * excess.error;
        places.iter().zip(&excesses).filter(|(_, excess)| stands_out(excess)).map(|(&place, _)| place).collect()
    }

    fn excess(&self, ends: &Ends, place: RhymePlace) -> Excess {
        let poems = &self.poems[..self.poems.len().min(POEMS_FOR_PAIRS)];
        let score = |a: Option<&u32>, b: Option<&u32>, own: &[(u32, u32)]| match (a, b) {
            (Some(&a), Some(&b)) => probability(ends.refine(1.0, a, b, own)),
            _ => 0.0,
        };
        let mut excesses = Vec::new();
        for (i, poem) in poems.iter().enumerate() {
            // A poem far away, since adjacent poems often belong to one sequence with common rhymes.
            let other = poems[(i + poems.len() / 2) % poems.len()];
            let own = self.pairs_of(poem);
            for (a, b) in place.pairs(poem.len()) {
                let first = poem[a].last();
                let unrelated = other.get(b).or(other.last()).and_then(|line| line.last());
                excesses.push(score(first, poem[b].last(), &own) - score(first, unrelated, &[]));
            }
        }
        Excess::of(&excesses)
    }
}

/// By how much lines at a place rhyme more than unrelated ones.
struct Excess {
    mean: f64,
    /// Standard error of the mean.
    error: f64,
}

impl Excess {
    fn of(excesses: &[f64]) -> Excess {
        let n = excesses.len().max(1) as f64;
        let mean = excesses.iter().sum::<f64>() / n;
        let squares: f64 = excesses.iter().map(|excess| (excess - mean).powi(2)).sum();
        Excess { mean, error: squares.sqrt() / n }
    }
}

/// The probability of a lift at a prior of one half.
pub(super) fn probability(lift: f64) -> f64 {
    lift / (1.0 + lift)
}
