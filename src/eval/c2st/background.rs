//! What is known of real poems apart from those that are tested: counts and models that features are taken of.

use super::Poem;
use super::association::Pairs;
use crate::discriminator::rhyme;
use crate::metrics::ngram::{BackOff, key};
use crate::metrics::{Units, Verse};

const RHYME_COLUMNS: usize = 32;
/// Stands before the first unit of a line.
pub const START: u32 = u32::MAX;
/// Places of a line that are told apart; later ones count as the last.
const PLACES: usize = 16;

/// Statistics of the remaining real poems. Making them takes seconds; they serve every column of a table.
pub struct Background {
    /// Units of the background; those that are met later have larger ids than `known`.
    pub units: Units,
    pub known: usize,
    /// How often each known unit occurs.
    pub counts: Vec<u32>,
    /// A unit after the two before it in its line.
    pub trigrams: BackOff,
    /// A unit after the one two places before it.
    pub skips: BackOff,
    /// A unit at its place in odd or even lines, after the one before it.
    pub places: BackOff,
    /// A unit after the whole line before it ended so, and after its own place: how lines go on.
    pub seams: BackOff,
    /// Units at the same place of the two lines of a couplet.
    pub couplets: Pairs,
    /// Units of a line and of the next.
    pub neighbours: Pairs,
    /// Ends of even lines of one poem.
    pub ends: Pairs,
    /// The learned rhyme embedding of each known unit, rows of length 1.
    pub rhyme: Vec<Vec<f32>>,
}

/// A unit and where it stands.
pub struct Site {
    pub line: usize,
    pub place: usize,
    pub unit: u32,
    /// The two units before it in the line, the nearest last.
    pub before: [u32; 2],
    /// The unit at the end of the line before.
    pub above: u32,
}

/// Every unit of a poem.
pub fn sites(verse: &Verse) -> impl Iterator<Item = Site> + '_ {
    verse.iter().enumerate().flat_map(move |(line, units)| {
        let above = line.checked_sub(1).and_then(|above| verse[above].last()).copied().unwrap_or(START);
        units.iter().enumerate().map(move |(place, &unit)| {
            let before = |distance: usize| place.checked_sub(distance).map_or(START, |place| units[place]);
            Site { line, place, unit, before: [before(2), before(1)], above }
        })
    })
}

impl Site {
    pub fn trigram(&self) -> [u64; 3] {
        [key(&[]), key(&self.before[1..]), key(&self.before)]
    }

    pub fn skip(&self) -> [u64; 2] {
        [key(&[]), key(&self.before[..1])]
    }

    pub fn placed(&self) -> [u64; 3] {
        let place = [self.place.min(PLACES - 1) as u32, (self.line % 2) as u32];
        [key(&[]), key(&place), key(&[place[0], place[1], self.before[1]])]
    }

    pub fn seam(&self) -> [u64; 3] {
        let place = self.place.min(PLACES - 1) as u32;
        [key(&[]), key(&[place]), key(&[place, self.above])]
    }
}

/// Pairs of units at the same place of the first and second line of each couplet.
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

/// Pairs of neighbouring ends of even lines.
pub fn ends(verse: &Verse) -> Vec<(u32, u32)> {
    let ends: Vec<u32> = verse.iter().skip(1).step_by(2).filter_map(|line| line.last().copied()).collect();
    ends.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

impl Background {
    /// Statistics of `poems`; `seed` is that of the rhyme embedding.
    ///
    /// # Errors
    /// A numeric core that cannot compute.
    pub fn new(poems: &[Poem], seed: u64) -> anyhow::Result<Background> {
        let mut units = Units::for_poems(poems.iter().map(Vec::as_slice));
        let verses: Vec<Verse> = poems.iter().map(|poem| units.verse(poem)).collect();
        let known = units.count();
        let line_ends = |verse: &Verse| verse.iter().filter_map(|line| line.last().copied()).collect();
        let line_ends: Vec<Vec<u32>> = verses.iter().map(line_ends).collect();
        let rhyme = rhyme::learn(&line_ends, &[], known.max(1), RHYME_COLUMNS, seed)?.table.to_vec2()?;
        let mut background = Background {
            units,
            known,
            counts: vec![0; known],
            trigrams: BackOff::new(known, 3),
            skips: BackOff::new(known, 2),
            places: BackOff::new(known, 3),
            seams: BackOff::new(known, 3),
            couplets: Pairs::default(),
            neighbours: Pairs::default(),
            ends: Pairs::default(),
            rhyme,
        };
        verses.iter().for_each(|verse| background.count(verse));
        Ok(background)
    }

    fn count(&mut self, verse: &Verse) {
        for site in sites(verse) {
            self.counts[site.unit as usize] += 1;
            self.trigrams.add(&site.trigram(), site.unit);
            self.skips.add(&site.skip(), site.unit);
            self.places.add(&site.placed(), site.unit);
            self.seams.add(&site.seam(), site.unit);
        }
        couplets(verse).for_each(|(a, b)| self.couplets.add(a, b));
        neighbours(verse).for_each(|(a, b)| self.neighbours.add(a, b));
        for (a, b) in ends(verse) {
            self.ends.add(a, b);
            self.ends.add(b, a);
        }
    }

    /// The units of poems, known and new ones.
    pub fn verses(&self, poems: &[Poem]) -> Vec<Verse> {
        let mut units = self.units.clone();
        poems.iter().map(|poem| units.verse(poem)).collect()
    }

    /// Cosine of two units in the rhyme embedding, -1 to 1; 0 if one is not known.
    pub fn rhymes(&self, a: u32, b: u32) -> f64 {
        match (self.rhyme.get(a as usize), self.rhyme.get(b as usize)) {
            (Some(a), Some(b)) => f64::from(a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>()),
            _ => 0.0,
        }
    }
}
