//! Rhyme outside regulated verse: the lines that rhyme in the corpus end in words that rhyme by the embedding learned from it.
//!
//! Where a line ends is known only when its end is drawn. If its last word does not rhyme then, that word is drawn again among
//! those that do, with the same Gumbel noise: the arg max over a set of tokens follows the softmax over this set, also where
//! another token had won over all.

use std::collections::BTreeSet;
use std::sync::Arc;

use candle_core::{Result, Tensor};

use super::given::Given;
use super::rhyme_table::{LastWord, RhymeTable};
use super::vocabulary::ConstraintVocabulary;
use crate::generator::Prefix;

/// What the end of a line is to rhyme with.
struct Asked<'a> {
    with: Vec<LastWord>,
    /// The letters in which it ends.
    ending: &'a str,
    /// Later lines that are to rhyme with all of these and with this one.
    n_open: usize,
}

/// What the first rhyming lines rhyme with.
#[derive(Clone)]
pub enum RhymeTarget {
    Any,
    /// A word by its last token; it may be used itself.
    Word(u32),
    /// Words that end in these letters, in lower case.
    Ending(String),
}

/// The rhyming lines of a form.
#[derive(Clone)]
pub struct LineEnds {
    table: Arc<RhymeTable>,
    /// For each line the first one that it rhymes with, itself included; `None` if it rhymes with none.
    groups: Vec<Option<usize>>,
    target: RhymeTarget,
    /// Tokens of a line, where the form fixes it.
    width: Option<usize>,
}

impl LineEnds {
    /// `pairs`: lines that rhyme, from 0. `table`: the rhyme embedding of every token, [vocab, columns].
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn new(
        pairs: &[(usize, usize)],
        table: &Tensor,
        width: Option<usize>,
        vocabulary: &ConstraintVocabulary,
    ) -> Result<LineEnds> {
        let table = Arc::new(RhymeTable::new(table, vocabulary)?);
        Ok(LineEnds { table, groups: groups(pairs), target: RhymeTarget::Any, width })
    }

    /// The same with a target.
    pub fn with_target(self, target: RhymeTarget) -> LineEnds {
        LineEnds { target, ..self }
    }

    /// Why lines cannot rhyme, if they cannot: given ends that do not rhyme or are the same, or too few words that rhyme with
    /// them.
    pub fn contradiction(&self, given: &Given) -> Option<String> {
        let groups: BTreeSet<usize> = self.groups.iter().flatten().copied().collect();
        groups.into_iter().find_map(|group| {
            let asked = self.asked(group, None, &[], given);
            let pairs =
                asked.with.iter().enumerate().flat_map(|(i, a)| asked.with[i + 1..].iter().map(move |b| (a, b)));
            for (a, b) in pairs {
                if a.word == b.word {
                    return Some(format!("two lines end in '{}'", a.word));
                }
                if !self.table.rhymes(a.token, &a.word, b) {
                    return Some(format!("'{}' and '{}' do not rhyme", self.table.text(a), self.table.text(b)));
                }
            }
            match asked.with.last() {
                _ if self.leaves_enough(&asked) => None,
                Some(end) => Some(format!("the model knows too few words that rhyme with '{}'", self.table.text(end))),
                None => Some(format!("the model knows too few words in -{}", asked.ending)),
            }
        })
    }

    /// The number of tokens after which the poem is drawn again if `token` ends a line that does not rhyme.
    pub fn redo(&self, prefix: &Prefix, token: u32, given: &Given) -> Option<usize> {
        let special = self.table.special;
        if !special.ends_line(token) && token != special.end {
            return None;
        }
        let Unfinished { finished, line, start } = self.unfinished(prefix);
        let group = self.group_of(finished.len())?;
        let end = self.table.end(line)?;
        let is_given = given.tokens.contains_key(&(finished.len(), end.start));
        if prefix.redrawn >= start
            || is_given
            || self.fits(&end, self.asked(group, Some(finished.len()), &finished, given))
        {
            return None;
        }
        Some(start + end.start)
    }

    /// Sets the logits ([vocab]) of tokens to negative infinity that do not rhyme in the place of a word that is drawn again, and
    /// of words behind it.
    pub fn apply(&self, prefix: &Prefix, given: &Given, logits: &mut [f32]) {
        let Unfinished { finished, start, .. } = self.unfinished(prefix);
        let Some(group) = self.group_of(finished.len()).filter(|_| prefix.redrawn >= start) else { return };
        let first_letter = self.table.special.first_letter;
        if prefix.tokens.len() > prefix.redrawn {
            logits[first_letter..].fill(f32::NEG_INFINITY);
            return;
        }
        let asked = self.asked(group, Some(finished.len()), &finished, given);
        logits[..first_letter].fill(f32::NEG_INFINITY);
        for (token, logit) in logits.iter_mut().enumerate().skip(first_letter) {
            if *logit > f32::NEG_INFINITY && !self.table.is_rhyme(token as u32, &asked.with, asked.ending) {
                *logit = f32::NEG_INFINITY;
            }
        }
    }

    /// Whether a token in the place of a word that is drawn again leaves too few rhymes for later lines.
    pub fn is_poor(&self, prefix: &Prefix, token: u32, given: &Given) -> bool {
        if prefix.tokens.len() != prefix.redrawn || (token as usize) < self.table.special.first_letter {
            return false;
        }
        let Unfinished { finished, .. } = self.unfinished(prefix);
        let Some(group) = self.group_of(finished.len()) else { return false };
        !self.fits(&self.table.word(token), self.asked(group, Some(finished.len()), &finished, given))
    }

