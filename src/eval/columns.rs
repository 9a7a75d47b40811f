//! The texts that are compared: the poems of the models and of the baselines.

use anyhow::{Result, bail};

use super::poem_text::PoemText;
use super::{NamedModel, Sample};
use crate::corpus::{Corpus, Form, Poem};
use crate::metrics::bigram::Chain;
use crate::metrics::coherence::CoherenceStatistics;
use crate::metrics::shuffled::shuffled;
use crate::metrics::{Units, Verse};
use crate::random;
use crate::shard::DividedWork;
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
    /// Generated poems for the cross-fitted classifier, at most [`CLASSIFIED`]; empty for real lines and poems, and
    /// without classifiers.
    pub classified: Vec<PoemText>,
}

/// The poems of one form in all columns.
pub struct ComparedPoems {
    pub form: Form,
    pub units: Units,
    /// Real poems for the statistics of the classifiers, without those of the column `real`.
    pub background: Poems,
    pub training: Poems,
    /// The first ones of `training` that the language model has not seen.
    pub n_set_aside: usize,
    pub held_out: Poems,
    pub coherence: CoherenceStatistics,
    pub columns: Vec<ColumnPoems>,
    /// The bigram chain that the column `bigram` is drawn from.
    pub chain: Chain,
}

/// At most one training poem in this many is used in the column `real`.
const REAL: usize = 4;
/// At most one training poem in this many is kept from the language model, for the cross-fitted classifier.
const SET_ASIDE: usize = 2;
/// Poems of each side of the cross-fitted classifier: an interval of at most two points either way, even if the real
/// poems are halved to compare them with each other.
pub const CLASSIFIED: usize = 5_000;

fn of_form(poems: &[Poem], form: Form) -> Vec<PoemText> {
    poems.iter().filter(|poem| poem.form == form).map(|poem| poem.text()).collect()
}

/// The training poems of a form, shuffled. The first `n_real` are those of the column `real`, the first `n_set_aside`
/// those that the language model has not seen.
struct ShuffledTraining {
    poems: Vec<PoemText>,
    n_real: usize,
    n_set_aside: usize,
}

fn shuffled_training(training: &[Poem], form: Form, sample: Sample) -> ShuffledTraining {
    let mut poems = of_form(training, form);
    random::shuffle(&mut random::stream(sample.seed, "evaluation", 0), &mut poems);
    let (n_real, n_set_aside) = parts_of_training(poems.len(), sample);
    ShuffledTraining { poems, n_real, n_set_aside }
}

/// How many of `n` training poems are those of the column `real`, and how many the language model has not seen.
fn parts_of_training(n: usize, sample: Sample) -> (usize, usize) {
    let n_real = sample.poems.min(n / REAL);
    (n_real, CLASSIFIED.min(n / SET_ASIDE).max(n_real))
}

/// Real poems of all `forms` that are neither in a column nor classified, for a language model.
pub fn never_classified(training: &[Poem], forms: &[Form], sample: Sample) -> Vec<PoemText> {
    let of = |&form: &Form| {
        let ShuffledTraining { mut poems, n_set_aside, .. } = shuffled_training(training, form, sample);
        poems.split_off(n_set_aside)
    };
    forms.iter().flat_map(of).collect()
}

/// Real poems of a form that are in no column, for the statistics of a classifier of held-out poems.
pub fn remaining(training: &[Poem], form: Form, sample: Sample) -> Vec<PoemText> {
    let ShuffledTraining { mut poems, n_real, .. } = shuffled_training(training, form, sample);
    poems.split_off(n_real)
}

/// The generated poems of a form.
pub struct GeneratedPoems<'a> {
    /// Name of the column and its poems, for each model.
    columns: Vec<(&'static str, Vec<PoemText>)>,
    n_classified: usize,
    corpus: &'a Corpus,
    form: Form,
    sample: Sample,
}

/// Generates the poems of each model: `sample.poems`, and with classifiers as many as are classified, if that is more. `None` for
/// a part of the work.
///
/// # Errors
/// `request` without a form, and whatever [`compose`] fails with.
pub fn generate<'a>(
    models: &[NamedModel],
    corpus: &'a Corpus,
    request: PoemRequest,
    sample: Sample,
    with_classifiers: bool,
    work: &mut DividedWork,
) -> Result<Option<GeneratedPoems<'a>>> {
    let Some(form) = request.form else { bail!("a comparison needs the form of its poems") };
    let count = |poems: &[Poem]| poems.iter().filter(|poem| poem.form == form).count();
    let (_, n_set_aside) = parts_of_training(count(&corpus.training), sample);
    let n_classified = if with_classifiers { CLASSIFIED.min(count(&corpus.held_out) + n_set_aside) } else { 0 };
    let seeds = seeds_of_sample(sample.seed, sample.poems.max(n_classified));
    let mut columns = Vec::new();
    for NamedModel { name, model } in models {
        // The pretrained model has no discriminator, so its drafts are selected by its own likelihood.
        let by = if *name == "model" { request.by } else { SelectBy::Likelihood };
        let poems = work.items(&format!("{form} {name} poems"), seeds.len(), |range| {
            let poems = compose(model, PoemRequest { by, ..request }, &seeds[range])?;
            Ok(poems.into_iter().map(|poem| poem.lines).collect::<Vec<PoemText>>())
        })?;
        columns.extend(poems.map(|poems| (*name, poems)));
    }
    let generated = GeneratedPoems { columns, n_classified, corpus, form, sample };
    Ok(if work.is_part() { None } else { Some(generated) })
}

/// Collects the columns of a form: `sample.poems` poems each, or fewer where the corpus has fewer, and the generated poems that
/// are classified.
pub fn gather(generated: GeneratedPoems) -> ComparedPoems {
    let GeneratedPoems { columns: of_models, n_classified, corpus, form, sample } = generated;
    let ShuffledTraining { poems: training, n_real, n_set_aside } = shuffled_training(&corpus.training, form, sample);
    let mut units = Units::for_poems(training.iter().map(Vec::as_slice));
    let training = Poems::new(training, &mut units);
    let held_out = Poems::new(of_form(&corpus.held_out, form), &mut units);
    let real = training.part(0..n_real);
    let mut columns = Vec::new();
    let mut generated = |name, poems: Poems| {
        let classified = poems.texts[..n_classified].to_vec();
        let poems = poems.part(0..sample.poems);
        columns.push(ColumnPoems { name, unseen: poems.clone(), many: poems, classified });
    };
    for (name, poems) in of_models {
        generated(name, Poems::new(poems, &mut units));
    }
    let n_generated = sample.poems.max(n_classified);
    let chain = Chain::new(&training.verses);
    let drawn = (0..n_generated as u64).map(|index| chain.draw(sample.seed, index)).collect();
    generated("bigram", Poems::of_verses(drawn, &units));
    let mixed = |poems: &Poems| Poems {
        texts: shuffled(&poems.texts, sample.seed),
        verses: shuffled(&poems.verses, sample.seed),
    };
    let (unseen, many) = (mixed(&held_out), mixed(&real));
    columns.push(ColumnPoems { name: "shuffled", unseen, many, classified: Vec::new() });
    columns.push(ColumnPoems { name: "real", unseen: held_out.clone(), many: real, classified: Vec::new() });
    let background = training.part(n_real..training.len());
    let coherence = CoherenceStatistics::new(corpus.training.iter().map(|poem| (poem.form, poem.lines.as_slice())));
    ComparedPoems { form, units, background, training, n_set_aside, held_out, coherence, columns, chain }
}
