//! How often each token occurs in generated poems, against how often in real ones: a guard against mode collapse, most of
//! all against poems that share one rhyme. A discriminator of single tokens needs no training: the best one is the
//! logarithm of the ratio of their frequencies (Goodfellow et al. 2014). The generator's loss is its mean over generated
//! tokens, the Kullback-Leibler divergence from the frequencies of the corpus; minibatch statistics as those of Salimans et
//! al. (2016), counted over the last minibatches of a form.

use std::collections::BTreeMap;

use candle_core::{Device, Result, Tensor};

use crate::generator::{Sequences, SpecialTokens};
use crate::nn::params::Weights;

/// Kinds of places, each with frequencies of its own: ends of the rhyming lines, of the other lines, and all others.
const KINDS: usize = 3;
/// Share of the earlier minibatches in the frequencies of generated tokens.
const DECAY: f32 = 0.9;

/// Frequencies of the tokens of one form at each kind of place, [KINDS, vocab]; rows sum to 1, or to 0 for a kind without
/// places.
type Frequencies = Vec<Vec<f32>>;

/// The training poems of one form.
pub struct FormPoems<'a> {
    pub tag: u32,
    pub is_fixed: bool,
    pub poems: &'a [Vec<u32>],
}

/// Token frequencies of the training poems, by form tag.
pub struct CorpusFrequencies {
    special: SpecialTokens,
    forms: BTreeMap<u32, FormFrequencies>,
}

struct FormFrequencies {
    is_fixed: bool,
    frequencies: Frequencies,
}

/// The divergence of one minibatch, prepared for its parts.
pub(super) struct FrequencyDivergence {
    special: SpecialTokens,
    is_fixed: bool,
    /// ln(generated / real) of each token, [vocab, KINDS].
    pub columns: Tensor,
    /// Number of poems of the minibatch.
    count: usize,
}

impl CorpusFrequencies {
    pub fn new(forms: &[FormPoems], special: SpecialTokens) -> CorpusFrequencies {
        let tokens = forms.iter().flat_map(|form| form.poems).flatten();
        let vocab = tokens.max().map_or(0, |&token| token as usize + 1);
        let of_form = |form: &FormPoems| {
            let poems = form.poems.iter().map(Vec::as_slice);
            let frequencies = frequencies(poems, vocab, special, form.is_fixed);
            (form.tag, FormFrequencies { is_fixed: form.is_fixed, frequencies })
        };
        CorpusFrequencies { special, forms: forms.iter().map(of_form).collect() }
    }

    /// Enters the poems of a minibatch into the moving averages `generated`, and compares them with the corpus. `None` for
    /// an unknown form.
    pub(super) fn compare(
        &self,
        generated: &mut Weights,
        poems: &Sequences,
        vocab: usize,
    ) -> Result<Option<FrequencyDivergence>> {
        let tag = poems.tokens[0];
        let Some(FormFrequencies { is_fixed, frequencies: real }) = self.forms.get(&tag) else { return Ok(None) };
        let mut real = real.clone();
        real.iter_mut().for_each(|row| row.resize(vocab, 0.0));
        let mut average = match generated.get(&tag.to_string()) {
            Some(average) => average.to_vec2()?,
            None => real.clone(),
        };
        let rows = (0..poems.count).map(|poem| poems.poem(poem));
        let fresh = frequencies(rows.clone(), vocab, self.special, *is_fixed);
        for (average, fresh) in average.iter_mut().zip(&fresh).filter(|(_, fresh)| fresh.iter().any(|&x| x > 0.0)) {
            average.iter_mut().zip(fresh).for_each(|(x, fresh)| *x = DECAY * *x + (1.0 - DECAY) * fresh);
        }
        generated.insert(tag.to_string(), Tensor::new(average.clone(), &Device::Cpu)?);
        let mut sizes = [0f32; KINDS];
        rows.flat_map(|poem| kinds(poem, self.special, *is_fixed)).flatten().for_each(|kind| sizes[kind] += 1.0);
        let ratio = |token: usize, kind: usize| {
            // One token of those that the average covers.
            let one = (1.0 - DECAY) / sizes[kind].max(1.0);
            ((average[kind][token] + one) / (real[kind][token] + one)).ln()
        };
        let columns = (0..vocab * KINDS).map(|i| ratio(i / KINDS, i % KINDS)).collect::<Vec<f32>>();
        let columns = Tensor::from_vec(columns, (vocab, KINDS), &Device::Cpu)?;
        Ok(Some(FrequencyDivergence { special: self.special, is_fixed: *is_fixed, columns, count: poems.count }))
    }
}

impl FrequencyDivergence {
    /// The share of `poems`, some of the minibatch, in the divergence of its poems, for their relaxed tokens x
    /// [count * time, columns], of which those from `first` on are the `columns`.
    pub fn of(&self, x: &Tensor, first: usize, poems: &Sequences) -> Result<Tensor> {
        let mut shares = vec![0f32; poems.count * poems.time * KINDS];
        for poem in 0..poems.count {
            let kinds = kinds(poems.poem(poem), self.special, self.is_fixed);
            for (target, kind) in kinds.into_iter().skip(1).take(poems.time).enumerate() {
                kind.into_iter().for_each(|kind| shares[(poem * poems.time + target) * KINDS + kind] = 1.0);
            }
        }
        let shares = Tensor::from_vec(shares, (poems.count * poems.time, KINDS), &Device::Cpu)?;
        (x.narrow(1, first, KINDS)? * shares)?.sum_all()? / self.count as f64
    }
}

