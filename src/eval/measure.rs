//! The figures of one column, except those of the classifiers.

use super::columns::{ColumnPoems, ComparedPoems, Poems};
use super::report::{ColumnFigures, Figure};
use crate::generator::PoemNll;
use crate::metrics::bleu::References;
use crate::metrics::novelty::TrainingPoems;
use crate::metrics::rhyme::RhymeModel;
use crate::metrics::{Verse, bootstrap, collapse, diversity, lengths};
use crate::prosody;

/// At most this many poems are scored by BLEU; more would hardly narrow the interval.
const HYPOTHESES: usize = 500;
/// At most this many references of self-BLEU.
const REFERENCES: usize = 10_000;
/// Parts of the delete-a-group jackknife.
const PARTS: usize = 20;

/// The poems that all columns of a form are measured against, prepared once.
pub struct ReferencePoems {
    held_out: References,
    training: TrainingPoems,
    training_verses: Vec<Verse>,
    rhyme: RhymeModel,
    /// Numbers of poems that are the same for all columns, since the figures depend on them: BLEU hypotheses, self-BLEU
    /// references, poems for distinct-n.
    hypotheses: usize,
    references: usize,
    many: usize,
    seed: u64,
}

impl ReferencePoems {
    pub fn new(comparison: &ComparedPoems, seed: u64) -> ReferencePoems {
        let least = comparison.columns.iter().map(|poems| poems.many.len()).min().unwrap_or(0);
        let hypotheses = HYPOTHESES.min(least / 4);
        ReferencePoems {
            held_out: References::of(&comparison.held_out.verses),
            training: TrainingPoems::new(&comparison.training.verses),
            training_verses: comparison.training.verses.clone(),
            rhyme: RhymeModel::learn(&comparison.training.verses, &comparison.units),
            hypotheses,
            references: REFERENCES.min(least - hypotheses),
            many: least,
            seed,
        }
    }

