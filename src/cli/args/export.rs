//! The arguments of `poetgan export`.

use clap::Args;
use std::path::PathBuf;

use super::super::values::run;
use crate::export::ExportOptions;
use crate::lang::Lang;

/// Export the journal of a run as tables, TensorBoard curves, a web page and an animation
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan export tang                         everything, into runs/tang/export
  poetgan export tang --html -o /tmp/tang     only the web page: /tmp/tang/report.html
  poetgan export tang --html --lang zh        the page in Chinese
  poetgan export /data/runs/tang --csv        a run given by its path, only the tables
  poetgan eval --model runs/tang --json > runs/tang/eval.json && poetgan export tang
                                              the page then shows the evaluation
  tensorboard --logdir runs                   curves of all exported runs

The run may still be training. SVG: dashboard.svg. CSV: steps.csv, held_out.csv and quality.csv. HTML: report.html, a \
single file without network access and scripts; it includes eval.json of the run directory, if there is one.
Times in TensorBoard are the start of the run plus its training time.")]
pub struct Export {
    /// Name (below runs/) or path of the run directory
    #[arg(value_name = "RUN", value_parser = run)]
    run: String,
    /// Output folder [default: export/ in the run directory]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// CSV tables of steps, held-out losses and quality figures
    #[arg(long, help_heading = "What to write [default: all]")]
    csv: bool,
    /// Event file for TensorBoard
    #[arg(long, help_heading = "What to write [default: all]")]
    tensorboard: bool,
    /// Web page with poems, theme axes, measures, curves, commands and settings
    #[arg(long, help_heading = "What to write [default: all]")]
    html: bool,
    /// Animated SVG of the dashboard over the whole run
    #[arg(long, help_heading = "What to write [default: all]")]
    svg: bool,
}

impl Export {
    /// The options, with the language of the web page.
    pub fn options(self, lang: Lang) -> ExportOptions {
        let all = !(self.csv || self.tensorboard || self.html || self.svg);
        ExportOptions {
            run: self.run,
            output: self.output,
            csv: self.csv || all,
            tensorboard: self.tensorboard || all,
            html: self.html || all,
            svg: self.svg || all,
            lang,
        }
    }
}
