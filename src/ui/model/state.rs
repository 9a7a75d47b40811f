//! What the dashboard knows and where the user is in it. Events and keys go in, commands come out; no clock and no
//! terminal, so that every situation can be tested from a list of events, and a journal can be played back through the
//! same code.

use std::ops::Deref;

use crate::run::event::{Command, Event};
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::model::browser::Browser;
use crate::ui::model::curves_view::CurvesView;
use crate::ui::model::latent::Latent;
use crate::ui::model::run_model::Facts;
use crate::ui::model::screens::Screen;
use crate::ui::model::settings;
use crate::ui::term::theme::Theme;

pub use crate::ui::model::run_model::{Curves, HeldOut, Run, Status, Verses};

/// How long an answer is shown.
const MESSAGE_SECONDS: f32 = 5.0;
/// How long those who begin a run are told of the keys, should they press none.
const HINT_SECONDS: f32 = 60.0;

/// What the last frame had room for. The view measures, the state scrolls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Rows of verses that were shown, of how many.
    pub shown: usize,
    pub total: usize,
    /// Rows that the log had, of how many.
    pub log: usize,
    pub log_total: usize,
    /// Rows by which the chosen poem is longer than its pane.
    pub poem_beyond: usize,
    /// Rows by which the help is longer than the screen.
    pub help_beyond: usize,
    /// The row with the names of the screens, if there is one.
    pub tabs: Option<u16>,
    /// How it was drawn.
    pub theme: Option<Theme>,
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// A trainer of this process, which does what it is asked.
    #[default]
    Trainer,
    /// A journal, which cannot be asked for anything.
    Journal,
    /// A journal that is played back.
    Playback,
}

/// How a journal is played back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playback {
    pub playing: bool,
    /// Steps a second.
    pub speed: f32,
    /// The step that is shown, and the last one of the journal.
    pub step: u64,
    pub last: u64,
    /// Where the user wants to be.
    pub wanted: Option<u64>,
}

/// What the keyboard is for at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Keys,
    /// A line is being typed.
    Line(Prompt, String),
    /// A question waits for its answer.
    Confirm(Question),
}

/// What is asked before anything that loses work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Back to the best checkpoint?
    Best,
    /// Leave without waiting for the checkpoint?
    Leave,
}

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    Palette,
    Note,
    Filter,
}

#[derive(Clone, Debug, Default)]
pub struct State {
    live: Facts,
    /// What is shown instead of the live facts while the display is frozen.
    frozen: Option<Box<Facts>>,
    pub connection: Connection,
    name: Option<String>,
    pub screen: Screen,
    pub mode: Mode,
    /// Only for [`Connection::Playback`].
    pub playback: Option<Playback>,
    pub help: bool,
    /// First row of the help that is shown.
    pub help_scroll: usize,
    pub mouse: bool,
    /// First row of the adversarial phase's verses that is shown.
    pub scroll: usize,
    pub browser: Browser,
    /// First row of the chosen poem that is shown.
    pub poem_scroll: usize,
    pub curves_view: CurvesView,
    pub latent: Latent,
    /// Rows that the log is scrolled back, and the settings are scrolled down.
    pub log_back: usize,
    pub settings_scroll: usize,
    /// The user does not want to wait for the trainer.
    pub abandoned: bool,
    /// The answer to the latest key, and for how many seconds it is still shown.
    pub message: Option<(String, f32)>,
    /// For how many seconds a hint is still shown to those who begin.
    pub hint_seconds: f32,
    /// No process trains the run that is watched.
    pub is_idle: bool,
    /// The user wants to see the shell for a while.
    pub suspend: bool,
    pub(in crate::ui) room: Room,
    /// What `+` and `-` have chosen; the trainer's own temperature until then.
    pub(in crate::ui) chosen_temperature: Option<f32>,
    pub(in crate::ui) needs_repaint: bool,
}

/// The facts that are shown.
impl Deref for State {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        self.frozen.as_deref().unwrap_or(&self.live)
    }
}

impl State {
    /// Nothing is known yet; keys speak to whoever is at the other end. The run is called `name`, if there is one,
    /// whatever its journal says: it may have been copied.
    pub fn new(connection: Connection, name: Option<String>) -> State {
        State { connection, name, ..State::default() }
    }

