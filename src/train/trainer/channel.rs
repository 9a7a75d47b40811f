//! Where commands come in and events go out, between two steps and, in a duel that is watched turn by turn, between two
//! turns of one step.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::run::event::{Command, Event, Turn};
use crate::run::journal::Journal;
use crate::train::stopwatch;

pub struct Desk {
    events: SyncSender<Event>,
    commands: Receiver<Command>,
    /// Commands that came in the middle of a step, which has to be whole before they can be obeyed.
    waiting: VecDeque<Command>,
    /// The training stops after each turn.
    pub by_turns: bool,
    /// Time for which a step has waited between its turns.
    waited: Duration,
}

impl Desk {
    pub fn new(events: SyncSender<Event>, commands: Receiver<Command>) -> Desk {
        Desk { events, commands, waiting: VecDeque::new(), by_turns: false, waited: Duration::ZERO }
    }

    /// Writes an event to the journal and offers it to whoever watches. A watcher that does not keep up misses events;
    /// training never waits.
    pub fn tell(&self, journal: &mut Journal, event: Event) -> Result<()> {
        journal.append(&event).map_err(|cause| {
            let folder = journal.folder().display();
            anyhow!(
                "cannot write the journal in {folder}: {cause}; the checkpoints are untouched, so free some space or mend \
                 the folder, then run the same command again"
            )
        })?;
        let is_last = matches!(event, Event::Finished { .. } | Event::Failed { .. });
        if is_last {
            // Nobody to hear it is no error.
            let _ = self.events.send(event);
        } else {
            let _ = self.events.try_send(event);
        }
        Ok(())
    }

    /// A command that has come, if any. A reader that has gone away does not stop the training.
    pub fn next(&mut self) -> Option<Command> {
        self.waiting.pop_front().or_else(|| self.commands.try_recv().ok())
    }

    /// Waits for a command; where none can come any more, the training goes on.
    pub fn wait(&mut self) -> Command {
        self.waiting.pop_front().unwrap_or_else(|| self.commands.recv().unwrap_or(Command::Resume))
    }

    /// Where the duel is watched turn by turn: tells of the turn, and waits until the next one is asked for. A request to
    /// stop, like everything else, is left for the end of the step.
    pub fn after_turn(&mut self, journal: &mut Journal, step: u64, turn: Turn) -> Result<()> {
        if !self.by_turns {
            return Ok(());
        }
        let is_last = matches!(turn, Turn::Generator { .. });
        self.tell(journal, Event::Turn { step, turn })?;
        let begun = stopwatch::now();
        // After the last one the step is over, and the training pauses by itself.
        while self.by_turns && !is_last {
            match self.commands.recv().unwrap_or(Command::Resume) {
                Command::Turn => break,
                Command::Resume => self.by_turns = false,
                Command::Stop => {
                    self.by_turns = false;
                    self.waiting.push_back(Command::Stop);
                }
                Command::Pause => {}
                other => self.waiting.push_back(other),
            }
        }
        self.waited += stopwatch::since(begun);
        Ok(())
    }

    pub fn take_waited(&mut self) -> Duration {
        std::mem::take(&mut self.waited)
    }
}
