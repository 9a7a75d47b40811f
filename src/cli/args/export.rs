//! The arguments of `poetgan export`.

use clap::Args;
use std::path::PathBuf;

use super::super::values::run;
use crate::export::ExportOptions;

/// Turn the journal of a run into tables, TensorBoard curves, a page and a picture
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan export tang                         all of it, into runs/tang/export
  poetgan export tang --html -o /tmp/tang     only the page: /tmp/tang/report.html
  poetgan export /data/runs/tang --csv        a run by its path, only the tables
  poetgan eval --model runs/tang --json > runs/tang/eval.json && poetgan export tang
                                              the page shows the evaluation, too
  tensorboard --logdir runs                   the curves of all exported runs

The run may be training meanwhile. SVG: dashboard.svg. CSV: steps.csv, held_out.csv and quality.csv. HTML: report.html,
one file that needs no network; it shows eval.json of the run directory, where there is one.
Times in TensorBoard are the run's beginning plus the time that it had been trained.")]
pub struct Export {
    /// Name (below runs/) or path of the run directory
    #[arg(value_name = "RUN", value_parser = run)]
    run: String,
    /// Folder to write into [default: export in the run directory]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Tables: steps, held-out losses, quality figures
    #[arg(long, help_heading = "What to write [default: all]")]
    csv: bool,
    /// A file of events for TensorBoard
    #[arg(long, help_heading = "What to write [default: all]")]
    tensorboard: bool,
    /// A page with curves, verses and settings
    #[arg(long, help_heading = "What to write [default: all]")]
    html: bool,
    /// The dashboard from the beginning to the end of the run, as an animated picture
    #[arg(long, help_heading = "What to write [default: all]")]
    svg: bool,
}

impl Export {
    pub fn options(self) -> ExportOptions {
        let all = !(self.csv || self.tensorboard || self.html || self.svg);
        ExportOptions {
            run: self.run,
            output: self.output,
            csv: self.csv || all,
            tensorboard: self.tensorboard || all,
            html: self.html || all,
            svg: self.svg || all,
        }
    }
}
