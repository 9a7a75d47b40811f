//! Keys: changes of the state, and commands to the writer of the poems.

use crossterm::event::{KeyCode, KeyEvent};

use super::editor::LineEditor;
use super::exchange::StudioCommand;
use super::field::StudioFieldKind;
use super::keys::{self, StudioAction};
use super::message::StudioMessage;
use super::pane::StudioPane;
use super::state::{StudioMode, StudioPrompt, StudioState};

/// The name of a file that is offered for an export.
const EXPORT: &str = "candidates.txt";

impl StudioState {
    /// Handles a key. Returns the command for the writer, if there is one.
    pub fn on_key(&mut self, key: KeyEvent) -> Option<StudioCommand> {
        // Wide characters that are written over leave halves in some terminals.
        (self.message, self.needs_repaint) = (None, true);
        let action = keys::action(key);
        match (std::mem::take(&mut self.mode), action) {
            (_, Some(StudioAction::Interrupt)) => self.has_quit = true,
            (mode, Some(StudioAction::Suspend)) => (self.mode, self.suspend) = (mode, true),
            (StudioMode::Typing(prompt, editor), _) => return self.type_into(prompt, editor, key),
            (StudioMode::Command, _) => {}
            (StudioMode::Help(scroll), _) => self.on_help(scroll, action),
            (StudioMode::Keys, Some(action)) => return self.on_action(action),
            (StudioMode::Keys, None) => {}
        }
        None
    }

    /// Text from the clipboard goes into the line that is being typed; elsewhere it is not taken for keys.
    pub fn on_paste(&mut self, text: &str) {
        match &mut self.mode {
            StudioMode::Typing(_, editor) => editor.paste(text),
            _ => self.message = Some(StudioMessage::PasteNeedsLine),
        }
    }

    fn on_help(&mut self, scroll: usize, action: Option<StudioAction>) {
        self.mode = match action {
            Some(StudioAction::Up) => StudioMode::Help(scroll.saturating_sub(1)),
            Some(StudioAction::Down) => StudioMode::Help((scroll + 1).min(self.help_hidden)),
            // Pagers close with q.
            Some(StudioAction::Quit | StudioAction::Help | StudioAction::Close) => StudioMode::Keys,
            _ => StudioMode::Help(scroll),
        };
    }

    fn type_into(&mut self, prompt: StudioPrompt, mut editor: LineEditor, key: KeyEvent) -> Option<StudioCommand> {
        match key.code {
            KeyCode::Esc => None,
            KeyCode::Enter => self.enter(prompt, &editor.text()),
            _ => {
                editor.on_key(key);
                self.mode = StudioMode::Typing(prompt, editor);
                None
            }
        }
    }

    fn enter(&mut self, prompt: StudioPrompt, text: &str) -> Option<StudioCommand> {
        match prompt {
            StudioPrompt::Field(row) => self.fill_in(row, text),
            StudioPrompt::Line(number) => self.replace_line(number, text),
            StudioPrompt::Export if text.trim().is_empty() => None,
            StudioPrompt::Export => {
                let poems = self.candidates.poems().to_vec();
                Some(StudioCommand::Export { file: text.trim().to_owned(), poems })
            }
        }
    }

