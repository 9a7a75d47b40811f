//! `poetgan export`: the journal of a run as files for other programs (CSV, TensorBoard), and as a page and an animated
//! picture of the dashboard for people.
//!
//! The journal is read once, from its beginning to its end, without locking anything, so a run may go on training
//! meanwhile. It may be larger than the memory: the tables are written as it is read, and the page keeps curves that merge
//! neighbours and a bounded number of moments.

mod animation;
mod chart;
mod csv;
mod evaluation;
mod html;
mod moments;
mod numbers;
mod page;
mod record;
mod report;
mod tensorboard;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::error::UserError;
use crate::run::event::Event;
use crate::run::files::write_atomically;
use crate::run::journal;
use crate::run::run_dir::{RunDir, begun, metrics_file, samples_file};
use crate::watch::Past;
use csv::Csv;
use moments::moments;
use report::Report;
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
}

/// A reader of the journal that makes files of it.
trait Reader {
    /// Hears an event; `seconds` is how long the run had been trained then, pauses and the time between two processes
    /// left out.
    fn hear(&mut self, event: &Event, seconds: f64) -> io::Result<()>;

    /// Puts the files in their places, and returns those.
    fn finish(self: Box<Self>) -> io::Result<Vec<PathBuf>>;
}

/// Writes what `options` ask for, and a line to `out` for every file.
///
/// # Errors
/// When there is no run, its evaluation cannot be read, or a file cannot be written.
pub fn run(options: &ExportOptions, out: &mut impl Write) -> Result<()> {
    let run = RunDir::named(&options.run, Path::new("runs"));
    let metrics = metrics_file(&run);
    if !metrics.is_file() {
        let what = "no run is here, since there is no metrics.jsonl";
        let way_out = "name a run below runs/, or the path of a run directory";
        return Err(UserError(format!("{}: {what}; {way_out}", run.display())).into());
    }
    if journal::read(&metrics)?.next().is_none() {
        return Err(journal::silent(&metrics).into());
    }
    let folder = options.output.clone().unwrap_or_else(|| run.join("export"));
    let mut readers = readers(options, &run, &folder)?;
    let failed = || format!("cannot write into {}", folder.display());
    tell(&metrics, &samples_file(&run), &mut |event, seconds| {
        readers.iter_mut().try_for_each(|reader| reader.hear(event, seconds)).with_context(failed)
    })?;
    for reader in readers {
        for path in reader.finish().with_context(failed)? {
            writeln!(out, "{}", path.display()).context("cannot write to the standard output")?;
        }
    }
    if options.svg {
        let path = folder.join("dashboard.svg");
        let picture = animation::animation(&Past::read(&run)?.events)?;
        write_atomically(&path, picture.as_bytes()).with_context(failed)?;
        writeln!(out, "{}", path.display()).context("cannot write to the standard output")?;
    }
    out.flush().context("cannot write to the standard output")
}

/// The readers that `options` ask for.
fn readers(options: &ExportOptions, run: &Path, folder: &Path) -> Result<Vec<Box<dyn Reader>>> {
    let unusable = |cause: io::Error| {
        UserError(format!("cannot write into {}: {cause}; name another folder with -o DIR", folder.display()))
    };
    if folder.is_file() {
        return Err(unusable(io::Error::other("it is a file, no folder")).into());
    }
    fs::create_dir_all(folder).map_err(unusable)?;
    let mut readers: Vec<Box<dyn Reader>> = Vec::new();
    if options.csv {
        readers.push(Box::new(Csv::create(folder).map_err(unusable)?));
    }
    if options.tensorboard {
        let begun = begun(run).map_or(0, |time| time.as_second());
        readers.push(Box::new(TensorBoard::create(folder, begun).map_err(unusable)?));
    }
    if options.html {
        readers.push(Box::new(Report::open(run, folder)?));
    }
    Ok(readers)
}

/// Tells of everything that the journal holds, with some of its verses where they belong.
fn tell(metrics: &Path, samples: &Path, hear: &mut dyn FnMut(&Event, f64) -> Result<()>) -> Result<()> {
    // A run that has just begun may have no verses yet.
    let moments = if samples.is_file() { moments(samples)? } else { Vec::new() };
    let mut moments = moments.into_iter().peekable();
    let mut elapsed = 0.0;
    for event in journal::read(metrics)? {
        if let Event::Step(record) = &event {
            let is_earlier = |verses: &Event| verses.step() < record.step;
            while let Some(verses) = moments.next_if(is_earlier) {
                hear(&verses, elapsed)?;
            }
            elapsed = f64::from(record.elapsed_s);
        }
        hear(&event, elapsed)?;
    }
    moments.try_for_each(|verses| hear(&verses, elapsed))
}
