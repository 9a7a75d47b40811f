//! The dashboard of a run that trains in another process or has ended, the replay of a run, and the tour. All are read-only;
//! training is unaffected.

mod follower;
mod kept;
mod past;
mod player;
mod several;
mod tail;
pub mod tour;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::error::UserError;
use crate::run::journal;
use crate::run::run_dir::{self, RunDir};
use crate::signals;
use crate::ui::{self, Connection, DashboardState, Playback, Theme};
pub use follower::{Follower, News};
pub use past::Past;
use player::Player;

/// Shows a run live, or several of them on one chart, until the user quits; without a name the newest one.
///
/// # Errors
/// When a run is not there or has nothing to show, or the terminal cannot be used.
pub fn watch(runs: &[String], theme: Theme) -> Result<()> {
    match runs {
        [] => watch_one(None, theme),
        [run] => watch_one(Some(run), theme),
        several => several::watch(several, theme),
    }
}

fn watch_one(run: Option<&str>, theme: Theme) -> Result<()> {
    let run = locate(run)?;
    require_terminal()?;
    let mut follower = follow(run.clone())?;
    let update = |state: &mut DashboardState| {
        let News { is_restart, events, left_out, is_idle, process } = follower.news();
        (state.is_idle, state.process) = (is_idle, process);
        if is_restart {
            state.restart();
        }
        let has_news = is_restart || !events.is_empty();
        state.leave_out(left_out);
        events.into_iter().for_each(|event| state.apply(event));
        has_news
    };
    show(Connection::Journal, name(&run), update, theme)
}

/// Replays a run at `speed` steps a second, or in a minute.
pub fn replay(run: Option<&str>, speed: Option<f32>, theme: Theme) -> Result<()> {
    let run = locate(run)?;
    require_terminal()?;
    let Past { events, left_out, .. } = Past::read(&run)?;
    if events.is_empty() {
        return Err(journal::silent(&run_dir::metrics_file(&run)).into());
    }
    let mut player = Player::new(events, left_out);
    let last = player.last();
    let update = move |state: &mut DashboardState| {
        if state.playback.is_none() {
            state.leave_out(left_out);
            state.playback = Some(Playback::new(last, speed));
        }
        player.update(state)
    };
    show(Connection::Playback, name(&run), update, theme)
}

/// Follows the run in a folder.
fn follow(run: PathBuf) -> Result<Follower> {
    let metrics = run_dir::metrics_file(&run);
    let follower = Follower::new(run)?;
    if follower.is_silent() { Err(journal::silent(&metrics).into()) } else { Ok(follower) }
}

/// The name of a run; a path such as `.` does not hold it.
fn name(run: &Path) -> String {
    let whole = if run.file_name().is_some() { Ok(run.to_path_buf()) } else { std::fs::canonicalize(run) };
    whole.unwrap_or_default().file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn show(
    connection: Connection,
    name: String,
    update: impl FnMut(&mut DashboardState) -> bool,
    theme: Theme,
) -> Result<()> {
    let stop = signals::watch(ui::restore_terminal)?;
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