    /// Whether all lines of a poem rhyme that are to.
    pub fn hold(&self, poem: &[u32]) -> bool {
        let lines: Vec<&[u32]> = self.lines(poem.get(1..poem.len() - 1).unwrap_or(&[]));
        let hold = |group: usize| {
            let is_in = |line: &usize| self.group_of(*line) == Some(group);
            let ends = (0..self.groups.len()).filter(is_in).map(|line| self.table.end(lines.get(line)?));
            let (target, ending) = self.target_of(group);
            ends.collect::<Option<Vec<LastWord>>>().is_some_and(|mut ends| {
                let has_ending = ends.iter().all(|end| end.word.ends_with(ending));
                ends.extend(target);
                has_ending && self.agree(&ends)
            })
        };
        self.groups.iter().flatten().all(|&group| hold(group))
    }

    fn group_of(&self, line: usize) -> Option<usize> {
        self.groups.get(line).copied().flatten()
    }

    /// The word and the ending that a group rhymes with. The word has no text, so that it may be used itself.
    fn target_of(&self, group: usize) -> (Option<LastWord>, &str) {
        let is_first = self.groups.iter().flatten().next() == Some(&group);
        match &self.target {
            RhymeTarget::Word(token) if is_first => {
                (Some(LastWord { token: *token, word: String::new(), start: 0 }), "")
            }
            RhymeTarget::Ending(ending) if is_first => (None, ending),
            _ => (None, ""),
        }
    }

    /// Whether all ends rhyme with each other.
    fn agree(&self, ends: &[LastWord]) -> bool {
        ends.iter().enumerate().all(|(i, a)| ends[i + 1..].iter().all(|b| self.table.rhymes(a.token, &a.word, b)))
    }

    /// Whether enough words rhyme as asked for the lines that are open.
    fn leaves_enough(&self, asked: &Asked) -> bool {
        let rhymes = |token: &u32| self.table.is_rhyme(*token, &asked.with, asked.ending);
        self.table.words().filter(rhymes).take(asked.n_open).count() == asked.n_open
    }

    /// Whether an end rhymes as asked, and leaves enough words for later lines.
    fn fits(&self, end: &LastWord, mut asked: Asked) -> bool {
        asked.with.push(end.clone());
        end.word.ends_with(asked.ending) && self.agree(&asked.with) && self.leaves_enough(&asked)
    }

    /// What line `number` of a group, or a further one, is to rhyme with, after the lines `finished`.
    fn asked(&self, group: usize, number: Option<usize>, finished: &[&[u32]], given: &Given) -> Asked<'_> {
        let (target, ending) = self.target_of(group);
        let mut asked = Asked { with: target.into_iter().collect(), ending, n_open: 0 };
        for line in (0..self.groups.len()).filter(|&line| self.group_of(line) == Some(group)) {
            match finished.get(line) {
                Some(line) => asked.with.extend(self.table.end(line)),
                None if Some(line) == number => {}
                None => match self.given_end(line, given) {
                    Some(end) => asked.with.push(end),
                    None => asked.n_open += 1,
                },
            }
        }
        asked
    }

    /// The end of a line that is given.
    fn given_end(&self, line: usize, given: &Given) -> Option<LastWord> {
        let length = given.lengths.get(&line).copied().or(self.width)?;
        let given = |place: &usize| given.tokens.get(&(line, *place)).copied();
        let mut tail: Vec<u32> = (0..length).rev().map_while(|place| given(&place)).collect();
        tail.reverse();
        self.table.end(&tail)
    }

    fn lines<'a>(&self, tokens: &'a [u32]) -> Vec<&'a [u32]> {
        tokens.split(|&token| self.table.special.ends_line(token)).collect()
    }

    fn unfinished<'a>(&self, prefix: &Prefix<'a>) -> Unfinished<'a> {
        let mut finished = self.lines(&prefix.tokens[1..]);
        let line = finished.pop().unwrap_or(&[]);
        Unfinished { finished, line, start: prefix.tokens.len() - line.len() }
    }
}

/// A poem of which a line is being drawn.
struct Unfinished<'a> {
    finished: Vec<&'a [u32]>,
    line: &'a [u32],
    /// Number of tokens before the line.
    start: usize,
}

/// For each line the first line of those that it rhymes with, directly or through others.
fn groups(pairs: &[(usize, usize)]) -> Vec<Option<usize>> {
    let n_lines = pairs.iter().map(|&(a, b)| a.max(b) + 1).max().unwrap_or(0);
    let mut groups: Vec<Option<usize>> = vec![None; n_lines];
    for &(a, b) in pairs {
        let joined = [groups[a].unwrap_or(a), groups[b].unwrap_or(b)];
        let first = joined.into_iter().min();
        let is_joined = |(line, group): (usize, &Option<usize>)| {
            line == a || line == b || group.is_some_and(|g| joined.contains(&g))
        };
        let lines: Vec<usize> = groups.iter().enumerate().filter(|&one| is_joined(one)).map(|(line, _)| line).collect();
        lines.into_iter().for_each(|line| groups[line] = first);
    }
    groups
}

#[cfg(test)]
mod tests;
