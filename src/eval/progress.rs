//! A progress line on the standard error, if that is a terminal.

use std::io::{self, IsTerminal, Write};

/// The progress line; it is erased when dropped.
pub struct ProgressLine {
    shown: bool,
    done: usize,
    of: usize,
}

impl ProgressLine {
    /// For work of `of` parts.
    pub fn new(of: usize) -> ProgressLine {
        ProgressLine { shown: io::stderr().is_terminal(), done: 0, of }
    }

    /// Begins the next part.
    pub fn next(&mut self, what: &str) {
        self.done += 1;
        if self.shown {
            // A progress line that cannot be written is no failure.
            let _ = write!(io::stderr(), "\r\x1b[K{} of {}: {what}", self.done, self.of);
        }
    }

    /// Shows the progress within a part: `done` of `of` units.
    pub fn part(&self, what: &str, done: u64, of: u64) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K{what}: {done} of {of}");
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
