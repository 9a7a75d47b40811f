//! The bigram baseline: a Markov chain of units.

use super::Verse;
use crate::random;

/// The line boundary: the state before the first unit, and the follower that ends a line.
const EDGE: Option<u32> = None;

/// A chain estimated on poems of one form. If all of them have the same line lengths, so do its samples; else the chain
/// decides where lines end, and the number of lines is drawn from the training poems.
pub struct Chain {
    /// The units that followed the beginning of a line, then those that followed each unit; sorted, with repetitions.
    followers: Vec<Vec<Option<u32>>>,
    /// Number of distinct followers in each list.
    distinct: Vec<usize>,
    /// All units, and all line ends if these are not fixed; sorted, with repetitions.
    all: Vec<Option<u32>>,
    /// Number of distinct ones.
    vocabulary: usize,
    shape: Shape,
}

enum Shape {
    /// Units per line.
    Fixed(Vec<usize>),
    /// Number of lines of each training poem, and the length of the longest line.
    Open(Vec<usize>, usize),
}

impl Chain {
    pub fn new(poems: &[Verse]) -> Chain {
        let shape = Shape::of(poems);
        let open = matches!(shape, Shape::Open(..));
        let states = poems.iter().flatten().flatten().max().map_or(0, |&most| most as usize + 1);
        let mut chain = Chain {
            followers: vec![Vec::new(); states + 1],
            distinct: Vec::new(),
            all: Vec::new(),
            vocabulary: 0,
            shape,
        };
        for line in poems.iter().flatten() {
            let mut before = EDGE;
            for next in line.iter().map(|&unit| Some(unit)).chain(open.then_some(EDGE)) {
                chain.followers[state(before)].push(next);
                chain.all.push(next);
                before = next;
            }
        }
        chain.followers.iter_mut().chain([&mut chain.all]).for_each(|list| list.sort_unstable());
        chain.distinct = chain.followers.iter().map(|list| distinct(list)).collect();
        chain.vocabulary = distinct(&chain.all);
        chain
    }

    /// Poem `index` of `seed`. Every unit is drawn by the maximum-likelihood estimate, or from all units if the unit before
    /// it never had a follower. Empty without training poems.
    pub fn draw(&self, seed: u64, index: u64) -> Verse {
        let mut rng = random::stream(seed, "bigram", index);
        match &self.shape {
            Shape::Fixed(widths) => widths.iter().map(|&width| self.line(width, &mut rng)).collect(),
            Shape::Open(heights, _) if heights.is_empty() => Verse::new(),
            Shape::Open(heights, longest) => {
                let height = heights[random::below(&mut rng, heights.len())];
                (0..height).map(|_| self.line(*longest, &mut rng)).collect()
            }
        }
    }

    /// A line of at most `longest` units.
    fn line(&self, longest: usize, rng: &mut impl rand::RngCore) -> Vec<u32> {
        let mut line = Vec::with_capacity(longest);
        while line.len() < longest {
            let followers = &self.followers[state(line.last().copied())];
            let from = if followers.is_empty() { &self.all } else { followers };
            let Some(unit) = from[random::below(rng, from.len())] else { break };
            line.push(unit);
        }
        line
    }

    /// Negative log-likelihood of a poem in nats, and the number of outcomes: its units, and its line ends if these are not
    /// fixed. The chain is smoothed by the method of Witten and Bell (1991), with one unit for all unseen ones.
    pub fn nll(&self, poem: &Verse) -> (f64, usize) {
        let open = matches!(self.shape, Shape::Open(..));
        let (mut sum, mut count) = (0.0, 0);
        for line in poem {
            let mut before = EDGE;
            for next in line.iter().map(|&unit| Some(unit)).chain(open.then_some(EDGE)) {
                sum -= self.probability(before, next).ln();
                count += 1;
                before = next;
            }
        }
        (sum, count)
    }

