//! The arguments of `poetgan runs`.

use clap::Args;
use std::path::PathBuf;

use super::super::values::run;
use crate::runs::RunsOptions;

/// List the runs with their newest figures, or compare two of them
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan runs                       all runs below runs/
  poetgan runs tang quick            two runs side by side, and the settings that differ
  poetgan runs --dir /data/runs      those of another folder
  poetgan runs --json                one JSON object a run

held-out is the newest held-out loss, in nats per token; best the step of the best checkpoint; rhyme
and distinct-2 are those of the newest quick look at fresh poems; trained leaves pauses out.")]
pub struct Runs {
    /// Names (below runs/) or paths of run directories; two are compared [default: all]
    #[arg(value_name = "NAME", value_parser = run)]
    names: Vec<String>,
    /// Folder of the runs
    #[arg(long, value_name = "DIR", default_value = "runs")]
    dir: PathBuf,
    /// One JSON object a run; of two runs, one that compares them
    #[arg(long)]
    json: bool,
}

impl Runs {
    pub fn options(self) -> RunsOptions {
        RunsOptions { names: self.names, folder: self.dir, json: self.json }
    }
}