    pub fn apply(&mut self, event: Event) {
        let is_first = matches!(event, Event::Started { step: 0, .. });
        let is_checkpoint = matches!(event, Event::Checkpoint { .. });
        let answer = settings::answer(&event);
        self.live.apply(event);
        if let Some(name) = &self.name {
            self.live.run.name.clone_from(name);
        }
        if self.connection != Connection::Trainer {
            return;
        }
        if let Some(answer) = answer {
            self.answer_briefly(answer);
        }
        if is_first {
            self.hint_seconds = HINT_SECONDS;
        } else if is_checkpoint {
            self.hint_seconds = 0.0;
        }
    }

    /// Lets `seconds` pass for the clocks between two steps.
    pub fn tick(&mut self, seconds: f32) {
        if self.connection == Connection::Trainer {
            self.live.tick(seconds);
        }
        self.hint_seconds -= seconds;
        let left = self.message.take().map(|(text, left)| (text, left - seconds));
        self.message = left.filter(|(_, left)| *left > 0.0);
    }

    /// Forgets all that has happened, but not where the user is: it will be told anew.
    pub fn restart(&mut self) {
        self.live = Facts::default();
        self.needs_repaint = true;
    }

    /// Asks for a clean end the first time, and gives up waiting for it the second time.
    pub fn ask_to_stop(&mut self) -> Option<Command> {
        if self.live.has_ended() || self.live.status == Status::Stopping || self.connection != Connection::Trainer {
            self.abandoned = true;
            return None;
        }
        self.frozen = None;
        self.live.status = Status::Stopping;
        Some(Command::Stop)
    }

    /// Takes note of what the last frame had room for, which bounds the scrolling.
    pub fn laid_out(&mut self, room: Room) {
        self.room = room;
        self.help_scroll = self.help_scroll.min(room.help_beyond);
        match self.screen {
            Screen::Adversarial => self.scroll = self.scroll.min(room.total.saturating_sub(room.shown)),
            Screen::Samples => self.poem_scroll = self.poem_scroll.min(room.poem_beyond),
            Screen::Log => self.log_back = self.log_back.min(room.log_total.saturating_sub(room.log)),
            _ => {}
        }
    }

    /// Whether the next frame should be drawn from a cleared screen: some terminals leave half of a wide character
    /// behind when only the changed cells are written.
    pub fn take_repaint(&mut self) -> bool {
        let new_verses = std::mem::take(&mut self.live.needs_repaint) && self.frozen.is_none();
        std::mem::take(&mut self.needs_repaint) | new_verses
    }

    /// Whether the run has ended, whatever is shown.
    pub fn has_ended(&self) -> bool {
        self.live.has_ended()
    }

    /// Temperature of the next verses.
    pub fn temperature(&self) -> f32 {
        let sampled = self.verses.front().map(|verses| verses.temperature).filter(|t| t.is_finite());
        self.chosen_temperature.or(self.settings.get(RuntimeSetting::Temperature)).or(sampled).unwrap_or(1.0)
    }

    pub fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    pub(in crate::ui) fn set_frozen(&mut self, frozen: bool) {
        self.needs_repaint = true;
        self.frozen = frozen.then(|| Box::new(self.live.clone()));
    }

    /// The facts of this moment, whatever is shown.
    pub(in crate::ui) fn live(&mut self) -> &mut Facts {
        &mut self.live
    }

    /// As `live`, to be read.
    pub(in crate::ui) fn now_live(&self) -> &Facts {
        &self.live
    }

    /// The facts that are shown, and where the user is among the verses and the curves.
    pub(in crate::ui) fn places(&mut self) -> (&Facts, &mut Browser, &mut CurvesView) {
        (self.frozen.as_deref().unwrap_or(&self.live), &mut self.browser, &mut self.curves_view)
    }

    /// Answers the user: for a while in place of the keys, and for good in the log.
    pub(in crate::ui) fn say(&mut self, text: impl Into<String>) {
        let (step, text) = (self.live.now(), text.into());
        self.live.note(step, text.clone());
        self.answer_briefly(text);
    }

    /// Answers the user for a while in place of the keys.
    pub(in crate::ui) fn answer_briefly(&mut self, text: String) {
        self.message = Some((text, MESSAGE_SECONDS));
    }
}
