//! What keys and the mouse mean, given what is open.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::run::event::Command;
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::control::keys::{self, Action};
use crate::ui::control::palette::{self, Asked};
use crate::ui::model::screens::Screen;
use crate::ui::model::state::{Connection, Mode, Prompt, Question, State, Status};
use crate::ui::panes::tabs;

const TEMPERATURE_STEP: f32 = 0.1;
const LOWEST_TEMPERATURE: f32 = 0.1;
const HIGHEST_TEMPERATURE: f32 = 2.0;
/// Poems that a page of the browser moves by.
const PAGE: usize = 10;
/// Characters of the longest line that can be typed.
const LONGEST_LINE: usize = 200;

impl State {
    /// What a key press asks of the trainer, if anything; all else that it means happens here.
    pub fn on_key(&mut self, key: KeyEvent) -> Option<Command> {
        (self.message, self.hint_seconds) = (None, 0.0);
        let action = keys::action(key, self.screen, self.connection);
        // Whatever is open, these two mean the same.
        let holds_everywhere = matches!(action, Some(Action::Interrupt | Action::Suspend));
        match std::mem::take(&mut self.mode) {
            mode if action == Some(Action::Suspend) => {
                (self.mode, self.suspend) = (mode, true);
                None
            }
            Mode::Line(prompt, line) if !holds_everywhere => self.type_into(prompt, line, key),
            Mode::Confirm(question) if !holds_everywhere => {
                self.answer(question, matches!(key.code, KeyCode::Char('y' | 'Y')))
            }
            _ if self.help && !holds_everywhere => self.on_help(key, action),
            _ => action.and_then(|action| self.on_action(action)),
        }
    }

    /// Text from the clipboard goes into the line that is being typed, and is no series of keys elsewhere.
    pub fn on_paste(&mut self, text: &str) {
        let Mode::Line(_, line) = &mut self.mode else {
            return self.say("pasted text goes into a line only: press : or n or / first");
        };
        let room = LONGEST_LINE.saturating_sub(line.chars().count());
        let words = text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        line.extend(words.chars().take(room));
    }