    /// Negative log-likelihood per outcome over many poems, in nats; 0 without poems.
    pub fn mean_nll(&self, poems: &[Verse]) -> f64 {
        let (sum, count) = poems.iter().map(|poem| self.nll(poem)).fold((0.0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        sum / count.max(1) as f64
    }

    fn probability(&self, before: Option<u32>, next: Option<u32>) -> f64 {
        let alone = (count(&self.all, next) + 1) as f64 / (self.all.len() + self.vocabulary + 1) as f64;
        let Some(followers) = self.followers.get(state(before)).filter(|list| !list.is_empty()) else { return alone };
        let distinct = self.distinct[state(before)] as f64;
        (count(followers, next) as f64 + distinct * alone) / (followers.len() as f64 + distinct)
    }
}

impl Shape {
    fn of(poems: &[Verse]) -> Shape {
        let widths = |poem: &Verse| poem.iter().map(Vec::len).collect::<Vec<_>>();
        match poems.first().map(widths) {
            Some(first) if poems.iter().all(|poem| widths(poem) == first) => Shape::Fixed(first),
            _ => {
                let longest = poems.iter().flatten().map(Vec::len).max().unwrap_or(0);
                Shape::Open(poems.iter().map(Vec::len).collect(), longest)
            }
        }
    }
}

fn state(before: Option<u32>) -> usize {
    before.map_or(0, |unit| unit as usize + 1)
}

fn count(sorted: &[Option<u32>], one: Option<u32>) -> usize {
    sorted.partition_point(|other| *other <= one) - sorted.partition_point(|other| *other < one)
}

fn distinct(sorted: &[Option<u32>]) -> usize {
    sorted.chunk_by(|a, b| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn samples_keep_a_fixed_form() {
        let chain = Chain::new(&[vec![vec![1, 2, 3], vec![4, 5]], vec![vec![1, 3, 2], vec![5, 4]]]);
        for index in 0..200 {
            let widths: Vec<usize> = chain.draw(7, index).iter().map(Vec::len).collect();
            assert_eq!(widths, [3, 2]);
        }
        assert_eq!(chain.draw(7, 3), chain.draw(7, 3));
        assert!((0..20).any(|index| chain.draw(7, index) != chain.draw(8, index)));
    }

    #[test]
    fn followers_are_drawn_as_often_as_they_followed() {
        // After 1 came 2 three times and 3 once; lines begin with 1 and end after the second unit or with the first.
        let poems = [vec![vec![1, 2]], vec![vec![1, 2], vec![1, 2]], vec![vec![1, 3]], vec![vec![1]]];
        let chain = Chain::new(&poems);
        let (mut seconds, mut heights) = (BTreeMap::<_, usize>::new(), BTreeMap::<_, usize>::new());
        for index in 0..10_000 {
            let poem = chain.draw(1, index);
            *heights.entry(poem.len()).or_default() += 1;
            *seconds.entry(poem[0].get(1).copied()).or_default() += 1;
            assert_eq!(poem[0][0], 1);
        }
        // Standard deviations are at most 50.
        let near = |found: usize, expected: usize| found.abs_diff(expected) < 200;
        assert!(near(heights[&1], 7_500) && near(heights[&2], 2_500), "{heights:?}");
        assert!(near(seconds[&Some(2)], 6_000) && near(seconds[&Some(3)], 2_000), "{seconds:?}");
        assert!(near(seconds[&None], 2_000), "{seconds:?}");
    }

    #[test]
    fn probabilities_add_up_to_one() {
        for poems in [vec![vec![vec![0, 1, 2]], vec![vec![0, 2, 2]]], vec![vec![vec![0, 1]], vec![vec![2], vec![]]]] {
            let chain = Chain::new(&poems);
            for before in [EDGE, Some(0), Some(1), Some(2), Some(9)] {
                let open = matches!(chain.shape, Shape::Open(..));
                let next = [0, 1, 2, 9].into_iter().map(Some).chain(open.then_some(EDGE));
                let sum: f64 = next.map(|next| chain.probability(before, next)).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{before:?} {sum}");
            }
        }
    }

    #[test]
    fn its_own_samples_are_more_likely_than_their_reverse() {
        let poems: Vec<Verse> = (0..50).map(|i| vec![vec![i % 3, 3 + i % 4, 7 + i % 5]]).collect();
        let chain = Chain::new(&poems);
        let drawn: Vec<Verse> = (0..50).map(|index| chain.draw(0, index)).collect();
        let reversed: Vec<Verse> = drawn.iter().map(|poem| vec![poem[0].iter().rev().copied().collect()]).collect();
        let (forward, backward) = (chain.mean_nll(&drawn), chain.mean_nll(&reversed));
        assert!(forward > 0.0 && forward + 1.0 < backward, "{forward} {backward}");
    }

    #[test]
    fn no_poems_and_no_units_are_no_error() {
        assert_eq!(Chain::new(&[]).draw(0, 0), Verse::new());
        assert_eq!(Chain::new(&[vec![vec![], vec![]]]).draw(0, 0), vec![Vec::<u32>::new(); 2]);
        assert_eq!(Chain::new(&[vec![], vec![vec![1]]]).nll(&vec![]), (0.0, 0));
        let (nll, count) = Chain::new(&[]).nll(&vec![vec![3, 4]]);
        assert!(nll.is_finite() && count == 3);
        assert_eq!(Chain::new(&[]).mean_nll(&[]), 0.0);
    }
}
