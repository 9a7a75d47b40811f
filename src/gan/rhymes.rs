//! The rhyme embedding for a corpus, from the lines that were found to rhyme in it.

use std::collections::BTreeSet;

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use crate::config::Config;
use crate::discriminator::couplet::LineTail;
use crate::discriminator::endings::Endings;
use crate::discriminator::rhyme::{self, LineEnd, RhymeSettings, RhymingEnds};
use crate::discriminator::{RHYME_LINES, TAIL};
use crate::gan::data::{Bucket, Dataset};
use crate::metrics::rhyme::{RhymeModel, RhymePlace, RhymeScheme};
use crate::metrics::{Units, Verse};
use crate::run::notice::{Notice, RhymingLines};
use crate::tokenizer::Tokenizer;

/// Numbers of lines that the notice names.
const NAMED: usize = 3;

/// The last tokens of the lines of all poems.
#[derive(Clone, Copy)]
pub(super) struct PoemTails<'a> {
    pub training: &'a [Vec<LineTail>],
    pub held_out: &'a [Vec<LineTail>],
}

/// What was learned of rhyme.
pub(super) struct LearnedRhyme {
    /// [vocab, rhyme columns]
    pub table: Tensor,
    /// Rhyming lines, counted from 0, of poems of any length; `None` where even lines are taken to rhyme.
    pub lines: Option<Vec<(usize, usize)>>,
    pub notice: Option<Notice>,
}

/// Learns the rhyme embedding. In scripts without spaces, even lines rhyme; in others, those of which the corpus tells.
///
/// # Errors
/// A failed tensor operation.
pub(super) fn learn(
    config: &Config,
    dataset: &Dataset,
    tokenizer: &Tokenizer,
    tails: PoemTails,
) -> Result<LearnedRhyme> {
    let (vocab, columns, seed) = (tokenizer.vocab_size(), config.discriminator.rhyme_embed, config.training.seed);
    let decoded = |poems: fn(&Bucket) -> &Vec<Vec<u32>>| -> Vec<Vec<String>> {
        let poems: Vec<&Vec<u32>> = dataset.buckets.iter().flat_map(poems).collect();
        poems.par_iter().map(|poem| tokenizer.decode(poem)).collect()
    };
    let training: Vec<&Vec<u32>> = dataset.buckets.iter().flat_map(|bucket| &bucket.training).collect();
    // The texts of a large corpus are not kept where they only tell the script.
    let mut units = Units::for_many(training.par_iter().map(|poem| tokenizer.decode(poem)));
    if !units.are_words() {
        let ends = |poems: &[Vec<LineTail>]| RhymingEnds::of_even_lines(&line_ends(poems));
        let settings = RhymeSettings { vocab, columns, seed, endings: None };
        let learned = rhyme::learn(&ends(tails.training), &ends(tails.held_out), &settings)?;
        let notice = |accuracy| Notice::RhymeLearned { accuracy: Some(accuracy), lines: Vec::new() };
        return Ok(LearnedRhyme { table: learned.table, lines: None, notice: learned.accuracy.map(notice) });
    }
    let texts = decoded(|bucket| &bucket.training);
    let verses: Vec<Verse> = texts.iter().map(|lines| units.verse(lines)).collect();
    let scheme = RhymeModel::learn(&verses, &units).scheme().clone();
    let content = |id: u32| if (id as usize) < tokenizer.n_special() { None } else { tokenizer.token_text(id) };
    let endings = Endings::new((0..vocab as u32).map(|id| content(id).unwrap_or_default()));
    let mut ends = |tails: &[Vec<LineTail>], texts: &[Vec<String>]| {
        let poems = tails.iter().zip(texts).map(|(tails, lines)| word_ends(tails, &units.verse(lines)));
        RhymingEnds::of_scheme(&poems.collect::<Vec<_>>(), &scheme)
    };
    let settings = RhymeSettings { vocab, columns, seed, endings: Some(&endings) };
    let (training, held_out) =
        (ends(tails.training, &texts), ends(tails.held_out, &decoded(|bucket| &bucket.held_out)));
    let learned = rhyme::learn(&training, &held_out, &settings)?;
    let notice = match scheme.is_empty() {
        true => Notice::NoRhyme,
        false => Notice::RhymeLearned { accuracy: learned.accuracy, lines: named_lines(&scheme, &verses) },
    };
    let lengths: BTreeSet<usize> = verses.iter().map(Vec::len).collect();
    let lines: BTreeSet<(usize, usize)> = lengths.into_iter().flat_map(|lines| scheme.pairs(lines)).collect();
    let lines = lines.into_iter().filter(|&(_, last)| last < RHYME_LINES).collect();
    Ok(LearnedRhyme { table: learned.table, lines: Some(lines), notice: Some(notice) })
}

/// The last letter of each line that has one.
fn line_ends(poems: &[Vec<LineTail>]) -> Vec<Vec<u32>> {
    poems.iter().map(|poem| poem.iter().filter_map(|tail| tail[TAIL - 1]).collect()).collect()
}

/// The last token of each line with the word that it ends; `None` for a line without letters.
fn word_ends(tails: &[LineTail], verse: &Verse) -> Vec<Option<LineEnd>> {
    let end = |(tail, line): (&LineTail, &Vec<u32>)| Some(LineEnd { token: tail[TAIL - 1]?, word: *line.last()? });
    tails.iter().zip(verse).map(end).collect()
}

/// The rhyming lines of the most frequent numbers of lines, and of rare ones.
fn named_lines(scheme: &RhymeScheme, verses: &[Verse]) -> Vec<RhymingLines> {
    let count = |lines: usize| verses.iter().filter(|verse| verse.len() == lines).count();
    let mut frequent: Vec<usize> =
        scheme.by_lines.iter().filter(|(_, places)| !places.is_empty()).map(|(&lines, _)| lines).collect();
    frequent.sort_by_key(|&lines| (std::cmp::Reverse(count(lines)), lines));
    let one_based = |(a, b): (usize, usize)| (a + 1, b + 1);
    let of_lines = |lines: usize| RhymingLines {
        lines: Some(lines),
        pairs: scheme.pairs(lines).into_iter().map(one_based).collect(),
        last: Vec::new(),
    };
    let mut named: Vec<RhymingLines> = frequent.into_iter().take(NAMED).map(of_lines).collect();
    let mut others = RhymingLines { lines: None, pairs: Vec::new(), last: Vec::new() };
    for place in &scheme.others {
        match *place {
            RhymePlace::Every { first, distance } => others.pairs.push(one_based((first, first + distance))),
            RhymePlace::Last { distance } => others.last.push(distance),
            RhymePlace::Lines(..) => (),
        }
    }
    named.extend((!scheme.others.is_empty()).then_some(others));
    named
}