    /// The wheel moves as the arrows do, and a click on the name of a screen shows it.
    pub fn on_mouse(&mut self, mouse: MouseEvent) -> Option<Command> {
        match mouse.kind {
            MouseEventKind::ScrollUp => self.up_or_down(false, 1),
            MouseEventKind::ScrollDown => self.up_or_down(true, 1),
            MouseEventKind::Down(MouseButton::Left) if self.room.tabs == Some(mouse.row) => {
                let screen = self.room.theme.and_then(|theme| tabs::at(mouse.column, theme));
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
            Action::Help => self.show_help(true),
            Action::Close => return self.close(),
            Action::Freeze => return self.freeze_or_thaw(),
            Action::Mouse => {
                self.mouse = !self.mouse;
                self.say(if self.mouse { "mouse on: wheel and tabs" } else { "mouse off: select text as usual" });
            }
            Action::Note => self.mode = Mode::Line(Prompt::Note, String::new()),
            Action::Palette => self.mode = Mode::Line(Prompt::Palette, String::new()),
            Action::Filter => self.mode = Mode::Line(Prompt::Filter, self.browser.filter.clone()),
            Action::BackToBest => self.mode = Mode::Confirm(Question::Best),
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

    /// Keys that speak to the trainer. The inner option is empty where there is nothing to ask for.
    fn command_for(&mut self, action: Action) -> Option<Option<Command>> {
        let asks = matches!(
            action,
            Action::PauseOrResume
                | Action::Turn
                | Action::SampleNow
                | Action::CheckpointNow
                | Action::Warmer
                | Action::Cooler
                | Action::BackToBest
                | Action::Note
        );
        if let Some(playback) = self.playback.as_mut()
            && playback.on_action(action)
        {
            return Some(None);
        }
        if asks && !self.can_ask() {
            return Some(None);
        }
        Some(match action {
            Action::Stop if self.live().status == Status::Stopping => {
                self.mode = Mode::Confirm(Question::Leave);
                None
            }
            Action::Stop | Action::Interrupt => self.ask_to_stop(),
            Action::PauseOrResume => self.pause_or_resume(),
            Action::Turn => self.ask_for_turn(),
            Action::SampleNow => self.ask(Command::SampleNow, "new verses asked for"),
            Action::CheckpointNow => self.ask(Command::CheckpointNow, "a checkpoint is asked for"),
            Action::Warmer => self.set_temperature(TEMPERATURE_STEP),
            Action::Cooler => self.set_temperature(-TEMPERATURE_STEP),
            _ => return None,
        })
    }

    /// Keys of single screens.
    fn on_screen(&mut self, action: Action) {
        match (self.screen, action) {
            (Screen::Samples, Action::Left | Action::Right) => {
                let (facts, browser, _) = self.places();
                browser.travel(&facts.moments, action == Action::Right);
            }
            (Screen::Samples, Action::Choose) => {
                let (facts, browser, _) = self.places();
                browser.pin(&facts.moments);
            }
            (Screen::Curves, _) => {
                let (facts, _, view) = self.places();
                view.on_action(action, &facts.curves);
            }
            _ => return,
        }
        self.needs_repaint |= self.screen == Screen::Samples;
    }

    fn on_help(&mut self, key: KeyEvent, action: Option<Action>) -> Option<Command> {
        match (key.code, action) {
            // Not every screen has keys for moving.
            (KeyCode::Up | KeyCode::PageUp, _) => self.help_scroll = self.help_scroll.saturating_sub(1),
            (KeyCode::Down | KeyCode::PageDown, _) => {
                self.help_scroll = (self.help_scroll + 1).min(self.room.help_beyond);
            }
            // Many a reader closes a page with q; that must not end the training.
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
            KeyCode::Char(character) if !control && line.chars().count() < LONGEST_LINE => line.push(character),
            _ => {}
        }
        self.mode = Mode::Line(prompt, line);
        None
    }

    fn enter(&mut self, prompt: Prompt, line: &str) -> Option<Command> {
        let asked = match prompt {
            Prompt::Palette if line.trim().is_empty() => return None,
            Prompt::Palette => palette::parse(line),
            Prompt::Note if line.trim().is_empty() => return None,
            Prompt::Note => Ok(Asked::Note(line.trim().to_owned())),
            Prompt::Filter => Ok(Asked::Filter(line.trim().to_owned())),
        };
        match asked {
            Err(why) => self.say(why),
            Ok(Asked::Key(action)) => return self.on_action(action),
            Ok(Asked::Filter(text)) => {
                self.show(Screen::Samples);
                self.browser.set_filter(text);
                self.needs_repaint = true;
            }
            Ok(Asked::Step(step)) => match &mut self.playback {
                Some(playback) => playback.wanted = Some(step.min(playback.last)),
                None => {
                    self.show(Screen::Curves);
                    self.curves_view.cursor = Some(step.min(self.now()));
                }
            },
            Ok(Asked::Set(..) | Asked::Note(_)) if !self.can_ask() => {}
            Ok(Asked::Set(setting, value)) => return Some(self.set(setting, value)),
            Ok(Asked::Note(note)) => return Some(Command::Note(note)),
        }
        None
    }

    fn answer(&mut self, question: Question, yes: bool) -> Option<Command> {
        match (question, yes) {
            // The training may have begun to end while the question stood there.
            (Question::Best, true) if !self.can_ask() => {}
            (Question::Best, true) => return self.ask(Command::BackToBest, "going back to the best checkpoint"),
            (Question::Best, false) => self.say("not gone back"),
            (Question::Leave, true) => self.abandoned = true,
            (Question::Leave, false) => {}
        }
        None
    }

    /// Whether the training can be asked for something. Says so where it cannot.
    fn can_ask(&mut self) -> bool {
        let why = match (self.connection, &self.live().status) {
            (Connection::Trainer, Status::Stopping | Status::Finished(_) | Status::Failed(_)) => {
                "the training ends, and can be asked for nothing more"
            }
            (Connection::Trainer, _) => return true,
            _ => "this only watches: the training cannot be asked for anything from here",
        };
        self.say(why);
        false
    }

    /// Asks for another value, which the log will tell of once it holds.
    fn set(&mut self, setting: RuntimeSetting, value: f32) -> Command {
        if setting == RuntimeSetting::Temperature {
            self.chosen_temperature = Some(value);
        }
        self.answer_briefly(format!("asked for: {} {value}", setting.name()));
        Command::Set(setting, value)
    }

    fn ask(&mut self, command: Command, notice: &str) -> Option<Command> {
        let amid_step = self.live().is_amid_step();
        self.say(if amid_step { "asked for; it is done after this step" } else { notice });
        Some(command)
    }

    fn pause_or_resume(&mut self) -> Option<Command> {
        let (status, command) = match self.live().status {
            Status::Starting | Status::Running | Status::Resuming => (Status::Pausing, Command::Pause),
            Status::Pausing | Status::Paused => (Status::Resuming, Command::Resume),
            // Nothing can be asked for any more.
            Status::Stopping | Status::Finished(_) | Status::Failed(_) => return None,
        };
        self.live().status = status;
        Some(command)
    }

    fn ask_for_turn(&mut self) -> Option<Command> {
        match self.live().status {
            Status::Paused => Some(Command::Turn),
            _ => {
                self.live().status = Status::Pausing;
                self.ask(Command::Pause, "paused at the next step; t takes a turn, p goes on")
            }
        }
    }

    fn set_temperature(&mut self, change: f32) -> Option<Command> {
        // Whole tenths: sums of 0.1 would wander to 0.70000005.
        let now = self.temperature();
        let tenths = ((now + change) * 10.0).round();
        // One that was set beyond the bounds of the keys must not jump to them, which may be the wrong way.
        let temperature = (tenths / 10.0).clamp(now.min(LOWEST_TEMPERATURE), now.max(HIGHEST_TEMPERATURE));
        Some(self.set(RuntimeSetting::Temperature, temperature))
    }

    /// Shows a screen, and asks for what it cannot show yet.
    fn show(&mut self, screen: Screen) -> Option<Command> {
        self.needs_repaint |= self.screen != screen;
        self.screen = screen;
        (screen == Screen::Latent).then(|| self.latent.ask()).and_then(|command| self.if_asked(command))
    }

    fn on_latent(&mut self, action: Action) -> Option<Command> {
        let command = match action {
            Action::Left | Action::Right => {
                self.latent.go(action == Action::Right);
                None
            }
            Action::Up | Action::Down => {
                let directions = self.line.as_ref().map(|line| line.of);
                Some(self.latent.turn(action == Action::Down, directions))
            }
            Action::PageUp | Action::PageDown => Some(self.latent.change_seed(action == Action::PageDown)),
            _ => None,
        };
        self.needs_repaint = true;
        command.and_then(|command| self.if_asked(command))
    }

    /// The command, where there is somebody who can do it.
    fn if_asked(&self, command: Command) -> Option<Command> {
        let ends = self.has_ended() || self.status == Status::Stopping;
        (self.connection == Connection::Trainer && !ends).then_some(command)
    }

    fn show_help(&mut self, shown: bool) {
        self.needs_repaint |= self.help != shown;
        (self.help, self.help_scroll) = (shown, 0);
    }

    /// Escape: the filter goes, then the display thaws.
    fn close(&mut self) -> Option<Command> {
        if self.screen == Screen::Samples && !self.browser.filter.is_empty() {
            self.browser.set_filter(String::new());
            self.needs_repaint = true;
            return None;
        }
        if self.is_frozen() { self.freeze_or_thaw() } else { None }
    }

    /// Changes nothing of the run; but whoever reads its journal should know what its user did not see.
    fn freeze_or_thaw(&mut self) -> Option<Command> {
        self.set_frozen(!self.is_frozen());
        self.if_asked(Command::Freeze(self.is_frozen()))
    }

    fn scroll_poem(&mut self, down: bool) {
        let row = self.poem_scroll;
        self.poem_scroll = if down { (row + 1).min(self.room.poem_beyond) } else { row.saturating_sub(1) };
        self.needs_repaint = true;
    }

    fn page(&mut self, down: bool) {
        match self.screen {
            Screen::Adversarial => self.up_or_down(down, self.room.shown.max(1)),
            Screen::Samples => self.up_or_down(down, PAGE),
            Screen::Curves => self.on_screen(if down { Action::PageDown } else { Action::PageUp }),
            Screen::Quality | Screen::Latent => {}
            Screen::Log => {
                let most = self.room.log_total.saturating_sub(self.room.log);
                let rows = self.room.log.max(1);
                self.log_back =
                    if down { self.log_back.saturating_sub(rows) } else { (self.log_back + rows).min(most) };
            }
        }
    }

    fn up_or_down(&mut self, down: bool, rows: usize) {
        let moved = |place: usize| if down { place + rows } else { place.saturating_sub(rows) };
        match self.screen {
            Screen::Adversarial => {
                let row = moved(self.scroll).min(self.room.total.saturating_sub(self.room.shown));
                self.needs_repaint |= self.scroll != row;
                self.scroll = row;
            }
            Screen::Samples => {
                let (facts, browser, _) = self.places();
                browser.choose(&facts.moments, moved(browser.place(&facts.moments)));
                self.poem_scroll = 0;
                self.needs_repaint = true;
            }
            Screen::Curves => self.on_screen(if down { Action::Down } else { Action::Up }),
            Screen::Log => {
                self.settings_scroll = moved(self.settings_scroll).min(self.run.settings.len());
            }
            Screen::Quality | Screen::Latent => {}
        }
    }
}
