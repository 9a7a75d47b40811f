//! BLEU-2 to BLEU-5 (Papineni et al. 2002), equal to NLTK's `sentence_bleu` against all references with uniform weights
//! and smoothing method 1 (Chen and Cherry 2014), as papers on text GANs report it.
//!
//! Against thousands of references BLEU rewards common phrases: a bigram chain scores as high as real poems. So it is
//! reported together with the BLEU of real poems and with self-BLEU, of samples against other samples.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::Verse;

/// Longest n-grams that are counted.
const LONGEST: usize = 5;

/// Number of matches assumed for a precision without matches (smoothing method 1).
const EPSILON: f64 = 0.1;

/// N-grams are split by their first unit into this many tables, which are filled in parallel.
const TABLES: usize = 16;

/// BLEU-2, 3, 4 and 5, each in 0..=1.
pub type BleuScores = [f64; 4];

/// References, prepared once: the largest count of each n-gram in any reference. N-grams are nodes of a trie, not hashes,
/// so that there are no collisions.
pub struct References {
    tables: Vec<Table>,
    lengths: BTreeSet<usize>,
}

/// A trie of the n-grams whose first unit belongs to this table.
#[derive(Default)]
struct Table {
    /// Node of an n-gram by the node of its first n - 1 units (0 for none) and its last unit.
    children: HashMap<(u32, u32), u32, FixedState>,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy)]
struct Node {
    /// Largest number of occurrences in a reference.
    most: u32,
    /// Occurrences in the reference `last`, while the table is filled.
    count: u32,
    last: u32,
}

impl References {
    pub fn new<'a>(references: impl Iterator<Item = &'a [u32]>) -> References {
        let references: Vec<&[u32]> = references.collect();
        let table = |first: usize| Table::new(&references, first);
        References {
            tables: (0..TABLES).into_par_iter().map(table).collect(),
            lengths: references.iter().map(|reference| reference.len()).collect(),
        }
    }

    /// Poems as references; a poem is the concatenation of its lines.
    pub fn of(verses: &[Verse]) -> References {
        let joined: Vec<Vec<u32>> = verses.iter().map(|verse| verse.concat()).collect();
        References::new(joined.iter().map(Vec::as_slice))
    }

    /// Scores of a hypothesis; all 0 if none of its units is in a reference.
    pub fn scores(&self, hypothesis: &[u32]) -> BleuScores {
        let matches = self.matches(hypothesis);
        if matches[0] == 0 {
            return [0.0; 4];
        }
        let brevity = self.brevity_penalty(hypothesis.len());
        let mut sum = 0.0;
        let mut scores = [0.0; LONGEST];
        for (n, score) in (1..).zip(&mut scores) {
            let matched = if matches[n - 1] == 0 { EPSILON } else { f64::from(matches[n - 1]) };
            sum += (matched / (hypothesis.len() + 1).saturating_sub(n).max(1) as f64).ln();
            *score = brevity * (sum / n as f64).exp();
        }
        [scores[1], scores[2], scores[3], scores[4]]
    }

    /// Scores of each poem.
    pub fn each(&self, verses: &[Verse]) -> Vec<BleuScores> {
        verses.par_iter().map(|verse| self.scores(&verse.concat())).collect()
    }

    /// Mean scores of the poems, 0 without poems.
    pub fn mean(&self, verses: &[Verse]) -> BleuScores {
        let each = self.each(verses);
        [0, 1, 2, 3].map(|i| each.iter().map(|scores| scores[i]).sum::<f64>() / each.len().max(1) as f64)
    }

    /// Clipped n-gram matches for each n.
    fn matches(&self, hypothesis: &[u32]) -> [u32; LONGEST] {
        let mut found: [Vec<(usize, u32)>; LONGEST] = Default::default();
        for start in 0..hypothesis.len() {
            let (table, mut node) = (table_of(hypothesis[start]), 0);
            for (unit, found) in hypothesis[start..].iter().zip(&mut found) {
                let Some(&child) = self.tables[table].children.get(&(node, *unit)) else { break };
                found.push((table, child));
                node = child;
            }
        }
        found.map(|mut found| {
            found.sort_unstable();
            let clipped = |same: &[(usize, u32)]| {
                let (table, node) = same[0];
                self.tables[table].nodes[node as usize].most.min(same.len() as u32)
            };
            found.chunk_by(|a, b| a == b).map(clipped).sum()
        })
    }

    /// From the reference of closest length, the shorter of two.
    fn brevity_penalty(&self, length: usize) -> f64 {
        let closest = self.lengths.iter().min_by_key(|&&other| (other.abs_diff(length), other)).copied();
        let closest = closest.unwrap_or(0);
        if length > closest { 1.0 } else { (1.0 - closest as f64 / length as f64).exp() }
    }
}

