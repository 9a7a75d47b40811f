//! Where commands come in and events go out: between two steps and, when adversarial training is taken turn by turn,
//! between two turns.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::run::checkpoint;
use crate::run::event::{Command, Event, Turn};
use crate::run::journal::Journal;
use crate::train::stopwatch;

pub struct Channel {
    events: SyncSender<Event>,
    commands: Receiver<Command>,
    /// Commands that came in the middle of a step, and are run after it.
    deferred: VecDeque<Command>,
    /// Training stops after each turn.
    pub by_turns: bool,
    /// Time that a step has waited between its turns.
    waited: Duration,
}

impl Channel {
    pub fn new(events: SyncSender<Event>, commands: Receiver<Command>) -> Channel {
        Channel { events, commands, deferred: VecDeque::new(), by_turns: false, waited: Duration::ZERO }
    }

    /// Writes an event to the journal and offers it to the display. A display that does not keep up misses events;
    /// training never waits.
    ///
    /// # Errors
    /// A journal that cannot be written.
    pub fn emit(&self, journal: &mut Journal, event: Event) -> Result<()> {
        journal.append(&event).map_err(|cause| {
            let folder = journal.folder();
            let what_next = if checkpoint::steps_of(folder).is_empty() {
                "there is no checkpoint yet, so free some space or repair the folder, then run the same command again, which starts over"
            } else {
                "the checkpoints are unaffected, so free some space or repair the folder, then run the same command again"
            };
            anyhow!("cannot write the journal in {}: {cause}; {what_next}", folder.display())
        })?;
        let is_last = matches!(event, Event::Finished { .. } | Event::Failed { .. });
        if is_last {
            // A closed receiver is no error.
            let _ = self.events.send(event);
        } else {
            let _ = self.events.try_send(event);
        }
        Ok(())
    }

    /// The next command, if there is one. A display that is gone does not stop training.
    pub fn next(&mut self) -> Option<Command> {
        self.deferred.pop_front().or_else(|| self.commands.try_recv().ok())
    }

    /// Waits for a command; where none can come any more, training resumes.
    pub fn wait(&mut self) -> Command {
        self.deferred.pop_front().unwrap_or_else(|| self.commands.recv().unwrap_or(Command::Resume))
    }

    /// When training is taken turn by turn: emits the turn, and waits until the next one is requested. A request to
    /// stop, like every other command, is deferred to the end of the step.
    ///
    /// # Errors
    /// As [`Channel::emit`].
    pub fn after_turn(&mut self, journal: &mut Journal, step: u64, turn: Turn) -> Result<()> {
        if !self.by_turns {
            return Ok(());
        }
        let is_last = matches!(turn, Turn::Generator { .. });
        self.emit(journal, Event::Turn { step, turn })?;
        let begun = stopwatch::now();
        // After the last turn the step is over, and training pauses by itself.
        while self.by_turns && !is_last {
            match self.commands.recv().unwrap_or(Command::Resume) {
                Command::Turn => break,
                Command::Resume => self.by_turns = false,
                Command::Stop => {
                    self.by_turns = false;
                    self.deferred.push_back(Command::Stop);
                }
                Command::Pause => {}
                other => self.deferred.push_back(other),
            }
        }
        self.waited += stopwatch::since(begun);
        Ok(())
    }

    /// The time waited since the last call.
    pub fn take_waited(&mut self) -> Duration {
        std::mem::take(&mut self.waited)
    }
}
