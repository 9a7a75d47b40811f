//! Information between the noise vector z and a poem: what a reader who sees features of the poem knows about z.
//!
//! The reader models each feature as a linear function of one dimension of z plus normal noise, q(f | z), and inverts it
//! by Bayes' rule with the known prior p(z). The mean of log q(f | z) / q(f) over poems that it was not fitted on is a
//! lower bound of the mutual information, in expectation (Barber and Agakov 2003, "The IM algorithm", with
//! q(z | f) = p(z) q(f | z) / q(f)). Correlated dimensions are not counted twice, since q(f) is the mixture over p(z).

use rayon::prelude::*;

/// The poems are read in this many parts, each by a reader that is fitted on the others.
const FOLDS: usize = 10;
/// Fewer poems are not read.
const FEWEST: usize = 5 * FOLDS;

/// The prior of z: a mixture of normal distributions with equal weights and variances.
pub struct MixturePrior {
    /// [components][dims]
    pub centres: Vec<Vec<f32>>,
    /// [dims]
    pub variance: Vec<f32>,
}

/// A feature as a function of one dimension of z.
struct Regression {
    feature: usize,
    dim: usize,
    slope: f64,
    bias: f64,
    /// Variance of the noise.
    noise: f64,
}

/// What the reader knows about the z of each poem, in bits; a poem that misleads it has a negative value. `z` is
/// [poems][dims], `features` [poems][features]. Empty for too few poems.
pub fn bits(z: &[Vec<f32>], features: &[Vec<f32>], prior: &MixturePrior) -> Vec<f64> {
    if z.len() < FEWEST {
        return Vec::new();
    }
    let of_fold = |fold: usize| -> Vec<(usize, f64)> {
        let fitting: Vec<usize> = (0..z.len()).filter(|index| index % FOLDS != fold).collect();
        let reader = Reader::new(fit(z, features, &fitting), prior);
        let read = |index: usize| (index, reader.nats(&z[index], &features[index]) / std::f64::consts::LN_2);
        (fold..z.len()).step_by(FOLDS).map(read).collect()
    };
    let mut bits: Vec<(usize, f64)> = (0..FOLDS).into_par_iter().flat_map_iter(of_fold).collect();
    bits.sort_unstable_by_key(|(index, _)| *index);
    bits.into_iter().map(|(_, bits)| bits).collect()
}

/// Regresses each feature on the dimension of z that it correlates with most, of those that no feature before it took.
fn fit(z: &[Vec<f32>], features: &[Vec<f32>], fitting: &[usize]) -> Vec<Regression> {
    let column = |rows: &[Vec<f32>], k: usize| fitting.iter().map(|&i| f64::from(rows[i][k])).collect::<Vec<f64>>();
    let dims: Vec<Vec<f64>> = (0..z[0].len()).map(|dim| column(z, dim)).collect();
    let mut is_free = vec![true; dims.len()];
    let mut regressions: Vec<Regression> = Vec::new();
    for feature in 0..features[0].len() {
        let values = column(features, feature);
        let free = (0..dims.len()).filter(|dim| is_free[*dim]);
        let candidates = free.filter_map(|dim| regression(feature, dim, &dims[dim], &values));
        if let Some(best) = candidates.min_by(|a, b| a.noise.total_cmp(&b.noise)) {
            is_free[best.dim] = false;
            regressions.push(best);
        }
    }
    regressions
}

/// `None` for constant values, of which nothing can be read.
fn regression(feature: usize, dim: usize, x: &[f64], y: &[f64]) -> Option<Regression> {
    let n = x.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let product = |a: &[f64], mean_a: f64, b: &[f64], mean_b: f64| {
        a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>()
    };
    let (xx, xy, yy) = (product(x, mean_x, x, mean_x), product(x, mean_x, y, mean_y), product(y, mean_y, y, mean_y));
    if xx <= 1e-9 * n || yy <= 1e-9 * n {
        return None;
    }
    let slope = xy / xx;
    // A feature that is a function of z has no noise, and infinite information.
    let noise = ((yy - slope * xy) / (n - 2.0)).max(1e-6 * yy / n);
    Some(Regression { feature, dim, slope, bias: mean_y - slope * mean_x, noise })
}

/// Regressions, and the distribution of their features over the prior.
struct Reader {
    regressions: Vec<Regression>,
    /// Mean of each regression's feature around each centre of the prior, [components][regressions].
    means: Vec<Vec<f64>>,
    /// Variance of it around a centre, [regressions].
    variances: Vec<f64>,
}

impl Reader {
    fn new(regressions: Vec<Regression>, prior: &MixturePrior) -> Reader {
        let mean = |centre: &Vec<f32>| regressions.iter().map(|r| r.mean(centre)).collect();
        let variance = |r: &Regression| r.noise + r.slope * r.slope * f64::from(prior.variance[r.dim]);
        let means = prior.centres.iter().map(mean).collect();
        let variances = regressions.iter().map(variance).collect();
        Reader { regressions, means, variances }
    }

