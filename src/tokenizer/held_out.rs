//! The held-out part of a corpus that the vocabulary of the training poems can write.
//!
//! In a small corpus the vocabulary needs characters that occur once, and most poems hold one that no other poem has. The
//! vocabulary can write few of the poems that are held out by their hash alone, and loses the others. There the poems are
//! held out in the order of the hash, but only those whose tokens all occur in the poems that are left for training.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::pieces::META;
use super::train::{form_for, kind_for, room_for};
use super::units::{KnownUnits, RequiredUnits};
use crate::config::{TokenizerConfig, TokenizerKind};
use crate::corpus::{Corpus, Form, HELD_OUT, HeldOutRule, LeftOut, MIN_POEMS, Poem, candidates};

/// Bounds on the share of the held-out poems in those that the vocabulary can write, in percent. Outside of them the poems
/// are selected anew.
const SHARE: std::ops::RangeInclusive<usize> = 3..=8;

/// Selects other held-out poems if the vocabulary of the training poems can write too few (or too many) of them, or loses
/// none but held-out ones. Poems that are trained on instead follow the others. Returns how many poems of both parts the
/// vocabulary cannot write.
pub fn select_held_out(corpus: &mut Corpus, config: &TokenizerConfig) -> LeftOut {
    corpus.info.held_out_rule = HeldOutRule::Writable;
    let vocabulary = Writable::of(corpus.training.iter(), config);
    let [training, held_out] = [&corpus.training, &corpus.held_out].map(|poems| vocabulary.count(poems));
    let lost = LeftOut { training: corpus.training.len() - training, held_out: corpus.held_out.len() - held_out };
    let n_poems = corpus.training.len() + corpus.held_out.len();
    // Where the vocabulary has all that the training poems hold, a held-out poem that it cannot write is better trained on.
    let is_complete = training == corpus.training.len() && held_out < corpus.held_out.len();
    if (is_usual(held_out, training + held_out) && !is_complete) || n_poems < MIN_POEMS {
        return lost;
    }
    let n_training = corpus.training.len();
    let mut poems = std::mem::take(&mut corpus.training);
    poems.append(&mut corpus.held_out);
    let chosen = choose(&poems, config);
    if !chosen.contains(&true) {
        corpus.held_out = poems.split_off(n_training);
        corpus.training = poems;
        return lost;
    }
    for (poem, is_held_out) in poems.into_iter().zip(chosen) {
        if is_held_out { corpus.held_out.push(poem) } else { corpus.training.push(poem) }
    }
    (corpus.info.training, corpus.info.held_out) = (corpus.training.len(), corpus.held_out.len());
    left_out(corpus, config)
}

/// The poems of both parts that the vocabulary of the training poems cannot write.
fn left_out(corpus: &Corpus, config: &TokenizerConfig) -> LeftOut {
    let vocabulary = Writable::of(corpus.training.iter(), config);
    let lost = |poems: &[Poem]| poems.len() - vocabulary.count(poems);
    LeftOut { training: lost(&corpus.training), held_out: lost(&corpus.held_out) }
}

/// Whether `held_out` poems of `total` are about the usual share.
fn is_usual(held_out: usize, total: usize) -> bool {
    SHARE.start() * total <= 100 * held_out && 100 * held_out <= SHARE.end() * total
}

/// What the vocabulary of some poems can write.
struct Writable {
    kind: TokenizerKind,
    units: Vec<String>,
    /// Fewest occurrences of a unit.
    min_count: usize,
}

impl Writable {
    fn of<'a>(poems: impl Iterator<Item = &'a Poem> + Clone, config: &TokenizerConfig) -> Writable {
        let kind = kind_for(config.kind, poems.clone());
        let room = room_for(config, kind, poems.clone());
        let (units, min_count) = RequiredUnits::of(kind).kept(poems, config.min_count, room);
        Writable { kind, units, min_count }
    }

    fn includes(&self, known: &KnownUnits, poem: &Poem) -> bool {
        let mut is_known = self.kind == TokenizerKind::Char || !poem.lines.iter().any(|line| line.contains(META));
        RequiredUnits::of(self.kind).each(poem, |unit| is_known &= known.contains(unit));
        is_known
    }

    fn known(&self) -> KnownUnits<'_> {
        KnownUnits::new(self.units.iter().map(String::as_str))
    }

    fn count(&self, poems: &[Poem]) -> usize {
        let known = self.known();
        poems.par_iter().filter(|poem| self.includes(&known, poem)).count()
    }
}

