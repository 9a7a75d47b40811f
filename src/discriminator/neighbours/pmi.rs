//! Counts of neighbouring tokens, their pointwise mutual information, and its strongest factors.

use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;

use super::Relation;
use crate::discriminator::couplet::LineTail;
use crate::nn::low_rank::{LowRank, low_rank};
use crate::nn::row_bands;
use crate::random;

/// Tokens that are counted, the commonest ones.
const TOKENS: usize = 4000;
/// Added to observed and expected counts, so that rare pairs do not count as surprising.
const SHRINKAGE: f32 = 2.0;

/// The factors of the information of all pairs of a kind, [vocab, rank] on both sides; 0 for tokens that are not counted.
pub(super) fn factors(poems: &[Vec<LineTail>], relation: Relation, vocab: usize, rank: usize) -> Result<LowRank> {
    let tokens = commonest(poems, vocab);
    let n = tokens.len();
    let matrix = Tensor::from_vec(information(poems, relation, &tokens, vocab), (n, n), &Device::Cpu)?;
    let noise = random::normal(&mut random::stream(0, "neighbour factors", 0), n * (rank + n.min(64)));
    let known = match n {
        0 => LowRank { left: Vec::new(), right: Vec::new() },
        _ => low_rank(&matrix, rank, noise)?,
    };
    let spread = |side: Vec<f32>| {
        let mut all = vec![0.0; vocab * rank];
        for (&token, row) in tokens.iter().zip(side.chunks_exact(rank)) {
            all[token as usize * rank..][..rank].copy_from_slice(row);
        }
        all
    };
    Ok(LowRank { left: spread(known.left), right: spread(known.right) })
}

/// The most frequent tokens, at most [`TOKENS`], by id.
fn commonest(poems: &[Vec<LineTail>], vocab: usize) -> Vec<u32> {
    let mut counts = vec![0u32; vocab];
    poems.iter().flatten().flatten().flatten().for_each(|&token| counts[token as usize] += 1);
    let mut tokens: Vec<u32> = (0..vocab as u32).filter(|&token| counts[token as usize] > 1).collect();
    tokens.sort_by_key(|&token| (std::cmp::Reverse(counts[token as usize]), token));
    tokens.truncate(TOKENS);
    tokens.sort_unstable();
    tokens
}

/// ln((M + s) / (E + s)), [tokens, tokens], with M[a, b] the number of pairs of a and b, and E its expectation for
/// independent tokens.
fn information(poems: &[Vec<LineTail>], relation: Relation, tokens: &[u32], vocab: usize) -> Vec<f32> {
    let n = tokens.len();
    let mut rows = vec![usize::MAX; vocab];
    tokens.iter().enumerate().for_each(|(row, &token)| rows[token as usize] = row);
    let mut matrix = row_bands::counted(n, n, |band, counts| {
        each_pair(poems, relation, |a, b| {
            let (a, b) = (rows[a as usize], rows[b as usize]);
            if band.contains(&a) && b != usize::MAX {
                counts[(a - band.start) * n + b] += 1.0;
            }
        });
    });
    let (of_first, of_second) = row_bands::sums(&matrix, n);
    let total = of_first.iter().sum::<f64>().max(1.0);
    matrix.par_chunks_mut(n.max(1)).zip(&of_first).for_each(|(row, first)| {
        for (count, second) in row.iter_mut().zip(&of_second) {
            let expected = (first * second / total) as f32;
            *count = ((*count + SHRINKAGE) / (expected + SHRINKAGE)).ln();
        }
    });
    matrix
}

/// Calls `visit` with the tokens of each pair of a kind.
fn each_pair(poems: &[Vec<LineTail>], relation: Relation, mut visit: impl FnMut(u32, u32)) {
    let mut both = |pairs: (&[Option<u32>], &[Option<u32>])| {
        pairs.0.iter().zip(pairs.1).filter_map(|(a, b)| Some(((*a)?, (*b)?))).for_each(|(a, b)| visit(a, b));
    };
    for poem in poems {
        match relation {
            Relation::Distance(n) => poem.iter().for_each(|line| both((line, &line[n..]))),
            Relation::Lines(start) => {
                let couplets = poem.get(start..).unwrap_or_default().chunks_exact(2);
                couplets.for_each(|lines| both((&lines[0], &lines[1])));
            }
        }
    }
}
