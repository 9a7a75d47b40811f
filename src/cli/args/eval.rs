//! The arguments of `poetgan eval`.

use clap::Args;
use std::path::PathBuf;

use super::super::values::{positive, seed, threads, whole};
use crate::corpus::Form;
use crate::eval::{self, EvalOptions};

/// Measure how good a model's poems are, beside real poems and simple baselines
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan eval                                      the newest run, on the corpus that it was trained on
  poetgan eval --model runs/tang --form 7x4         quatrains of seven characters only
  poetgan eval corpora/tang.txt --json > eval.json  forms.<form>.<column>.<metric>, intervals as <metric>_interval
  poetgan eval --quick                              without the classifiers, in seconds
  poetgan eval --explain                            what every metric means")]
pub struct Eval {
    /// Poems to compare with [default: the corpus of the model's run]
    corpus: Option<PathBuf>,
    /// Run directory, checkpoint or packed model [default: the newest run, else the model inside the program]
    #[arg(long, value_name = "PATH")]
    model: Option<PathBuf>,
    /// One form only, such as 7x4 or 七绝 [default: every form with enough held-out poems]
    #[arg(long)]
    form: Option<Form>,
    /// Poems that each generator writes of each form
    #[arg(long, value_name = "N", default_value_t = eval::SAMPLES, value_parser = whole::<usize>(20..=100_000), allow_negative_numbers = true)]
    samples: usize,
    /// Drafts of each poem: the discriminator chooses among the model's, its own likelihood among the pretrained model's
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole::<usize>(1..=1000), allow_negative_numbers = true)]
    select: usize,
    /// Seed of all samples
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = seed(), allow_negative_numbers = true)]
    seed: u64,
    /// Temperature of the model's poems [default: that of its configuration]
    #[arg(long, value_name = "F", value_parser = positive, allow_negative_numbers = true)]
    temperature: Option<f32>,
    /// Leave out what has to train a network or trees: c2st_accuracy and frechet
    #[arg(long)]
    quick: bool,
    /// One JSON object instead of tables
    #[arg(long)]
    json: bool,
    /// Say what every metric means, and do nothing else
    #[arg(long)]
    explain: bool,
    /// Threads to compute with [default: one per processor core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl Eval {
    pub fn options(&self) -> EvalOptions {
        EvalOptions {
            corpus: self.corpus.clone(),
            model: self.model.clone(),
            form: self.form,
            samples: self.samples,
            seed: self.seed,
            select: self.select,
            temperature: self.temperature,
            quick: self.quick,
            json: self.json,
            explain: self.explain,
        }
    }
}
