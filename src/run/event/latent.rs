//! Directions of z.

use serde::{Deserialize, Serialize};

/// How far a poem is moved along a direction of z ~ N(0, I), in standard deviations.
pub const REACH: [f32; 9] = [-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0];

/// A poem to be moved along a direction of its noise vector, by the amounts of [`REACH`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LatentRequest {
    pub seed: u64,
    pub direction: usize,
    /// Index of the form, the most frequent one first; further ones begin again.
    pub form: usize,
    /// Other directions, and the shift along each.
    pub moved: Vec<(usize, f32)>,
}

/// The words at the two ends of a direction of the noise vector, the most extreme first. Without words it is noise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AxisWords {
    pub positive: Vec<String>,
    pub negative: Vec<String>,
}

impl AxisWords {
    /// The first `n` words of the negative and of the positive end; single characters need no spaces.
    pub fn ends(&self, n: usize) -> [String; 2] {
        let is_long = |word: &String| word.chars().count() > 1;
        let space = if self.positive.iter().chain(&self.negative).any(is_long) { " " } else { "" };
        [&self.negative, &self.positive].map(|words| words[..n.min(words.len())].join(space))
    }
}
