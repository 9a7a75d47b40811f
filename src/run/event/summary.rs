//! The corpus and the models of a run in a few numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::nn::precision::Precision;

/// The corpus of a run, in numbers of poems.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CorpusSummary {
    pub path: String,
    /// Training poems by form.
    pub forms: Vec<(String, usize)>,
    pub held_out: usize,
    /// With tokens that are too rare for the vocabulary.
    pub left_out: usize,
}

/// Both models of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelSummary {
    /// `transformer` or `lstm`.
    pub generator: String,
    pub generator_parameters: usize,
    pub discriminator_parameters: usize,
    pub threads: usize,
    /// Of the matrix products of training; runs of earlier versions had 32 bits.
    #[serde(default)]
    pub precision: Precision,
    /// Processes that train together, each with as many threads.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub ranks: usize,
}

fn one() -> usize {
    1
}

fn is_one(ranks: &usize) -> bool {
    *ranks == 1
}

impl fmt::Display for CorpusSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forms: Vec<String> = self.forms.iter().map(|(form, count)| format!("{form} {count}")).collect();
        write!(
            f,
            "{}: {} training poems ({}), {} held out, {} left out for rare tokens",
            self.path,
            self.training(),
            forms.join(", "),
            self.held_out,
            self.left_out
        )
    }
}

impl fmt::Display for ModelSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millions = |count: usize| count as f64 / 1e6;
        write!(
            f,
            "{} generator of {:.2} M parameters, discriminator of {:.2} M, {} threads{}, matrix products in {}",
            self.generator,
            millions(self.generator_parameters),
            millions(self.discriminator_parameters),
            self.threads,
            if self.ranks > 1 { format!(" on each of {} ranks", self.ranks) } else { String::new() },
            self.precision
        )
    }
}

impl CorpusSummary {
    /// Number of training poems.
    pub fn training(&self) -> usize {
        self.forms.iter().map(|(_, count)| count).sum()
    }
}
