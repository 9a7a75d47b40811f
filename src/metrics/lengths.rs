//! Wasserstein-1 distance between the length distributions of two sets of poems: the mean change of a length, in units or
//! lines, that turns one distribution into the other.

use super::Verse;

/// Distance of the line lengths, in units. A set without lines counts as one line of length 0.
pub fn line_lengths(a: &[Verse], b: &[Verse]) -> f64 {
    let lengths = |verses: &[Verse]| verses.iter().flatten().map(Vec::len).collect();
    distance(lengths(a), lengths(b))
}

/// Distance of the numbers of lines per poem. A set without poems counts as one poem without lines.
pub fn line_counts(a: &[Verse], b: &[Verse]) -> f64 {
    let counts = |verses: &[Verse]| verses.iter().map(Vec::len).collect();
    distance(counts(a), counts(b))
}

/// The area between the cumulative distribution functions.
fn distance(a: Vec<usize>, b: Vec<usize>) -> f64 {
    let sorted = |mut lengths: Vec<usize>| {
        if lengths.is_empty() {
            lengths.push(0);
        }
        lengths.sort_unstable();
        lengths
    };
    let (a, b) = (sorted(a), sorted(b));
    let mut steps = [a.as_slice(), &b].concat();
    steps.sort_unstable();
    steps.dedup();
    let share = |lengths: &[usize], most: usize| {
        lengths.partition_point(|&length| length <= most) as f64 / lengths.len() as f64
    };
    steps.windows(2).map(|step| (share(&a, step[0]) - share(&b, step[0])).abs() * (step[1] - step[0]) as f64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn poem(widths: &[usize]) -> Verse {
        widths.iter().map(|&width| vec![0; width]).collect()
    }

    #[test]
    fn distances_are_those_of_moving_lengths() {
        let fives = [poem(&[5, 5, 5, 5])];
        assert_eq!(line_lengths(&fives, &[poem(&[7, 7])]), 2.0);
        assert_eq!(line_counts(&fives, &[poem(&[7, 7])]), 2.0);
        assert_eq!(line_lengths(&fives, &[poem(&[5, 5, 5, 6])]), 0.25);
        assert_eq!(line_lengths(&[poem(&[1, 9])], &[poem(&[5])]), 4.0);
        assert_eq!((line_lengths(&fives, &[]), line_counts(&[], &fives)), (5.0, 4.0));
        assert_eq!((line_lengths(&[], &[]), line_counts(&[], &[vec![]])), (0.0, 0.0));
    }

    proptest! {
        #[test]
        fn it_is_a_distance(
            a in prop::collection::vec(0usize..9, 1..9),
            b in prop::collection::vec(0usize..9, 1..9),
            c in prop::collection::vec(0usize..9, 1..9),
        ) {
            let between = |a: &[usize], b: &[usize]| distance(a.to_vec(), b.to_vec());
            prop_assert!(between(&a, &b) >= 0.0 && between(&a, &a) == 0.0);
            prop_assert!((between(&a, &b) - between(&b, &a)).abs() < 1e-12);
            prop_assert!(between(&a, &c) <= between(&a, &b) + between(&b, &c) + 1e-12);
            let reversed: Vec<usize> = a.iter().rev().copied().collect();
            prop_assert_eq!(between(&reversed, &b), between(&a, &b));
        }
    }
}
