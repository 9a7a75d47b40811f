//! Statistics of real poems other than those under test, from which the features of the boosted trees are computed.

use super::association::PairCounts;
use crate::discriminator::endings::Endings;
use crate::discriminator::rhyme::{self, LineEnd, RhymeSettings, RhymingEnds};
use crate::eval::PoemText;
use crate::metrics::ngram::{BackOff, key};
use crate::metrics::rhyme::{RhymeModel, RhymeScheme};
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
    /// Which lines rhyme, where the corpus tells; else even lines are taken to.
    scheme: Option<RhymeScheme>,
    /// Ends of rhyming lines of a poem.
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
fn even_ends(verse: &Verse) -> Vec<(u32, u32)> {
    let ends: Vec<u32> = verse.iter().skip(1).step_by(2).filter_map(|line| line.last().copied()).collect();
    ends.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The rhyming lines of poems in words, if there are any. Poems in characters are taken to rhyme in even lines, as Chinese
/// verse does.
fn scheme(verses: &[Verse], units: &Units) -> Option<RhymeScheme> {
    let learned = units.are_words().then(|| RhymeModel::learn(verses, units).scheme().clone());
    learned.filter(|scheme| !scheme.is_empty())
}

/// The rhyme embedding of all units, rows of length 1.
fn rhyme_embedding(
    verses: &[Verse],
    units: &Units,
    scheme: Option<&RhymeScheme>,
    seed: u64,
) -> anyhow::Result<Vec<Vec<f32>>> {
    let endings = scheme.map(|_| Endings::new((0..units.count() as u32).map(|unit| units.name(unit))));
    let end = |line: &Vec<u32>| line.last().map(|&word| LineEnd { token: word, word });
    let ends = match scheme {
        Some(scheme) => {
            let poems: Vec<Vec<Option<LineEnd>>> = verses.iter().map(|verse| verse.iter().map(end).collect()).collect();
            RhymingEnds::of_scheme(&poems, scheme)
        }
        None => {
            let line_ends = |verse: &Verse| verse.iter().filter_map(|line| line.last().copied()).collect();
            RhymingEnds::of_even_lines(&verses.iter().map(line_ends).collect::<Vec<Vec<u32>>>())
        }
    };
    let settings =
        RhymeSettings { vocab: units.count().max(1), columns: RHYME_COLUMNS, seed, endings: endings.as_ref() };
    Ok(rhyme::learn(&ends, &RhymingEnds::default(), &settings)?.table.to_vec2()?)
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
        let scheme = scheme(&verses, &units);
        let rhyme_embedding = rhyme_embedding(&verses, &units, scheme.as_ref(), seed)?;
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
            scheme,
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
        for (a, b) in self.rhyming_ends(verse) {
            self.rhymes.add(a, b);
            self.rhymes.add(b, a);
        }
    }

    /// The ends of the lines of a poem that should rhyme.
    pub fn rhyming_ends(&self, verse: &Verse) -> Vec<(u32, u32)> {
        let Some(scheme) = &self.scheme else { return even_ends(verse) };
        let ends = |(a, b): (usize, usize)| Some((*verse[a].last()?, *verse[b].last()?));
        scheme.pairs(verse.len()).into_iter().filter_map(ends).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    /// Quatrains whose first and third line end in words with the same ending.
    fn crossed(n: usize) -> Vec<PoemText> {
        let mut rng = random::stream(3, "crossed", 0);
        let rimes = ["at", "en", "ild", "or", "ust", "aim", "eck", "ong", "eat", "ound"];
        let mut poem = || -> PoemText {
            let rime = random::below(&mut rng, rimes.len());
            let lines = [rime, random::below(&mut rng, 10), rime, random::below(&mut rng, 10)];
            lines
                .map(|rime| format!("the {}{}", (b'b' + random::below(&mut rng, 24) as u8) as char, rimes[rime]))
                .into()
        };
        (0..n).map(|_| poem()).collect()
    }

    #[test]
    fn the_lines_that_rhyme_are_those_of_the_corpus() {
        crate::nn::threads::prepare();
        let poems = crossed(400);
        let background = Background::new(&poems, 0).unwrap();
        let verse = &background.verses(&poems)[0];
        assert_eq!(background.rhyming_ends(verse), [(verse[0][1], verse[2][1])]);
        let word = |name: &str| background.verses(&[vec![name.to_string()]])[0][0][0];
        let cosine = |a: &str, b: &str| background.rhyme_cosine(word(a), word(b));
        let (rhyme, other) = (cosine("bound", "found"), cosine("bound", "fat"));
        assert!(rhyme > other, "{rhyme} {other}");
        // Chinese verse rhymes in even lines.
        let lines = ["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"].map(String::from).to_vec();
        let background = Background::new(&vec![lines.clone(); 30], 0).unwrap();
        let verse = &background.verses(&[lines])[0];
        assert_eq!(background.rhyming_ends(verse), [(verse[1][4], verse[3][4])]);
    }
}