fn table_of(first: u32) -> usize {
    first as usize % TABLES
}

impl Table {
    fn new(references: &[&[u32]], number: usize) -> Table {
        let mut table = Table::default();
        table.nodes.push(Node { most: 0, count: 0, last: 0 });
        for (reference, index) in references.iter().zip(0..) {
            for start in (0..reference.len()).filter(|&start| table_of(reference[start]) == number) {
                table.add(&reference[start..reference.len().min(start + LONGEST)], index);
            }
        }
        table
    }

    /// Counts the n-grams that `units` begins with.
    fn add(&mut self, units: &[u32], reference: u32) {
        let mut at = 0;
        for unit in units {
            let next = self.nodes.len() as u32;
            at = *self.children.entry((at, *unit)).or_insert(next);
            if at == next {
                self.nodes.push(Node { most: 0, count: 0, last: reference });
            }
            let node = &mut self.nodes[at as usize];
            node.count = if node.last == reference { node.count + 1 } else { 1 };
            node.last = reference;
            node.most = node.most.max(node.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scores_match_a_calculation_by_hand() {
        // One match of two units and none of two pairs: sqrt(1/2 * 0.1/1), and no penalty for a longer reference's sake.
        let references = References::new([&[1, 2, 3][..], &[1, 9]].into_iter());
        let [two, three, ..] = references.scores(&[1, 7]);
        assert!((two - (0.5f64 * 0.1).sqrt()).abs() < 1e-12, "{two}");
        assert!((three - (0.5f64 * 0.1 * 0.1).cbrt()).abs() < 1e-12, "{three}");
        assert_eq!(references.scores(&[1, 2, 3])[0], 1.0);
        // Clipped: no reference has two of unit 1.
        assert!((references.scores(&[1, 1])[0] - (0.5f64 * 0.1).sqrt()).abs() < 1e-12);
        // Shorter than every reference: exp(1 - 2 / 1).
        assert!((references.scores(&[1])[0] - (-1.0f64).exp() * 0.1f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn empty_inputs_score_zero() {
        let none = References::of(&[]);
        assert_eq!((none.scores(&[1, 2]), none.mean(&[vec![vec![1]]]), none.mean(&[])), ([0.0; 4], [0.0; 4], [0.0; 4]));
        let some = References::of(&[vec![vec![1, 2], vec![]], vec![]]);
        assert_eq!((some.scores(&[]), some.scores(&[3]), some.mean(&[])), ([0.0; 4], [0.0; 4], [0.0; 4]));
    }

    fn poems() -> impl Strategy<Value = Vec<Verse>> {
        let line = prop::collection::vec(0u32..6, 0..6);
        prop::collection::vec(prop::collection::vec(line, 0..4), 0..12)
    }

    proptest! {
        #[test]
        fn scores_lie_in_their_range_in_any_order(references in poems(), samples in poems(), turn in 0usize..12) {
            let prepared = References::of(&references);
            let scores = prepared.mean(&samples);
            prop_assert!(scores.iter().all(|score| (0.0..=1.0 + 1e-12).contains(score)), "{scores:?}");
            let rotated = |poems: &[Verse]| {
                let mut poems = poems.to_vec();
                let turn = turn.min(poems.len());
                poems.rotate_left(turn);
                poems
            };
            let again = References::of(&rotated(&references)).mean(&rotated(&samples));
            prop_assert!(scores.iter().zip(again).all(|(a, b)| (a - b).abs() < 1e-12), "{scores:?} {again:?}");
        }
    }
}
