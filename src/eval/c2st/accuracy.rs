//! Accuracy of a classifier, with its interval.

/// Quantile of the normal distribution for a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// Correctly classified poems, of `total`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accuracy {
    pub right: usize,
    pub total: usize,
}

impl Accuracy {
    /// From scores, which are above 0 for poems classified as real, and the labels.
    pub fn of(scores: &[f64], real: &[bool]) -> Accuracy {
        let right = scores.iter().zip(real).filter(|(score, real)| (**score > 0.0) == **real).count();
        Accuracy { right, total: real.len() }
    }

    /// The accuracy, 0 to 1; 0.5 without poems.
    pub fn share(&self) -> f64 {
        if self.total == 0 { 0.5 } else { self.right as f64 / self.total as f64 }
    }

    /// The 95 % score interval of Wilson (1927).
    pub fn interval(&self) -> (f64, f64) {
        if self.total == 0 {
            return (0.0, 1.0);
        }
        let (n, share) = (self.total as f64, self.share());
        let middle = share + Z * Z / (2.0 * n);
        let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        (((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_wilsons() {
        // 8 of 10: 0.4902 to 0.9433.
        let (low, high) = Accuracy { right: 8, total: 10 }.interval();
        assert!((low - 0.4902).abs() < 1e-4 && (high - 0.9433).abs() < 1e-4, "{low} {high}");
        assert!(Accuracy { right: 10, total: 10 }.interval().1 > 1.0 - 1e-12);
        assert_eq!(Accuracy::of(&[], &[]).interval(), (0.0, 1.0));
        assert_eq!(Accuracy::of(&[1.0, -1.0, 1.0], &[true, false, false]).right, 2);
    }
}
