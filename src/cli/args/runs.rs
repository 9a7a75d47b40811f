//! The arguments of `poetgan runs`.

use clap::Args;
use std::path::PathBuf;

use super::super::values::run;
use crate::lang::Lang;
use crate::runs::RunsOptions;

/// List the runs with their latest figures, or compare two of them
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan runs                       all runs below runs/
  poetgan runs tang quick            two runs side by side, and their different settings
  poetgan runs --dir /data/runs      the runs of another folder
  poetgan runs --sort held-out       the lowest held-out loss first
  poetgan runs --settings            with the settings that differ among the runs
  poetgan runs --sort training.learning_rate --setting training.learning_rate
  poetgan runs --json                one JSON object per run

held-out: latest held-out loss, in nats per token; best: step of the best checkpoint; rhyme and distinct-2: of the \
latest generated poems; trained: training time without pauses.")]
pub struct Runs {
    /// Names (below runs/) or paths of run directories; two names compare the runs, unless an option for the list is given [default: all]
    #[arg(value_name = "NAME", value_parser = run)]
    names: Vec<String>,
    /// Folder that contains the runs
    #[arg(long, value_name = "DIR", default_value = "runs")]
    dir: PathBuf,
    /// Sort by a column (name, started, step, held-out, rhyme, ...) or a setting [default: name]
    #[arg(long, value_name = "KEY")]
    sort: Option<String>,
    /// From high to low, or from the last name to the first
    #[arg(long)]
    reverse: bool,
    /// Add a column with a setting, such as training.learning_rate; repeatable
    #[arg(long, value_name = "KEY")]
    setting: Vec<String>,
    /// Add columns with the settings that differ among the runs
    #[arg(long)]
    settings: bool,
    /// One JSON object per run, or one for a comparison
    #[arg(long)]
    json: bool,
}

impl Runs {
    pub fn options(self, lang: Lang) -> RunsOptions {
        RunsOptions {
            names: self.names,
            folder: self.dir,
            sort: self.sort,
            reverse: self.reverse,
            settings: self.setting,
            differing_settings: self.settings,
            json: self.json,
            lang,
        }
    }
}
