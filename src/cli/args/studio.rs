//! The arguments of `poetgan studio`.

use std::path::PathBuf;

use clap::Args;

use super::{ModelArgs, ScreenArgs};
use crate::cli::values::{number, threads};
use crate::corpus::Form;
use crate::write::studio::StudioOptions;

/// Write poems on a screen: fill in constraints, compare candidates, edit and lock lines
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan studio                       the newest run, else the built-in model
  poetgan studio --model builtin --form 七绝
  poetgan studio --model runs/sonnets --favourites best.txt

Tab goes from pane to pane, enter fills in a field, e edits a line of the poem, l locks it, r \
writes new candidates, f keeps the poem, ? lists all keys, q quits. The command below the panes \
prints the poem again.")]
pub struct Studio {
    /// Seed of the first candidate; the next ones count up from it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number(0), allow_negative_numbers = true)]
    seed: u64,
    /// Form to begin with, such as 7x4 [default: drawn as in the corpus]
    #[arg(long)]
    form: Option<Form>,
    /// File that poems are appended to
    #[arg(long, value_name = "FILE", default_value = "poems.txt")]
    favourites: PathBuf,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    pub screen: ScreenArgs,
    /// Number of threads [default: one per performance core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl Studio {
    pub fn options(self) -> StudioOptions {
        let form = self.form.map(|form| ("--form".to_string(), form.to_string()));
        let texts = [("--seed".to_string(), self.seed.to_string())].into_iter().chain(form).collect();
        StudioOptions { model: self.model.choice(), favourites: self.favourites, texts }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Arguments, CliCommand};
    use super::*;
    use crate::write::{CheckpointChoice, ModelChoice};

    #[test]
    fn every_flag_of_studio_reaches_its_option() {
        let words = "poetgan studio --seed 4 --form 七绝 --favourites a.txt --model runs/a --checkpoint last";
        let command = Arguments::try_parse_from(words.split_whitespace()).unwrap().command;
        let CliCommand::Studio(studio) = command else { panic!("another command") };
        let texts = [("--seed", "4"), ("--form", "7x4")].map(|(option, text)| (option.to_string(), text.to_string()));
        let model = ModelChoice { path: Some("runs/a".into()), checkpoint: Some(CheckpointChoice::Last) };
        let options = StudioOptions { model, favourites: "a.txt".into(), texts: texts.to_vec() };
        assert_eq!(studio.options(), options);
    }
}
