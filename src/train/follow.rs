//! A training session on a thread of its own, and somebody who follows it: the dashboard, the plain log, or JSON lines.

use std::io::{self, IsTerminal, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::run::event::{Command, Event};
use crate::run::notice::FinishReason;
use crate::signals;
use crate::train::options::{Display, TrainOptions};
use crate::train::session::Session;
use crate::train::trainer::Trainer;
use crate::ui;
use crate::watch::Past;

/// Events that may wait for a reader; later ones are dropped until it has caught up.
const WAITING_EVENTS: usize = 4096;
/// candle builds and drops its graphs by recursion, which the usual 2 MiB need not hold.
const STACK: usize = 256 << 20;
/// Time between two lines of the plain log.
const INTERVAL: Duration = Duration::from_secs(5);

/// Trains as `options` say and shows it, until the end.
pub fn train(options: &TrainOptions, theme: ui::Theme) -> Result<()> {
    let session = Session::open(options)?;
    let (event_sender, events) = sync_channel(WAITING_EVENTS);
    let (command_sender, commands) = channel();
    let has_screen = options.display == Display::Dashboard;
    let stop = signals::watch(move || {
        if has_screen {
            ui::restore_terminal();
        }
    })?;
    let time_limit = options.time_limit;
    // Without a past the dashboard still shows what comes.
    let past = if has_screen {
        Past::read(session.run.path()).map(|past| past.events).unwrap_or_default()
    } else {
        Vec::new()
    };
    let trainer = std::thread::Builder::new()
        .name("trainer".to_string())
        .stack_size(STACK)
        .spawn(move || guarded(session, event_sender, commands, time_limit))
        .context("cannot start the training thread")?;
    let shown = show((options.display, theme), past, events, command_sender.clone(), &stop);
    match &shown {
        Ok(ui::End::Finished) => {}
        Ok(ui::End::Abandoned) => std::process::exit(signals::INTERRUPTED),
        // Nobody can see the run any more, and nobody would be there to stop it.
        Err(_) => drop(command_sender.send(Command::Stop)),
    }
    let reason = trainer.join().unwrap_or_else(|_| Err(anyhow!("the training thread ended without a word")))?;
    shown?;
    if options.display == Display::Dashboard {
        writeln!(io::stdout(), "{}", theme.say(&reason.to_string()))?;
    }
    Ok(())
}

/// Trains; a panic becomes an error, so that the terminal is restored in good order and nothing of it reaches the user
/// as a wall of text.
fn guarded(
    session: Session,
    events: SyncSender<Event>,
    commands: Receiver<Command>,
    time_limit: Option<Duration>,
) -> Result<FinishReason> {
    crate::nn::threads::prepare();
    let mut trainer = Trainer::new(session, events, commands, time_limit);
    let result = catch_unwind(AssertUnwindSafe(|| trainer.train()))
        .unwrap_or_else(|_| Err(anyhow!("an internal error ended the training; the last checkpoint is whole")));
    if let Err(error) = &result {
        trainer.fail(&format!("{error:#}"));
    }
    result
}

fn show(
    (display, theme): (Display, ui::Theme),
    past: Vec<Event>,
    events: Receiver<Event>,
    commands: Sender<Command>,
    stop: &Arc<AtomicBool>,
) -> io::Result<ui::End> {
    match display {
        Display::Dashboard => ui::dashboard(past, events, commands, stop, theme),
        Display::Plain => {
            let colour = io::stdout().is_terminal() && theme.has_colour();
            ui::plain(events, commands, stop, &mut io::stdout(), ui::PlainOptions { interval: INTERVAL, colour })
        }
        Display::Json => json(events, commands, stop),
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
                let mut out = io::stdout().lock();
                serde_json::to_writer(&mut out, &event)?;
                out.write_all(b"\n")?;
                out.flush()?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(ui::End::Finished),
        }
    }
}
