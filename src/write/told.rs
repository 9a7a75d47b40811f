//! What is told on the standard error beside the poems.

use std::io::{self, IsTerminal, Write};

use super::Model;
use crate::lang::{self, Lang};
use crate::printable::printable;

/// Whether and in which language to tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub quiet: bool,
    pub lang: Lang,
}

impl Told {
    /// The model and the seed or seeds, from which the same poems come again; on a terminal also that it `is_newest`, the
    /// newest run, which was not asked for.
    pub fn model(self, model: &Model, seeds: &str, is_newest: bool) {
        let is_newest = is_newest && model.run.is_some() && io::stderr().is_terminal();
        let other = if is_newest { " (the newest run; or --model builtin)" } else { "" };
        self.say(&format!("model: {}, {seeds}{other}", model.name));
    }

    /// The font of a card.
    pub fn font(self, name: &str) {
        self.say(&format!("font: {name}"));
    }

    fn say(self, message: &str) {
        if !self.quiet {
            // If the standard error is closed, there is nobody to tell.
            let _ = writeln!(io::stderr(), "{}", printable(&lang::message(self.lang, message)));
        }
    }
}
