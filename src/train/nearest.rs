//! The poem of the corpus that a written one is closest to, so that everybody can see what was learned by heart.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use super::data::Dataset;

type Pair = (u32, u32);

/// Where each pair of neighbouring tokens stands in the training poems.
pub struct Nearest {
    /// Bucket and index of the poems that hold a pair.
    places: HashMap<Pair, Vec<(u16, u32)>, FixedState>,
}

impl Nearest {
    pub fn new(dataset: &Dataset) -> Nearest {
        let mut places: HashMap<Pair, Vec<(u16, u32)>, FixedState> = HashMap::default();
        for (bucket, poems) in dataset.buckets.iter().enumerate() {
            for (index, poem) in poems.training.iter().enumerate() {
                for pair in pairs(poem, dataset.marks.first_content) {
                    places.entry(pair).or_default().push((bucket as u16, index as u32));
                }
            }
        }
        Nearest { places }
    }

    /// Bucket and index of the training poem that shares most pairs with `poem`, rare ones counting more: each as much as
    /// it has poems of its own share. `None` where it shares none.
    pub fn find(&self, poem: &[u32], dataset: &Dataset) -> Option<(usize, usize)> {
        let mut scores: HashMap<(u16, u32), f32, FixedState> = HashMap::default();
        for pair in pairs(poem, dataset.marks.first_content) {
            let places = self.places.get(&pair).map_or(&[][..], Vec::as_slice);
            for place in places {
                *scores.entry(*place).or_default() += 1.0 / places.len() as f32;
            }
        }
        let best = scores.into_iter().max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.cmp(a)));
        best.map(|((bucket, index), _)| (bucket.into(), index as usize))
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
        let corpus = corpus::read(std::path::Path::new("corpora/sonnets.txt")).unwrap();
        let config = Config::preset("tiny").unwrap();
        let tokenizer = Tokenizer::train(&config.tokenizer, &corpus.training).unwrap();
        let dataset = Dataset::new(&corpus, &tokenizer, &config);
        let nearest = Nearest::new(&dataset);
        for (bucket, poems) in dataset.buckets.iter().enumerate() {
            for (index, poem) in poems.training.iter().enumerate() {
                let mut half = poem.clone();
                half[poem.len() / 2..].fill(dataset.marks.first_content as u32);
                for poem in [poem, &half] {
                    assert_eq!(nearest.find(poem, &dataset), Some((bucket, index)));
                }
            }
        }
        assert_eq!(nearest.find(&[], &dataset), None);
    }
}
