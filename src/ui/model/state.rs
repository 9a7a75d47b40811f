//! The state of the dashboard: the model of the run and where the user is in it. Events and keys go in, commands come out;
//! no clock and no terminal, so that every situation can be tested from a list of events, and a journal can be played
//! back through the same code.

use crate::run::event::{Command, Event};
use crate::run::notice::FinishReason;
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::model::browser::Browser;
use crate::ui::model::connection::Connection;
use crate::ui::model::curves_view::CurvesView;
use crate::ui::model::latent::LatentView;
use crate::ui::model::layout::FrameLayout;
use crate::ui::model::log::LogEntry;
use crate::ui::model::playback::Playback;
use crate::ui::model::question::Question;
use crate::ui::model::reply::Reply;
use crate::ui::model::run_model::{RunModel, Status};
use crate::ui::model::screens::Screen;
use crate::ui::model::system::SystemSample;
use crate::ui::model::tour::Tour;

/// How long a reply is shown.
const MESSAGE_SECONDS: f32 = 5.0;
/// How long a new run shows the hint about the help, unless a key is pressed.
const HINT_SECONDS: f32 = 60.0;

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

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    Palette,
    Note,
    Filter,
}

/// A reply in place of the keys, and for how many seconds it is still shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownReply {
    pub entry: LogEntry,
    seconds: f32,
}

#[derive(Clone, Debug, Default)]
pub struct DashboardState {
    live: RunModel,
    /// What is shown instead of `live` while the display is frozen.
    frozen: Option<Box<RunModel>>,
    pub connection: Connection,
    name: Option<String>,
    pub screen: Screen,
    pub mode: Mode,
    /// Only for [`Connection::Playback`] and [`Connection::Tour`].
    pub playback: Option<Playback>,
    /// Only for [`Connection::Tour`].
    pub tour: Option<Tour>,
    pub help: bool,
    /// First row of the help that is shown.
    pub help_scroll: usize,
    /// The load of the machine is shown; what it is, once it is known.
    pub shows_system: bool,
    pub system: Option<SystemSample>,
    /// The id of the process that trains.
    pub process: Option<u32>,
    pub mouse: bool,
    /// First row of the samples that is shown on the first screen.
    pub scroll: usize,
    pub browser: Browser,
    /// First row of the selected poem that is shown.
    pub poem_scroll: usize,
    pub curves_view: CurvesView,
    pub latent: LatentView,
    /// Rows that the log is scrolled back, and the settings are scrolled down.
    pub log_back: usize,
    pub settings_scroll: usize,
    /// The user does not want to wait for the trainer.
    pub abandoned: bool,
    /// The user has asked for the training to stop, whatever ended it then.
    wants_to_stop: bool,
    pub message: Option<ShownReply>,
    /// For how many seconds the hint about the help is still shown.
    pub hint_seconds: f32,
    /// No process trains the run that is watched.
    pub is_idle: bool,
    /// The process is to be suspended (Ctrl-Z).
    pub suspend: bool,
    pub(in crate::ui) layout: FrameLayout,
    /// The temperature that the user set; until then that of the trainer counts.
    pub(in crate::ui) chosen_temperature: Option<f32>,
    pub(in crate::ui) needs_repaint: bool,
}

impl DashboardState {
    /// An empty state. A `name` overrides that of the journal: the run may have been copied.
    pub fn new(connection: Connection, name: Option<String>) -> DashboardState {
        let (tour, playback) = match connection {
            Connection::Tour => (Some(Tour::default()), Some(Tour::playback())),
            _ => (None, None),
        };
        DashboardState { connection, name, tour, playback, ..DashboardState::default() }
    }

    /// The latent screen alone, for a trained model.
    pub fn exploring(name: String, seed: u64) -> DashboardState {
        let latent = LatentView::of_seed(seed);
        let mut live = RunModel::default();
        live.run.name.clone_from(&name);
        DashboardState { latent, live, screen: Screen::Latent, ..DashboardState::new(Connection::Model, Some(name)) }
    }

    /// The run as it is shown: frozen or live.
    pub fn shown(&self) -> &RunModel {
        self.frozen.as_deref().unwrap_or(&self.live)
    }

    /// The run as it is now, even if the display is frozen.
    pub fn live(&self) -> &RunModel {
        &self.live
    }

    pub(in crate::ui) fn live_mut(&mut self) -> &mut RunModel {
        &mut self.live
    }

    pub fn apply(&mut self, event: Event) {
        let is_new_run = matches!(event, Event::Started { step: 0, .. });
        let is_checkpoint = matches!(event, Event::Checkpoint { .. });
        let answer = LogEntry::of(&event).filter(LogEntry::is_answer);
        self.live.apply(event);
        if let Some(name) = &self.name {
            self.live.run.name.clone_from(name);
        }
        if self.connection != Connection::Trainer {
            return;
        }
        if let Some(answer) = answer {
            self.show_message(answer);
        }
        if is_new_run {
            self.hint_seconds = HINT_SECONDS;
        } else if is_checkpoint {
            self.hint_seconds = 0.0;
        }
    }

