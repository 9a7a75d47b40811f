//! What is being done, on one line of the standard error, where somebody looks at it.

use std::io::{self, IsTerminal, Write};

/// The line; it is wiped when the work is done.
pub struct Progress {
    shown: bool,
    done: usize,
    of: usize,
}

impl Progress {
    /// For work in `of` parts.
    pub fn new(of: usize) -> Progress {
        Progress { shown: io::stderr().is_terminal(), done: 0, of }
    }

    /// Says what the next part is.
    pub fn next(&mut self, what: &str) {
        self.done += 1;
        if self.shown {
            // Who cannot be told misses nothing that counts.
            let _ = write!(io::stderr(), "\r\x1b[K{} of {}: {what}", self.done, self.of);
        }
    }
}

impl Progress {
    /// Says how far a piece of work is that lies between the parts.
    pub fn part(&self, what: &str, done: u64, of: u64) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K{what}: {done} of {of}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