    /// ln q(f | z) - ln q(f)
    fn nats(&self, z: &[f32], features: &[f32]) -> f64 {
        let values: Vec<f64> = self.regressions.iter().map(|r| f64::from(features[r.feature])).collect();
        let given = |(r, value): (&Regression, &f64)| log_normal(value - r.mean(z), r.noise);
        let given_z: f64 = self.regressions.iter().zip(&values).map(given).sum();
        let around = |means: &Vec<f64>| -> f64 {
            let parts = values.iter().zip(means).zip(&self.variances);
            parts.map(|((value, mean), variance)| (value - mean).powi(2) / variance).sum::<f64>() * -0.5
        };
        let exponents: Vec<f64> = self.means.iter().map(around).collect();
        let largest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mixture = exponents.iter().map(|x| (x - largest).exp()).sum::<f64>() / exponents.len() as f64;
        let scale: f64 = self.variances.iter().map(|variance| log_normal(0.0, *variance)).sum();
        given_z - (largest + mixture.ln() + scale)
    }
}

impl Regression {
    /// The mean of the feature given z.
    fn mean(&self, z: &[f32]) -> f64 {
        self.slope * f64::from(z[self.dim]) + self.bias
    }
}

/// ln of the density of N(0, `variance`).
fn log_normal(x: f64, variance: f64) -> f64 {
    -0.5 * (x * x / variance + (std::f64::consts::TAU * variance).ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    fn rows(seed: u64, n: usize, width: usize) -> Vec<Vec<f32>> {
        random::normal(&mut random::stream(seed, "test", 0), n * width).chunks(width).map(<[f32]>::to_vec).collect()
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    fn standard(dims: usize) -> MixturePrior {
        MixturePrior { centres: vec![vec![0.0; dims]], variance: vec![1.0; dims] }
    }

    /// Features whose correlations with the dimensions of z, in another order, are known.
    fn noisy(z: &[Vec<f32>], correlations: &[f32], seed: u64) -> Vec<Vec<f32>> {
        let noise = rows(seed, z.len(), correlations.len());
        let of_poem = |(z, noise): (&Vec<f32>, &Vec<f32>)| {
            let feature = |(k, rho): (usize, &f32)| {
                5.0 + 3.0 * (rho * z[(k + 1) % z.len()] + (1.0 - rho * rho).sqrt() * noise[k])
            };
            correlations.iter().enumerate().map(feature).collect()
        };
        z.iter().zip(&noise).map(of_poem).collect()
    }

    #[test]
    fn normal_features_have_the_information_of_their_correlations() {
        let correlations = [0.9f32, 0.7, 0.5, 0.0];
        let z = rows(1, 4_000, 6);
        let exact: f64 = correlations.iter().map(|rho| -0.5 * f64::from(1.0 - rho * rho).log2()).sum();
        let found = mean(&bits(&z, &noisy(&z, &correlations, 2), &standard(6)));
        // The standard error is about 0.025.
        assert!((found - exact).abs() < 0.08, "{found} {exact}");
    }

    #[test]
    fn independent_features_have_none() {
        let z = rows(1, 1_000, 6);
        let mut others = noisy(&z, &[0.9, 0.9], 2);
        others.rotate_left(1);
        let found = mean(&bits(&z, &others, &standard(6)));
        assert!((-0.1..0.02).contains(&found), "{found}");
        assert_eq!(mean(&bits(&z, &vec![vec![1.0; 3]; 1_000], &standard(6))), 0.0, "constant features");
        assert!(bits(&z[..20], &others[..20], &standard(6)).is_empty());
    }

    /// Two dimensions that are copies of each other count once: z of 8 equally likely values, read without error, has 3
    /// bits, while the sum over dimensions would be more.
    #[test]
    fn information_is_bounded_by_the_entropy_of_the_prior() {
        let centres: Vec<Vec<f32>> = (0..8).map(|i| vec![i as f32, i as f32]).collect();
        let prior = MixturePrior { centres, variance: vec![1e-6; 2] };
        let rng = &mut random::stream(3, "test", 0);
        let z: Vec<Vec<f32>> = (0..2_000).map(|_| prior.centres[random::below(rng, 8)].clone()).collect();
        let noise = rows(4, 2_000, 2);
        let features: Vec<Vec<f32>> =
            z.iter().zip(&noise).map(|(z, e)| vec![z[0] + 0.1 * e[0], z[1] + 0.1 * e[1]]).collect();
        let found = mean(&bits(&z, &features, &prior));
        assert!((found - 3.0).abs() < 0.02, "{found}");
    }
}
