//! The arguments of `poetgan metrics`.

use clap::Args;

use super::super::values::{number, run, whole};
use crate::series::{MetricsFormat, MetricsOptions};

/// Print the values of metrics over the steps of a run, for scripts
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan metrics tang                                  the metrics of the run, with first and last values
  poetgan metrics tang --metric rhyme --last 1 --json   the latest rhyme score
  poetgan metrics tang --metric held_out --metric likelihood_loss --csv > losses.csv
  poetgan metrics tang --metric d_real --from-step 5000 --to-step 6000

Metrics: the numbers of the steps (likelihood_loss, generator_loss or g_loss, d_real, tokens_per_s, ...), held_out and \
held_out/FORM in nats per token, and the figures of the quality checks (rhyme, distinct-2, ...), which come with those \
of real poems and with the form. The run may be training. Exit code 2 for a metric that does not exist; with --json no \
output for one that has no values yet.")]
pub struct Metrics {
    /// Name (below runs/) or path of the run directory [default: the newest]
    #[arg(value_name = "RUN", value_parser = run)]
    run: Option<String>,
    /// Metric to print, repeatable [default: list the metrics]
    #[arg(long = "metric", value_name = "NAME")]
    metrics: Vec<String>,
    /// Only the last N values of each metric
    #[arg(long, value_name = "N", value_parser = whole::<usize>(1..=u64::MAX), allow_negative_numbers = true, requires = "metrics")]
    last: Option<usize>,
    /// Only values from this step on
    #[arg(long, value_name = "STEP", value_parser = number(0), allow_negative_numbers = true)]
    from_step: Option<u64>,
    /// Only values up to this step
    #[arg(long, value_name = "STEP", value_parser = number(0), allow_negative_numbers = true)]
    to_step: Option<u64>,
    /// One JSON object per line
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Comma-separated values with a header
    #[arg(long)]
    csv: bool,
}

impl Metrics {
    pub fn options(self) -> MetricsOptions {
        MetricsOptions {
            run: self.run,
            metrics: self.metrics,
            last: self.last,
            from_step: self.from_step,
            to_step: self.to_step,
            format: match (self.json, self.csv) {
                (true, _) => MetricsFormat::Json,
                (_, true) => MetricsFormat::Csv,
                _ => MetricsFormat::Table,
            },
        }
    }
}
