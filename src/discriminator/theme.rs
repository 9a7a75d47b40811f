//! The theme head: how well neighbouring couplets of a poem agree along the theme axes, the likelihood ratio of two
//! Gaussian variables with that correlation against independent ones. It starts from the correlations of the corpus.

use candle_core::{Device, Result, Tensor};

use crate::config::AXES;
use crate::nn::params::{Params, Weights, get};

/// Weights of the products and of the squares of both coordinates, by axis, and an offset.
pub(super) const NAMES: [&str; 3] = ["theme.product", "theme.square", "theme.offset"];
/// Stored weights are multiplied by this, so that Adam changes what was counted in the corpus slowly.
pub(super) const SLOWNESS: f64 = 0.3;
/// Bound on the score of a pair, in nats: no poem gains by more theme than real poems have.
pub(super) const BOUND: f64 = 3.0;

/// Adds the initial weights of the head.
pub fn init(params: &mut Params) -> Result<()> {
    params.normal(NAMES[0], &[1, AXES], 0.1)?; // two axes, so that spectral norm applies
    params.normal(NAMES[1], &[1, AXES], 0.1)?;
    params.constant(NAMES[2], &[1, 1], 0.0)
}

/// The weights of the log-likelihood ratio of axes with these correlations, [AXES]:
/// ln p(a, b) / p(a) p(b) = (r a b - r^2 (a^2 + b^2) / 2) / (1 - r^2) - ln(1 - r^2) / 2 along each.
pub fn counted(correlations: &[f32]) -> Result<Weights> {
    let ratio = |r: f32| (r / (1.0 - r * r), r * r / (1.0 - r * r), -0.5 * (1.0 - r * r).ln());
    let ratios: Vec<(f32, f32, f32)> = correlations.iter().map(|&r| ratio(r.min(0.95))).collect();
    let slow = |x: f32| x / SLOWNESS as f32;
    let row = |values: Vec<f32>| {
        let columns = values.len();
        Tensor::from_vec(values.into_iter().map(slow).collect(), (1, columns), &Device::Cpu)
    };
    let values = [
        row(ratios.iter().map(|ratio| ratio.0).collect())?,
        row(ratios.iter().map(|ratio| ratio.1).collect())?,
        row(vec![ratios.iter().map(|ratio| ratio.2).sum()])?,
    ];
    Ok(NAMES.iter().map(|name| name.to_string()).zip(values).collect())
}

/// Scores [count] from the coordinates of the tokens of each couplet, x [count, couplets, tokens, AXES], zeros for padding,
/// and how many tokens each couplet has, [count * couplets].
pub fn scores(weights: &Weights, x: &Tensor, tokens: &[f32]) -> Result<Tensor> {
    let (count, found, _, _) = x.dims4()?;
    // One couplet has no neighbour: with a second one of padding the weights have a gradient, 0.
    let couplets = found.max(2);
    let means: Vec<f32> = tokens.iter().map(|&tokens| 1.0 / tokens.max(1.0)).collect();
    let means = Tensor::from_vec(means, (count, found, 1), &Device::Cpu)?;
    let x = x.sum(2)?.broadcast_mul(&means)?.pad_with_zeros(1, 0, couplets - found)?; // [count, couplets, AXES]
    let (a, b) = (x.narrow(1, 0, couplets - 1)?, x.narrow(1, 1, couplets - 1)?);
    let weight = |name: &str| get(weights, name)? * SLOWNESS;
    let products = (&a * &b)?.broadcast_mul(&weight(NAMES[0])?)?.sum(2)?; // [count, couplets - 1]
    let squares = ((a.sqr()? + b.sqr()?)? * 0.5)?.broadcast_mul(&weight(NAMES[1])?)?.sum(2)?;
    let ratios = (products - squares)?.broadcast_add(&weight(NAMES[2])?)?;
    let bounded = ((ratios / BOUND)?.tanh()? * BOUND)?;
    // The sum over the pairs that there are, in standard deviations of such a sum.
    let shares = (0..count).flat_map(|poem| pair_shares(&tokens[poem * found..(poem + 1) * found], couplets));
    let shares = Tensor::from_vec(shares.collect::<Vec<f32>>(), (count, couplets - 1), &Device::Cpu)?;
    (bounded * shares)?.sum(1)
}

/// The weight of each pair of neighbouring couplets of a poem in its score.
pub(super) fn pair_shares(tokens: &[f32], couplets: usize) -> Vec<f32> {
    let has = |couplet: usize| tokens.get(couplet).is_some_and(|&tokens| tokens > 0.0);
    let is_pair: Vec<bool> = (0..couplets - 1).map(|couplet| has(couplet) && has(couplet + 1)).collect();
    let pairs = is_pair.iter().filter(|is_pair| **is_pair).count().max(1) as f32;
    is_pair.into_iter().map(|is_pair| if is_pair { 1.0 / pairs.sqrt() } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    /// Scores of poems of two couplets of one token each, whose coordinates are `pairs` along the first axis.
    fn scored(correlation: f32, pairs: &[[f32; 2]]) -> Vec<f32> {
        let mut correlations = vec![0.0; AXES];
        correlations[0] = correlation;
        let mut x = vec![0.0; pairs.len() * 2 * AXES];
        x.chunks_mut(AXES).zip(pairs.as_flattened()).for_each(|(row, value)| row[0] = *value);
        let x = Tensor::from_vec(x, (pairs.len(), 2, 1, AXES), &Device::Cpu).unwrap();
        scores(&counted(&correlations).unwrap(), &x, &vec![1.0; 2 * pairs.len()]).unwrap().to_vec1().unwrap()
    }

    /// For pairs with correlation r the mean of the ratio is their mutual information, -ln(1 - r^2) / 2.
    #[test]
    fn the_counted_weights_give_the_likelihood_ratio() {
        let r = 0.5f32;
        let noise = random::normal(&mut random::stream(1, "test", 0), 40_000);
        let pairs: Vec<[f32; 2]> =
            noise.chunks(2).map(|noise| [noise[0], r * noise[0] + (1.0 - r * r).sqrt() * noise[1]]).collect();
        let mean = scored(r, &pairs).iter().sum::<f32>() / 20_000.0;
        assert!((mean - 0.1438).abs() < 0.015, "{mean}");
        assert!(scored(r, &[[2.0, 2.0]])[0] > scored(r, &[[2.0, -2.0]])[0]);
        assert!(scored(r, &[[9.0, 9.0]])[0] <= BOUND as f32, "the score saturates");
    }

    #[test]
    fn only_pairs_that_exist_count() {
        assert_eq!(pair_shares(&[3.0, 2.0, 0.0, 4.0], 4), [1.0, 0.0, 0.0]);
        assert_eq!(pair_shares(&[3.0], 2), [0.0]);
        assert_eq!(pair_shares(&[1.0; 5], 5), [0.5; 4]);
    }
}
