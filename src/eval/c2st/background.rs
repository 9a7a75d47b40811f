//! Statistics of real poems other than those under test, from which the features of the boosted trees are computed.

use super::association::PairCounts;
use crate::discriminator::rhyme::{self, RhymeSettings, RhymingEnds};
use crate::eval::PoemText;
use crate::metrics::ngram::{BackOff, key};
use crate::metrics::{Units, Verse};

const RHYME_COLUMNS: usize = 32;
/// The context before the first unit of a line.
pub const START: u32 = u32::MAX;
/// Positions of a line that are distinguished; later ones count as the last.
const POSITIONS: usize = 16;

/// Statistics of the remaining real poems. Computing them takes seconds; they are shared by all columns of a table.
pub struct Background {
    /// Units of the background; units added later have ids from `known` on.
    pub units: Units,
    pub known: usize,
    /// How often each known unit occurs.
    pub counts: Vec<u32>,
    /// A unit given the two before it in its line.
    pub trigrams: BackOff,
    /// A unit given the one two positions before it.
    pub skips: BackOff,
    /// A unit given its position, in odd and in even lines, and the unit before it.
    pub positions: BackOff,
    /// A unit given its position and the last unit of the line before.
    pub line_ends: BackOff,
    /// Units at the same position of the two lines of a couplet.
    pub couplets: PairCounts,
    /// Units of a line and of the next.
    pub neighbours: PairCounts,
    /// Ends of adjacent even lines of a poem.
    pub rhymes: PairCounts,
    /// The learned rhyme embedding of each known unit, rows of length 1.
    pub rhyme_embedding: Vec<Vec<f32>>,
}

/// A unit and its context.
pub struct UnitInContext {
    pub line: usize,
    /// Position in the line, from 0.
    pub position: usize,
    pub unit: u32,
    /// The two units before it in the line, the nearest last.
    pub before: [u32; 2],
    /// The last unit of the line before.
    pub line_end: u32,
}

/// Every unit of a poem.
pub fn units_in_context(verse: &Verse) -> impl Iterator<Item = UnitInContext> + '_ {
    verse.iter().enumerate().flat_map(move |(line, units)| {
        let line_end = line.checked_sub(1).and_then(|above| verse[above].last()).copied().unwrap_or(START);
        units.iter().enumerate().map(move |(position, &unit)| {
            let before = |distance: usize| position.checked_sub(distance).map_or(START, |at| units[at]);
            UnitInContext { line, position, unit, before: [before(2), before(1)], line_end }
        })
    })
}

/// Keys of the contexts of each model, the most general first.
impl UnitInContext {
    pub fn trigram(&self) -> [u64; 3] {
        [key(&[]), key(&self.before[1..]), key(&self.before)]
    }

    pub fn skip(&self) -> [u64; 2] {
        [key(&[]), key(&self.before[..1])]
    }

    pub fn position(&self) -> [u64; 3] {
        let position = [self.position.min(POSITIONS - 1) as u32, (self.line % 2) as u32];
        [key(&[]), key(&position), key(&[position[0], position[1], self.before[1]])]
    }

    pub fn line_end(&self) -> [u64; 3] {
        let position = self.position.min(POSITIONS - 1) as u32;
        [key(&[]), key(&[position]), key(&[position, self.line_end])]
    }
}

/// Pairs of units at the same position of the first and second line of each couplet.
pub fn couplets(verse: &Verse) -> impl Iterator<Item = (u32, u32)> + '_ {
    verse.chunks_exact(2).flat_map(|lines| lines[0].iter().copied().zip(lines[1].iter().copied()))
}

/// Pairs of a unit of a line and one of the next.
pub fn neighbours(verse: &Verse) -> impl Iterator<Item = (u32, u32)> + '_ {
    let pairs = |lines: &'_ [Vec<u32>]| -> Vec<(u32, u32)> {
        lines[0].iter().flat_map(|&a| lines[1].iter().map(move |&b| (a, b))).collect()
    };
    verse.windows(2).flat_map(pairs)
}

/// Pairs of ends of adjacent even lines.
pub fn rhymes(verse: &Verse) -> Vec<(u32, u32)> {
    let ends: Vec<u32> = verse.iter().skip(1).step_by(2).filter_map(|line| line.last().copied()).collect();
    ends.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

impl Background {
    /// Statistics of `poems`; `seed` is that of the rhyme embedding.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn new(poems: &[PoemText], seed: u64) -> anyhow::Result<Background> {
        let mut units = Units::for_poems(poems.iter().map(Vec::as_slice));
        let verses: Vec<Verse> = poems.iter().map(|poem| units.verse(poem)).collect();
        let known = units.count();
        let line_ends = |verse: &Verse| verse.iter().filter_map(|line| line.last().copied()).collect();
        let line_ends: Vec<Vec<u32>> = verses.iter().map(line_ends).collect();
        let settings = RhymeSettings { vocab: known.max(1), columns: RHYME_COLUMNS, seed, endings: None };
        let ends = RhymingEnds::of_even_lines(&line_ends);
        let rhyme_embedding = rhyme::learn(&ends, &RhymingEnds::default(), &settings)?.table.to_vec2()?;
        let mut background = Background {
            units,
            known,
            counts: vec![0; known],
            trigrams: BackOff::new(known, 3),
            skips: BackOff::new(known, 2),
            positions: BackOff::new(known, 3),
            line_ends: BackOff::new(known, 3),
            couplets: PairCounts::default(),
            neighbours: PairCounts::default(),
            rhymes: PairCounts::default(),
            rhyme_embedding,
        };
        verses.iter().for_each(|verse| background.count(verse));
        Ok(background)
    }

    fn count(&mut self, verse: &Verse) {
        for unit in units_in_context(verse) {
            self.counts[unit.unit as usize] += 1;
            self.trigrams.add(&unit.trigram(), unit.unit);
            self.skips.add(&unit.skip(), unit.unit);
            self.positions.add(&unit.position(), unit.unit);
            self.line_ends.add(&unit.line_end(), unit.unit);
        }
        couplets(verse).for_each(|(a, b)| self.couplets.add(a, b));
        neighbours(verse).for_each(|(a, b)| self.neighbours.add(a, b));
        for (a, b) in rhymes(verse) {
            self.rhymes.add(a, b);
            self.rhymes.add(b, a);
        }
    }

    /// The poems as units; units that the background lacks get new ids.
    pub fn verses(&self, poems: &[PoemText]) -> Vec<Verse> {
        let mut units = self.units.clone();
        poems.iter().map(|poem| units.verse(poem)).collect()
    }

    /// Cosine of two units in the rhyme embedding, -1 to 1; 0 if one is unknown.
    pub fn rhyme_cosine(&self, a: u32, b: u32) -> f64 {
        match (self.rhyme_embedding.get(a as usize), self.rhyme_embedding.get(b as usize)) {
            (Some(a), Some(b)) => f64::from(a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>()),
            _ => 0.0,
        }
    }
}
