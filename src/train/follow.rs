//! A training session on its own thread, and its display: the dashboard, the plain log, or JSON lines.

use std::io::{self, IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::cluster::Ranks;
use crate::printable;
use crate::run::event::{Command, Event};
use crate::signals;
use crate::train::closing;
use crate::train::options::{Display, TrainOptions};
use crate::train::ranks;
use crate::train::session::Session;
use crate::train::trainer::{Outcome, Trainer};
use crate::ui;
use crate::watch::Past;

/// Capacity of the channel of events; while it is full, events are dropped.
const WAITING_EVENTS: usize = 4096;
/// Bytes. candle builds and drops its graphs by recursion, for which the usual 2 MiB may be too small.
const STACK: usize = 256 << 20;
/// Time between two lines of the plain log.
const INTERVAL: Duration = Duration::from_secs(5);

/// Trains as `options` say, with the display that they name, until the end. Of several ranks, only the first one does; the others
/// follow it.
pub fn train(options: &TrainOptions, theme: ui::Theme, ranks: Ranks) -> Result<()> {
    let ranks = Arc::new(ranks);
    let rank = ranks.rank;
    if rank > 0 {
        let follower = thread("follower", move || ranks::follow(&ranks))?;
        let result = follower.join().unwrap_or_else(|_| Err(anyhow!("it ended without a result")));
        return result.with_context(|| format!("rank {rank}"));
    }
    lead(options, theme, &ranks)
}

/// Trains as rank 0.
fn lead(options: &TrainOptions, theme: ui::Theme, ranks: &Arc<Ranks>) -> Result<()> {
    // Nothing has begun: all ranks end in order.
    let session = Session::open(options, ranks).inspect_err(|_| ranks::end(ranks))?;
    ranks::begin(&session.gan, session.state.phase)?;
    let run = session.run.path().to_path_buf();
    let (event_sender, events) = sync_channel(WAITING_EVENTS);
    let (command_sender, commands) = channel();
    let has_screen = options.display == Display::Dashboard;
    let stop = signals::watch(move || {
        if has_screen {
            ui::restore_terminal();
        }
    })?;
    let (time_limit, bell) = (options.time_limit, options.bell);
    // If the earlier events cannot be read, the dashboard shows the new ones.
    let past = if has_screen {
        Past::read(session.run.path()).map(|past| (past.events, past.left_out)).unwrap_or_default()
    } else {
        Default::default()
    };
    let trainer =
        thread("trainer", move || closing::ringing(bell, guarded(session, event_sender, commands, time_limit)))?;
    let display = RunDisplay { display: options.display, theme, events, commands: command_sender.clone(), stop };
    let shown = display.run(past);
    match &shown {
        Ok(ui::End::Finished) => {}
        Ok(ui::End::Abandoned) => std::process::exit(signals::INTERRUPTED),
        // The display is gone, and with it the only way to stop the run.
        Err(_) => drop(command_sender.send(Command::Stop)),
    }
    let outcome = trainer.join().unwrap_or_else(|_| Err(anyhow!("the training thread ended without a result")))?;
    ranks::end(ranks);
    shown?;
    closing::show(&outcome, &run, options.display, theme.lang);
    Ok(())
}

fn thread<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>> {
    let builder = std::thread::Builder::new().name(name.to_string()).stack_size(STACK);
    builder.spawn(work).context("cannot start the training thread")
}

/// Trains; a panic becomes an error, so that the terminal is restored and the user sees one line.
fn guarded(
    session: Session,
    events: SyncSender<Event>,
    commands: Receiver<Command>,
    time_limit: Option<Duration>,
) -> Result<Outcome> {
    crate::nn::threads::prepare();
    let mut trainer = Trainer::new(session, events, commands, time_limit);
    let result = catch_unwind(AssertUnwindSafe(|| trainer.train()))
        .unwrap_or_else(|_| Err(anyhow!("an internal error ended the training; the last checkpoint is whole")));
    if let Err(error) = &result {
        trainer.fail(&format!("{error:#}"));
    }
    result
}

/// What shows the run, and its ends of the channels.
struct RunDisplay {
    display: Display,
    theme: ui::Theme,
    events: Receiver<Event>,
    commands: Sender<Command>,
    stop: Arc<AtomicBool>,
}

impl RunDisplay {
    /// Shows the run until it ends; `past` are the events of earlier processes, and how many more there were.
    fn run(self, past: (Vec<Event>, u64)) -> io::Result<ui::End> {
        let RunDisplay { display, theme, events, commands, stop } = self;
        match display {
            Display::Dashboard => ui::dashboard(past, events, commands, &stop, theme),
            Display::Plain => {
                let colour = io::stdout().is_terminal() && theme.has_colour();
                let options = ui::PlainOptions { interval: INTERVAL, colour, lang: theme.lang };
                ui::plain(events, commands, &stop, &mut printable::out(colour), options)
            }
            Display::Json => json(events, commands, &stop),
        }
    }
}

/// Every event as a JSON object a line.
fn json(events: Receiver<Event>, commands: Sender<Command>, stop: &AtomicBool) -> io::Result<ui::End> {
    use std::sync::atomic::Ordering;
    use std::sync::mpsc::RecvTimeoutError;
    let mut stopping = false;
    loop {
        if stop.swap(false, Ordering::SeqCst) {
            if stopping {
                return Ok(ui::End::Abandoned);
            }
            stopping = true;
            // A trainer that has ended needs no command.
            let _ = commands.send(Command::Stop);
        }
        match events.recv_timeout(Duration::from_millis(50)) {
            Ok(event) => {
                let mut out = printable::out(false);
                writeln!(out, "{}", printable::json(&event)?)?;
                out.flush()?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(ui::End::Finished),
        }
    }
}
