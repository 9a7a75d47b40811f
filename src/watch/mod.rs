//! The dashboard without a trainer: a run that trains elsewhere or has ended, and a run played back. Both read the journal
//! only, so they disturb nobody.

mod past;
mod tail;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::error::UserError;
use crate::run::journal;
use crate::run::run_dir::{self, RunDir};
use crate::signals;
use crate::ui::{self, Connection, Playback, State, Theme};
pub use past::Past;
use tail::Tail;

/// Time between two looks whether somebody trains the run.
const LOOK: Duration = Duration::from_secs(1);

/// Shows a run as it goes on, until the user leaves.
pub fn watch(run: Option<&str>, theme: Theme) -> Result<()> {
    let run = locate(run)?;
    terminal()?;
    let past = Past::read(&run)?;
    // Whoever has just begun to train may not have said anything yet.
    if past.events.is_empty() && !run_dir::is_training(&run).unwrap_or(true) {
        return Err(journal::silent(&run_dir::metrics_file(&run)).into());
    }
    let mut past = Some(past);
    let mut tail = Tail::after(&run, past.as_ref().map_or((0, 0), |past| past.ends));
    let mut looked: Option<Instant> = None;
    let news = |state: &mut State| {
        if looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
            looked = Some(Instant::now());
            // Where that cannot be found out, nothing is said.
            state.is_idle = run_dir::is_training(&run).is_ok_and(|training| !training);
        }
        if let Some(past) = past.take() {
            past.events.into_iter().for_each(|event| state.apply(event));
            return true;
        }
        let Some(fresh) = tail.read() else {
            // The run was begun anew, or goes on from a checkpoint before what we know.
            past = Past::read(&run).ok();
            tail = Tail::after(&run, past.as_ref().map_or((0, 0), |past| past.ends));
            state.restart();
            return true;
        };
        let any = !fresh.is_empty();
        fresh.into_iter().for_each(|event| state.apply(event));
        any
    };
    show(Connection::Journal, &run, news, theme)
}

/// Plays a run back, at `speed` steps a second, or so that it takes a minute.
pub fn replay(run: Option<&str>, speed: Option<f32>, theme: Theme) -> Result<()> {
    let run = locate(run)?;
    terminal()?;
    let events = Past::read(&run)?.events;
    if events.is_empty() {
        return Err(journal::silent(&run_dir::metrics_file(&run)).into());
    }
    let last = events.iter().map(crate::run::event::Event::step).max().unwrap_or(0);
    let (mut next, mut carried, mut shown) = (0, 0.0, 0);
    let mut clock = Instant::now();
    let news = move |state: &mut State| {
        // A program that was stopped for a while does not make up for it.
        let seconds = std::mem::replace(&mut clock, Instant::now()).elapsed().min(LOOK).as_secs_f32();
        let playback = state.playback.get_or_insert_with(|| Playback::new(last, speed));
        let step = playback.advance(seconds, &mut carried);
        if step < shown {
            state.restart();
            next = 0;
        }
        let before = next;
        while let Some(event) = events.get(next).filter(|event| event.step() <= step) {
            state.apply(event.clone());
            next += 1;
        }
        let moved = step != std::mem::replace(&mut shown, step);
        moved || next != before
    };
    show(Connection::Playback, &run, news, theme)
}

fn show(connection: Connection, run: &Path, news: impl FnMut(&mut State) -> bool, theme: Theme) -> Result<()> {
    let stop = signals::watch(ui::restore_terminal)?;
    // A path such as `.` says nothing of the name.
    let whole = if run.file_name().is_some() { Ok(run.to_path_buf()) } else { std::fs::canonicalize(run) };
    let name = whole.unwrap_or_default().file_name().unwrap_or_default().to_string_lossy().into_owned();
    ui::watch(connection, name, news, &stop, theme).context("cannot use the terminal")
}

/// Nothing can be shown without one.
fn terminal() -> Result<(), UserError> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        let message =
            "a run can be watched in a terminal only; log.txt and metrics.jsonl of its folder are for programs";
        return Err(UserError(message.to_string()));
    }
    Ok(())
}

/// The folder of a run: a path, a name below `runs/`, or the newest one there.
fn locate(run: Option<&str>) -> Result<PathBuf> {
    let place = match run {
        None => run_dir::newest(Path::new("runs")).ok_or_else(|| {
            UserError(
                "there is no run below runs/ yet; begin one with `poetgan train FILE`, or name a folder".to_string(),
            )
        })?,
        Some(run) => RunDir::named(run, Path::new("runs")),
    };
    if run_dir::metrics_file(&place).is_file() {
        return Ok(place);
    }
    let place = place.display();
    Err(UserError(format!(
        "{place}: this is no run; name one below runs/, or the path of a folder with a metrics.jsonl"
    ))
    .into())
}
