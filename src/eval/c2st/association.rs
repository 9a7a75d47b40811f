//! Pointwise mutual information of units.

use std::collections::HashMap;

/// Counts of ordered pairs of units.
#[derive(Clone, Debug, Default)]
pub struct PairCounts {
    pairs: HashMap<(u32, u32), u32>,
    first: HashMap<u32, u32>,
    second: HashMap<u32, u32>,
    total: u32,
}

/// Added to the observed and to the expected count of a pair, so that unseen pairs have a finite value.
const SMOOTHING: f64 = 0.5;

impl PairCounts {
    pub fn add(&mut self, first: u32, second: u32) {
        *self.pairs.entry((first, second)).or_default() += 1;
        *self.first.entry(first).or_default() += 1;
        *self.second.entry(second).or_default() += 1;
        self.total += 1;
    }

    /// Pointwise mutual information of a pair in nats (Church and Hanks 1990), shrunk towards 0 for rare units.
    pub fn association(&self, first: u32, second: u32) -> f64 {
        let count = |counts: &HashMap<u32, u32>, unit| f64::from(counts.get(&unit).copied().unwrap_or(0));
        let seen = f64::from(self.pairs.get(&(first, second)).copied().unwrap_or(0));
        let chance = count(&self.first, first) * count(&self.second, second) / f64::from(self.total.max(1));
        ((seen + SMOOTHING) / (chance + SMOOTHING)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_pairs_have_a_high_association() {
        let mut pairs = PairCounts::default();
        for i in 0..40 {
            pairs.add(i % 4, i % 4 + 10);
        }
        assert!(pairs.association(1, 11) > 1.0 && pairs.association(1, 12) < -1.0);
        assert_eq!(pairs.association(90, 91), 0.0);
        assert_eq!(PairCounts::default().association(0, 0), 0.0);
    }
}
