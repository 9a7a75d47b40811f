//! The fixed embeddings of the discriminator, learned from the corpus or counted in it before the training begins.

use candle_core::{Result, Tensor};

use crate::config::Config;
use crate::discriminator::couplet::{self, Tail};
use crate::discriminator::{TAIL, lexical, rhyme};
use crate::gan::data::Dataset;
use crate::generator::Marks;
use crate::nn::params::Weights;

/// The embeddings side by side, [vocab, columns]; and how well they tell what they were made for, in words.
pub struct Fixed {
    pub table: Option<Tensor>,
    /// What the couplet head begins with.
    pub company: Weights,
    pub notices: Vec<String>,
}

/// Learns what the heads of the discriminator need.
pub fn learn(config: &Config, dataset: &Dataset, vocab: usize) -> Result<Fixed> {
    let (discriminator, seed) = (&config.discriminator, config.training.seed);
    let tails = |of: fn(&crate::gan::data::Bucket) -> &Vec<Vec<u32>>| -> Vec<Vec<Tail>> {
        dataset.buckets.iter().flat_map(of).map(|poem| tails(poem, dataset.marks)).collect()
    };
    let (training, held_out) = (tails(|bucket| &bucket.training), tails(|bucket| &bucket.held_out));
    let (mut tables, mut company, mut notices) = (Vec::new(), Weights::new(), Vec::new());
    let mut tell = |what: &str, of: &str, accuracy: Option<f32>| {
        let told =
            |accuracy: f32| format!("{what}: {:.0} % of held-out {of} are told right (chance: 50 %)", 100.0 * accuracy);
        notices.extend(accuracy.map(told));
    };
    if discriminator.rhyme {
        let (training, held_out) = (line_ends(&training), line_ends(&held_out));
        let learned = rhyme::learn(&training, &held_out, vocab, discriminator.rhyme_embed, seed)?;
        tell("rhyme was learned from line ends", "pairs", learned.accuracy);
        tables.push(learned.table);
    }
    if discriminator.couplet {
        let learned = couplet::learn(&training, &held_out, vocab, discriminator.couplet_embed, seed)?;
        tell("classes were learned from what stands together", "poems with exchanged tokens", learned.accuracy);
        tables.push(learned.table);
        company = learned.company;
    }
    if discriminator.lexical {
        tables.push(lexical::table(&counts(dataset, vocab), seed)?);
    }
    let table = if tables.is_empty() { None } else { Some(Tensor::cat(&tables, 1)?) };
    Ok(Fixed { table, company, notices })
}

/// How often each token occurs in the training poems.
fn counts(dataset: &Dataset, vocab: usize) -> Vec<u64> {
    let mut counts = vec![0; vocab];
    let tokens = dataset.buckets.iter().flat_map(|bucket| &bucket.training).flatten();
    tokens
        .filter(|&&token| token as usize >= dataset.marks.first_content)
        .for_each(|&token| counts[token as usize] += 1);
    counts
}

/// The last tokens of each line that are more than punctuation.
fn tails(poem: &[u32], marks: Marks) -> Vec<Tail> {
    let tail = |line: &[u32]| {
        let mut tail = [None; TAIL];
        let letters = line.iter().rev().filter(|&&token| token as usize >= marks.first_letter);
        tail.iter_mut().rev().zip(letters).for_each(|(place, &token)| *place = Some(token));
        tail
    };
    poem.split(|&token| token == marks.line).map(tail).collect()
}

/// The last of them, of the lines that have one.
fn line_ends(poems: &[Vec<Tail>]) -> Vec<Vec<u32>> {
    poems.iter().map(|poem| poem.iter().filter_map(|tail| tail[TAIL - 1]).collect()).collect()
}
