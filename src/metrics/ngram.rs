//! An interpolated n-gram model over arbitrary contexts.

use std::collections::HashMap;

/// Counts of units in contexts from general to specific, smoothed by the method of Witten and Bell (1991, method C;
/// interpolated as in Chen and Goodman 1998): with c(x) units of t(x) types seen in context x,
/// p(u | x) = (c(x, u) + t(x) p(u | x')) / (c(x) + t(x)), where x' is the next more general context. The most general
/// distribution is uniform.
///
/// A context is any number; [`key`] makes those of n-grams.
#[derive(Clone, Debug)]
pub struct BackOff {
    levels: Vec<Level>,
    /// 1 / (units + 1): one more for all unseen units.
    uniform: f64,
}

#[derive(Clone, Debug, Default)]
struct Level {
    seen: HashMap<(u64, u32), u32>,
    contexts: HashMap<u64, Context>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Context {
    count: u32,
    types: u32,
}

/// The context key of some units or other small numbers: a 64-bit hash (FNV-1a).
pub fn key(units: &[u32]) -> u64 {
    let bytes = units.iter().flat_map(|unit| unit.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl BackOff {
    /// An empty model for a vocabulary of `units` and `levels` contexts per unit.
    pub fn new(units: usize, levels: usize) -> BackOff {
        BackOff { levels: vec![Level::default(); levels], uniform: 1.0 / (units + 1) as f64 }
    }

    /// Counts a unit in its contexts, the most general first.
    pub fn add(&mut self, contexts: &[u64], unit: u32) {
        for (level, &context) in self.levels.iter_mut().zip(contexts) {
            let seen = level.seen.entry((context, unit)).or_default();
            let totals = level.contexts.entry(context).or_default();
            *seen += 1;
            totals.count += 1;
            totals.types += u32::from(*seen == 1);
        }
    }

    /// Probability of a unit in its contexts, the most general first; above 0, and below 1 but for rounding.
    pub fn probability(&self, contexts: &[u64], unit: u32) -> f64 {
        self.levels.iter().zip(contexts).fold(self.uniform, |general, (level, &context)| {
            let Some(totals) = level.contexts.get(&context) else { return general };
            let seen = level.seen.get(&(context, unit)).copied().unwrap_or(0);
            let types = f64::from(totals.types);
            (f64::from(seen) + types * general) / (f64::from(totals.count) + types)
        })
    }

    /// Number of contexts, from the most general on, in which the unit was seen.
    pub fn depth(&self, contexts: &[u64], unit: u32) -> usize {
        self.levels
            .iter()
            .zip(contexts)
            .take_while(|(level, context)| level.seen.contains_key(&(**context, unit)))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_follow_the_formula_and_sum_to_one() {
        let mut model = BackOff::new(3, 2);
        let general = key(&[]);
        for (before, unit) in [(0, 1), (0, 1), (0, 2), (1, 2)] {
            model.add(&[general, key(&[before])], unit);
        }
        // One level: (2 + 2 / 4) / (4 + 2); two: (2 + 2 * that) / (3 + 2).
        let first = 2.5 / 6.0;
        assert!((model.probability(&[general], 1) - first).abs() < 1e-12);
        assert!((model.probability(&[general, key(&[0])], 1) - (2.0 + 2.0 * first) / 5.0).abs() < 1e-12);
        for context in [0, 1, 7] {
            let total: f64 = (0..4).map(|unit| model.probability(&[general, key(&[context])], unit)).sum();
            assert!((total - 1.0).abs() < 1e-12, "{context}: {total}");
        }
        let depths = [(0, 1), (1, 1), (0, 0)].map(|(before, unit)| model.depth(&[general, key(&[before])], unit));
        assert_eq!(depths, [2, 1, 0]);
    }

    #[test]
    fn an_empty_model_is_uniform() {
        assert_eq!(BackOff::new(3, 2).probability(&[1, 2], 0), 0.25);
    }
}
