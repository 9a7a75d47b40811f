//! `poetgan export`: the journal of a run as CSV and TensorBoard files, as an HTML page, and as an animated picture of the
//! dashboard.
//!
//! The journal is read once and without a lock, so the run may continue to train meanwhile. Memory is bounded: the tables are
//! written while the journal is read, and the page keeps merged curves and a bounded number of samples.

mod animation;
mod board_values;
mod chart;
mod commands;
mod csv;
mod curves;
mod evaluation;
mod events;
mod exporter;
mod html;
mod measured;
mod page;
mod poems;
mod record;
mod report;
mod samples;
mod tensorboard;
mod themes;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::error::UserError;
use crate::printable::printable;
use crate::run::event::Event;
use crate::run::files::write_atomically;
use crate::run::journal;
use crate::run::run_dir::{begun, metrics_file, samples_file};
use crate::ui::Lang;
use crate::watch::{self, Past};
use csv::Csv;
use exporter::Exporter;
use page::HtmlPage;
use samples::spread_samples;
use tensorboard::TensorBoard;

/// What to write of which run.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportOptions {
    /// Name below `runs/`, or path.
    pub run: String,
    /// `None`: the folder `export` of the run.
    pub output: Option<PathBuf>,
    pub csv: bool,
    pub tensorboard: bool,
    pub html: bool,
    pub svg: bool,
    /// Of the page.
    pub lang: Lang,
}

/// Writes the files that `options` name, and their paths to `out`.
///
/// # Errors
/// When there is no run, its evaluation cannot be read, or a file cannot be written.
pub fn run(options: &ExportOptions, out: &mut impl Write) -> Result<()> {
    let run = watch::locate(Some(&options.run))?;
    let metrics = metrics_file(&run);
    if journal::read(&metrics)?.next().is_none() {
        return Err(journal::silent(&metrics).into());
    }
    let folder = options.output.clone().unwrap_or_else(|| run.join("export"));
    let mut exporters = exporters(options, &run, &folder)?;
    let failed = || format!("cannot write into {}", folder.display());
    replay(&metrics, &samples_file(&run), &mut |event, seconds| {
        exporters.iter_mut().try_for_each(|exporter| exporter.on_event(event, seconds)).with_context(failed)
    })?;
    for exporter in exporters {
        for path in exporter.finish().with_context(failed)? {
            writeln!(out, "{}", printable(&path.display().to_string()))
                .context("cannot write to the standard output")?;
        }
    }
    if options.svg {
        let path = folder.join("dashboard.svg");
        let picture = animation::animation(&Past::read(&run)?.events)?;
        write_atomically(&path, picture.as_bytes()).with_context(failed)?;
        writeln!(out, "{}", printable(&path.display().to_string())).context("cannot write to the standard output")?;
    }
    out.flush().context("cannot write to the standard output")
}

/// The exporters that `options` name.
fn exporters(options: &ExportOptions, run: &Path, folder: &Path) -> Result<Vec<Box<dyn Exporter>>> {
    let unusable = |cause: io::Error| {
        UserError(format!("cannot write into {}: {cause}; name another folder with -o DIR", folder.display()))
    };
    if folder.is_file() {
        return Err(unusable(io::Error::other("it is a file, not a folder")).into());
    }
    fs::create_dir_all(folder).map_err(unusable)?;
    let mut exporters: Vec<Box<dyn Exporter>> = Vec::new();
    if options.csv {
        exporters.push(Box::new(Csv::create(folder).map_err(unusable)?));
    }
    if options.tensorboard {
        let begun = begun(run).map_or(0, |time| time.as_second());
        exporters.push(Box::new(TensorBoard::create(folder, begun).map_err(unusable)?));
    }
    if options.html {
        exporters.push(Box::new(HtmlPage::open(run, folder, options.lang)?));
    }
    Ok(exporters)
}

/// Passes all events of the journal to `on_event`, with some of the samples in their order.
fn replay(metrics: &Path, samples: &Path, on_event: &mut dyn FnMut(&Event, f64) -> Result<()>) -> Result<()> {
    // A new run may have no samples yet.
    let samples = if samples.is_file() { spread_samples(samples)? } else { Vec::new() };
    let mut samples = samples.into_iter().peekable();
    let mut elapsed = 0.0;
    for event in journal::read(metrics)? {
        if let Event::Step(record) = &event {
            while let Some(sample) = samples.next_if(|sample| sample.step() < record.step) {
                on_event(&sample, elapsed)?;
            }
            elapsed = f64::from(record.elapsed_s);
        }
        on_event(&event, elapsed)?;
    }
    samples.try_for_each(|sample| on_event(&sample, elapsed))
}
