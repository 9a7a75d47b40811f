//! Gradient boosted trees (Friedman 2001; Chen and Guestrin 2016) as a classifier.

use forust_ml::{GradientBooster, Matrix};

use super::examples::Split;

const ROUNDS: usize = 600;
const LEARNING_RATE: f32 = 0.05;
const DEPTH: usize = 4;
const PATIENCE: usize = 40;
/// Least sum of second derivatives in a leaf: about 40 undecided examples.
const LEAST_LEAF: f32 = 10.0;
const COLUMNS: f64 = 0.3;

/// Scores of all examples, above 0 for those classified as real, by trees that are fitted to the training part and stopped
/// early on the validation part. `features` are [examples][columns]; NaN is a missing value.
///
/// # Errors
/// A failure of the library.
pub fn scores(features: &[Vec<f64>], real: &[bool], split: &Split, seed: u64) -> anyhow::Result<Vec<f64>> {
    let columns = features.first().map_or(0, Vec::len);
    let labels = |part: &[usize]| part.iter().map(|&i| f64::from(u8::from(real[i]))).collect::<Vec<f64>>();
    let (training, validation) = (by_column(features, &split.training), by_column(features, &split.validation));
    let (y, validation_y) = (labels(&split.training), labels(&split.validation));
    let weights = vec![1.0; validation_y.len()];
    let validation = Matrix::new(&validation, validation_y.len(), columns);
    // One thread, so that the sums of a histogram always have the same order.
    let mut booster = GradientBooster::default()
        .set_parallel(false)
        .set_iterations(ROUNDS)
        .set_learning_rate(LEARNING_RATE)
        .set_max_depth(DEPTH)
        .set_min_leaf_weight(LEAST_LEAF)
        .set_colsample_bytree(COLUMNS)
        .set_base_score(0.0)
        .set_seed(seed)
        .set_early_stopping_rounds(Some(PATIENCE));
    let evaluation = vec![(validation, validation_y.as_slice(), weights.as_slice())];
    booster
        .fit_unweighted(&Matrix::new(&training, y.len(), columns), &y, Some(evaluation))
        .map_err(|error| anyhow::anyhow!("cannot fit the boosted trees: {error}"))?;
    let all = by_column(features, &(0..features.len()).collect::<Vec<_>>());
    Ok(booster.predict(&Matrix::new(&all, features.len(), columns), false))
}

/// Some rows in column-major order, as the library reads them.
fn by_column(features: &[Vec<f64>], rows: &[usize]) -> Vec<f64> {
    let columns = features.first().map_or(0, Vec::len);
    (0..columns).flat_map(|column| rows.iter().map(move |&row| features[row][column])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::c2st::Accuracy;
    use crate::random;

    /// Accuracy on the test part where the second column of real examples is raised by `shift`.
    fn accuracy(shift: f64, seed: u64) -> f64 {
        let draws = random::normal(&mut random::stream(seed, "test", 0), 10 * 2000);
        let mut features: Vec<Vec<f64>> =
            draws.chunks(10).map(|row| row.iter().map(|&x| f64::from(x)).collect()).collect();
        features[..1000].iter_mut().for_each(|row| row[1] += shift);
        features[3][2] = f64::NAN;
        let real: Vec<bool> = (0..2000).map(|i| i < 1000).collect();
        let split = Split::new(1000, 1000, seed);
        let scores = scores(&features, &real, &split, seed).unwrap();
        let of = |i: &usize| (scores[*i], real[*i]);
        let (scores, real): (Vec<f64>, Vec<bool>) = split.test.iter().map(of).unzip();
        Accuracy::of(&scores, &real).share()
    }

    #[test]
    fn trees_find_a_difference_only_where_there_is_one() {
        // The best that can be done with a shift of 2 is 0.841.
        let (found, none) = (accuracy(2.0, 1), accuracy(0.0, 2));
        assert!((0.80..0.88).contains(&found) && (0.45..0.55).contains(&none), "{found} {none}");
        assert_eq!(found, accuracy(2.0, 1));
    }
}
