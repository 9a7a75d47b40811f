//! Whether the n-grams of generated poems are those of the language: how often they occur in training poems, against how
//! often those of real poems occur in other training poems. As for token frequencies, the best discriminator of a class of
//! counts is known, the logarithm of the ratio of its frequencies, and the generator's loss is its sum over a poem's n-grams.
//! A real poem's own n-grams do not count, so that copies of training poems are not what the loss asks for.

use std::collections::BTreeMap;

use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;

use super::ngram_counts::{CLASSES, NgramCounts, PATTERNS};
use crate::generator::{Sequences, SpecialTokens};
use crate::nn::ops::RowValues;
use crate::nn::params::Weights;

/// Share of the earlier minibatches in the frequencies of generated n-grams.
const DECAY: f32 = 0.9;
/// Added to all frequencies, since a class may have none.
const SMOOTHING: f32 = 1e-3;

/// Frequencies of the classes of counts of each pattern, [PATTERNS, CLASSES].
type Frequencies = Vec<f32>;

/// The n-grams of the training poems, and the frequencies of their classes in each form.
pub struct CorpusNgrams {
    counts: NgramCounts,
    /// By form tag.
    real: BTreeMap<u32, Frequencies>,
}

/// The divergence of one minibatch, prepared for its parts.
pub(super) struct NgramDivergence<'a> {
    counts: &'a NgramCounts,
    /// ln(generated / real), [PATTERNS, CLASSES].
    log_ratios: Vec<f32>,
    /// Number of poems of the minibatch.
    count: usize,
}

impl CorpusNgrams {
    /// `forms` are the tag and the training poems of each form.
    pub fn new(forms: &[(u32, &[Vec<u32>])], special: SpecialTokens) -> CorpusNgrams {
        let poems = forms.iter().flat_map(|(_, poems)| poems.iter().map(Vec::as_slice));
        let counts = NgramCounts::new(poems, special);
        let real = forms.iter().map(|&(tag, poems)| (tag, frequencies(&counts, poems, true))).collect();
        CorpusNgrams { counts, real }
    }

    /// Enters the poems of a minibatch into the moving averages `generated`, and compares them with the corpus. `None` for
    /// an unknown form.
    pub(super) fn compare(&self, generated: &mut Weights, poems: &Sequences) -> Result<Option<NgramDivergence<'_>>> {
        let tag = poems.tokens[0];
        let Some(real) = self.real.get(&tag) else { return Ok(None) };
        let name = format!("ngrams.{tag}");
        let mut average = match generated.get(&name) {
            Some(average) => average.to_vec1()?,
            None => real.clone(),
        };
        let rows: Vec<&[u32]> = (0..poems.count).map(|poem| poems.poem(poem)).collect();
        let fresh = frequencies(&self.counts, &rows, false);
        average.iter_mut().zip(&fresh).for_each(|(x, fresh)| *x = DECAY * *x + (1.0 - DECAY) * fresh);
        let log_ratio = |(generated, real): (&f32, &f32)| ((generated + SMOOTHING) / (real + SMOOTHING)).ln();
        let log_ratios = average.iter().zip(real).map(log_ratio).collect();
        generated.insert(name, Tensor::new(average, &Device::Cpu)?);
        Ok(Some(NgramDivergence { counts: &self.counts, log_ratios, count: poems.count }))
    }
}

impl NgramDivergence<'_> {
    /// For each target of `poems`, [count * time], what a token in its place adds to the loss by completing n-grams,
    /// relative to n-grams that no training poem has.
    pub fn values(&self, poems: &Sequences) -> RowValues {
        let rows = (0..poems.count * poems.time).map(|row| {
            let (poem, place) = (poems.poem(row / poems.time), row % poems.time + 1);
            if place < poem.len() { self.counts.completions(poem, place) } else { Vec::new() }
        });
        let unknown = |index: usize| self.log_ratios[index / CLASSES * CLASSES];
        let values = self.log_ratios.iter().enumerate().map(|(index, ratio)| ratio - unknown(index)).collect();
        RowValues { lists: self.counts.lists(), values, rows: rows.collect() }
    }

    /// The share of `poems`, some of the minibatch, in the divergence of its poems; `values` [count * time] are those of
    /// their tokens, and carry the gradient.
    pub fn of(&self, values: &Tensor, poems: &Sequences) -> Result<Tensor> {
        let of_poem = |poem| self.counts.occurrences(poems.poem(poem), false);
        let ratios = (0..poems.count).flat_map(of_poem).map(|o| self.log_ratios[o.pattern * CLASSES + o.class]);
        let loss = f64::from(ratios.sum::<f32>());
        // An n-gram is counted once in the loss, and has a gradient for each of its tokens.
        let gradient = values.sum_all()?;
        ((&gradient - gradient.detach())? + loss)? / self.count as f64
    }
}

