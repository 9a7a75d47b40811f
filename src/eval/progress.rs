//! A progress line on the standard error, if that is a terminal.

use std::io::{self, IsTerminal, Write};

use crate::lang::{self, Lang};

/// The progress line; it is erased when dropped.
pub struct ProgressLine {
    shown: bool,
    done: usize,
    of: usize,
    lang: Lang,
}

impl ProgressLine {
    /// For work of `of` parts.
    pub fn new(of: usize, lang: Lang) -> ProgressLine {
        ProgressLine { shown: io::stderr().is_terminal(), done: 0, of, lang }
    }

    /// Begins the next part.
    pub fn next(&mut self, what: &str) {
        self.done += 1;
        if self.shown {
            // A progress line that cannot be written is no failure.
            let [of, colon] = self.lang.pick([" of ", ": "], ["/", "："]);
            let what = lang::message(self.lang, what);
            let _ = write!(io::stderr(), "\r\x1b[K{}{of}{}{colon}{what}", self.done, self.of);
        }
    }

    /// Shows the progress within a part: `done` of `of` units.
    pub fn part(&self, what: &str, done: u64, of: u64) {
        if self.shown {
            let [colon, of_all] = self.lang.pick([": ", " of "], ["：", "/"]);
            let what = lang::message(self.lang, what);
            let _ = write!(io::stderr(), "\r\x1b[K{what}{colon}{done}{of_all}{of}");
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
