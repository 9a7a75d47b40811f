//! What makes files of the events of a journal.

use std::io;
use std::path::PathBuf;

use crate::run::event::Event;

pub trait Exporter {
    /// Adds an event. `seconds` is the training time of the run up to it, without pauses and the time between processes.
    fn on_event(&mut self, event: &Event, seconds: f64) -> io::Result<()>;

    /// Puts the files in their places and returns their paths.
    fn finish(self: Box<Self>) -> io::Result<Vec<PathBuf>>;
}
