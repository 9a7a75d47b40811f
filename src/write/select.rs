//! Selection of one of several drafts of a poem.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::random;

/// How one of the drafts is selected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SelectBy {
    /// The draft with the highest discriminator score.
    Best,
    /// A draw in proportion to e^logit of the discriminator's score. The logit estimates ln(p_real / p_model) (Azadi et al.
    /// 2019, "Discriminator rejection sampling"), so with more and more drafts the poems approach the distribution of those
    /// that the discriminator holds for real (sampling-importance-resampling, Rubin 1987).
    Draw,
    /// The draft with the highest likelihood under the generator: the baseline for the discriminator.
    Likelihood,
}

impl SelectBy {
    /// The names of those that a user can choose.
    pub const OPTIONS: [&'static str; 2] = ["best", "draw"];

    /// The index of the selected draft of the poem `seed`, given a score of each draft: a logit, or a log-likelihood.
    pub fn select(self, scores: &[f32], seed: u64) -> usize {
        match self {
            SelectBy::Draw => draw(scores, seed),
            SelectBy::Best | SelectBy::Likelihood => best(scores),
        }
    }

    /// How the drafts are selected, for a report; `None` for one draft.
    pub fn note(self, drafts: usize) -> Option<String> {
        let by = if self == SelectBy::Draw { "drawn in proportion to e^logit" } else { "the highest" };
        let note = || {
            format!(
                "one of {drafts} drafts: the model's by discriminator score ({by}), the pretrained model's by likelihood"
            )
        };
        (drafts > 1).then(note)
    }
}

impl fmt::Display for SelectBy {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            SelectBy::Best => "best",
            SelectBy::Draw => "draw",
            SelectBy::Likelihood => "likelihood",
        })
    }
}

/// The draft with the highest score; of equals the first.
fn best(scores: &[f32]) -> usize {
    (0..scores.len()).reduce(|best, next| if scores[next] > scores[best] { next } else { best }).unwrap_or(0)
}

/// A draw in proportion to e^logit, by a stream of its own. The exponential is that of the crate `libm`, and the sums have
/// a fixed order, so the draw is the same on every processor.
fn draw(logits: &[f32], seed: u64) -> usize {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f64> = logits.iter().map(|&logit| libm::exp(f64::from(logit) - f64::from(largest))).collect();
    let uniform = f64::from(random::uniform(&mut random::stream(seed, "selection", 0)));
    let mut rest = uniform * weights.iter().sum::<f64>();
    let is_drawn = |weight: &f64| {
        rest -= weight;
        rest < 0.0
    };
    weights.iter().position(is_drawn).unwrap_or(weights.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_draft_is_the_first_of_the_highest() {
        assert_eq!((best(&[0.2, 0.7, 0.7, 0.1]), best(&[-0.5])), (1, 0));
    }

    #[test]
    fn draws_follow_the_weights() {
        let weights = [1.0f32, 4.0, 0.5, 2.5];
        // Logits as large as a discriminator that is sure of itself gives.
        let logits: Vec<f32> = weights.iter().map(|weight| weight.ln() - 300.0).collect();
        let (mut counts, n) = ([0f32; 4], 40_000);
        (0..n).for_each(|seed| counts[SelectBy::Draw.select(&logits, seed)] += 1.0);
        // Chi-square with 3 degrees of freedom: 16.3 is exceeded once in a thousand.
        let chi: f32 = weights.iter().map(|w| w / 8.0 * n as f32).zip(counts).map(|(e, c)| (c - e).powi(2) / e).sum();
        assert!(chi < 16.3, "{chi} {counts:?}");
    }

    #[test]
    fn a_seed_has_one_draw() {
        let draws: Vec<usize> = (0..12).map(|seed| SelectBy::Draw.select(&[0.5, -0.5, 0.1, 0.3], seed)).collect();
        assert_eq!(draws, [2, 2, 1, 2, 1, 0, 2, 2, 1, 0, 3, 2], "a change of these numbers would change every poem");
        assert_eq!((SelectBy::Draw.select(&[-3.0], 5), SelectBy::Draw.select(&[f32::NEG_INFINITY, 0.0], 5)), (0, 1));
    }

    /// Self-normalised importance sampling on a law that is known: drafts of a Bernoulli with p = 0.2, whose logit is the
    /// logarithm of the density ratio to one with p = 0.6. With many drafts the selected ones follow the latter.
    #[test]
    fn many_drafts_approach_the_real_distribution() {
        let (model, real) = (0.2f32, 0.6f32);
        let logit = |is_one: bool| if is_one { (real / model).ln() } else { ((1.0 - real) / (1.0 - model)).ln() };
        let share = |drafts: usize| {
            let of_poem = |seed: u64| {
                let mut rng = random::stream(seed, "test", 0);
                let values: Vec<bool> = (0..drafts).map(|_| random::uniform(&mut rng) < model).collect();
                let logits: Vec<f32> = values.iter().map(|&value| logit(value)).collect();
                values[SelectBy::Draw.select(&logits, seed)]
            };
            (0..20_000).filter(|&seed| of_poem(seed)).count() as f32 / 20_000.0
        };
        // Four standard errors are 0.014; of 64 drafts the bias is below 0.01.
        assert!((share(1) - model).abs() < 0.014 && (share(64) - real).abs() < 0.024, "{} {}", share(1), share(64));
        assert!(share(4) > model + 0.1 && share(4) < real, "{}", share(4));
    }
}
