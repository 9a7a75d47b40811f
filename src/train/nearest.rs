//! The poem of the corpus that a generated one is closest to, so that everybody can see what was learned by heart.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use crate::gan::data::Dataset;

type Pair = (u32, u32);

/// An index of the pairs of neighbouring tokens: each pair with the number of a training poem that has it, sorted.
pub struct Nearest {
    entries: Vec<(Pair, u32)>,
}

impl Nearest {
    pub fn new(dataset: &Dataset) -> Nearest {
        let poems: Vec<&Vec<u32>> = dataset.buckets.iter().flat_map(|bucket| &bucket.training).collect();
        let of_poem = |(number, poem): (usize, &&Vec<u32>)| {
            pairs(poem, dataset.special.first_content).into_iter().map(move |pair| (pair, number as u32))
        };
        let mut entries: Vec<(Pair, u32)> = poems.par_iter().enumerate().flat_map_iter(of_poem).collect();
        entries.par_sort_unstable();
        entries.shrink_to_fit();
        Nearest { entries }
    }

    /// The training poem that shares most pairs with `poem`, each weighted by 1 / (number of poems that have it). `None`
    /// where no poem shares any.
    pub fn find<'a>(&self, poem: &[u32], dataset: &'a Dataset) -> Option<&'a [u32]> {
        let mut scores: HashMap<u32, f32, FixedState> = HashMap::default();
        for pair in pairs(poem, dataset.special.first_content) {
            let first = self.entries.partition_point(|(other, _)| *other < pair);
            let entries = || self.entries[first..].iter().take_while(|(other, _)| *other == pair);
            let share = 1.0 / entries().count() as f32;
            entries().for_each(|(_, number)| *scores.entry(*number).or_default() += share);
        }
        let best = scores.into_iter().max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.cmp(a)));
        let (number, _) = best?;
        dataset.buckets.iter().flat_map(|bucket| &bucket.training).nth(number as usize).map(Vec::as_slice)
    }
}

/// The different pairs of neighbours within the lines of a poem.
fn pairs(poem: &[u32], first_content: usize) -> HashSet<Pair, FixedState> {
    let is_content = |token: u32| token as usize >= first_content;
    let within = poem.windows(2).filter(|pair| is_content(pair[0]) && is_content(pair[1]));
    within.map(|pair| (pair[0], pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::corpus;
    use crate::tokenizer::Tokenizer;

    #[test]
    fn a_poem_is_nearest_to_itself_also_when_half_of_it_was_changed() {
        let corpus = corpus::read(std::path::Path::new("corpora/sonnets.txt"), &Default::default()).unwrap();
        let config = Config::preset("tiny").unwrap();
        let tokenizer = Tokenizer::train(&config.tokenizer, &corpus.training).unwrap();
        let dataset = Dataset::new(&corpus, &tokenizer, &config);
        let nearest = Nearest::new(&dataset);
        for poem in dataset.buckets.iter().flat_map(|bucket| &bucket.training) {
            let mut half = poem.clone();
            half[poem.len() / 2..].fill(dataset.special.first_content as u32);
            for changed in [poem, &half] {
                assert_eq!(nearest.find(changed, &dataset), Some(poem.as_slice()));
            }
        }
        assert_eq!(nearest.find(&[], &dataset), None);
    }
}
