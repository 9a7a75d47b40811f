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

    /// The score of a poem for its tokens, line by line; the rows are those of the head's table.
    pub fn score(&self, lines: &[Rows]) -> f32 {
        let poem: Rows = lines.concat();
        let tokens = (poem.len() as f32).max(1.0);
        let mut features = Vec::with_capacity(BANDS + PAIRS);
        for band in 0..BANDS {
            let expected = tokens * expected(band);
            let count: f32 = poem.iter().map(|row| row[band]).sum();
            features.push((count - expected) / expected.sqrt());
        }
        let within: f32 = lines.iter().map(|line| self.pairs(line)).sum();
        let across = self.pairs(&poem) - within;
        features.extend([within, across].map(|pairs| pairs * (20.0 / tokens)));
        self.layers.score(&features)
    }

    /// Pairs of equal tokens among these rows.
    fn pairs(&self, rows: &Rows) -> f32 {
        let mut sum = 0.0;
        simd::vectorised_for(
            self.arch,
            #[inline(always)]
            || {
                for (index, row) in rows.iter().enumerate() {
                    for other in &rows[index + 1..] {
                        sum += (simd::dot(&row[BANDS..], &other[BANDS..]) - SAME as f32).max(0.0);
                    }
                }
            },
        );
        sum / (1.0 - SAME as f32)
    }
}
