//! The neighbours head: how well tokens that stand next to each other fit, by their pointwise mutual information in the
//! corpus (Church and Hanks 1990), approximated by a product of two short vectors for each kind of neighbourhood. The score
//! of a pair saturates, so that no poem gains by more extreme pairs than real poems have.

mod pmi;

use candle_core::{D, Device, Result, Tensor};

use super::couplet::LineTail;
use super::grid::TAIL;
use crate::config::NEIGHBOUR_RANKS;
use crate::nn::gan_loss::softplus;
use crate::nn::params::{Params, Weights, get};

/// Kinds of neighbours, the first token before the second: next to each other in a line, with one between them, in the same
/// place of the two lines of a couplet, and in the same place of the last line of a couplet and the first of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Distance(usize),
    /// The line of the first token, modulo 2.
    Lines(usize),
}

pub(super) const RELATIONS: [Relation; NEIGHBOUR_RANKS.len()] =
    [Relation::Distance(1), Relation::Distance(2), Relation::Lines(0), Relation::Lines(1)];

/// Weight of each factor, and of each threshold for each kind.
pub(super) const NAMES: [&str; 2] = ["neighbours.factor", "neighbours.threshold"];
/// The score of a pair is a weighted sum of functions that saturate above these values of its information, in nats.
pub(super) const THRESHOLDS: [f64; 3] = [0.0, 1.0, 2.0];
/// Stored weights of the factors are multiplied by this, so that Adam changes what was counted in the corpus slowly.
pub(super) const SLOWNESS: f64 = 0.3;
/// Initial weight of each threshold.
const WEIGHT: f32 = 0.5;

/// Columns of the frozen embedding: those of the first token of a pair, then those of the second, of each kind in turn.
pub const COLUMNS: usize = 2 * FACTORS;
/// Factors of all kinds.
const FACTORS: usize = NEIGHBOUR_RANKS[0] + NEIGHBOUR_RANKS[1] + NEIGHBOUR_RANKS[2] + NEIGHBOUR_RANKS[3];

/// Adds the initial weights of the head: those of the counted information.
pub fn init(params: &mut Params) -> Result<()> {
    params.constant(NAMES[0], &[1, FACTORS], (1.0 / SLOWNESS) as f32)?; // two axes, so that spectral norm applies
    params.constant(NAMES[1], &[RELATIONS.len(), THRESHOLDS.len()], WEIGHT)
}

/// The frozen embedding, [vocab, COLUMNS], counted in the last tokens of each line of each poem; 0 for rare tokens.
///
/// # Errors
/// A failed tensor operation.
pub fn count(poems: &[Vec<LineTail>], vocab: usize) -> Result<Tensor> {
    let mut tables = Vec::new();
    for (relation, rank) in RELATIONS.into_iter().zip(NEIGHBOUR_RANKS) {
        let factors = pmi::factors(poems, relation, vocab, rank)?;
        for side in [factors.left, factors.right] {
            tables.push(Tensor::from_vec(side, (vocab, rank), &Device::Cpu)?);
        }
    }
    Tensor::cat(&tables, 1)
}

/// Scores [count] for the rows of the lines' ends x [count, lines, TAIL, COLUMNS], zeros for padding, and how many tokens
/// each poem has: the sum over pairs, in standard deviations of such a sum.
pub fn scores(weights: &Weights, x: &Tensor, tokens: &[f32]) -> Result<Tensor> {
    let (count, found, _, _) = x.dims4()?;
    // Lines of zeros add nothing; with four lines there are pairs of each kind, and so a gradient for each.
    let x = x.pad_with_zeros(1, 0, found.next_multiple_of(2).max(4) - found)?;
    let factors = (get(weights, NAMES[0])? * SLOWNESS)?.flatten_all()?;
    let (mut features, mut first, mut factor) = (Vec::new(), 0, 0);
    for (relation, rank) in RELATIONS.into_iter().zip(NEIGHBOUR_RANKS) {
        let left = x.narrow(D::Minus1, first, rank)?.broadcast_mul(&factors.narrow(0, factor, rank)?)?;
        let right = x.narrow(D::Minus1, first + rank, rank)?;
        let (left, right) = pairs(relation, &left, &right)?;
        let information = (left * right)?.sum(D::Minus1)?.reshape((count, ()))?; // [count, pairs]
        features.extend(saturating(&information)?);
        (first, factor) = (first + 2 * rank, factor + rank);
    }
    let scales: Vec<f32> = tokens.iter().map(|tokens| 1.0 / tokens.max(1.0).sqrt()).collect();
    let scales = Tensor::from_vec(scales, (count, 1), &Device::Cpu)?;
    let features = Tensor::stack(&features, 1)?.broadcast_mul(&scales)?; // [count, kinds * thresholds]
    features.matmul(&get(weights, NAMES[1])?.reshape(((), 1))?)?.squeeze(1)
}

/// The first and the second tokens of all pairs of a kind, of [count, lines, TAIL, rank].
fn pairs(relation: Relation, left: &Tensor, right: &Tensor) -> Result<(Tensor, Tensor)> {
    match relation {
        Relation::Distance(n) => Ok((left.narrow(2, 0, TAIL - n)?, right.narrow(2, n, TAIL - n)?)),
        Relation::Lines(start) => {
            let (count, lines, tail, rank) = left.dims4()?;
            let couplets = (lines - 2 * start) / 2;
            let of = |x: &Tensor, second: usize| -> Result<Tensor> {
                let x = x.narrow(1, start, 2 * couplets)?.contiguous()?;
                x.reshape((count, couplets, 2, tail, rank))?.narrow(2, second, 1)?.squeeze(2)
            };
            Ok((of(left, 0)?, of(right, 1)?))
        }
    }
}

