//! Tone patterns and rhymes of regulated Chinese verse as restrictions on the next character.

use std::sync::Arc;

use super::ToneRule;
use super::given::{Given, Place};
use super::vocabulary::ConstraintVocabulary;
use crate::prosody::pattern::Kind;
use crate::prosody::{GroupSet, Tones, level_set, tones};

/// The tone patterns of some lines, alternatives of each line in a list.
type Scheme = Vec<Vec<Vec<u8>>>;

/// The tone patterns that are left for a poem.
#[derive(Clone)]
struct Patterns {
    /// Lines that depend on each other: the whole poem, or a couplet.
    block: usize,
    /// Alternatives for each block.
    schemes: Vec<Vec<Scheme>>,
}

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
    patterns: Option<Patterns>,
}

impl TonesAndRhyme {
    /// `rhyme`: the groups to choose from.
    pub fn new(
        vocabulary: &ConstraintVocabulary,
        width: usize,
        n_lines: usize,
        rhyme: Option<GroupSet>,
    ) -> TonesAndRhyme {
        let character = |token: usize| vocabulary.character(token).filter(|_| token >= vocabulary.special.first_letter);
        let any = Tones { level: true, oblique: true };
        let of_token = |token: usize| character(token).map_or(any, tones);
        let level_of = |token: usize| character(token).map_or(0, level_set);
        let tokens = 0..vocabulary.size();
        let tables = Tables { tones: tokens.clone().map(of_token).collect(), levels: tokens.map(level_of).collect() };
        TonesAndRhyme { width, n_lines, tables: Arc::new(tables), rhyme, patterns: None }
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

    /// The same with the tone patterns of a rule, those that some token of every place fits.
    pub fn with_patterns(mut self, rule: ToneRule, given: &Given) -> TonesAndRhyme {
        if rule == ToneRule::Off {
            return self;
        }
        let fits = |place: Place, mark: u8| match given.tokens.get(&place) {
            Some(&token) => self.fits(token as usize, mark),
            None => {
                let set = given.sets.get(&place);
                set.is_none_or(|set| set.iter().enumerate().any(|(token, &is_in)| is_in && self.fits(token, mark)))
            }
        };
        let line = |(number, kind): (usize, Kind)| {
            let possible = |pattern: &Vec<u8>| (0..).zip(pattern).all(|(place, &mark)| fits((number, place), mark));
            patterns(rule, kind, self.width).into_iter().filter(possible).collect::<Vec<_>>()
        };
        let block = if rule == ToneRule::Strict { self.n_lines } else { 2 };
        let of_block = |first: usize| {
            let schemes = kinds(first, block).map(|kinds| (first..).zip(kinds).map(line).collect::<Scheme>());
            schemes.filter(|scheme| scheme.iter().all(|line| !line.is_empty())).collect()
        };
        self.patterns = Some(Patterns { block, schemes: (0..self.n_lines).step_by(block).map(of_block).collect() });
        self
    }

    pub fn has_patterns(&self) -> bool {
        self.patterns.as_ref().is_none_or(|patterns| patterns.schemes.iter().all(|schemes| !schemes.is_empty()))
    }

    fn fits(&self, token: usize, mark: u8) -> bool {
        mark == b'*' || self.tables.tones[token].can_be(mark == b'P')
    }

    /// Sets the logits of tokens that break a tone or the rhyme to negative infinity: those of the tokens from `first` on,
    /// at `place`, after `lines`, the last of which is unfinished.
    pub fn apply(&self, given: &Given, place: Place, lines: &[&[u32]], logits: &mut [f32], first: usize) {
        if let Some(marks) = self.marks(lines) {
            let has = |mark: u8| marks.contains(&mark);
            let allowed = Tones { level: has(b'P') || has(b'*'), oblique: has(b'Z') || has(b'*') };
            for (logit, tones) in logits.iter_mut().zip(&self.tables.tones[first..]) {
                if !(allowed.level && tones.level || allowed.oblique && tones.oblique) {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
        let is_end = place.1 + 1 == self.width && (place.0 == 0 || place.0 % 2 == 1);
        if let Some(open) = self.open_rhyme(given, lines).filter(|_| is_end) {
            for (token, logit) in (first..).zip(logits) {
                if *logit > f32::NEG_INFINITY && !self.rhymes(place, token, &open) {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
    }

    /// The marks that the patterns leave for the next token of `lines`, the last of which is unfinished.
    fn marks(&self, lines: &[&[u32]]) -> Option<Vec<u8>> {
        let Patterns { block, schemes } = self.patterns.as_ref()?;
        let (current, finished) = lines.split_last()?;
        let (number, before) = (finished.len() / block, finished.len() % block);
        let finished = &finished[finished.len() - before..];
        let follows = |line: &[u32], pattern: &[u8]| {
            line.iter().zip(pattern).all(|(&token, &mark)| self.fits(token as usize, mark))
        };
        let fits = |(line, patterns): (&&[u32], &Vec<Vec<u8>>)| patterns.iter().any(|pattern| follows(line, pattern));
        let alive = schemes.get(number)?.iter().filter(|scheme| finished.iter().zip(scheme.iter()).all(fits));
        let patterns = alive.filter_map(|scheme| scheme.get(before)).flatten();
        let marks =
            patterns.filter(|pattern| follows(current, pattern)).filter_map(|pattern| pattern.get(current.len()));
        Some(marks.copied().collect())
    }

    /// The groups that the line ends so far and the given ones leave for the next rhyme, and the characters that have been used
    /// in it.
    fn open_rhyme(&self, given: &Given, lines: &[&[u32]]) -> Option<OpenRhyme> {
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
    fn rhymes(&self, place: Place, token: usize, open: &OpenRhyme) -> bool {
        let fits = self.tables.levels[token] & open.groups != 0 && !open.used.contains(&(token as u32));
        !self.must_rhyme(place, token) || fits
    }
}

/// The kinds of `n` lines from line `first` on, for each kind of the first of them.
fn kinds(first: usize, n: usize) -> impl Iterator<Item = Vec<Kind>> {
    let following = move |kind: &Kind| {
        let mut kinds = vec![*kind];
        (first + 1..first + n).for_each(|number| kinds.push(kinds[kinds.len() - 1].next(number % 2 == 1)));
        kinds
    };
    Kind::of_line(first).iter().map(following)
}

/// The patterns of a line under a rule.
fn patterns(rule: ToneRule, kind: Kind, width: usize) -> Vec<Vec<u8>> {
    let strict = kind.patterns(width).iter().map(|pattern| pattern.as_bytes().to_vec());
    if rule != ToneRule::Lenient {
        return strict.collect();
    }
    let free = |(place, mark): (usize, u8)| if place % 2 == 1 || place + 1 == width { mark } else { b'*' };
    strict.take(1).map(|pattern| pattern.into_iter().enumerate().map(free).collect()).collect()
}

/// What is left for the next rhyme.
struct OpenRhyme {
    groups: GroupSet,
    used: Vec<u32>,
}