fn frequencies<'a>(
    poems: impl Iterator<Item = &'a [u32]>,
    vocab: usize,
    special: SpecialTokens,
    is_fixed: bool,
) -> Frequencies {
    let mut counts = vec![vec![0u64; vocab]; KINDS];
    for poem in poems {
        for (&token, kind) in poem.iter().zip(kinds(poem, special, is_fixed)) {
            kind.into_iter().for_each(|kind| counts[kind][token as usize] += 1);
        }
    }
    let shares = |row: Vec<u64>| {
        let total = row.iter().sum::<u64>().max(1) as f64;
        row.into_iter().map(|count| (count as f64 / total) as f32).collect()
    };
    counts.into_iter().map(shares).collect()
}

/// The kind of the place of each token of a poem; `None` for special tokens.
fn kinds(poem: &[u32], special: SpecialTokens, is_fixed: bool) -> Vec<Option<usize>> {
    let mut kinds: Vec<Option<usize>> =
        poem.iter().map(|&token| (token as usize >= special.first_content).then_some(KINDS - 1)).collect();
    let (mut line, mut last) = (0, None);
    for (place, &token) in poem.iter().enumerate().skip(1) {
        if token as usize >= special.first_letter {
            last = Some(place);
        }
        let is_last = place + 1 == poem.len();
        if special.ends_line(token) || token == special.end || is_last {
            let rhymes = !is_fixed || line % 2 == 1;
            last.take().into_iter().for_each(|place| kinds[place] = Some(if rhymes { 0 } else { 1 }));
            line += 1;
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 5 };
    const VOCAB: usize = 20;

    /// Poems of two lines of two tokens, the last of which is drawn from the `rhymes` first letters.
    fn poems(n: usize, rhymes: usize, seed: u64) -> Vec<Vec<u32>> {
        let mut rng = random::stream(seed, "test", 0);
        let mut letter = |n: usize| (5 + random::below(&mut rng, n)) as u32;
        (0..n).map(|_| vec![3, letter(15), letter(15), 1, letter(15), letter(rhymes), 2]).collect()
    }

    fn corpus(poems: &[Vec<u32>]) -> CorpusFrequencies {
        CorpusFrequencies::new(&[FormPoems { tag: 3, is_fixed: true, poems }], SPECIAL)
    }

    fn sequences(poems: &[Vec<u32>]) -> Sequences {
        Sequences::new(&poems.iter().map(Vec::as_slice).collect::<Vec<_>>(), Vec::new(), SPECIAL)
    }

    /// The divergence of `fakes` after many minibatches of them.
    fn divergence(corpus: &CorpusFrequencies, fakes: &[Vec<u32>]) -> (FrequencyDivergence, f32) {
        let (mut generated, poems) = (Weights::new(), sequences(fakes));
        let compared =
            (0..100).map(|_| corpus.compare(&mut generated, &poems, VOCAB).unwrap().unwrap()).last().unwrap();
        let targets = poems.targets();
        let x = compared.columns.index_select(&Tensor::from_slice(&targets, targets.len(), &Device::Cpu).unwrap(), 0);
        let found = compared.of(&x.unwrap(), 0, &poems).unwrap().to_scalar().unwrap();
        (compared, found)
    }

    /// From 2^24 on, adding 1 to an `f32` changes nothing.
    #[test]
    fn common_tokens_are_counted_to_the_end() {
        let poem: Vec<u32> = [5, 5, 5, 6].repeat(1 << 12);
        let shares = frequencies(std::iter::repeat_n(&poem[..], 1 << 12), VOCAB, SPECIAL, true);
        let of = |token: usize| shares.iter().map(|row| row[token]).fold(0.0, f32::max);
        assert!((of(5) - 0.75).abs() < 1e-3, "{}", of(5));
    }

    #[test]
    fn ends_of_lines_are_places_of_their_own() {
        let poem = [3, 5, 6, 1, 7, 8, 4, 2];
        assert_eq!(kinds(&poem, SPECIAL, true), [None, Some(2), Some(1), None, Some(2), Some(0), Some(2), None]);
        assert_eq!(kinds(&poem, SPECIAL, false), [None, Some(2), Some(0), None, Some(2), Some(0), Some(2), None]);
        assert_eq!(kinds(&poem[..3], SPECIAL, false), [None, Some(2), Some(0)]);
    }

    #[test]
    fn the_loss_is_the_divergence() {
        let corpus = corpus(&poems(20_000, 15, 1));
        let (_, equal) = divergence(&corpus, &poems(20_000, 15, 2));
        assert!(equal.abs() < 0.01, "{equal}");
        // One poem has one rhyme, of 3 letters instead of 15.
        let (compared, collapsed) = divergence(&corpus, &poems(20_000, 3, 3));
        assert!((collapsed - 5f32.ln()).abs() < 0.02, "{collapsed}");
        let columns = compared.columns.to_vec2::<f32>().unwrap();
        assert!(columns[6][0] > 1.0 && columns[9][0] < -1.0 && columns[6][2].abs() < 0.1);
    }

    #[test]
    fn parts_add_up_and_other_forms_have_none() {
        let corpus = corpus(&poems(500, 15, 1));
        let (compared, whole) = divergence(&corpus, &poems(8, 3, 2));
        let parts = [0..3, 3..8].map(|range| {
            let part = sequences(&poems(8, 3, 2)).part(range);
            let targets = Tensor::new(part.targets(), &Device::Cpu).unwrap();
            let x = compared.columns.index_select(&targets, 0).unwrap();
            compared.of(&x, 0, &part).unwrap().to_scalar::<f32>().unwrap()
        });
        assert!((parts.iter().sum::<f32>() - whole).abs() < 1e-5);
        let other = sequences(&[vec![4, 5, 6, 2]]);
        assert!(corpus.compare(&mut Weights::new(), &other, VOCAB).unwrap().is_none());
    }
}
