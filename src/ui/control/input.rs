//! Keys and the mouse: changes of the state, and commands to the trainer.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::run::event::Command;
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::control::keys;
use crate::ui::control::palette::{self, PaletteRequest};
use crate::ui::model::action::Action;
use crate::ui::model::connection::Connection;
use crate::ui::model::log::LogEntry;
use crate::ui::model::question::Question;
use crate::ui::model::reply::Reply;
use crate::ui::model::run_model::Status;
use crate::ui::model::screens::Screen;
use crate::ui::model::state::{DashboardState, Mode, Prompt};

const TEMPERATURE_STEP: f32 = 0.1;
const MIN_TEMPERATURE: f32 = 0.1;
const MAX_TEMPERATURE: f32 = 2.0;
/// Most characters of a typed line.
const MAX_LINE: usize = 200;

impl DashboardState {
    /// Handles a key. Returns the command for the trainer, if there is one.
    pub fn on_key(&mut self, key: KeyEvent) -> Option<Command> {
        (self.message, self.hint_seconds) = (None, 0.0);
        let action = keys::action(key, self.screen, self.connection);
        // These two mean the same whatever is open.
        let is_global = matches!(action, Some(Action::Interrupt | Action::Suspend));
        match std::mem::take(&mut self.mode) {
            mode if action == Some(Action::Suspend) => {
                (self.mode, self.suspend) = (mode, true);
                None
            }
            Mode::Line(prompt, line) if !is_global => self.type_into(prompt, line, key),
            Mode::Confirm(question) if !is_global => {
                self.answer(question, matches!(key.code, KeyCode::Char('y' | 'Y')))
            }
            _ if self.help && !is_global => self.on_help(key, action),
            _ => action.and_then(|action| self.on_action(action)),
        }
    }

    /// Text from the clipboard goes into the line that is being typed; elsewhere it is not taken for keys.
    pub fn on_paste(&mut self, text: &str) {
        let Mode::Line(_, line) = &mut self.mode else {
            return self.reply(Reply::PasteNeedsLine);
        };
        let room = MAX_LINE.saturating_sub(line.chars().count());
        let words = text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        line.extend(words.chars().take(room));
    }

    /// The wheel scrolls as the arrow keys do, and a click on the name of a screen shows it.
    pub fn on_mouse(&mut self, mouse: MouseEvent) -> Option<Command> {
        match mouse.kind {
            MouseEventKind::ScrollUp => self.up_or_down(false, 1),
            MouseEventKind::ScrollDown => self.up_or_down(true, 1),
            MouseEventKind::Down(MouseButton::Left) => {
                let screen = self.layout.tabs.and_then(|tabs| tabs.screen_at(mouse.column, mouse.row));
                return screen.and_then(|screen| self.show(screen));
            }
            _ => {}
        }
        None
    }

    fn on_action(&mut self, action: Action) -> Option<Command> {
        if let Some(command) = self.command_for(action) {
            return command;
        }
        match action {
            Action::NextChapter | Action::PreviousChapter => self.turn_chapter(action == Action::NextChapter),
            Action::Help => self.show_help(true),
            Action::System => self.show_system(!self.shows_system),
            Action::Close => return self.close(),
            Action::Freeze => return self.toggle_freeze(),
            Action::Mouse => {
                self.mouse = !self.mouse;
                self.reply(if self.mouse { Reply::MouseOn } else { Reply::MouseOff });
            }
            Action::Note => self.mode = Mode::Line(Prompt::Note, String::new()),
            Action::Palette => self.mode = Mode::Line(Prompt::Palette, String::new()),
            Action::Filter => self.mode = Mode::Line(Prompt::Filter, self.browser.filter.clone()),
            Action::Rollback => self.mode = Mode::Confirm(Question::Rollback),
            Action::Show(screen) => return self.show(screen),
            Action::NextScreen => return self.show(self.screen.next()),
            Action::PreviousScreen => return self.show(self.screen.previous()),
            _ if self.screen == Screen::Latent => return self.on_latent(action),
            Action::Up => self.up_or_down(false, 1),
            Action::Down => self.up_or_down(true, 1),
            Action::PageUp => self.page(false),
            Action::PageDown => self.page(true),
            Action::PoemUp => self.scroll_poem(false),
            Action::PoemDown => self.scroll_poem(true),
            _ => self.on_screen(action),
        }
        None
    }

