//! The arguments of `poetgan merge`.

use std::path::PathBuf;

use clap::Args;

use super::super::values::threads;
use crate::lang::Lang;
use crate::merge::MergeOptions;
use crate::sweep::PlotFiles;

/// Print the report of eval or sweep from the files of all parts, which --shard wrote
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan merge eval-part-*-of-4.json                the table of poetgan eval
  poetgan merge eval-part-*.json --json > eval.json  the same as JSON
  poetgan merge sweep-part-*.json --png sweep.png    a sweep, with its plot
  poetgan eval --shard 1/4                           makes the first of four parts

The report is that of the command without --shard, bit for bit. The parts hold what was generated; merge measures it, so it \
needs the model and the poems as well, under the same names.")]
pub struct Merge {
    /// The files of all parts, in any order
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    /// One JSON object instead of tables and plots
    #[arg(long)]
    json: bool,
    /// Write the plot to this file, as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write the plot to this file, as PNG
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Number of threads [default: one per performance core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl Merge {
    pub fn options(self, lang: Lang) -> MergeOptions {
        let Merge { parts, json, svg, png, .. } = self;
        MergeOptions { parts, json, files: PlotFiles { svg, png }, lang }
    }
}