/// Which of the poems are held out.
fn choose(poems: &[Poem], config: &TokenizerConfig) -> Vec<bool> {
    let (vocabulary, groups) = (Writable::of(poems.iter(), config), candidates(poems));
    let mut min_count = vocabulary.min_count;
    loop {
        let mut chosen = vec![false; poems.len()];
        for poem in Walk::new(poems, &vocabulary, min_count).held_out(&groups) {
            chosen[poem] = true;
        }
        let training = poems.iter().zip(&chosen).filter(|(_, chosen)| !**chosen).map(|(poem, _)| poem);
        // Without the held-out poems the vocabulary may do without rare units.
        let needed = Writable::of(training, config).min_count;
        if needed <= min_count {
            return chosen;
        }
        min_count = needed;
    }
}

/// The selection of held-out poems: what is left for training, and what is held out so far.
struct Walk<'a> {
    poems: &'a [Poem],
    vocabulary: &'a Writable,
    /// Occurrences that a unit must have in the training poems.
    min_count: usize,
    is_writable: Vec<bool>,
    /// Occurrences of each unit in the training poems.
    units: HashMap<String, usize, FixedState>,
    /// Training poems that can be written, by the form of their tag.
    forms: HashMap<Form, usize>,
    held_out: Vec<usize>,
}

impl<'a> Walk<'a> {
    fn new(poems: &'a [Poem], vocabulary: &'a Writable, min_count: usize) -> Walk<'a> {
        let known = vocabulary.known();
        let is_writable: Vec<bool> = poems.par_iter().map(|poem| vocabulary.includes(&known, poem)).collect();
        let mut forms = HashMap::<Form, usize>::new();
        for (poem, _) in poems.iter().zip(&is_writable).filter(|(_, writable)| **writable) {
            *forms.entry(form_for(vocabulary.kind, poem.form)).or_default() += 1;
        }
        let units = RequiredUnits::of(vocabulary.kind).count(poems.iter()).into_iter().collect();
        Walk { poems, vocabulary, min_count, is_writable, units, forms, held_out: Vec::new() }
    }

    /// The held-out poems: the first groups of `groups` that can be held out, until they are one poem in [`HELD_OUT`].
    fn held_out(mut self, groups: &[Vec<usize>]) -> Vec<usize> {
        let total = self.is_writable.iter().filter(|writable| **writable).count();
        let wanted = ((total + HELD_OUT as usize / 2) / HELD_OUT as usize).max(1);
        // One poem is better than none, even if it is one of a large group.
        for most in [wanted.max(SHARE.end() * total / 100), usize::MAX] {
            for group in groups {
                if self.held_out.len() >= wanted {
                    break;
                }
                if self.held_out.len() + group.len() <= most && self.take(group) {
                    self.held_out.extend(group);
                }
            }
            if !self.held_out.is_empty() {
                break;
            }
        }
        self.held_out
    }

    /// Takes a group out of the training poems, if these can do without it: its units and forms must remain in them.
    fn take(&mut self, group: &[usize]) -> bool {
        if !group.iter().all(|&poem| self.is_writable[poem]) {
            return false;
        }
        self.add(group, -1);
        let tag = |&poem: &usize| form_for(self.vocabulary.kind, self.poems[poem].form);
        let mut remains = group.iter().all(|poem| self.forms[&tag(poem)] > 0);
        for &poem in group {
            let units = RequiredUnits::of(self.vocabulary.kind);
            units.each(&self.poems[poem], |unit| remains &= self.units[unit] >= self.min_count);
        }
        if !remains {
            self.add(group, 1);
        }
        remains
    }

    /// Adds the poems of a group, all of them writable, to the counts, `sign` times.
    fn add(&mut self, group: &[usize], sign: isize) {
        for &poem in group {
            let (poem, kind) = (&self.poems[poem], self.vocabulary.kind);
            let change = |count: Option<&mut usize>| {
                if let Some(count) = count {
                    *count = count.saturating_add_signed(sign);
                }
            };
            change(self.forms.get_mut(&form_for(kind, poem.form)));
            RequiredUnits::of(kind).each(poem, |unit| change(self.units.get_mut(unit)));
        }
    }
}
