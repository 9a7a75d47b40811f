//! Cross-fitted statistics: the features of a poem come from statistics in which it is not counted, though all others
//! are, so that training poems can be classified as if they were unseen.

use super::background::Background;
use super::{ExtraFeatures, RealPoems};
use crate::eval::PoemText;
use crate::eval::language::Language;

const FOLDS: usize = 4;

/// Statistics without the poems of each fold. Poem i of a list belongs to fold i modulo the number of folds, also where it
/// is a generated one, so that both sides are scored alike by the same statistics.
pub struct CrossFit {
    backgrounds: Vec<Background>,
}

impl CrossFit {
    /// For each fold the statistics of `others` and of the poems of the other folds of `poems`; `seed` is that of the
    /// rhyme embeddings.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn new(poems: &[PoemText], others: &[PoemText], seed: u64) -> anyhow::Result<CrossFit> {
        let without = |fold: usize| {
            let kept = poems.iter().enumerate().filter(|(index, _)| index % FOLDS != fold).map(|(_, poem)| poem);
            Background::new(&kept.chain(others).cloned().collect::<Vec<_>>(), seed)
        };
        Ok(CrossFit { backgrounds: (0..FOLDS).map(without).collect::<anyhow::Result<_>>()? })
    }

    /// The features of every poem for the trees, [poems][columns], each by the statistics of its fold. `language` must
    /// have seen none of the poems.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn features(
        &self,
        poems: &[PoemText],
        language: &Language,
        extra: ExtraFeatures,
    ) -> anyhow::Result<Vec<Vec<f64>>> {
        let mut features = vec![Vec::new(); poems.len()];
        for (fold, background) in self.backgrounds.iter().enumerate() {
            let own: Vec<PoemText> = poems.iter().skip(fold).step_by(FOLDS).cloned().collect();
            let found = RealPoems { background, language: Some(language), extra }.features(&own)?;
            features.iter_mut().skip(fold).step_by(FOLDS).zip(found).for_each(|(place, found)| *place = found);
        }
        Ok(features)
    }

    /// Applies `change`, which keeps their number, to the poems of each fold.
    pub fn by_fold(&self, poems: &[PoemText], change: impl Fn(&[PoemText]) -> Vec<PoemText>) -> Vec<PoemText> {
        let mut changed = vec![PoemText::new(); poems.len()];
        for fold in 0..self.backgrounds.len() {
            let own: Vec<PoemText> = poems.iter().skip(fold).step_by(FOLDS).cloned().collect();
            changed.iter_mut().skip(fold).step_by(FOLDS).zip(change(&own)).for_each(|(place, poem)| *place = poem);
        }
        changed
    }

    /// `count` less the poems that do not fill a round of the folds: a list cut there keeps its folds.
    pub fn whole_rounds(&self, count: usize) -> usize {
        count - count % self.backgrounds.len()
    }
}
