//! The arguments that `poetgan eval` and `poetgan sweep` share.

use clap::Args;
use std::path::PathBuf;

use super::super::values::{choice, probability, seed, threads, whole};
use super::ModelArgs;
use crate::corpus::Form;
use crate::eval::ComparisonOptions;
use crate::shard::{PartOptions, Shard};
use crate::write::{DEFAULT_SELECT_BY, SelectBy};

#[derive(Args)]
pub struct ComparisonArgs {
    /// Poems to compare with [default: the corpus of the model's run]
    corpus: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
    /// Sample from the most probable tokens that together have probability P, as in write
    #[arg(long, value_name = "P", default_value_t = 1.0, value_parser = probability, allow_negative_numbers = true)]
    top_p: f32,
    /// Drafts of each poem; the model's are selected by its discriminator, the pretrained model's by their likelihood
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole::<usize>(1..=1000), allow_negative_numbers = true)]
    select: usize,
    /// How the discriminator selects a draft, as in write
    #[arg(long, value_name = "RULE", default_value_t = DEFAULT_SELECT_BY, value_parser = choice::<SelectBy>(&SelectBy::OPTIONS))]
    select_by: SelectBy,
    /// Seed of all samples
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = seed(), allow_negative_numbers = true)]
    seed: u64,
    /// Leave out whatever needs a language model of the corpus: the classifiers, and frechet
    #[arg(long)]
    quick: bool,
    /// One JSON object instead of tables and plots
    #[arg(long, conflicts_with = "shard")]
    json: bool,
    /// Generate only the Kth of N parts of the poems, into a file; poetgan merge measures them all and prints the report
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
    /// The file for the part [default: COMMAND-part-K-of-N.json]
    #[arg(short, long, value_name = "FILE", requires = "shard")]
    output: Option<PathBuf>,
    /// Number of threads [default: one per performance core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl ComparisonArgs {
    /// The options, with those that each command declares itself.
    pub fn options(&self, form: Option<Form>, samples: usize) -> ComparisonOptions {
        ComparisonOptions {
            corpus: self.corpus.clone(),
            model: self.model.choice(),
            form,
            samples,
            seed: self.seed,
            select: self.select,
            select_by: self.select_by,
            top_p: self.top_p,
            quick: self.quick,
            json: self.json,
            part: self.shard.map(|shard| PartOptions { shard, file: self.output.clone() }),
        }
    }
}
