//! The split of labelled poems into training, validation and test part.

use crate::random;

/// One training poem in this many is used for early stopping.
const VALIDATION: usize = 4;

/// Indices of the examples of each part, into the real poems followed by the generated ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    pub training: Vec<usize>,
    pub validation: Vec<usize>,
    pub test: Vec<usize>,
}

impl Split {
    /// Half of the poems is for training and validation, half for the test. Each part has as many real as generated poems,
    /// alternating, so that chance accuracy is 0.5; the surplus of the larger class is unused.
    pub fn new(real: usize, generated: usize, seed: u64) -> Split {
        let order = |count, name| {
            let mut order: Vec<usize> = (0..count).collect();
            random::shuffle(&mut random::stream(seed, name, 0), &mut order);
            order
        };
        let (reals, fakes) = (order(real, "real examples"), order(generated, "generated examples"));
        let pairs: Vec<(usize, usize)> = reals.into_iter().zip(fakes).collect();
        let (learned, test) = pairs.split_at(pairs.len() / 2);
        let (validation, training) = learned.split_at(learned.len() / VALIDATION);
        let flat = |pairs: &[(usize, usize)]| pairs.iter().flat_map(|&(a, b)| [a, real + b]).collect();
        Split { training: flat(training), validation: flat(validation), test: flat(test) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_disjoint_and_balanced() {
        let split = Split::new(40, 50, 1);
        let parts = [&split.training, &split.validation, &split.test];
        assert_eq!(parts.map(|part| part.len()), [30, 10, 40]);
        for part in parts {
            assert_eq!(part.iter().filter(|&&example| example < 40).count() * 2, part.len());
        }
        let mut all: Vec<usize> = parts.into_iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 80);
        assert_eq!(split, Split::new(40, 50, 1));
        assert_ne!(split, Split::new(40, 50, 2));
        assert!(Split::new(0, 3, 1).test.is_empty());
    }
}