    fn on_action(&mut self, action: StudioAction) -> Option<StudioCommand> {
        match action {
            StudioAction::NextPane | StudioAction::PreviousPane => {
                self.focus = self.focus.next(action == StudioAction::NextPane);
            }
            StudioAction::Up | StudioAction::Down => self.up_or_down(action == StudioAction::Down),
            StudioAction::Left | StudioAction::Right => return self.left_or_right(action == StudioAction::Right),
            StudioAction::Enter => return self.on_enter(),
            StudioAction::Clear => return self.clear(),
            StudioAction::ResetAxes => return self.reset_axes(),
            StudioAction::EditLine => self.edit_line(),
            StudioAction::Lock => self.lock(),
            StudioAction::More => return self.more(),
            StudioAction::Keep => return self.keep(),
            StudioAction::Undo | StudioAction::Redo => return self.undo(action == StudioAction::Undo),
            StudioAction::Export if self.candidates.poems().is_empty() => self.message = Some(StudioMessage::NoPoem),
            StudioAction::Export => self.mode = StudioMode::Typing(StudioPrompt::Export, LineEditor::new(EXPORT)),
            StudioAction::ShowCommand if self.candidates.selected().is_none() => {
                self.message = Some(StudioMessage::NoPoem);
            }
            StudioAction::ShowCommand => self.mode = StudioMode::Command,
            StudioAction::Help => self.mode = StudioMode::Help(0),
            StudioAction::Quit | StudioAction::Interrupt => self.has_quit = true,
            StudioAction::Close | StudioAction::Suspend => {}
        }
        None
    }

    fn up_or_down(&mut self, down: bool) {
        let step = |place: usize, count: usize| {
            let place = place.min(count.saturating_sub(1));
            if down { (place + 1).min(count.saturating_sub(1)) } else { place.saturating_sub(1) }
        };
        match self.focus {
            StudioPane::Form => self.row = step(self.row, self.rows().len()),
            StudioPane::Poems => self.candidates.step(down),
            StudioPane::Lines => {
                let count = self.candidates.selected().map_or(0, |poem| poem.lines.len());
                self.line = step(self.line, count);
            }
            StudioPane::Axes => self.axis = step(self.axis, self.setup.axes.words.len()),
        }
    }

    fn left_or_right(&mut self, right: bool) -> Option<StudioCommand> {
        match self.focus {
            StudioPane::Form => return self.selected_row().and_then(|row| self.turn(row, right)),
            StudioPane::Axes => return self.slide(Some(right)),
            StudioPane::Poems | StudioPane::Lines => self.candidates.step(right),
        }
        None
    }

    fn on_enter(&mut self) -> Option<StudioCommand> {
        match self.focus {
            StudioPane::Form => {
                let row = self.selected_row()?;
                let kind = self.setup.fields.get(row.field).map(|field| &field.kind)?;
                if matches!(kind, StudioFieldKind::Flag | StudioFieldKind::Choice(_)) {
                    return self.turn(row, true);
                }
                let editor = LineEditor::new(self.form.row(&self.setup.fields, row));
                self.mode = StudioMode::Typing(StudioPrompt::Field(row), editor);
            }
            StudioPane::Poems => {
                self.candidates.hold(true);
                self.focus = StudioPane::Lines;
            }
            StudioPane::Lines => self.edit_line(),
            StudioPane::Axes => {
                let is_axes = |field: usize| self.setup.fields[field].kind == StudioFieldKind::Axes;
                let row = self.rows().into_iter().find(|row| is_axes(row.field))?;
                let editor = LineEditor::new(self.form.row(&self.setup.fields, row));
                self.mode = StudioMode::Typing(StudioPrompt::Field(row), editor);
            }
        }
        None
    }

    fn clear(&mut self) -> Option<StudioCommand> {
        match self.focus {
            StudioPane::Form => self.selected_row().and_then(|row| self.fill_in(row, "")),
            StudioPane::Axes => self.slide(None),
            StudioPane::Poems | StudioPane::Lines => None,
        }
    }

    fn edit_line(&mut self) {
        match self.marked_line() {
            Some((number, text)) => {
                self.mode = StudioMode::Typing(StudioPrompt::Line(number), LineEditor::new(&text));
            }
            None => self.message = Some(StudioMessage::NoLine),
        }
    }

    fn keep(&mut self) -> Option<StudioCommand> {
        let Some(poem) = self.candidates.selected() else {
            self.message = Some(StudioMessage::NoPoem);
            return None;
        };
        if self.is_kept(poem) {
            self.message = Some(StudioMessage::KeptBefore { file: self.setup.favourites.clone() });
            return None;
        }
        Some(StudioCommand::Keep(Box::new(poem.clone())))
    }
}
