//! The texts that are compared: the model's poems, and what stands beside them.

use anyhow::{Result, bail};

use crate::corpus::{Form, Poem};
use crate::metrics::bigram::Chain;
use crate::metrics::shuffled::shuffled;
use crate::metrics::{Units, Verse};
use crate::random;
use crate::write::{Chooser, Model, Wanted, compose, seeds_of_sample};

/// Poems as texts and as units, one beside the other.
#[derive(Clone, Default)]
pub struct Poems {
    pub texts: Vec<Vec<String>>,
    pub verses: Vec<Verse>,
}

impl Poems {
    pub fn new(texts: Vec<Vec<String>>, units: &mut Units) -> Poems {
        let verses = texts.iter().map(|lines| units.verse(lines)).collect();
        Poems { texts, verses }
    }

    /// Poems of which only the units are known.
    fn of_verses(verses: Vec<Verse>, units: &Units) -> Poems {
        let blank = if units.are_words() { " " } else { "" };
        let line = |line: &Vec<u32>| line.iter().map(|&id| units.name(id)).collect::<Vec<_>>().join(blank);
        let texts = verses.iter().map(|verse| verse.iter().map(line).collect()).collect();
        Poems { texts, verses }
    }

    pub fn len(&self) -> usize {
        self.verses.len()
    }

    /// Some of the poems.
    pub fn part(&self, range: std::ops::Range<usize>) -> Poems {
        let range = range.start.min(self.len())..range.end.min(self.len());
        Poems { texts: self.texts[range.clone()].to_vec(), verses: self.verses[range].to_vec() }
    }
}

/// One column of the table. A real poem must be compared neither with itself nor with poems that a collection holds it
/// among, so real poems come from two places; generated ones are the same in both.
pub struct Texts {
    pub name: &'static str,
    /// Poems that are no training poems: for copying, prosody and classifiers.
    pub unseen: Poems,
    /// Poems that are no held-out poems, as many as `samples`: for BLEU and diversity.
    pub many: Poems,
}

/// The poems of one form, and what each column says.
pub struct Comparison {
    pub units: Units,
    /// Real poems for language models, without those that stand in the column `real`.
    pub background: Poems,
    pub training: Poems,
    pub held_out: Poems,
    pub columns: Vec<Texts>,
    /// The chain of the column `bigram`.
    pub chain: Chain,
}

/// The share of the training poems that may stand in the column `real`, at most: the rest has to teach what verse is.
const SET_ASIDE: usize = 4;

fn of_form(poems: &[Poem], form: Form) -> Vec<Vec<String>> {
    poems.iter().filter(|poem| poem.form == form).map(|poem| poem.lines.clone()).collect()
}

/// The training poems of a form, and how many of them, from the first on, stand in the column `real`.
fn shared_out(training: &[Poem], form: Form, samples: usize, seed: u64) -> (Vec<Vec<String>>, usize) {
    let mut training = of_form(training, form);
    random::shuffle(&mut random::stream(seed, "evaluation", 0), &mut training);
    let aside = samples.min(training.len() / SET_ASIDE);
    (training, aside)
}

/// Real poems of all `forms` that stand in no column, for a language model.
pub fn remaining(training: &[Poem], forms: &[Form], samples: usize, seed: u64) -> Vec<Vec<String>> {
    let of = |&form: &Form| {
        let (mut poems, aside) = shared_out(training, form, samples, seed);
        poems.split_off(aside)
    };
    forms.iter().flat_map(of).collect()
}

/// Gathers all columns of a form: `samples` poems each where there are so many.
pub fn gather(
    models: &[(&'static str, &Model)],
    (training, held_out): (&[Poem], &[Poem]),
    wanted: Wanted,
    (samples, seed): (usize, u64),
) -> Result<Comparison> {
    let Some(form) = wanted.form else { bail!("a comparison is one of poems of one form") };
    let (training, aside) = shared_out(training, form, samples, seed);
    let mut units = Units::for_poems(training.iter().map(Vec::as_slice));
    let training = Poems::new(training, &mut units);
    let held_out = Poems::new(of_form(held_out, form), &mut units);
    let real = training.part(0..aside);
    let mut columns = Vec::new();
    for (name, model) in models {
        let seeds = seeds_of_sample(seed, samples);
        // Pretraining has no discriminator that could choose, and chooses by its own likelihood.
        let by = if *name == "model" { wanted.by } else { Chooser::Likelihood };
        let written = compose(model, Wanted { by, ..wanted }, &seeds)?;
        let poems = Poems::new(written.into_iter().map(|poem| poem.lines).collect(), &mut units);
        columns.push(Texts { name, unseen: poems.clone(), many: poems });
    }
    let mixed = |poems: &Poems| Poems { texts: shuffled(&poems.texts, seed), verses: shuffled(&poems.verses, seed) };
    let chain = Chain::new(&training.verses);
    let chained = Poems::of_verses((0..samples as u64).map(|index| chain.draw(seed, index)).collect(), &units);
    columns.push(Texts { name: "shuffled", unseen: mixed(&held_out), many: mixed(&real) });
    columns.push(Texts { name: "bigram", unseen: chained.clone(), many: chained });
    columns.push(Texts { name: "real", unseen: held_out.clone(), many: real });
    let background = training.part(aside..training.len());
    Ok(Comparison { units, background, training, held_out, columns, chain })
}
