//! The arguments of `poetgan sweep`.

use clap::Args;
use std::path::PathBuf;

use super::super::values::{seed, threads, whole};
use crate::corpus::Form;
use crate::sweep::SweepOptions;

/// Quality against diversity at ten temperatures, before and after adversarial training: was it worth it?
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan sweep                                  the newest run, in the form that it knows best
  poetgan sweep --model runs/tang --form 7x4 --svg sweep.svg --png sweep.png
  poetgan sweep --select 8                       with the discriminator choosing the best of eight drafts
  poetgan sweep --quick                          rhyme and tones only, without the classifier
  poetgan sweep --json > sweep.json")]
pub struct Sweep {
    /// Poems to compare with [default: the corpus of the model's run]
    corpus: Option<PathBuf>,
    /// Run directory or checkpoint [default: the newest run]
    #[arg(long, value_name = "PATH")]
    model: Option<PathBuf>,
    /// The form, such as 7x4 or 七绝 [default: the one that most poems have]
    #[arg(long)]
    form: Option<Form>,
    /// Poems for each of the twenty points
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = whole::<usize>(40..=100_000), allow_negative_numbers = true)]
    samples: usize,
    /// Drafts of each poem: the discriminator chooses among the model's, its own likelihood among the pretrained model's
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole::<usize>(1..=1000), allow_negative_numbers = true)]
    select: usize,
    /// Seed of all samples
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = seed(), allow_negative_numbers = true)]
    seed: u64,
    /// Draw the curves into this file, as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// The same as a bitmap
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Leave out the classifier, for which a language model is trained once
    #[arg(long)]
    quick: bool,
    /// One JSON object instead of tables and pictures
    #[arg(long)]
    json: bool,
    /// Threads to compute with [default: one per processor core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl Sweep {
    pub fn options(&self) -> SweepOptions {
        SweepOptions {
            corpus: self.corpus.clone(),
            model: self.model.clone(),
            form: self.form,
            samples: self.samples,
            seed: self.seed,
            select: self.select,
            quick: self.quick,
            json: self.json,
            svg: self.svg.clone(),
            png: self.png.clone(),
        }
    }
}