    /// Handles the actions that concern the trainer or the replay; `None` for all others. The inner option is the command.
    fn command_for(&mut self, action: Action) -> Option<Option<Command>> {
        let is_request = matches!(
            action,
            Action::PauseOrResume
                | Action::Turn
                | Action::SampleNow
                | Action::CheckpointNow
                | Action::Warmer
                | Action::Cooler
                | Action::Rollback
                | Action::Note
        );
        if let Some(playback) = self.playback.as_mut()
            && playback.on_action(action)
        {
            return Some(None);
        }
        if is_request && !self.can_request() {
            return Some(None);
        }
        Some(match action {
            Action::Stop if self.live().status == Status::Stopping => {
                self.mode = Mode::Confirm(Question::Quit);
                None
            }
            Action::Stop | Action::Interrupt => self.request_stop(),
            Action::PauseOrResume => self.pause_or_resume(),
            Action::Turn => self.request_turn(),
            Action::SampleNow => self.request(Command::SampleNow, Reply::SampleRequested),
            Action::CheckpointNow => self.request(Command::CheckpointNow, Reply::CheckpointRequested),
            Action::Warmer => self.set_temperature(TEMPERATURE_STEP),
            Action::Cooler => self.set_temperature(-TEMPERATURE_STEP),
            _ => return None,
        })
    }

    /// Actions of single screens.
    pub(in crate::ui::control) fn on_screen(&mut self, action: Action) {
        match (self.screen, action) {
            (Screen::Samples, Action::Left | Action::Right) => {
                let (model, browser) = self.browse();
                browser.travel(&model.sample_history, action == Action::Right);
            }
            (Screen::Samples, Action::Select) => {
                let (model, browser) = self.browse();
                browser.pin(&model.sample_history);
            }
            (Screen::Curves, _) => {
                let (model, view) = self.view_curves();
                view.on_action(action, &model.curves);
            }
            _ => return,
        }
        self.needs_repaint |= self.screen == Screen::Samples;
    }

    fn on_help(&mut self, key: KeyEvent, action: Option<Action>) -> Option<Command> {
        match (key.code, action) {
            // Not every screen binds the arrow keys.
            (KeyCode::Up | KeyCode::PageUp, _) => self.help_scroll = self.help_scroll.saturating_sub(1),
            (KeyCode::Down | KeyCode::PageDown, _) => {
                self.help_scroll = (self.help_scroll + 1).min(self.layout.help_hidden);
            }
            // The help of the other screen.
            (_, Some(Action::Show(_) | Action::NextScreen | Action::PreviousScreen)) => {
                self.help_scroll = 0;
                return action.and_then(|action| self.on_action(action));
            }
            // Pagers close with q; that must not stop the training.
            (_, Some(Action::Stop | Action::Help | Action::Close)) => self.show_help(false),
            _ => {}
        }
        None
    }

