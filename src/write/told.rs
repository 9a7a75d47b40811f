//! What is told on the standard error beside the poems.

use std::io::{self, IsTerminal};

use super::Model;
use crate::corpus::{FEWEST_LEARNED, Form};
use crate::lang::{self, Lang};
use crate::printable::tell;

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

    /// A warning if the form that was asked for has too few poems.
    pub fn rare(self, model: &Model, form: Option<Form>) {
        let rare = |&&(known, count): &&(Form, u64)| form == Some(known) && count < FEWEST_LEARNED;
        if let Some((form, count)) = model.forms.iter().find(rare) {
            let plural = if *count == 1 { "" } else { "s" };
            let why = format!(
                "the corpus of this model has only {count} poem{plural} of the form {form}, too few to learn it"
            );
            tell(&lang::message(self.lang, &format!("warning: {why}")));
        }
    }

    /// That poems may copy phrases, if the model has no index of those of its corpus.
    pub fn copying(self, model: &Model) {
        if matches!(model.phrases, Ok(None)) {
            self.say(
                "note: this model has no index of the phrases of its corpus, so poems may copy some; --avoid-copying off ends \
                 this note",
            );
        }
    }

    /// The font of a card.
    pub fn font(self, name: &str) {
        self.say(&format!("font: {name}"));
    }

    fn say(self, message: &str) {
        if !self.quiet {
            tell(&lang::message(self.lang, message));
        }
    }
}
