//! The texts that are compared: the poems of the models and of the baselines.

use anyhow::{Result, bail};

use super::poem_text::PoemText;
use super::{NamedModel, Sample};
use crate::corpus::{Corpus, Form, Poem};
use crate::metrics::bigram::Chain;
use crate::metrics::shuffled::shuffled;
use crate::metrics::{Units, Verse};
use crate::random;
use crate::write::{PoemRequest, SelectBy, compose, seeds_of_sample};

/// Poems as text and as units; both lists have the same order.
#[derive(Clone, Default)]
pub struct Poems {
    pub texts: Vec<PoemText>,
    pub verses: Vec<Verse>,
}

impl Poems {
    pub fn new(texts: Vec<PoemText>, units: &mut Units) -> Poems {
        let verses = texts.iter().map(|lines| units.verse(lines)).collect();
        Poems { texts, verses }
    }

    /// Poems given by their units only; the text is made from the units.
    fn of_verses(verses: Vec<Verse>, units: &Units) -> Poems {
        let blank = if units.are_words() { " " } else { "" };
        let line = |line: &Vec<u32>| line.iter().map(|&id| units.name(id)).collect::<Vec<_>>().join(blank);
        let texts = verses.iter().map(|verse| verse.iter().map(line).collect()).collect();
        Poems { texts, verses }
    }

    pub fn len(&self) -> usize {
        self.verses.len()
    }

    /// The poems of a range, cut where there are fewer.
    pub fn part(&self, range: std::ops::Range<usize>) -> Poems {
        let range = range.start.min(self.len())..range.end.min(self.len());
        Poems { texts: self.texts[range.clone()].to_vec(), verses: self.verses[range].to_vec() }
    }
}

/// The poems of one column of the table. A real poem must be compared neither with itself nor with the collection it
/// belongs to, so real poems come from two places; generated ones are the same in both.
pub struct ColumnPoems {
    pub name: &'static str,
    /// Poems that are not in the training part: for copying, prosody and classifiers.
    pub unseen: Poems,
    /// Poems that are not held out, as many as the sample has: for BLEU and diversity.
    pub many: Poems,
}

/// The poems of one form in all columns.
pub struct Comparison {
    pub form: Form,
    pub units: Units,
    /// Real poems for language models, without those of the column `real`.
    pub background: Poems,
    pub training: Poems,
    pub held_out: Poems,
    pub columns: Vec<ColumnPoems>,
    /// The bigram chain that the column `bigram` is drawn from.
    pub chain: Chain,
}

/// At most one training poem in this many is used in the column `real`; the others train the language model.
const SET_ASIDE: usize = 4;

fn of_form(poems: &[Poem], form: Form) -> Vec<PoemText> {
    poems.iter().filter(|poem| poem.form == form).map(|poem| poem.lines.clone()).collect()
}

/// The training poems of a form, shuffled; the first `n_real` are those of the column `real`.
struct ShuffledTraining {
    poems: Vec<PoemText>,
    n_real: usize,
}

fn shuffled_training(training: &[Poem], form: Form, sample: Sample) -> ShuffledTraining {
    let mut poems = of_form(training, form);
    random::shuffle(&mut random::stream(sample.seed, "evaluation", 0), &mut poems);
    let n_real = sample.poems.min(poems.len() / SET_ASIDE);
    ShuffledTraining { poems, n_real }
}

/// Real poems of all `forms` that are in no column, for a language model.
pub fn remaining(training: &[Poem], forms: &[Form], sample: Sample) -> Vec<PoemText> {
    let of = |&form: &Form| {
        let ShuffledTraining { mut poems, n_real } = shuffled_training(training, form, sample);
        poems.split_off(n_real)
    };
    forms.iter().flat_map(of).collect()
}

/// Collects the columns of a form: `sample.poems` poems each, or fewer where the corpus has fewer.
///
/// # Errors
/// `request` without a form, and whatever [`compose`] fails with.
pub fn gather(models: &[NamedModel], corpus: &Corpus, request: PoemRequest, sample: Sample) -> Result<Comparison> {
    let Some(form) = request.form else { bail!("a comparison needs the form of its poems") };
    let ShuffledTraining { poems: training, n_real } = shuffled_training(&corpus.training, form, sample);
    let mut units = Units::for_poems(training.iter().map(Vec::as_slice));
    let training = Poems::new(training, &mut units);
    let held_out = Poems::new(of_form(&corpus.held_out, form), &mut units);
    let real = training.part(0..n_real);
    let mut columns = Vec::new();
    for NamedModel { name, model } in models {
        let seeds = seeds_of_sample(sample.seed, sample.poems);
        // The pretrained model has no discriminator, so its drafts are selected by its own likelihood.
        let by = if *name == "model" { request.by } else { SelectBy::Likelihood };
        let generated = compose(model, PoemRequest { by, ..request }, &seeds)?;
        let poems = Poems::new(generated.into_iter().map(|poem| poem.lines).collect(), &mut units);
        columns.push(ColumnPoems { name, unseen: poems.clone(), many: poems });
    }
    let mixed = |poems: &Poems| Poems {
        texts: shuffled(&poems.texts, sample.seed),
        verses: shuffled(&poems.verses, sample.seed),
    };
    let chain = Chain::new(&training.verses);
    let drawn = (0..sample.poems as u64).map(|index| chain.draw(sample.seed, index)).collect();
    let drawn = Poems::of_verses(drawn, &units);
    columns.push(ColumnPoems { name: "shuffled", unseen: mixed(&held_out), many: mixed(&real) });
    columns.push(ColumnPoems { name: "bigram", unseen: drawn.clone(), many: drawn });
    columns.push(ColumnPoems { name: "real", unseen: held_out.clone(), many: real });
    let background = training.part(n_real..training.len());
    Ok(Comparison { form, units, background, training, held_out, columns, chain })
}
