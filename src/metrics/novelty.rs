//! Overlap of a set of poems with the training poems. Low overlap does not mean quality, but quality with high overlap is
//! copying.

use std::cmp::Ordering;
use std::collections::HashSet;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::Verse;

/// Training poems, prepared once.
pub struct TrainingPoems {
    lines: HashSet<Vec<u32>, FixedState>,
    in_lines: Suffixes,
    in_poems: Suffixes,
}

impl TrainingPoems {
    pub fn new(poems: &[Verse]) -> TrainingPoems {
        let joined: Vec<Vec<u32>> = poems.iter().map(|poem| poem.concat()).collect();
        TrainingPoems {
            lines: poems.iter().flatten().cloned().collect(),
            in_lines: Suffixes::new(poems.iter().flatten().map(Vec::as_slice)),
            in_poems: Suffixes::new(joined.iter().map(Vec::as_slice)),
        }
    }

    /// N-grams within the lines of a poem: the number that occur within training lines, and the total.
    pub fn seen_of(&self, verse: &Verse, n: usize) -> (usize, usize) {
        let n = n.max(1);
        let seen = |gram: &&[u32]| self.in_lines.longest_match(gram) >= n;
        let grams = || verse.iter().flat_map(|line| line.windows(n));
        (grams().filter(seen).count(), grams().count())
    }

    /// Share of the n-grams within lines that occur within training lines; 0 without n-grams.
    pub fn seen(&self, verses: &[Verse], n: usize) -> f64 {
        share(verses.par_iter().map(|verse| self.seen_of(verse, n)).collect())
    }

    /// Lines of a poem: the number that are training lines, and the total. Lines without units do not count.
    pub fn copied_of(&self, verse: &Verse) -> (usize, usize) {
        let lines = || verse.iter().filter(|line| !line.is_empty());
        (lines().filter(|line| self.lines.contains(*line)).count(), lines().count())
    }

    /// Share of the lines that are training lines; 0 without lines.
    pub fn copied_line(&self, verses: &[Verse]) -> f64 {
        share(verses.par_iter().map(|verse| self.copied_of(verse)).collect())
    }

    /// Length in units of the longest run that a poem shares with a training poem, across line ends.
    pub fn longest_run(&self, verse: &Verse) -> usize {
        let units = verse.concat();
        (0..units.len()).map(|start| self.in_poems.longest_match(&units[start..])).max().unwrap_or(0)
    }

    /// [`TrainingPoems::longest_run`] of each poem.
    pub fn longest_runs(&self, verses: &[Verse]) -> Vec<usize> {
        verses.par_iter().map(|verse| self.longest_run(verse)).collect()
    }
}

fn share(counts: Vec<(usize, usize)>) -> f64 {
    let (part, all) = counts.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    part as f64 / all.max(1) as f64
}

/// A suffix array (Manber and Myers 1990) of many sequences.
struct Suffixes {
    text: Vec<u32>,
    sorted: Vec<Suffix>,
}

struct Suffix {
    /// The first two units, which decide most comparisons.
    head: u64,
    start: u32,
    /// Where the sequence ends.
    end: u32,
}

impl Suffixes {
    fn new<'a>(sequences: impl Iterator<Item = &'a [u32]>) -> Suffixes {
        let (mut text, mut sorted) = (Vec::new(), Vec::new());
        for sequence in sequences {
            let end = (text.len() + sequence.len()) as u32;
            let suffix =
                |start: usize| Suffix { head: head(&sequence[start..]), start: (text.len() + start) as u32, end };
            sorted.extend((0..sequence.len()).map(suffix));
            text.extend_from_slice(sequence);
        }
        let mut suffixes = Suffixes { text, sorted: Vec::new() };
        sorted.par_sort_unstable_by(|a, b| suffixes.compare(a, b.head, suffixes.units(b)));
        suffixes.sorted = sorted;
        suffixes
    }

    fn units(&self, suffix: &Suffix) -> &[u32] {
        &self.text[suffix.start as usize..suffix.end as usize]
    }

    fn compare(&self, suffix: &Suffix, head: u64, units: &[u32]) -> Ordering {
        suffix.head.cmp(&head).then_with(|| self.units(suffix).cmp(units))
    }

    /// Length of the longest prefix of `query` that occurs in one of the sequences.
    fn longest_match(&self, query: &[u32]) -> usize {
        let head = head(query);
        let position = self.sorted.partition_point(|suffix| self.compare(suffix, head, query) == Ordering::Less);
        // The adjacent suffixes in the order share the longest prefix with the query.
        let neighbours = &self.sorted[position.saturating_sub(1)..self.sorted.len().min(position + 1)];
        let common = |suffix: &Suffix| self.units(suffix).iter().zip(query).take_while(|(a, b)| a == b).count();
        neighbours.iter().map(common).max().unwrap_or(0)
    }
}

