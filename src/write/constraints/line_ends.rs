//! Rhyme outside regulated verse: the lines that rhyme in the corpus end in words that rhyme by the embedding learned from it.
//!
//! Where a line ends is known only when its end is drawn. If its last word does not rhyme then, that word is drawn again among
//! those that do, after the same tokens. The Gumbel noise of its place is the same as before, which does not matter: the arg
//! max within a set of tokens is independent of whether the maximum lies in it.

use std::collections::BTreeSet;
use std::sync::Arc;

use candle_core::{Result, Tensor};

use super::given::Given;
use super::rhyme_table::{LastWord, RhymeTable};
use super::vocabulary::WishVocabulary;
use crate::generator::Prefix;

/// What the end of a line is to rhyme with.
struct Asked {
    with: Vec<LastWord>,
    /// Later lines that are to rhyme with all of these and with this one.
    n_open: usize,
}

/// The rhyming lines of a form.
#[derive(Clone)]
pub struct LineEnds {
    table: Arc<RhymeTable>,
    /// For each line the first one that it rhymes with, itself included; `None` if it rhymes with none.
    groups: Vec<Option<usize>>,
    /// A token that the first group of lines rhymes with.
    target: Option<u32>,
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
        vocabulary: &WishVocabulary,
    ) -> Result<LineEnds> {
        let table = Arc::new(RhymeTable::new(table, vocabulary)?);
        Ok(LineEnds { table, groups: groups(pairs), target: None, width })
    }

    /// The same with a token that the first rhyming lines rhyme with.
    pub fn with_target(self, target: Option<u32>) -> LineEnds {
        LineEnds { target, ..self }
    }

    /// The same with the word of this ending that rhymes with most others as the target; `None` if no word has it.
    pub fn with_ending(self, ending: &str) -> Option<LineEnds> {
        let target = self.table.richest_with_ending(ending)?;
        Some(self.with_target(Some(target)))
    }

    /// The words that are given as ends of lines that cannot rhyme: with each other, or because the model knows too few words
    /// that rhyme with them.
    pub fn contradictions(&self, given: &Given) -> Vec<String> {
        let groups: BTreeSet<usize> = self.groups.iter().flatten().copied().collect();
        let contradiction = |&group: &usize| {
            let asked = self.asked(group, None, &[], given);
            let words = asked.with.iter().map(|end| self.table.text(end));
            let is_possible = self.agree(&asked.with) && self.leaves_enough(&asked.with, asked.n_open);
            (!asked.with.is_empty() && !is_possible).then(|| words.collect::<Vec<&str>>().join(", "))
        };
        groups.iter().filter_map(contradiction).collect()
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
            || self.fits(&end, &self.asked(group, Some(finished.len()), &finished, given))
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
            if *logit > f32::NEG_INFINITY && !self.table.is_rhyme(token as u32, &asked.with) {
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
        !self.fits(&self.table.word(token), &self.asked(group, Some(finished.len()), &finished, given))
    }

    /// Whether all lines of a poem rhyme that are to.
    pub fn hold(&self, poem: &[u32]) -> bool {
        let lines: Vec<&[u32]> = self.lines(poem.get(1..poem.len() - 1).unwrap_or(&[]));
        let hold = |group: usize| {
            let is_in = |line: &usize| self.group_of(*line) == Some(group);
            let ends = (0..self.groups.len()).filter(is_in).map(|line| self.table.end(lines.get(line)?));
            ends.collect::<Option<Vec<LastWord>>>().is_some_and(|mut ends| {
                ends.extend(self.target_of(group));
                self.agree(&ends)
            })
        };
        self.groups.iter().flatten().all(|&group| hold(group))
    }

    fn group_of(&self, line: usize) -> Option<usize> {
        self.groups.get(line).copied().flatten()
    }

    /// The token to rhyme with, as an end; its own word may be used.
    fn target_of(&self, group: usize) -> Option<LastWord> {
        let is_first = self.groups.iter().flatten().next() == Some(&group);
        self.target.filter(|_| is_first).map(|token| LastWord { token, word: String::new(), start: 0 })
    }

    /// Whether all ends rhyme with each other.
    fn agree(&self, ends: &[LastWord]) -> bool {
        ends.iter().enumerate().all(|(i, a)| ends[i + 1..].iter().all(|b| self.table.rhymes(a.token, &a.word, b)))
    }

    /// Whether `n` words rhyme with all ends.
    fn leaves_enough(&self, ends: &[LastWord], n: usize) -> bool {
        self.table.rhyming(ends).take(n).count() == n
    }

    /// Whether an end rhymes as asked, and leaves enough words for later lines.
    fn fits(&self, end: &LastWord, asked: &Asked) -> bool {
        let with: Vec<LastWord> = asked.with.iter().chain([end]).cloned().collect();
        self.agree(&with) && self.leaves_enough(&with, asked.n_open)
    }

    /// What line `number` of a group, or a further one, is to rhyme with, after the lines `finished`.
    fn asked(&self, group: usize, number: Option<usize>, finished: &[&[u32]], given: &Given) -> Asked {
        let mut asked = Asked { with: self.target_of(group).into_iter().collect(), n_open: 0 };
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