    /// Numbers of poems behind the figures, for the report.
    pub fn counts(&self) -> [(&'static str, usize); 3] {
        [
            ("hypotheses of BLEU", self.hypotheses),
            ("references of self-BLEU", self.references),
            ("poems for distinct-n", self.many),
        ]
    }

    /// All figures of a column.
    pub fn measure(&self, poems: &ColumnPoems) -> ColumnFigures {
        let mut column = ColumnFigures::default();
        self.bleu(&mut column, &poems.many.verses);
        self.diversity(&mut column, &poems.many.verses);
        self.novelty(&mut column, &poems.unseen.verses);
        self.prosody(&mut column, &poems.unseen);
        let rhymes: Vec<f64> = poems.unseen.verses.iter().filter_map(|verse| self.rhyme.score(verse)).collect();
        self.insert(&mut column, "learned_rhyme", &rhymes);
        let distance = |verses: &[Verse]| lengths::line_lengths(verses, &self.training_verses);
        column.0.insert("length_distance".into(), Figure::exact(distance(&poems.unseen.verses)));
        column
    }

    /// Signs of mode collapse or copying in the poems of a column, as messages.
    pub fn alarms(&self, poems: &ColumnPoems, held_out: &Poems) -> Vec<String> {
        let alarms = collapse::alarms(&poems.unseen.verses, &held_out.verses, &self.training);
        alarms.iter().map(|alarm| format!("{}: {alarm}", poems.name)).collect()
    }

    fn bleu(&self, column: &mut ColumnFigures, many: &[Verse]) {
        let (hypotheses, others) = many.split_at(self.hypotheses);
        let others = References::of(&others[..self.references]);
        for (name, references) in [("bleu", &self.held_out), ("self_bleu", &others)] {
            let scores = references.each(hypotheses);
            for n in 2..=5 {
                let values: Vec<f64> = scores.iter().map(|scores| scores[n - 2]).collect();
                self.insert(column, &format!("{name}_{n}"), &values);
            }
        }
    }

    fn diversity(&self, column: &mut ColumnFigures, many: &[Verse]) {
        for n in 1..=3 {
            let figure = jackknife(&many[..self.many], |verses| diversity::distinct(verses, n));
            column.0.insert(format!("distinct_{n}"), figure);
        }
    }

    fn novelty(&self, column: &mut ColumnFigures, unseen: &[Verse]) {
        let of = |count: &dyn Fn(&Verse) -> (usize, usize)| unseen.iter().map(count).collect::<Vec<_>>();
        self.share(column, "seen_4gram", &of(&|verse| self.training.seen_of(verse, 4)));
        self.share(column, "copied_line", &of(&|verse| self.training.copied_of(verse)));
        let runs: Vec<f64> = self.training.longest_runs(unseen).into_iter().map(|run| run as f64).collect();
        self.insert(column, "longest_run", &runs);
    }

    /// Figures of Chinese verse, if all poems are that.
    fn prosody(&self, column: &mut ColumnFigures, poems: &Poems) {
        let Some(scores) = prosody::scores(&poems.texts) else { return };
        let count = |flags: &[bool]| (flags.iter().filter(|flag| **flag).count(), flags.len());
        let of = |value: &dyn Fn(&prosody::Score) -> f64| scores.iter().map(value).collect::<Vec<f64>>();
        let lines = |value: &dyn Fn(&prosody::Score) -> (usize, usize)| scores.iter().map(value).collect::<Vec<_>>();
        self.insert(column, "rhyme", &of(&|score| f64::from(score.rhyme)));
        self.insert(column, "rhyme_any", &of(&|score| f64::from(score.rhyme_any)));
        column.0.insert("rhyme_entropy".into(), jackknife(&poems.texts, prosody::rhyme_entropy));
        self.share(column, "tone_line", &lines(&|score| count(&score.tone_line)));
        self.share(column, "tone_alternation", &lines(&|score| count(&score.tone_alternation)));
        self.insert(column, "dui_nian", &of(&|score| f64::from(score.dui_nian)));
        self.insert(column, "tone_poem", &of(&|score| f64::from(score.tone_poem == Some(true))));
        self.share(column, "repeated_char_line", &lines(&|score| count(&score.repeated_char)));
    }

    /// Inserts the mean of one value per poem.
    fn insert(&self, column: &mut ColumnFigures, metric: &str, values: &[f64]) {
        if !values.is_empty() {
            column.0.insert(metric.to_string(), self.mean(values));
        }
    }

    /// Inserts the share of a total, from (part, all) of each poem.
    fn share(&self, column: &mut ColumnFigures, metric: &str, counts: &[(usize, usize)]) {
        if counts.iter().any(|(_, of)| *of > 0) {
            column.0.insert(metric.to_string(), bootstrap::share(counts, self.seed).into());
        }
    }

    fn mean(&self, values: &[f64]) -> Figure {
        bootstrap::mean(values, self.seed).into()
    }

    /// Inserts the negative log-likelihood of the held-out poems in nats, also per unit if that `is_comparable`.
    pub fn likelihood(&self, column: &mut ColumnFigures, nll: &[PoemNll], is_comparable: bool) {
        let units: usize = nll.iter().map(|poem| poem.units).sum();
        if units == 0 {
            return;
        }
        let per_poem = units as f64 / nll.len() as f64;
        let of = |scale: f64| self.mean(&nll.iter().map(|poem| poem.nats * scale).collect::<Vec<f64>>());
        if is_comparable {
            column.0.insert("nll_heldout".into(), of(1.0 / per_poem));
            column.0.insert("nll_heldout_bits".into(), of(1.0 / per_poem / std::f64::consts::LN_2));
        }
        column.0.insert("nll_heldout_poem".into(), of(1.0));
    }
}

/// Rhyme and tones of a poem as features for a classifier; NaN for poems that are not Chinese verse.
pub fn tones(lines: &[String]) -> Vec<f32> {
    let poem: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
    if !prosody::applies(&poem) {
        return vec![f32::NAN; 6];
    }
    let score = prosody::score(&poem);
    let share = |flags: &[bool]| flags.iter().filter(|flag| **flag).count() as f32 / flags.len().max(1) as f32;
    let flag = |mark: bool| if mark { 1.0 } else { 0.0 };
    vec![
        flag(score.rhyme),
        flag(score.rhyme_any),
        flag(score.dui_nian),
        share(&score.tone_line),
        share(&score.tone_alternation),
        share(&score.repeated_char),
    ]
}

/// A statistic of a collection with its 95 % interval by the delete-a-group jackknife (Quenouille 1956; Tukey 1958). A
/// bootstrap would not do: it repeats poems, which lowers the diversity of every collection.
pub fn jackknife<T: Clone>(items: &[T], statistic: impl Fn(&[T]) -> f64) -> Figure {
    let value = statistic(items);
    if items.len() < 2 * PARTS {
        return Figure::exact(value);
    }
    let without = |part: usize| -> Vec<T> {
        let kept = items.iter().enumerate().filter(|(index, _)| index % PARTS != part);
        kept.map(|(_, item)| item.clone()).collect()
    };
    let parts: Vec<f64> = (0..PARTS).map(|part| statistic(&without(part))).collect();
    let mean = parts.iter().sum::<f64>() / PARTS as f64;
    let variance = parts.iter().map(|x| (x - mean).powi(2)).sum::<f64>() * (PARTS - 1) as f64 / PARTS as f64;
    let half = 1.96 * variance.sqrt();
    Figure { value, interval: Some((value - half, value + half)) }
}
