//! Changes of the form: what the keys fill in, lock and undo.

use super::exchange::StudioCommand;
use super::field::StudioFieldKind;
use super::form::{FormRow, StudioForm};
use super::message::StudioMessage;
use super::state::StudioState;

impl StudioState {
    /// Changes the form so that it can be undone. Returns whether it is another one now.
    fn change(&mut self, change: impl FnOnce(&mut StudioForm)) -> bool {
        let mut form = self.form.clone();
        change(&mut form);
        if form == self.form {
            return false;
        }
        self.history.note(&self.form);
        self.form = form;
        true
    }

    /// Changes the form and asks for its poems.
    pub(super) fn rewrite(&mut self, change: impl FnOnce(&mut StudioForm)) -> Option<StudioCommand> {
        self.change(change).then(|| self.request())
    }

    pub(super) fn fill_in(&mut self, row: FormRow, text: &str) -> Option<StudioCommand> {
        let fields = self.setup.fields.clone();
        self.rewrite(|form| form.set_row(&fields, row, text))
    }

    /// Turns a flag or a choice.
    pub(super) fn turn(&mut self, row: FormRow, forward: bool) -> Option<StudioCommand> {
        let field = self.setup.fields.get(row.field).cloned()?;
        self.rewrite(|form| form.turn(&field, forward))
    }

    /// Moves the selected slider; back to 0 without a direction.
    pub(super) fn slide(&mut self, forward: Option<bool>) -> Option<StudioCommand> {
        let option = self.option(&StudioFieldKind::Axes);
        let text = self.setup.axes.moved(self.form.text(&option), self.axis, forward);
        self.rewrite(|form| form.set(&option, &text))
    }

    pub(super) fn reset_axes(&mut self) -> Option<StudioCommand> {
        let option = self.option(&StudioFieldKind::Axes);
        self.rewrite(|form| form.set(&option, ""))
    }

    /// Gives a line of the selected poem another text and has the rest written anew in the form of that poem. An empty text
    /// frees the line.
    pub(super) fn replace_line(&mut self, number: usize, text: &str) -> Option<StudioCommand> {
        self.candidates.hold(true);
        let form_of_poem = self.form_of_poem();
        self.rewrite(|form| {
            keep_form(form, &form_of_poem);
            form.set_line(number, text);
        })
    }

    /// Locks the marked line, or unlocks it. The candidates stay until more are asked for, so that several lines of one poem can
    /// be locked.
    pub(super) fn lock(&mut self) {
        let Some((number, text)) = self.marked_line() else { return self.message = Some(StudioMessage::NoLine) };
        let is_locked = self.candidates.selected().is_some_and(|poem| self.is_locked(poem, number - 1));
        let form_of_poem = self.form_of_poem();
        self.change(|form| {
            if is_locked {
                form.set_line(number, "");
            } else {
                keep_form(form, &form_of_poem);
                form.set_line(number, &text);
            }
        });
        let message = if is_locked { StudioMessage::Unlocked } else { StudioMessage::Locked };
        self.message = Some(message(number));
    }

    /// The option of the form of a poem, and that of the selected poem.
    fn form_of_poem(&self) -> [String; 2] {
        let form = self.candidates.selected().map_or_else(String::new, |poem| poem.form.clone());
        [self.option(&StudioFieldKind::Form), form]
    }

    /// Asks for poems with the seeds after those of now.
    pub(super) fn more(&mut self) -> Option<StudioCommand> {
        let seed = self.value(&StudioFieldKind::Seed).parse::<u64>().ok();
        let count = self.value(&StudioFieldKind::Count).parse::<u64>().unwrap_or(1);
        self.candidates.hold(false);
        let option = self.option(&StudioFieldKind::Seed);
        // What is no number is reported by the answer.
        match seed {
            Some(seed) => self.rewrite(|form| form.set(&option, &seed.wrapping_add(count).to_string())),
            None => Some(self.request()),
        }
    }

    /// Takes back the last change, or does again what was taken back.
    pub(super) fn undo(&mut self, back: bool) -> Option<StudioCommand> {
        let Some(form) = self.history.turn(&self.form, back) else {
            self.message = Some(if back { StudioMessage::NothingToUndo } else { StudioMessage::NothingToRedo });
            return None;
        };
        self.form = form;
        Some(self.request())
    }
}

/// A line has its place in a form only: without one each seed would draw its own.
fn keep_form(form: &mut StudioForm, [option, form_of_poem]: &[String; 2]) {
    if form.text(option).is_empty() {
        form.set(option, form_of_poem);
    }
}