/// Sums over pairs x [count, pairs] of functions that are 0 at 0, rise with the information of a pair and saturate above
/// each threshold t: ln(1 + e^t) - ln(1 + e^(t - x)). Padding has an information of 0.
fn saturating(x: &Tensor) -> Result<Vec<Tensor>> {
    let function = |threshold: f64| (softplus(&(x.neg()? + threshold)?)?.neg()? + at_zero(threshold))?.sum(1);
    THRESHOLDS.into_iter().map(function).collect()
}

/// ln(1 + e^threshold)
pub(super) fn at_zero(threshold: f64) -> f64 {
    libm::log1p(libm::exp(threshold))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::ops::check;
    use crate::random;

    const VOCAB: usize = 40;

    fn line(tokens: &[u32]) -> LineTail {
        let mut tail = [None; TAIL];
        tail.iter_mut().rev().zip(tokens.iter().rev()).for_each(|(place, &token)| *place = Some(token));
        tail
    }

    /// Two lines of four tokens. A token is followed by one of the class after its own, modulo 3, and stands above one of
    /// its class in the second half of the vocabulary.
    fn poems(n: usize, seed: u64) -> Vec<Vec<LineTail>> {
        let mut rng = random::stream(seed, "test", 0);
        let mut token = |class: usize, half: usize| (random::below(&mut rng, 6) * 3 + class + half * 20) as u32;
        let mut poem = |first: usize| {
            let mut line_of = |half| line(&[0, 1, 2, 3].map(|place| token((first + place) % 3, half)));
            vec![line_of(0), line_of(1)]
        };
        (0..n).map(|i| poem(i % 3)).collect()
    }

    fn scored(table: &Tensor, poems: &[Vec<LineTail>]) -> Vec<f32> {
        let mut params = Params::new(0);
        init(&mut params).unwrap();
        let row = |token: &Option<u32>| match token {
            Some(token) => table.narrow(0, *token as usize, 1).unwrap(),
            None => Tensor::zeros((1, COLUMNS), candle_core::DType::F32, &Device::Cpu).unwrap(),
        };
        let rows: Vec<Tensor> = poems.iter().flatten().flatten().map(row).collect();
        let x = Tensor::cat(&rows, 0).unwrap().reshape((poems.len(), (), TAIL, COLUMNS)).unwrap();
        scores(&params.frozen(), &x, &vec![8.0; poems.len()]).unwrap().to_vec1().unwrap()
    }

    #[test]
    fn real_poems_score_above_shuffled_ones() {
        let table = count(&poems(2000, 1), VOCAB).unwrap();
        let real = poems(50, 2);
        // Exchanging lines keeps neighbours within them, reversing them keeps those of couplets.
        let exchanged: Vec<_> = real.iter().map(|poem| vec![poem[1], poem[0]]).collect();
        let reversed =
            |line: &LineTail| super::tests::line(&[line[7], line[6], line[5], line[4]].map(|token| token.unwrap()));
        let reversed: Vec<Vec<LineTail>> = real.iter().map(|poem| poem.iter().map(reversed).collect()).collect();
        let real = scored(&table, &real);
        for other in [scored(&table, &exchanged), scored(&table, &reversed)] {
            assert!(real.iter().zip(&other).all(|(real, other)| *real > other + 0.3), "{real:?} {other:?}");
        }
    }

    /// With as many factors as tokens the product is the information itself.
    #[test]
    fn factors_give_the_mutual_information() {
        let poems = poems(2000, 1);
        let table = count(&poems, VOCAB).unwrap().to_vec2::<f32>().unwrap();
        let rank = NEIGHBOUR_RANKS[0];
        let found = |a: usize, b: usize| (0..rank).map(|i| table[a][i] * table[b][rank + i]).sum::<f32>();
        let pairs = |a: u32, b: u32| {
            let lines = poems.iter().flatten();
            lines.flat_map(|line| line.windows(2)).filter(|pair| *pair == [Some(a), Some(b)]).count() as f32
        };
        let total = 2000.0 * 2.0 * 3.0;
        let sum = |of: &dyn Fn(u32) -> f32| (0..VOCAB as u32).map(of).sum::<f32>();
        for (a, b) in [(0, 1), (1, 2), (5, 9), (0, 2), (30, 22), (4, 24)] {
            let expected = sum(&|other| pairs(a, other)) * sum(&|other| pairs(other, b)) / total;
            let information = ((pairs(a, b) + 2.0) / (expected + 2.0)).ln();
            assert!((found(a as usize, b as usize) - information).abs() < 0.02, "{a} {b}: {information}");
        }
    }

    #[test]
    fn gradients_are_right() {
        let mut params = Params::new(0);
        init(&mut params).unwrap();
        let x = check::normal(&[1, 3, TAIL, COLUMNS], 5);
        let x = candle_core::Var::from_tensor(&(x.as_detached_tensor() * 0.3).unwrap()).unwrap();
        let vars: Vec<_> = params.iter().map(|(_, var)| var).chain([&x]).collect();
        check::gradients_with(1e-2, &vars, 2e-2, || scores(&params.trainable(), &x, &[20.0]));
    }

    #[test]
    fn rare_and_missing_tokens_count_nothing() {
        assert_eq!(scored(&count(&[], VOCAB).unwrap(), &poems(2, 3)), [0.0; 2]);
        let table = count(&poems(2000, 1), VOCAB).unwrap();
        assert_eq!(scored(&table, &[vec![line(&[]), line(&[3])]]), [0.0]);
    }
}
