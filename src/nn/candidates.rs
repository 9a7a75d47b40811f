//! The tokens that may follow at a position, as a part of a row of logits.

use super::simd::{self, Arch};

/// A softmax over some of the tokens.
pub struct Candidates<'a> {
    /// All tokens from this one on.
    pub from: usize,
    /// Further tokens, below `from`.
    pub special: &'a [usize],
    /// Logits are multiplied by this.
    pub scale: f32,
}

impl Candidates<'_> {
    /// Copies the candidates' logits out of `logits` ([vocab]).
    pub fn gather(&self, logits: &[f32], gathered: &mut Vec<f32>) {
        gathered.clear();
        gathered.extend(self.special.iter().map(|&token| logits[token]));
        gathered.extend_from_slice(&logits[self.from.min(logits.len())..]);
    }

    /// ln of the sum of e^logit over the candidates, in nats; negative infinity if none of them is possible.
    pub fn log_mass(&self, logits: &[f32], buffer: &mut Vec<f32>, arch: Arch) -> f32 {
        self.gather(logits, buffer);
        let (largest, mass) = exponentials(buffer, self.scale, arch);
        if largest == f32::NEG_INFINITY { largest } else { self.scale * largest + simd::ln(mass) }
    }
}

/// Replaces logits by e^(scale (logit - largest)); returns the largest and the sum.
pub fn exponentials(logits: &mut [f32], scale: f32, arch: Arch) -> (f32, f32) {
    simd::vectorised_for(
        arch,
        #[inline(always)]
        || {
            let largest = simd::max(logits);
            (largest, simd::exp_in_place(logits, scale, largest))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    #[test]
    fn the_mass_is_the_sum_of_exponentials() {
        let logits: Vec<f32> =
            random::normal(&mut random::stream(3, "test", 0), 1_001).iter().map(|x| 4.0 * x).collect();
        let candidates = Candidates { from: 10, special: &[1, 4], scale: 0.5 };
        let exact = (0..1_001).filter(|token| *token >= 10 || [1, 4].contains(token));
        let exact: f64 = exact.map(|token| (0.5 * f64::from(logits[token])).exp()).sum();
        for (_, arch) in simd::instruction_sets() {
            let found = f64::from(candidates.log_mass(&logits, &mut Vec::new(), arch));
            assert!((found - exact.ln()).abs() < 1e-5, "{found} {}", exact.ln());
        }
        let none = Candidates { from: 1_001, special: &[], scale: 1.0 };
        assert_eq!(none.log_mass(&logits, &mut Vec::new(), Arch::new()), f32::NEG_INFINITY);
        let impossible = Candidates { from: 0, special: &[], scale: 1.0 };
        assert_eq!(impossible.log_mass(&[f32::NEG_INFINITY; 20], &mut Vec::new(), Arch::new()), f32::NEG_INFINITY);
    }
}
