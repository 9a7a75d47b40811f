//! The lexical head without a graph: what [`lexical::scores`](super::super::lexical::scores) computes for one poem.

use candle_core::Result;

use super::super::lexical::{BANDS, PAIRS, SAME, expected};
use super::{HeadLayers, Rows};
use crate::nn::params::Weights;
use crate::nn::simd::{self, Arch};

/// The head's two dense layers.
pub struct Lexical {
    layers: HeadLayers,
    arch: Arch,
}

impl Lexical {
    pub fn new(weights: &Weights, arch: Arch) -> Result<Lexical> {
        Ok(Lexical { layers: HeadLayers::new(weights, "lexical", arch)?, arch })
    }

    /// The score of a poem for its tokens, line by line, and for the last letter of each line; the rows are those of the
    /// head's table.
    pub fn score(&self, lines: &[Rows], ends: &Rows) -> f32 {
        let poem: Rows = lines.concat();
        let tokens = (poem.len() as f32).max(1.0);
        let mut features = Vec::with_capacity(BANDS + PAIRS);
        for band in 0..BANDS {
            let expected = tokens * expected(band);
            let count: f32 = poem.iter().map(|row| row[band]).sum();
            features.push((count - expected) / expected.sqrt());
        }
        let adjacent: f32 = lines.iter().map(|line| self.pairs(line, |a, b| a + 1 == b)).sum();
        let apart: f32 = lines.iter().map(|line| self.pairs(line, |a, b| a + 1 < b)).sum();
        let across = self.pairs(&poem, |_, _| true) - adjacent - apart;
        let ends = self.pairs(ends, |_, _| true);
        features.extend([adjacent, apart, across, ends].map(|pairs| pairs * (20.0 / tokens)));
        self.layers.score(&features)
    }

    /// Pairs of equal tokens at `counted` places among these rows.
    fn pairs(&self, rows: &Rows, counted: impl Fn(usize, usize) -> bool) -> f32 {
        let mut sum = 0.0;
        simd::vectorised_for(
            self.arch,
            #[inline(always)]
            || {
                for (index, row) in rows.iter().enumerate() {
                    for (other, _) in rows[index + 1..].iter().zip(index + 1..).filter(|(_, b)| counted(index, *b)) {
                        sum += (simd::dot(&row[BANDS..], &other[BANDS..]) - SAME as f32).max(0.0);
                    }
                }
            },
        );
        sum / (1.0 - SAME as f32)
    }
}