    fn type_into(&mut self, prompt: Prompt, mut line: String, key: KeyEvent) -> Option<Command> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return None,
            KeyCode::Enter => return self.enter(prompt, &line),
            KeyCode::Tab if prompt == Prompt::Palette => line = palette::complete(&line, self.connection),
            KeyCode::Backspace => drop(line.pop()),
            KeyCode::Char('u') if control => line.clear(),
            KeyCode::Char(character) if !control && line.chars().count() < MAX_LINE => line.push(character),
            _ => {}
        }
        self.mode = Mode::Line(prompt, line);
        None
    }

    fn enter(&mut self, prompt: Prompt, line: &str) -> Option<Command> {
        let request = match prompt {
            Prompt::Palette if line.trim().is_empty() => return None,
            Prompt::Palette => palette::parse(line),
            Prompt::Note if line.trim().is_empty() => return None,
            Prompt::Note => Ok(PaletteRequest::Note(line.trim().to_owned())),
            Prompt::Filter => Ok(PaletteRequest::Filter(line.trim().to_owned())),
        };
        match request {
            Err(reply) => self.reply(reply),
            Ok(PaletteRequest::Do(action)) => return self.on_action(action),
            Ok(PaletteRequest::Filter(text)) => {
                self.show(Screen::Samples);
                self.browser.set_filter(text);
                self.needs_repaint = true;
            }
            Ok(PaletteRequest::Step(step)) => match &mut self.playback {
                Some(playback) => playback.wanted = Some(step.min(playback.last)),
                None => {
                    self.show(Screen::Curves);
                    self.curves_view.window.cursor = Some(step.min(self.shown().now()));
                }
            },
            Ok(PaletteRequest::Set(..) | PaletteRequest::Note(_)) if !self.can_request() => {}
            Ok(PaletteRequest::Set(setting, value)) => return Some(self.set(setting, value)),
            Ok(PaletteRequest::Note(note)) => return Some(Command::Note(note)),
        }
        None
    }

    fn answer(&mut self, question: Question, yes: bool) -> Option<Command> {
        match (question, yes) {
            // The training may have begun to end since the question was asked.
            (Question::Rollback, true) if !self.can_request() => {}
            (Question::Rollback, true) => return self.request(Command::BackToBest, Reply::RollbackRequested),
            (Question::Rollback, false) => self.reply(Reply::RollbackCancelled),
            (Question::Quit, true) => self.abandoned = true,
            (Question::Quit, false) => {}
        }
        None
    }

    /// Whether the trainer takes requests. Replies if it does not.
    fn can_request(&mut self) -> bool {
        let reply = match (self.connection, &self.live().status) {
            (Connection::Trainer, Status::Stopping) => Reply::TrainingEnds,
            (Connection::Trainer, Status::Finished(_) | Status::Failed(_)) => Reply::TrainingEnded,
            (Connection::Trainer, _) => return true,
            _ => Reply::ReadOnly,
        };
        self.reply(reply);
        false
    }

    /// Requests another value of a setting. The trainer logs the change.
    fn set(&mut self, setting: RuntimeSetting, value: f32) -> Command {
        if setting == RuntimeSetting::Temperature {
            self.chosen_temperature = Some(value);
        }
        self.show_message(LogEntry::Reply(Reply::SettingRequested { setting, value }));
        Command::Set(setting, value)
    }

    fn request(&mut self, command: Command, reply: Reply) -> Option<Command> {
        let amid_step = self.live().is_amid_step();
        self.reply(if amid_step { Reply::AfterStep } else { reply });
        Some(command)
    }

    fn pause_or_resume(&mut self) -> Option<Command> {
        let (status, command) = match self.live().status {
            Status::Starting | Status::Running | Status::Resuming => (Status::Pausing, Command::Pause),
            Status::Pausing | Status::Paused => (Status::Resuming, Command::Resume),
            // No more requests are taken.
            Status::Stopping | Status::Finished(_) | Status::Failed(_) => return None,
        };
        self.live_mut().status = status;
        Some(command)
    }

    fn request_turn(&mut self) -> Option<Command> {
        match self.live().status {
            Status::Paused => Some(Command::Turn),
            _ => {
                self.live_mut().status = Status::Pausing;
                self.request(Command::Pause, Reply::PauseForTurn)
            }
        }
    }

    fn set_temperature(&mut self, change: f32) -> Option<Command> {
        // Whole tenths: sums of 0.1 would drift to 0.70000005.
        let now = self.temperature();
        let tenths = ((now + change) * 10.0).round();
        // A value set beyond the bounds of the keys must not jump to them.
        let temperature = (tenths / 10.0).clamp(now.min(MIN_TEMPERATURE), now.max(MAX_TEMPERATURE));
        Some(self.set(RuntimeSetting::Temperature, temperature))
    }

    /// Shows a screen and requests what it cannot show yet.
    fn show(&mut self, screen: Screen) -> Option<Command> {
        self.needs_repaint |= self.screen != screen;
        self.screen = screen;
        (screen == Screen::Latent).then(|| self.latent.request()).and_then(|command| self.if_possible(command))
    }

    fn on_latent(&mut self, action: Action) -> Option<Command> {
        let command = match action {
            Action::Left | Action::Right => {
                self.latent.step(action == Action::Right);
                None
            }
            Action::Up | Action::Down => {
                let n_directions = self.shown().traversal.as_ref().map(|traversal| traversal.n_directions);
                Some(self.latent.change_direction(action == Action::Down, n_directions))
            }
            Action::PageUp | Action::PageDown => Some(self.latent.change_seed(action == Action::PageDown)),
            Action::NextForm => Some(self.latent.next_form()),
            Action::Reset => Some(self.latent.reset()),
            _ => None,
        };
        self.needs_repaint = true;
        command.and_then(|command| self.if_possible(command))
    }

    /// The command, if there is a trainer or a model that takes it.
    fn if_possible(&self, command: Command) -> Option<Command> {
        let ends = self.live().has_ended() || self.live().status == Status::Stopping;
        (matches!(self.connection, Connection::Trainer | Connection::Model) && !ends).then_some(command)
    }

    fn show_help(&mut self, shown: bool) {
        self.needs_repaint |= self.help != shown;
        (self.help, self.help_scroll) = (shown, 0);
    }

    fn turn_chapter(&mut self, forward: bool) {
        if let Some((tour, playback)) = self.tour.zip(self.playback.as_mut()) {
            tour.turn(forward, playback);
        }
    }

    fn show_system(&mut self, shown: bool) {
        self.needs_repaint = true;
        self.shows_system = shown;
    }

    /// Escape: clears the filter, closes the system pane, then unfreezes the display, then leaves the tour.
    fn close(&mut self) -> Option<Command> {
        if self.screen == Screen::Samples && !self.browser.filter.is_empty() {
            self.browser.set_filter(String::new());
            self.needs_repaint = true;
            return None;
        }
        if self.shows_system {
            self.show_system(false);
            return None;
        }
        if self.is_frozen() {
            return self.toggle_freeze();
        }
        self.abandoned |= self.tour.is_some();
        None
    }

    /// Training is unaffected; the command makes the journal record what the user did not see.
    fn toggle_freeze(&mut self) -> Option<Command> {
        self.set_frozen(!self.is_frozen());
        self.if_possible(Command::Freeze(self.is_frozen()))
    }
}
