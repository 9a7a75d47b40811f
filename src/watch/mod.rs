//! The dashboard of a run that trains in another process or has ended, and the replay of a run. Both are read-only; training
//! is unaffected.

mod past;
mod tail;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::error::UserError;
use crate::run::event::Event;
use crate::run::journal;
use crate::run::run_dir::{self, RunDir};
use crate::signals;
use crate::ui::{self, Connection, DashboardState, Playback, Theme};
use past::JournalEnds;
pub use past::Past;
use tail::JournalTail;

/// Interval of the checks whether a process trains the run.
const CHECK: Duration = Duration::from_secs(1);

/// Shows a run live, until the user quits.
pub fn watch(run: Option<&str>, theme: Theme) -> Result<()> {
    let run = locate(run)?;
    require_terminal()?;
    let past = Past::read(&run)?;
    // A run that is being set up has no events yet.
    if past.events.is_empty() && !run_dir::is_training(&run).unwrap_or(true) {
        return Err(journal::silent(&run_dir::metrics_file(&run)).into());
    }
    let mut past = Some(past);
    let mut tail = JournalTail::after(&run, past.as_ref().map_or(JournalEnds::default(), |past| past.ends));
    let mut checked: Option<Instant> = None;
    let update = |state: &mut DashboardState| {
        if checked.is_none_or(|checked| checked.elapsed() >= CHECK) {
            checked = Some(Instant::now());
            // If the lock cannot be read, nothing is shown.
            state.is_idle = run_dir::is_training(&run).is_ok_and(|training| !training);
        }
        if let Some(past) = past.take() {
            past.events.into_iter().for_each(|event| state.apply(event));
            return true;
        }
        let Some(new) = tail.read() else {
            // The run was restarted, or continues from an earlier checkpoint.
            past = Past::read(&run).ok();
            tail = JournalTail::after(&run, past.as_ref().map_or(JournalEnds::default(), |past| past.ends));
            state.restart();
            return true;
        };
        let has_news = !new.is_empty();
        new.into_iter().for_each(|event| state.apply(event));
        has_news
    };
    show(Connection::Journal, &run, update, theme)
}

/// Replays a run at `speed` steps a second, or in a minute.
pub fn replay(run: Option<&str>, speed: Option<f32>, theme: Theme) -> Result<()> {
    let run = locate(run)?;
    require_terminal()?;
    let events = Past::read(&run)?.events;
    if events.is_empty() {
        return Err(journal::silent(&run_dir::metrics_file(&run)).into());
    }
    let last = events.iter().map(Event::step).max().unwrap_or(0);
    let (mut next, mut carried, mut shown) = (0, 0.0, 0);
    let mut clock = Instant::now();
    let update = move |state: &mut DashboardState| {
        // Time while the process was suspended does not count.
        let seconds = std::mem::replace(&mut clock, Instant::now()).elapsed().min(CHECK).as_secs_f32();
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
    show(Connection::Playback, &run, update, theme)
}

fn show(
    connection: Connection,
    run: &Path,
    update: impl FnMut(&mut DashboardState) -> bool,
    theme: Theme,
) -> Result<()> {
    let stop = signals::watch(ui::restore_terminal)?;
    // A path such as `.` does not hold the name.
    let whole = if run.file_name().is_some() { Ok(run.to_path_buf()) } else { std::fs::canonicalize(run) };
    let name = whole.unwrap_or_default().file_name().unwrap_or_default().to_string_lossy().into_owned();
    ui::watch(connection, name, update, &stop, theme).context("cannot use the terminal")
}

/// # Errors
/// When there is no terminal.
fn require_terminal() -> Result<(), UserError> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        let message =
            "watch and replay need a terminal; programs can read log.txt and metrics.jsonl of the run directory";
        return Err(UserError(message.to_string()));
    }
    Ok(())
}

/// The folder of a run with a journal: a path, a name below `runs/`, or the newest one there.
///
/// # Errors
/// When there is no such run.
pub fn locate(run: Option<&str>) -> Result<PathBuf> {
    let path = match run {
        None => run_dir::newest(Path::new("runs")).ok_or_else(|| {
            UserError(
                "no run below runs/ yet; start one with `poetgan train FILE`, or name a run directory".to_string(),
            )
        })?,
        Some(run) => RunDir::named(run, Path::new("runs")),
    };
    if run_dir::metrics_file(&path).is_file() {
        return Ok(path);
    }
    let path = path.display();
    Err(UserError(format!(
        "{path}: not a run (no metrics.jsonl); name a run below runs/, or the path of a run directory"
    ))
    .into())
}
