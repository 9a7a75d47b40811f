//! The shuffled baseline: real lines in wrong poems. Each line is real, so these poems differ from real ones only in how
//! their lines belong together.

use crate::random;

/// Poems in which line i is line i of another poem; each line of `poems` is used once. If only one poem has a line i, it
/// keeps it. Lines may be units or text.
pub fn shuffled<Line: Clone>(poems: &[Vec<Line>], seed: u64) -> Vec<Vec<Line>> {
    let mut result = poems.to_vec();
    let most = poems.iter().map(Vec::len).max().unwrap_or(0);
    for i in 0..most {
        let holders: Vec<usize> = (0..poems.len()).filter(|&poem| poems[poem].len() > i).collect();
        let mut sources = holders.clone();
        let mut rng = random::stream(seed, "shuffled", i as u64);
        // Sattolo's algorithm gives a single cycle, so that no line stays in its poem.
        for last in (1..sources.len()).rev() {
            sources.swap(last, random::below(&mut rng, last));
        }
        for (poem, source) in holders.into_iter().zip(sources) {
            result[poem][i] = poems[source][i].clone();
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_positions_and_leave_their_poems() {
        let poems: Vec<Vec<(usize, usize)>> =
            (0..40).map(|poem| (0..2 + poem % 3).map(|line| (poem, line)).collect()).collect();
        let mixed = shuffled(&poems, 5);
        for (poem, lines) in mixed.iter().enumerate() {
            assert_eq!(lines.len(), poems[poem].len());
            assert!(lines.iter().enumerate().all(|(i, &(source, line))| line == i && source != poem), "{lines:?}");
        }
        let sorted = |poems: &[Vec<(usize, usize)>]| {
            let mut lines = poems.concat();
            lines.sort_unstable();
            lines
        };
        assert_eq!(sorted(&mixed), sorted(&poems));
        assert_ne!(mixed, shuffled(&poems, 6));
    }

    #[test]
    fn a_poem_alone_stays_as_it_is() {
        assert_eq!(shuffled(&[vec!["a", "b"]], 0), [["a", "b"]]);
        assert_eq!(shuffled::<u8>(&[], 0), Vec::<Vec<u8>>::new());
        assert_eq!(shuffled(&[vec![], vec![1], vec![2, 3]], 0), [vec![], vec![2], vec![1, 3]]);
    }
}