/// Monotonic in the order of sequences.
fn head(units: &[u32]) -> u64 {
    let unit = |i: usize| units.get(i).map_or(0, |&unit| u64::from(unit));
    unit(0) << 32 | unit(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::slice;

    #[test]
    fn copies_are_found() {
        let training = TrainingPoems::new(&[vec![vec![1, 2, 3, 4], vec![5, 6]], vec![vec![7, 8, 0]]]);
        let fresh = vec![vec![2, 3, 4, 5], vec![6, 7, 8, 0]];
        assert_eq!(training.seen_of(&fresh, 2), (4, 6));
        assert_eq!(training.seen_of(&fresh, 4), (0, 2));
        assert_eq!(training.longest_run(&fresh), 5);
        assert_eq!(training.copied_of(&vec![vec![5, 6], vec![1, 2], vec![]]), (1, 2));
        // A run ends where a poem ends: 6 and 7 stand in different poems.
        assert_eq!(training.longest_run(&vec![vec![6, 7]]), 1);
    }

    #[test]
    fn empty_inputs_have_no_overlap() {
        let none = TrainingPoems::new(&[]);
        let poem = vec![vec![0, 0], vec![]];
        assert_eq!((none.seen(slice::from_ref(&poem), 2), none.copied_line(slice::from_ref(&poem))), (0.0, 0.0));
        assert_eq!(none.longest_runs(&[poem.clone(), vec![]]), [0, 0]);
        assert_eq!((none.seen(&[], 4), none.copied_line(&[])), (0.0, 0.0));
        let empty = TrainingPoems::new(&[vec![vec![]], vec![]]);
        assert_eq!((empty.copied_line(slice::from_ref(&poem)), empty.longest_run(&poem)), (0.0, 0));
    }

    fn poems() -> impl Strategy<Value = Vec<Verse>> {
        // Few units, and the largest of all among them, so that runs are long and heads are tested at their ends.
        let unit = prop_oneof![0u32..3, Just(u32::MAX)];
        prop::collection::vec(prop::collection::vec(prop::collection::vec(unit, 0..6), 0..4), 0..8)
    }

    fn occurs_in(gram: &[u32], sequences: &[Vec<u32>]) -> bool {
        sequences.iter().any(|sequence| sequence.windows(gram.len()).any(|other| other == gram))
    }

    proptest! {
        #[test]
        fn figures_match_a_linear_search(training in poems(), samples in poems(), n in 1usize..5) {
            let prepared = TrainingPoems::new(&training);
            let joined: Vec<Vec<u32>> = training.iter().map(|poem| poem.concat()).collect();
            let lines: Vec<Vec<u32>> = training.iter().flatten().cloned().collect();
            for sample in &samples {
                let grams: Vec<&[u32]> = sample.iter().flat_map(|line| line.windows(n)).collect();
                let seen = grams.iter().filter(|gram| occurs_in(gram, &lines)).count();
                prop_assert_eq!(prepared.seen_of(sample, n), (seen, grams.len()));
                let units = sample.concat();
                let runs = (1..=units.len()).filter(|&n| units.windows(n).any(|run| occurs_in(run, &joined)));
                prop_assert_eq!(prepared.longest_run(sample), runs.max().unwrap_or(0));
                let copied = sample.iter().filter(|line| !line.is_empty() && lines.contains(line)).count();
                prop_assert_eq!(prepared.copied_of(sample).0, copied);
            }
            let mut reversed = samples.clone();
            reversed.reverse();
            prop_assert_eq!(prepared.seen(&samples, n), prepared.seen(&reversed, n));
        }
    }
}
