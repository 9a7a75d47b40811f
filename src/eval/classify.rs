//! The classifier two-sample tests of a form: with held-out poems alone, and with more real poems.

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::PoemText;
use super::c2st::{self, Background, CrossFit, RealPoems};
use super::columns::{CLASSIFIED, ColumnPoems, ComparedPoems, Poems};
use super::language::Language;
use super::measure::tones;
use super::progress::ProgressLine;
use super::report::FormReport;
use crate::corpus::Corpus;
use crate::metrics::shuffled::shuffled;
use crate::random;

/// Adds the test accuracies of all classifiers between the poems of each column and held-out ones, which neither the
/// generator nor the statistics have seen.
///
/// # Errors
/// A failed tensor operation.
pub fn held_out(
    comparison: &ComparedPoems,
    language: &Language,
    seed: u64,
    report: &mut FormReport,
    progress: &mut ProgressLine,
) -> Result<()> {
    let real = &comparison.held_out.texts;
    if real.len() < c2st::LEAST_POEMS {
        let few = "held-out poems are too few for frechet and for classifiers of held-out poems, which need";
        report.alarms.push(format!("{} {few} {}", real.len(), c2st::LEAST_POEMS));
        return Ok(());
    }
    let background = Background::new(&comparison.background.texts, seed)?;
    let known = RealPoems { background: &background, language: Some(language), extra: &tones };
    for (index, poems) in (1..).zip(&comparison.columns) {
        let what = format!("{}: training classifiers on '{}'", comparison.form, poems.name);
        progress.part(&what, index, comparison.columns.len() as u64);
        let other = not_held_out(poems);
        let generated = &other.texts[..other.len().min(real.len())];
        if generated.len() < c2st::LEAST_POEMS {
            continue;
        }
        let result = c2st::test(real, generated, known, seed)?;
        let column = report.columns.entry(poems.name).or_default();
        column.insert("c2st_heldout", result.accuracy());
        for classifier in &result.classifiers {
            column.insert(&format!("c2st_{}", classifier.name), Some(classifier.test));
        }
    }
    Ok(())
}

/// Adds the test accuracies of the boosted trees between the poems of each column and up to [`CLASSIFIED`] real ones: the
/// held-out ones and training poems. The features come from cross-fitted statistics, and from a language model that has
/// seen none of them. Real poems and shuffled ones are compared with the other half of the real poems.
///
/// # Errors
/// A failed tensor operation.
pub fn cross_fitted(
    comparison: &ComparedPoems,
    corpus: &Corpus,
    language: &Language,
    seed: u64,
    report: &mut FormReport,
    progress: &mut ProgressLine,
) -> Result<()> {
    let RealPoemSplit { real, others } = RealPoemSplit::new(comparison, corpus, seed);
    if real.len() < 2 * c2st::LEAST_POEMS {
        return Ok(());
    }
    let n_parts = comparison.columns.len() as u64 + 1;
    progress.part(&format!("{}: counting cross-fitted statistics", comparison.form), 1, n_parts);
    let statistics = CrossFit::new(&real, &others, seed)?;
    let features = |poems: &[PoemText]| statistics.features(poems, language, &tones);
    let of_real = features(&real)?;
    let half = statistics.whole_rounds(real.len() / 2);
    for (index, ColumnPoems { name, classified, .. }) in (2..).zip(&comparison.columns) {
        progress.part(&format!("{}: training trees on '{name}'", comparison.form), index, n_parts);
        let (real, other) = match *name {
            "real" => (&of_real[..half], of_real[half..].to_vec()),
            "shuffled" => {
                (&of_real[..half], features(&statistics.by_fold(&real[half..], |poems| shuffled(poems, seed)))?)
            }
            _ => (&of_real[..], features(classified)?),
        };
        let accuracy = c2st::by_trees(real, &other, seed)?;
        report.columns.entry(name).or_default().insert("c2st_accuracy", Some(accuracy));
    }
    report.counts.insert("real poems for c2st_accuracy", real.len());
    Ok(())
}

/// The real poems of the cross-fitted classifier, and those that are in the statistics of all folds.
struct RealPoemSplit {
    real: Vec<PoemText>,
    others: Vec<PoemText>,
}

impl RealPoemSplit {
    /// The held-out poems and those training poems that the language model has not seen, up to [`CLASSIFIED`], shuffled.
    /// Near-duplicates of other training poems are left out: unlike a held-out poem, they would have been counted.
    fn new(comparison: &ComparedPoems, corpus: &Corpus, seed: u64) -> RealPoemSplit {
        let mut holders: HashMap<&str, usize> = HashMap::new();
        for poem in &corpus.training {
            let lines: HashSet<&str> = poem.lines.iter().map(|line| line.as_str()).collect();
            lines.into_iter().for_each(|line| *holders.entry(line).or_default() += 1);
        }
        let is_shared = |line: &&String| holders.get(line.as_str()).is_some_and(|&poems| poems > 1);
        let is_unique = |poem: &PoemText| 2 * poem.iter().filter(is_shared).count() < poem.len();
        let (set_aside, others) = comparison.training.texts.split_at(comparison.n_set_aside);
        let (unique, duplicates): (Vec<PoemText>, Vec<PoemText>) = set_aside.iter().cloned().partition(is_unique);
        let mut real = [comparison.held_out.texts.as_slice(), &unique].concat();
        let surplus = real.split_off(real.len().min(CLASSIFIED));
        random::shuffle(&mut random::stream(seed, "classified", 0), &mut real);
        RealPoemSplit { real, others: [&surplus, &duplicates, others].concat() }
    }
}

/// The poems of a column that are compared with held-out ones: for `real`, other real poems.
pub fn not_held_out(poems: &ColumnPoems) -> &Poems {
    if poems.name == "real" { &poems.many } else { &poems.unseen }
}
