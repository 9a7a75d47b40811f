//! Diversity within a set of poems (distinct-n, Li et al. 2016).

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::Verse;

/// Distinct n-grams within lines, divided by all n-grams within lines; 0 without any. It falls with the number of poems,
/// so only sets of equal size can be compared. N-grams across line ends are left out, since nearly all of them are
/// distinct. For scale: distinct-2 of 1,000 real quatrains of seven characters is 0.81.
pub fn distinct(verses: &[Verse], n: usize) -> f64 {
    let mut distinct: HashSet<&[u32], FixedState> = HashSet::default();
    let mut total = 0usize;
    for line in verses.iter().flatten() {
        for gram in line.windows(n.max(1)) {
            distinct.insert(gram);
            total += 1;
        }
    }
    distinct.len() as f64 / total.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn distinct_grams_are_counted_inside_lines() {
        let verses = [vec![vec![1, 2, 1], vec![2, 1]], vec![vec![1, 2]]];
        // 1 2, 2 1, 2 1, 1 2; across lines there would be 1 2 as well.
        assert_eq!((distinct(&verses, 1), distinct(&verses, 2)), (2.0 / 7.0, 0.5));
        assert_eq!((distinct(&verses, 3), distinct(&verses, 4)), (1.0, 0.0));
        assert_eq!((distinct(&[], 2), distinct(&[vec![], vec![vec![]]], 1)), (0.0, 0.0));
    }

    proptest! {
        #[test]
        fn order_does_not_matter(
            mut verses in prop::collection::vec(prop::collection::vec(prop::collection::vec(0u32..9, 0..6), 0..4), 0..9),
            n in 0usize..5,
        ) {
            let before = distinct(&verses, n);
            prop_assert!((0.0..=1.0).contains(&before));
            verses.reverse();
            prop_assert_eq!(distinct(&verses, n), before);
        }
    }
}
