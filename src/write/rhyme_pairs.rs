//! Which lines of the poems of a corpus rhyme, kept with the model.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::corpus::Poem;
use crate::metrics::rhyme::RhymeModel;
use crate::metrics::{Units, Verse};

/// At most about this many poems are read; more change nothing.
const POEMS: usize = 20_000;

/// Pairs of rhyming lines, from 0, by the number of lines of a poem.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RhymePairs {
    by_lines: BTreeMap<usize, Vec<(usize, usize)>>,
}

impl RhymePairs {
    /// Those of poems in a script with spaces; in others the even lines are taken to rhyme, and there is nothing to keep.
    pub fn of(poems: &[Poem]) -> RhymePairs {
        let mut units = Units::for_many(poems.par_iter().map(|poem| poem.lines.as_slice()));
        if !units.are_words() {
            return RhymePairs::default();
        }
        let some = poems.iter().step_by(poems.len().div_ceil(POEMS).max(1));
        let verses: Vec<Verse> = some.map(|poem| units.verse(&poem.lines)).collect();
        let rhyme = RhymeModel::learn(&verses, &units);
        let lengths: BTreeSet<usize> = poems.iter().map(|poem| poem.lines.len()).collect();
        let pairs = lengths.into_iter().map(|n_lines| (n_lines, rhyme.pairs(n_lines)));
        RhymePairs { by_lines: pairs.filter(|(_, pairs)| !pairs.is_empty()).collect() }
    }

    /// Those that a run keeps in a file; `None` if it does not, or no longer.
    pub fn read(path: &Path) -> Option<RhymePairs> {
        serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
    }

    pub fn is_empty(&self) -> bool {
        self.by_lines.is_empty()
    }

    /// The pairs in poems of `n_lines` lines; empty if none rhyme.
    pub fn of_lines(&self, n_lines: usize) -> &[(usize, usize)] {
        self.by_lines.get(&n_lines).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{self, ReadOptions};

    #[test]
    fn the_lines_of_sonnets_rhyme_as_shakespeare_had_it() {
        let corpus = corpus::read(Path::new("corpora/sonnets.txt"), &ReadOptions::default()).unwrap();
        let pairs = RhymePairs::of(&corpus.training);
        assert_eq!(pairs.of_lines(14), [(0, 2), (1, 3), (4, 6), (5, 7), (8, 10), (9, 11), (12, 13)]);
        assert!(pairs.of_lines(3).is_empty());
        let json = serde_json::to_string(&pairs).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &json).unwrap();
        assert_eq!(RhymePairs::read(file.path()), Some(pairs));
        fs::write(file.path(), &json[..json.len() / 2]).unwrap();
        assert_eq!(RhymePairs::read(file.path()), None);
    }

    #[test]
    fn nothing_is_kept_for_scripts_without_spaces() {
        let corpus = corpus::read(Path::new("corpora/tang.txt"), &ReadOptions::default()).unwrap();
        assert!(RhymePairs::of(&corpus.training).is_empty());
    }
}
