//! The state of the screen. It changes by keys and by answers, and knows neither terminal nor model.

use std::collections::BTreeSet;

use super::editor::LineEditor;
use super::exchange::{StudioAnswer, StudioCandidate, StudioCommand, StudioRequest, StudioSetup};
use super::field::StudioFieldKind;
use super::form::{FormRow, StudioForm, rows};
use super::history::UndoHistory;
use super::list::CandidateList;
use super::message::StudioMessage;
use super::pane::StudioPane;

/// Line fields of the form before the first poem, and at most later.
const USUAL_LINES: usize = 4;
const MOST_LINES: usize = 99;

/// What is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StudioPrompt {
    Field(FormRow),
    /// A line of the selected poem, from 1.
    Line(usize),
    Export,
}

/// Where the keys go.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum StudioMode {
    #[default]
    Keys,
    Typing(StudioPrompt, LineEditor),
    /// The command is shown in full.
    Command,
    /// The help is shown from this row on.
    Help(usize),
}

#[derive(Clone, Debug, Default)]
pub struct StudioState {
    pub setup: StudioSetup,
    pub form: StudioForm,
    pub history: UndoHistory<StudioForm>,
    pub candidates: CandidateList,
    pub focus: StudioPane,
    /// The selected row of the form, line of the poem from 0, and direction of z.
    pub row: usize,
    pub line: usize,
    pub axis: usize,
    pub mode: StudioMode,
    pub message: Option<StudioMessage>,
    /// The commands of the poems that were kept.
    pub kept: BTreeSet<Vec<String>>,
    /// Lines of the latest poem.
    pub(super) n_lines: usize,
    /// Rows of the help that did not fit into the last frame.
    pub(super) help_hidden: usize,
    pub needs_repaint: bool,
    pub suspend: bool,
    pub has_quit: bool,
}

impl StudioState {
    pub fn new(setup: StudioSetup) -> StudioState {
        let mut form = StudioForm::default();
        setup.texts.iter().for_each(|(option, text)| form.set(option, text));
        StudioState { setup, form, n_lines: USUAL_LINES, ..StudioState::default() }
    }

    /// Asks for the poems of the form.
    pub fn request(&mut self) -> StudioCommand {
        StudioCommand::Write(StudioRequest {
            number: self.candidates.begin(),
            words: self.form.words(&self.setup.fields),
            seed: self.value(&StudioFieldKind::Seed).to_owned(),
            count: self.value(&StudioFieldKind::Count).to_owned(),
        })
    }

    /// Applies an answer.
    pub fn apply(&mut self, answer: StudioAnswer) {
        self.needs_repaint = true;
        match answer {
            StudioAnswer::Poem { number, poem } if self.candidates.is_awaited(number) => {
                self.n_lines = poem.lines.len();
                self.candidates.add(*poem);
            }
            StudioAnswer::Refused { number, why } => self.candidates.refuse(number, why),
            StudioAnswer::Written { number } if self.candidates.is_awaited(number) => self.candidates.is_written = true,
            StudioAnswer::Poem { .. } | StudioAnswer::Written { .. } => {}
            StudioAnswer::Kept { command } => {
                self.kept.insert(command);
                self.message = Some(StudioMessage::Kept { file: self.setup.favourites.clone() });
            }
            StudioAnswer::Exported { file, count } => self.message = Some(StudioMessage::Exported { file, count }),
            StudioAnswer::Failed(why) => self.message = Some(StudioMessage::Failed(why)),
        }
    }

    /// The rows of the form.
    pub fn rows(&self) -> Vec<FormRow> {
        let n_lines = self.candidates.selected().map_or(self.n_lines, |poem| poem.lines.len());
        rows(&self.setup.fields, n_lines.max(self.form.last_line()).clamp(1, MOST_LINES))
    }

    /// The selected row of the form; `None` without fields.
    pub fn selected_row(&self) -> Option<FormRow> {
        let rows = self.rows();
        rows.get(self.row.min(rows.len().saturating_sub(1))).copied()
    }

    /// The number, from 1, and the text of the marked line of the selected poem.
    pub fn marked_line(&self) -> Option<(usize, String)> {
        let poem = self.candidates.selected()?;
        let place = self.line.min(poem.lines.len().saturating_sub(1));
        poem.lines.get(place).map(|line| (place + 1, line.text.clone()))
    }

    /// Whether a line of a poem, from 0, is the one that the form asks for.
    pub fn is_locked(&self, poem: &StudioCandidate, line: usize) -> bool {
        // Punctuation of the end of a line is not part of it.
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let (given, text) = (self.form.line(line + 1), poem.lines.get(line));
        given.zip(text).is_some_and(|(given, line)| letters(given) == letters(&line.text))
    }

    pub fn is_kept(&self, poem: &StudioCandidate) -> bool {
        self.kept.contains(&poem.command)
    }

    /// The option of the field of this kind; empty without one.
    pub fn option(&self, kind: &StudioFieldKind) -> String {
        let field = self.setup.fields.iter().find(|field| field.kind == *kind);
        field.map_or_else(String::new, |field| field.option.clone())
    }

    /// What is filled in the field of this kind, else its default.
    pub fn value(&self, kind: &StudioFieldKind) -> &str {
        let field = self.setup.fields.iter().find(|field| field.kind == *kind);
        field.map_or("", |field| match self.form.text(&field.option) {
            "" => &field.default,
            text => text,
        })
    }

    /// Stores how many rows of the help did not fit.
    pub fn laid_out(&mut self, help_hidden: usize) {
        self.help_hidden = help_hidden;
    }
}
