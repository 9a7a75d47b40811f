//! The Fréchet distance between two collections of poems (Heusel et al. 2017, "FID"; for text Semeniuta et al. 2018):
//! the distance of the normal distributions fitted to their hidden states.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// The collection that others are compared with.
pub struct Reference {
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
    root: DMatrix<f64>,
}

impl Reference {
    /// From hidden states [poems][width].
    pub fn new(states: &[Vec<f32>]) -> Reference {
        let (mean, covariance) = moments(states);
        let root = root(&covariance);
        Reference { mean, covariance, root }
    }

    /// |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), where the last trace is that of (S1^(1/2) S2 S1^(1/2))^(1/2). Its
    /// bias grows as a collection gets smaller, so only collections of the same size can be compared.
    pub fn distance(&self, states: &[Vec<f32>]) -> f64 {
        let (mean, covariance) = moments(states);
        let between = &self.root * &covariance * &self.root;
        let shared: f64 = eigenvalues(between).iter().map(|value| value.max(0.0).sqrt()).sum();
        (&self.mean - mean).norm_squared() + self.covariance.trace() + covariance.trace() - 2.0 * shared
    }
}

fn moments(states: &[Vec<f32>]) -> (DVector<f64>, DMatrix<f64>) {
    let (rows, columns) = (states.len(), states.first().map_or(0, Vec::len));
    let x = DMatrix::from_fn(rows, columns, |row, column| f64::from(states[row][column]));
    let mean = x.row_mean().transpose();
    let centred = DMatrix::from_fn(rows, columns, |row, column| x[(row, column)] - mean[column]);
    (mean, centred.tr_mul(&centred) / (rows.max(2) - 1) as f64)
}

/// The eigendecomposition needs a matrix that is symmetric to the last bit.
fn symmetric(matrix: DMatrix<f64>) -> DMatrix<f64> {
    (&matrix + matrix.transpose()) * 0.5
}

fn eigenvalues(matrix: DMatrix<f64>) -> DVector<f64> {
    symmetric(matrix).symmetric_eigenvalues()
}

/// The symmetric square root of a covariance.
fn root(covariance: &DMatrix<f64>) -> DMatrix<f64> {
    let SymmetricEigen { eigenvectors, eigenvalues } = SymmetricEigen::new(symmetric(covariance.clone()));
    let roots = eigenvalues.map(|value| value.max(0.0).sqrt());
    &eigenvectors * DMatrix::from_diagonal(&roots) * eigenvectors.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    /// Independent columns with the given means and deviations.
    fn states(means: [f32; 3], deviations: [f32; 3], seed: u64) -> Vec<Vec<f32>> {
        let draws = random::normal(&mut random::stream(seed, "test", 0), 3 * 40_000);
        draws.chunks(3).map(|row| (0..3).map(|i| means[i] + deviations[i] * row[i]).collect()).collect()
    }

    #[test]
    fn distances_follow_the_law_of_normal_distributions() {
        let real = states([0.0; 3], [1.0, 2.0, 0.5], 1);
        let reference = Reference::new(&real);
        assert!(reference.distance(&real).abs() < 1e-9);
        assert!(reference.distance(&states([0.0; 3], [1.0, 2.0, 0.5], 2)) < 0.01);
        // Means: 1; deviations: (1 - 3)^2 + (2 - 1)^2.
        let far = reference.distance(&states([0.0, 1.0, 0.0], [3.0, 1.0, 0.5], 3));
        assert!((far - 6.0).abs() < 0.15, "{far}");
    }

    #[test]
    fn turning_the_space_changes_nothing() {
        let turn = |states: Vec<Vec<f32>>| -> Vec<Vec<f32>> {
            let (sin, cos) = (0.6, 0.8);
            states.into_iter().map(|s| vec![cos * s[0] - sin * s[1], sin * s[0] + cos * s[1], s[2]]).collect()
        };
        let (real, other) = (states([0.0; 3], [1.0, 2.0, 0.5], 1), states([0.5; 3], [2.0, 1.0, 1.0], 2));
        let straight = Reference::new(&real).distance(&other);
        let turned = Reference::new(&turn(real)).distance(&turn(other));
        assert!((straight - turned).abs() < 1e-4, "{straight} {turned}");
    }
}
