//! The arguments of `poetgan eval`.

use clap::Args;

use super::super::values::{positive, whole};
use super::ComparisonArgs;
use crate::corpus::Form;
use crate::eval::{self, EvalOptions};
use crate::lang::Lang;

/// Measure a model's poems against real poems and simple baselines
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan eval                                      the newest run, on its own corpus
  poetgan eval --model runs/tang --form 7x4         quatrains of seven characters only
  poetgan eval corpora/tang.txt --json > eval.json  forms.<form>.<column>.<metric>, intervals as <metric>_interval
  poetgan eval --quick                              without the classifiers, in seconds
  poetgan eval --explain                            what every metric means
  poetgan eval --shard 3/16                         on the third of 16 machines; see poetgan merge")]
pub struct Eval {
    #[command(flatten)]
    pub comparison: ComparisonArgs,
    /// One form only, such as 7x4 or 七绝 [default: every form with enough held-out poems]
    #[arg(long)]
    form: Option<Form>,
    /// Generated poems of each model and form
    #[arg(long, value_name = "N", default_value_t = eval::SAMPLES, value_parser = whole::<usize>(20..=100_000), allow_negative_numbers = true)]
    samples: usize,
    /// Temperature of the generated poems [default: the model's setting]
    #[arg(long, value_name = "F", value_parser = positive, allow_negative_numbers = true)]
    temperature: Option<f32>,
    /// Print what every metric means, and exit
    #[arg(long, conflicts_with = "shard")]
    explain: bool,
}

impl Eval {
    pub fn options(&self, lang: Lang) -> EvalOptions {
        EvalOptions {
            comparison: self.comparison.options(self.form, self.samples),
            temperature: self.temperature,
            explain: self.explain,
            lang,
        }
    }
}
