//! 95 % percentile bootstrap intervals (Efron 1979).

use rayon::prelude::*;

use crate::random;

const RESAMPLES: usize = 1_000;

/// A statistic and its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// Mean of `values` with its interval; 0 without values. Independent of their order.
pub fn mean(values: &[f64], seed: u64) -> Interval {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    interval(&values, seed, |values| values.iter().sum::<f64>() / values.len().max(1) as f64)
}

/// Ratio of the sums of (part, all) over the samples, with its interval; for n-grams and the like, of which poems have
/// different numbers. 0 without any. Independent of the order of the counts.
pub fn share(counts: &[(usize, usize)], seed: u64) -> Interval {
    let mut counts = counts.to_vec();
    counts.sort_unstable();
    interval(&counts, seed, |counts| {
        let (part, all) = counts.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        part as f64 / all.max(1) as f64
    })
}

/// `statistic` of `samples`, with its interval over resamples. The statistic must accept an empty slice.
pub fn interval<T: Copy + Send + Sync>(samples: &[T], seed: u64, statistic: impl Fn(&[T]) -> f64 + Sync) -> Interval {
    let one = |index: usize| {
        let mut rng = random::stream(seed, "bootstrap", index as u64);
        let resample: Vec<T> = samples.iter().map(|_| samples[random::below(&mut rng, samples.len())]).collect();
        statistic(&resample)
    };
    let mut figures: Vec<f64> = (0..RESAMPLES).into_par_iter().map(one).collect();
    figures.sort_unstable_by(f64::total_cmp);
    let tail = RESAMPLES / 40;
    Interval { value: statistic(samples), low: figures[tail - 1], high: figures[RESAMPLES - tail - 1] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_interval_has_its_nominal_coverage() {
        let covers = |round: &u64| {
            let draws = random::normal(&mut random::stream(*round, "test", 0), 80);
            let values: Vec<f64> = draws.iter().map(|&x| f64::from(x)).collect();
            let Interval { low, high, .. } = mean(&values, *round);
            // About four standard errors.
            assert!((high - low - 3.92 / 80f64.sqrt()).abs() < 0.15, "{low} {high}");
            low < 0.0 && 0.0 < high
        };
        let share = (0..400).filter(covers).count() as f64 / 400.0;
        // Within three standard errors of 0.95, or of the 0.94 that small samples come to.
        assert!((0.91..0.98).contains(&share), "{share}");
    }

    #[test]
    fn few_values_have_an_interval() {
        assert_eq!(mean(&[], 0), Interval { value: 0.0, low: 0.0, high: 0.0 });
        assert_eq!(mean(&[0.5], 0), Interval { value: 0.5, low: 0.5, high: 0.5 });
        assert_eq!(share(&[(0, 0), (0, 0)], 0).value, 0.0);
        let Interval { value, low, high } = share(&[(1, 4), (3, 4), (0, 2)], 0);
        assert!(value == 0.4 && low == 0.0 && high == 0.75, "{value} {low} {high}");
    }

    proptest! {
        #[test]
        fn order_does_not_matter(mut values in prop::collection::vec(0.0f64..1.0, 1..30)) {
            let before = mean(&values, 1);
            prop_assert!(0.0 <= before.low && before.low <= before.high && before.high <= 1.0);
            values.reverse();
            prop_assert_eq!(mean(&values, 1), before);
        }
    }
}
