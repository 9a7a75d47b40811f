//! Tone patterns and rhymes of regulated Chinese verse as restrictions on the next character.

use std::sync::Arc;

use super::given::{Given, Place};
use super::vocabulary::WishVocabulary;
use crate::prosody::pattern::{KINDS, Kind};
use crate::prosody::{GroupSet, Tones, level_set, tones};

/// The tone patterns of the lines of a poem, alternatives of each line in a list.
type Scheme = Vec<Vec<&'static [u8]>>;

/// What the rhyme book says of each token of a vocabulary.
struct Tables {
    tones: Vec<Tones>,
    /// Level rhyme groups.
    levels: Vec<GroupSet>,
}

/// What is asked for.
#[derive(Clone)]
pub struct TonesAndRhyme {
    width: usize,
    n_lines: usize,
    tables: Arc<Tables>,
    /// The groups that may rhyme; `None` without a rhyme.
    rhyme: Option<GroupSet>,
    /// The tone patterns that the given characters leave; `None` without tones.
    schemes: Option<Vec<Scheme>>,
}

impl TonesAndRhyme {
    /// `rhyme`: the groups to choose from.
    pub fn new(vocabulary: &WishVocabulary, width: usize, n_lines: usize, rhyme: Option<GroupSet>) -> TonesAndRhyme {
        let character = |token: usize| vocabulary.character(token).filter(|_| token >= vocabulary.special.first_letter);
        let any = Tones { level: true, oblique: true };
        let of_token = |token: usize| character(token).map_or(any, tones);
        let level_of = |token: usize| character(token).map_or(0, level_set);
        let tokens = 0..vocabulary.size();
        let tables = Tables { tones: tokens.clone().map(of_token).collect(), levels: tokens.map(level_of).collect() };
        TonesAndRhyme { width, n_lines, tables: Arc::new(tables), rhyme, schemes: None }
    }

    /// Keeps only groups with at least `n` tokens.
    pub fn with_rich_rhymes(mut self, n: usize) -> TonesAndRhyme {
        let counted = |bit: u32| self.tables.levels.iter().filter(|&&set| set >> bit & 1 == 1).count();
        let rich = (0..GroupSet::BITS).filter(|&bit| counted(bit) >= n).fold(0, |set, bit| set | 1 << bit);
        self.rhyme = self.rhyme.map(|set| set & rich);
        self
    }

    /// The groups that the given line ends leave.
    pub fn rhymes_left(&self, given: &Given) -> GroupSet {
        let ends = given.tokens.iter().filter(|&(&place, &token)| self.must_rhyme(place, token as usize));
        ends.fold(self.rhyme.unwrap_or(0), |left, (_, &token)| left & self.tables.levels[token as usize])
    }

    /// Whether the given line ends leave a group to rhyme in, and repeat no rhyme.
    pub fn has_rhyme_left(&self, given: &Given) -> bool {
        let ends = given.tokens.iter().filter(|&(&place, &token)| self.must_rhyme(place, token as usize));
        let mut ends: Vec<u32> = ends.map(|(_, &token)| token).collect();
        let n_ends = ends.len();
        ends.sort_unstable();
        ends.dedup();
        self.rhyme.is_none() || (ends.len() == n_ends && self.rhymes_left(given) != 0)
    }

    /// Whether a place is a line end that rhymes with this token in it: the even lines, and the first if its end is level.
    fn must_rhyme(&self, (line, place): Place, token: usize) -> bool {
        place + 1 == self.width && (line % 2 == 1 || (line == 0 && !self.tables.tones[token].oblique))
    }

    /// The same with tone patterns, those that some token of every place fits.
    pub fn with_patterns(mut self, given: &Given) -> TonesAndRhyme {
        let fits = |place: Place, mark: u8| match given.tokens.get(&place) {
            Some(&token) => self.fits(token as usize, mark),
            None => {
                let set = given.sets.get(&place);
                set.is_none_or(|set| set.iter().enumerate().any(|(token, &is_in)| is_in && self.fits(token, mark)))
            }
        };
        let lines = |first: Kind| {
            let mut kind = first;
            let line = |number: usize| {
                if number > 0 {
                    kind = kind.next(number % 2 == 1);
                }
                let patterns = kind.patterns(self.width).iter().map(|pattern| pattern.as_bytes());
                let possible =
                    |pattern: &&[u8]| (0..).zip(pattern.iter()).all(|(place, &mark)| fits((number, place), mark));
                patterns.filter(possible).collect::<Vec<_>>()
            };
            (0..self.n_lines).map(line).collect::<Scheme>()
        };
        let schemes = KINDS.into_iter().map(lines).filter(|scheme| scheme.iter().all(|line| !line.is_empty()));
        self.schemes = Some(schemes.collect());
        self
    }

    pub fn has_patterns(&self) -> bool {
        self.schemes.as_ref().is_none_or(|schemes| !schemes.is_empty())
    }

    fn fits(&self, token: usize, mark: u8) -> bool {
        mark == b'*' || self.tables.tones[token].can_be(mark == b'P')
    }

    /// The marks that the patterns leave for the next token of `lines`, the last of which is unfinished.
    pub fn marks(&self, lines: &[&[u32]]) -> Option<Vec<u8>> {
        let schemes = self.schemes.as_ref()?;
        let (current, finished) = lines.split_last()?;
        let follows = |line: &[u32], pattern: &[u8]| {
            line.iter().zip(pattern).all(|(&token, &mark)| self.fits(token as usize, mark))
        };
        let alive = schemes.iter().filter(|scheme| {
            finished
                .iter()
                .zip(scheme.iter())
                .all(|(line, patterns)| patterns.iter().any(|pattern| follows(line, pattern)))
        });
        let patterns = alive.filter_map(|scheme| scheme.get(finished.len())).flatten();
        let marks =
            patterns.filter(|pattern| follows(current, pattern)).filter_map(|pattern| pattern.get(current.len()));
        Some(marks.copied().collect())
    }

    /// Whether a token may follow, given the marks of [`marks`](Self::marks).
    pub fn follows(&self, token: usize, marks: Option<&[u8]>) -> bool {
        marks.is_none_or(|marks| marks.iter().any(|&mark| self.fits(token, mark)))
    }

    /// The groups that the line ends so far and the given ones leave for the next rhyme, and the characters that have been used
    /// in it.
    pub fn open_rhyme(&self, given: &Given, lines: &[&[u32]]) -> Option<OpenRhyme> {
        self.rhyme?;
        let mut used: Vec<u32> = Vec::new();
        let mut groups = self.rhymes_left(given);
        for (number, line) in lines.iter().enumerate() {
            let end = line.get(self.width - 1).filter(|&&end| self.must_rhyme((number, self.width - 1), end as usize));
            if let Some(&end) = end {
                groups &= self.tables.levels[end as usize];
                used.push(end);
            }
        }
        used.extend(
            given.tokens.iter().filter(|&(&place, &token)| self.must_rhyme(place, token as usize)).map(|(_, &t)| t),
        );
        Some(OpenRhyme { groups, used })
    }

    /// Whether a token may end a line under the rhyme.
    pub fn rhymes(&self, place: Place, token: usize, open: &OpenRhyme) -> bool {
        let fits = self.tables.levels[token] & open.groups != 0 && !open.used.contains(&(token as u32));
        !self.must_rhyme(place, token) || fits
    }
}

/// What is left for the next rhyme.
pub struct OpenRhyme {
    groups: GroupSet,
    used: Vec<u32>,
}
