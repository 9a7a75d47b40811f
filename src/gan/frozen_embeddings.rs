//! The discriminator's frozen embeddings, learned from the corpus or counted in it before training begins.

use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;

use crate::config::{AXES, Config};
use crate::discriminator::couplet::{self, LineTail};
use crate::discriminator::{TAIL, lexical, neighbours, theme};
use crate::gan::data::{Bucket, Dataset};
use crate::gan::rhymes::{self, PoemTails};
use crate::generator::SpecialTokens;
use crate::nn::params::Weights;
use crate::run::notice::Notice;
use crate::theme::Themes;
use crate::tokenizer::Tokenizer;

/// Inputs of the discriminator's heads, computed before training.
pub struct FrozenEmbeddings {
    /// The embeddings side by side, [vocab, columns]; `None` without a head that reads one.
    pub table: Option<Tensor>,
    /// Initial weights of the couplet and of the theme head.
    pub head_weights: Weights,
    /// Lines, counted from 0, whose similarities the rhyme head begins with; `None` for all.
    pub rhyming_lines: Option<Vec<(usize, usize)>>,
    /// How accurate each is on held-out poems.
    pub notices: Vec<Notice>,
}

/// All of it that does not depend on the themes.
pub struct Learned {
    /// [vocab, columns] each, of the heads before and after the theme head.
    before: Vec<Tensor>,
    after: Vec<Tensor>,
    head_weights: Weights,
    rhyming_lines: Option<Vec<(usize, usize)>>,
    notices: Vec<Notice>,
}

/// Learns the frozen embeddings but that of the themes.
///
/// # Errors
/// A failed tensor operation.
pub fn learn(config: &Config, dataset: &Dataset, tokenizer: &Tokenizer) -> Result<Learned> {
    let (discriminator, seed, vocab) = (&config.discriminator, config.training.seed, tokenizer.vocab_size());
    let tails = |of: fn(&Bucket) -> &Vec<Vec<u32>>| -> Vec<Vec<LineTail>> {
        let poems: Vec<&Vec<u32>> = dataset.buckets.iter().flat_map(of).collect();
        poems.par_iter().map(|poem| tails(poem, dataset.special)).collect()
    };
    let (training, held_out) = (tails(|bucket| &bucket.training), tails(|bucket| &bucket.held_out));
    // None needs another's result, and the steps of one learner keep no two cores busy. The longest one begins first.
    let (classes, (neighbours, rhyme)) = rayon::join(
        || {
            let learn = || couplet::learn(&training, &held_out, vocab, discriminator.couplet_embed, seed);
            discriminator.couplet.then(learn).transpose()
        },
        || {
            rayon::join(
                || discriminator.neighbours.then(|| neighbours::count(&training, vocab)).transpose(),
                || {
                    let tails = PoemTails { training: &training, held_out: &held_out };
                    discriminator.rhyme.then(|| rhymes::learn(config, dataset, tokenizer, tails)).transpose()
                },
            )
        },
    );
    let (mut before, mut notices) = (Vec::new(), Vec::new());
    let (mut head_weights, mut rhyming_lines) = (Weights::new(), None);
    if let Some(learned) = rhyme? {
        notices.extend(learned.notice);
        before.push(learned.table);
        rhyming_lines = learned.lines;
    }
    if let Some(learned) = classes? {
        notices.extend(learned.accuracy.map(|accuracy| Notice::CoupletsLearned { accuracy }));
        before.push(learned.table);
        head_weights = learned.pair_weights;
    }
    if discriminator.lexical {
        before.push(lexical::table(&counts(dataset, vocab), seed)?);
    }
    let after = neighbours?.into_iter().collect();
    Ok(Learned { before, after, head_weights, rhyming_lines, notices })
}

impl Learned {
    /// Adds the embedding of the theme head, if it has `themes` to read.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn with_themes(self, config: &Config, themes: Option<&Themes>) -> Result<FrozenEmbeddings> {
        let Learned { before: mut tables, after, mut head_weights, rhyming_lines, notices } = self;
        if let (true, Some(themes)) = (config.discriminator.theme, themes) {
            tables.push(Tensor::from_slice(themes.table(), (themes.table().len() / AXES, AXES), &Device::Cpu)?);
            head_weights.extend(theme::counted(&themes.correlations)?);
        }
        tables.extend(after);
        let table = if tables.is_empty() { None } else { Some(Tensor::cat(&tables, 1)?) };
        Ok(FrozenEmbeddings { table, head_weights, rhyming_lines, notices })
    }
}

/// How often each token occurs in the training poems.
fn counts(dataset: &Dataset, vocab: usize) -> Vec<u64> {
    let mut counts = vec![0; vocab];
    let tokens = dataset.buckets.iter().flat_map(|bucket| &bucket.training).flatten();
    tokens
        .filter(|&&token| token as usize >= dataset.special.first_content)
        .for_each(|&token| counts[token as usize] += 1);
    counts
}

/// The last tokens of each line that are more than punctuation.
fn tails(poem: &[u32], special: SpecialTokens) -> Vec<LineTail> {
    let tail = |line: &[u32]| {
        let mut tail = [None; TAIL];
        let letters = line.iter().rev().filter(|&&token| token as usize >= special.first_letter);
        tail.iter_mut().rev().zip(letters).for_each(|(place, &token)| *place = Some(token));
        tail
    };
    poem.split(|&token| special.ends_line(token)).map(tail).collect()
}