fn frequencies(counts: &NgramCounts, poems: &[impl AsRef<[u32]> + Sync], is_training: bool) -> Frequencies {
    let occurrences = poems.par_iter().map(|poem| {
        let mut found = vec![0u64; PATTERNS.len() * CLASSES];
        counts.occurrences(poem.as_ref(), is_training).iter().for_each(|o| found[o.pattern * CLASSES + o.class] += 1);
        found
    });
    let add = |mut a: Vec<u64>, b: Vec<u64>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let found = occurrences.reduce(|| vec![0; PATTERNS.len() * CLASSES], add);
    let share = |of_pattern: &[u64]| {
        let total = of_pattern.iter().sum::<u64>().max(1) as f32;
        of_pattern.iter().map(move |&n| n as f32 / total).collect::<Vec<_>>()
    };
    found.chunks(CLASSES).flat_map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 5 };

    /// Poems of two lines of four tokens; a token is followed by one of `after` tokens that follow it in the language.
    fn poems(n: usize, after: usize, seed: u64) -> Vec<Vec<u32>> {
        let mut rng = random::stream(seed, "test", 0);
        let mut draw = |n: usize| random::below(&mut rng, n) as u32;
        let mut line = || {
            let mut tokens = vec![5 + draw(30)];
            (0..3).for_each(|i: usize| tokens.push(5 + (tokens[i] * 7 + draw(after)) % 30));
            tokens
        };
        (0..n).map(|_| [vec![3], line(), vec![1], line(), vec![2]].concat()).collect()
    }

    fn sequences(poems: &[Vec<u32>]) -> Sequences {
        Sequences::new(&poems.iter().map(Vec::as_slice).collect::<Vec<_>>(), Vec::new(), SPECIAL)
    }

    /// The divergence of `fakes` after many minibatches of them.
    fn compared<'a>(corpus: &'a CorpusNgrams, fakes: &[Vec<u32>]) -> NgramDivergence<'a> {
        let (mut generated, poems) = (Weights::new(), sequences(fakes));
        (0..100).map(|_| corpus.compare(&mut generated, &poems).unwrap().unwrap()).last().unwrap()
    }

    fn loss(divergence: &NgramDivergence, poems: &Sequences) -> f32 {
        let values = divergence.values(poems);
        let of_row = |(row, token): (usize, &u32)| values.of(row, *token);
        let values: Vec<f32> = poems.targets().iter().enumerate().map(of_row).collect();
        divergence.of(&Tensor::new(values, &Device::Cpu).unwrap(), poems).unwrap().to_scalar().unwrap()
    }

    #[test]
    fn fresh_poems_of_the_language_have_no_divergence_and_others_have() {
        let training = poems(3_000, 3, 1);
        let corpus = CorpusNgrams::new(&[(3, &training)], SPECIAL);
        for (fakes, range) in [(poems(3_000, 3, 2), -0.01..0.01), (poems(3_000, 12, 3), 0.5..f32::INFINITY)] {
            let found = loss(&compared(&corpus, &fakes), &sequences(&fakes));
            assert!(range.contains(&found), "{found}");
        }
        assert!(corpus.compare(&mut Weights::new(), &sequences(&[vec![4, 5, 6, 2]])).unwrap().is_none());
    }

    #[test]
    fn parts_add_up() {
        let training = poems(500, 3, 1);
        let corpus = CorpusNgrams::new(&[(3, &training)], SPECIAL);
        let fakes = sequences(&poems(8, 12, 2));
        let divergence = compared(&corpus, &poems(8, 12, 2));
        let parts = [0..3, 3..8].map(|range| loss(&divergence, &fakes.part(range)));
        assert!((parts.iter().sum::<f32>() - loss(&divergence, &fakes)).abs() < 1e-4);
    }

    #[test]
    fn a_value_is_what_the_loss_changes_by() {
        let training = poems(500, 3, 1);
        let corpus = CorpusNgrams::new(&[(3, &training)], SPECIAL);
        let fakes = poems(1, 12, 2);
        let divergence = compared(&corpus, &poems(20, 12, 2));
        let values = divergence.values(&sequences(&fakes));
        for place in [1, 2, 4, 6, 9] {
            let (old, new) = (fakes[0][place], if fakes[0][place] == 8 { 9 } else { 8 });
            let mut changed = fakes.clone();
            changed[0][place] = new;
            let difference = loss(&divergence, &sequences(&changed)) - loss(&divergence, &sequences(&fakes));
            let by_values = (values.of(place - 1, new) - values.of(place - 1, old)) / 20.0;
            assert!((difference - by_values).abs() < 1e-4, "{place}: {difference} {by_values}");
        }
    }
}
