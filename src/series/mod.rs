//! `poetgan metrics`: the values of metrics over the steps of a run, for scripts.
//!
//! The journal is read once and without a lock, so the run may be training.

mod numbers;
mod output;
mod values;

use std::collections::HashMap;
use std::io::Write;

use anyhow::{Context, Result};

use crate::error::UserError;
use crate::run::journal;
use crate::run::run_dir::metrics_file;
use crate::watch;
use values::{MetricSeries, known_names, matches};

/// Which values of which run.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricsOptions {
    /// Name below `runs/`, or path; by default the newest run.
    pub run: Option<String>,
    /// Names of metrics; none: list the metrics that there are.
    pub metrics: Vec<String>,
    /// Only the last values of each metric, this many.
    pub last: Option<usize>,
    /// First and last step.
    pub from_step: Option<u64>,
    pub to_step: Option<u64>,
    pub format: MetricsFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsFormat {
    Table,
    Csv,
    /// An object a line.
    Json,
}

/// Writes the values that `options` name, or the metrics that the run has.
///
/// # Errors
/// When there is no such run or metric, or the output cannot be written.
pub fn run(options: &MetricsOptions, out: &mut impl Write) -> Result<()> {
    let (first, last) = (options.from_step.unwrap_or(0), options.to_step.unwrap_or(u64::MAX));
    if first > last {
        return Err(UserError(format!("--from-step {first} lies behind --to-step {last}; exchange them")).into());
    }
    let path = metrics_file(&watch::locate(options.run.as_deref())?);
    let is_listed = options.metrics.is_empty();
    let (mut series, mut places) = (Vec::<MetricSeries>::new(), HashMap::<String, usize>::new());
    for event in journal::read(&path)? {
        let is_inside = (first..=last).contains(&event.step());
        numbers::of(&event, &mut |metric, number| {
            let at = places.get(metric).copied().unwrap_or_else(|| {
                let most = match options.metrics.iter().any(|wanted| matches(wanted, metric)) {
                    // A list needs the first and the last value only.
                    _ if is_listed => 1,
                    true => options.last.unwrap_or(usize::MAX),
                    false => 0,
                };
                series.push(MetricSeries::new(metric, most));
                places.insert(metric.to_string(), series.len() - 1);
                series.len() - 1
            });
            if is_inside {
                series[at].push(number);
            }
        });
    }
    if series.is_empty() && journal::read(&path)?.next().is_none() {
        return Err(journal::silent(&path).into());
    }
    let written = if is_listed {
        output::list(&series, options.format, out)
    } else {
        output::values(&wanted(&options.metrics, series)?, options.format, out)
    };
    written.and_then(|()| out.flush()).context("cannot write the metrics")
}

/// The series of these names, in their order; one without values for a metric that the run does not have yet.
fn wanted(names: &[String], series: Vec<MetricSeries>) -> Result<Vec<MetricSeries>, UserError> {
    let mut found: Vec<MetricSeries> = Vec::new();
    for name in names {
        let there = series.iter().find(|series| matches(name, &series.metric)).cloned();
        let known = || known_names().find(|known| matches(name, known)).map(|known| MetricSeries::new(known, 0));
        let one = there.or_else(known).ok_or_else(|| values::unknown(name, &series))?;
        if found.iter().all(|other| other.metric != one.metric) {
            found.push(one);
        }
    }
    Ok(found)
}
