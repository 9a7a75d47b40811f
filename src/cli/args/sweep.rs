//! The arguments of `poetgan sweep`.

use clap::Args;
use std::path::PathBuf;

use super::super::values::whole;
use super::ComparisonArgs;
use crate::corpus::Form;
use crate::lang::Lang;
use crate::sweep::{PlotFiles, SweepOptions};

/// Plot quality against diversity at ten temperatures, before and after adversarial training
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan sweep                                  the newest run, in the form with most poems
  poetgan sweep --model runs/tang --form 7x4 --svg sweep.svg --png sweep.png
  poetgan sweep --select 8                       the best of eight drafts by the discriminator's score
  poetgan sweep --quick                          rhyme and tones only, without the classifier
  poetgan sweep --json > sweep.json
  poetgan sweep --shard 3/16                     on the third of 16 machines; see poetgan merge

The model must be one of a run that has reached the adversarial phase; its other curve is the checkpoint of \
the end of pretraining.")]
pub struct Sweep {
    #[command(flatten)]
    pub comparison: ComparisonArgs,
    /// The form, such as 7x4 or 七绝 [default: the one with most training poems]
    #[arg(long)]
    form: Option<Form>,
    /// Generated poems for each of the twenty points
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = whole::<usize>(40..=100_000), allow_negative_numbers = true)]
    samples: usize,
    /// Write the plot to this file, as SVG
    #[arg(long, value_name = "FILE", conflicts_with = "shard")]
    svg: Option<PathBuf>,
    /// Write the plot to this file, as PNG
    #[arg(long, value_name = "FILE", conflicts_with = "shard")]
    png: Option<PathBuf>,
}

impl Sweep {
    pub fn options(&self, lang: Lang) -> SweepOptions {
        SweepOptions {
            comparison: self.comparison.options(self.form, self.samples),
            files: PlotFiles { svg: self.svg.clone(), png: self.png.clone() },
            lang,
        }
    }
}