    /// Takes note of earlier events of the log that will not be applied.
    pub fn leave_out(&mut self, events: u64) {
        self.live.left_out += events;
    }

    /// Shows the screen of a chapter of the tour when the replay has come to it.
    pub fn follow_tour(&mut self) {
        if let Some((tour, playback)) = self.tour.as_mut().zip(self.playback.as_mut())
            && let Some(screen) = tour.follow(playback)
        {
            self.screen = screen;
            // The box of the caption can have another height.
            self.needs_repaint = true;
        }
    }

    /// Advances the clocks between two steps by `seconds`.
    pub fn tick(&mut self, seconds: f32) {
        if self.connection == Connection::Trainer {
            self.live.tick(seconds);
        }
        self.hint_seconds -= seconds;
        if let Some(message) = &mut self.message {
            message.seconds -= seconds;
        }
        self.message.take_if(|message| message.seconds <= 0.0);
    }

    /// Clears the model of the run, which is about to be read again, but keeps where the user is.
    pub fn restart(&mut self) {
        self.live = RunModel::default();
        self.needs_repaint = true;
    }

    /// Whether the last screen stays until the user quits: training has ended, but not since the user asked for it.
    pub fn stays_open(&self) -> bool {
        let is_done = matches!(self.live.status, Status::Finished(FinishReason::StepsDone | FinishReason::TimeLimit));
        self.connection == Connection::Trainer && is_done && !self.wants_to_stop
    }

    /// Requests a clean end the first time; the second time the user does not wait for it.
    pub fn request_stop(&mut self) -> Option<Command> {
        if self.live.has_ended() || self.live.status == Status::Stopping || self.connection != Connection::Trainer {
            self.abandoned = true;
            return None;
        }
        self.frozen = None;
        self.live.status = Status::Stopping;
        self.wants_to_stop = true;
        Some(Command::Stop)
    }

    /// Stores the layout of the last frame and bounds the scrolling by it.
    pub fn laid_out(&mut self, layout: FrameLayout) {
        self.layout = layout;
        self.help_scroll = self.help_scroll.min(layout.help_hidden);
        match self.screen {
            Screen::Adversarial => self.scroll = self.scroll.min(layout.samples.hidden()),
            Screen::Samples => self.poem_scroll = self.poem_scroll.min(layout.poem_hidden),
            Screen::Log => {
                self.log_back = self.log_back.min(layout.log.hidden());
                self.settings_scroll = self.settings_scroll.min(layout.settings.hidden());
            }
            _ => {}
        }
    }

    /// Whether the next frame should be drawn from a cleared screen: some terminals leave half of a wide character
    /// behind when only the changed cells are written.
    pub fn take_repaint(&mut self) -> bool {
        let new_samples = std::mem::take(&mut self.live.needs_repaint) && self.frozen.is_none();
        std::mem::take(&mut self.needs_repaint) | new_samples
    }

    /// Temperature of the next samples.
    pub fn temperature(&self) -> f32 {
        let model = self.shown();
        let sampled = model.samples.front().map(|set| set.temperature).filter(|t| t.is_finite());
        self.chosen_temperature.or(model.settings.get(RuntimeSetting::Temperature)).or(sampled).unwrap_or(1.0)
    }

    pub fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    pub(in crate::ui) fn set_frozen(&mut self, frozen: bool) {
        self.needs_repaint = true;
        self.frozen = frozen.then(|| Box::new(self.live.clone()));
    }

    /// The shown model for the browser, which moves in it.
    pub(in crate::ui) fn browse(&mut self) -> (&RunModel, &mut Browser) {
        (self.frozen.as_deref().unwrap_or(&self.live), &mut self.browser)
    }

    /// The shown model for the view of the curves, which moves in it.
    pub(in crate::ui) fn view_curves(&mut self) -> (&RunModel, &mut CurvesView) {
        (self.frozen.as_deref().unwrap_or(&self.live), &mut self.curves_view)
    }

    /// Replies to the user: for a while in place of the keys, and in the log.
    pub(in crate::ui) fn reply(&mut self, reply: Reply) {
        let entry = LogEntry::Reply(reply);
        self.live.log(self.live.now(), entry.clone());
        self.show_message(entry);
    }

    /// Shows an entry for a while in place of the keys.
    pub(in crate::ui) fn show_message(&mut self, entry: LogEntry) {
        self.message = Some(ShownReply { entry, seconds: MESSAGE_SECONDS });
    }
}
