//! What the dashboard knows. Events and keys go in, commands come out; no clock and no terminal, so that every
//! situation can be tested from a list of events, and a journal can be played back through the same code.

use std::collections::VecDeque;

use ratatui::crossterm::event::KeyEvent;

use super::{
    curve::Curve,
    keys::{self, Action},
    text,
};
use crate::train::event::{Command, Event, Knob, Phase, QualityFigure, SamplePoem, StepRecord};

const MAX_NOTICES: usize = 100;
/// Samples that can be paged back to.
const MAX_SAMPLES: usize = 12;
const TEMPERATURE_STEP: f32 = 0.1;
const LOWEST_TEMPERATURE: f32 = 0.1;
const HIGHEST_TEMPERATURE: f32 = 2.0;

/// What the trainer does, as far as we know: it answers between two steps, so what was asked for is shown until then.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Status {
    /// Before the first event.
    #[default]
    Starting,
    Running,
    Pausing,
    Paused,
    Resuming,
    Stopping,
    Finished(String),
    Failed(String),
}

/// The facts of the run that do not change.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub name: String,
    pub corpus: String,
    pub model: String,
    pub total_steps: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Curves {
    pub likelihood: Curve,
    pub held_out: Curve,
    pub generator: Curve,
    pub discriminator: Curve,
    pub d_real: Curve,
    pub d_fake: Curve,
    pub gradient: Curve,
    pub speed: Curve,
}

/// The latest held-out losses, nats per token.
#[derive(Clone, Debug)]
pub struct HeldOut {
    pub step: u64,
    pub loss: f32,
    pub best: f32,
    pub best_step: u64,
    /// Per form: its loss, and by how much it changed since the time before.
    pub forms: Vec<(String, f32, Option<f32>)>,
}

/// Verses of one moment, cleaned for the terminal.
#[derive(Clone, Debug)]
pub struct Verses {
    pub step: u64,
    pub temperature: f32,
    pub poems: Vec<SamplePoem>,
}

/// How many rows of verses the last frame had room for, of how many. The view measures, the state scrolls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerseRows {
    pub shown: usize,
    pub total: usize,
}

#[derive(Clone, Debug, Default)]
pub struct State {
    pub status: Status,
    pub run: Run,
    pub latest: Option<StepRecord>,
    pub curves: Curves,
    pub held_out: Option<HeldOut>,
    /// The latest look at the poems.
    pub quality: Vec<QualityFigure>,
    /// Newest first.
    pub verses: VecDeque<Verses>,
    /// Step and text, oldest first.
    pub notices: VecDeque<(u64, String)>,
    pub help: bool,
    /// First row of the verses that is shown.
    pub scroll: usize,
    /// The user does not want to wait for the trainer.
    pub abandoned: bool,
    verse_rows: VerseRows,
    /// What `+` and `-` have chosen; the trainer's own temperature until then.
    chosen_temperature: Option<f32>,
    seconds_since_step: f32,
    needs_repaint: bool,
}

impl State {
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Started { run, corpus, model, step, total_steps, .. } => {
                self.run = Run { name: text::file_name(&run).to_owned(), corpus, model, total_steps };
                // Whoever was quick may have asked for something before the trainer said its first word.
                if self.status == Status::Starting {
                    self.status = Status::Running;
                }
                if step > 0 {
                    self.note(step, format!("continues from step {}", text::count(step)));
                }
            }
            Event::Step(record) => self.step(record),
            Event::HeldOut { step, loss, forms } => self.held_out(step, loss, forms),
            Event::Quality { figures, .. } => self.quality = figures,
            Event::Sample { step, temperature, poems } => {
                let poems = poems.into_iter().map(cleaned).collect();
                self.verses.push_front(Verses { step, temperature, poems });
                self.verses.truncate(MAX_SAMPLES);
                self.needs_repaint = true;
            }
            Event::Checkpoint { step, path } => self.note(step, format!("checkpoint {}", text::file_name(&path))),
            Event::Notice { step, text } => self.note(step, text),
            Event::Changed { step, knob, from, to } => self.note(step, format!("{}: {from} -> {to}", knob.name())),
            Event::Mark { step, note } => self.note(step, format!("mark: {note}")),
            Event::Turn { .. } => {}
            Event::Paused { .. } if !matches!(self.status, Status::Stopping | Status::Resuming) => {
                self.status = Status::Paused;
            }
            Event::Resumed { .. } if !matches!(self.status, Status::Stopping | Status::Pausing) => {
                self.status = Status::Running;
            }
            Event::Paused { .. } | Event::Resumed { .. } => {}
            Event::Finished { reason, .. } => self.status = Status::Finished(reason),
            Event::Failed { message, .. } => self.status = Status::Failed(message),
        }
    }

    /// Lets `seconds` pass for the clocks between two steps.
    pub fn tick(&mut self, seconds: f32) {
        if matches!(self.status, Status::Running | Status::Stopping | Status::Pausing) {
            self.seconds_since_step += seconds;
        }
    }

    /// What a key press asks of the trainer, if anything; all else that it means happens here.
    pub fn on_key(&mut self, key: KeyEvent) -> Option<Command> {
        let action = keys::action(key)?;
        // Many a reader closes a page with q; that must not end the training.
        let closes_help = self.help && key.modifiers.is_empty() && action == Action::Stop;
        match action {
            _ if closes_help => self.show_help(false),
            Action::Help => self.show_help(!self.help),
            Action::CloseHelp => self.show_help(false),
            Action::Stop => return self.ask_to_stop(),
            Action::PauseOrResume => return self.pause_or_resume(),
            Action::SampleNow => return self.ask(Command::SampleNow, "new verses asked for"),
            Action::CheckpointNow => return self.ask(Command::CheckpointNow, "checkpoint asked for"),
            Action::Warmer => return self.set_temperature(TEMPERATURE_STEP),
            Action::Cooler => return self.set_temperature(-TEMPERATURE_STEP),
            Action::LineUp => self.scroll_to(self.scroll.saturating_sub(1)),
            Action::LineDown => self.scroll_to(self.scroll + 1),
            Action::PageUp => self.scroll_to(self.scroll.saturating_sub(self.verse_rows.shown)),
            Action::PageDown => self.scroll_to(self.scroll + self.verse_rows.shown),
        }
        None
    }

    /// Asks for a clean end the first time, and gives up waiting for it the second time.
    pub fn ask_to_stop(&mut self) -> Option<Command> {
        if self.has_ended() || self.status == Status::Stopping {
            self.abandoned = true;
            return None;
        }
        self.status = Status::Stopping;
        Some(Command::Stop)
    }

    /// Takes note of what the last frame had room for, which bounds the scrolling.
    pub fn laid_out(&mut self, verse_rows: VerseRows) {
        self.verse_rows = verse_rows;
        self.scroll = self.scroll.min(verse_rows.total.saturating_sub(verse_rows.shown));
    }

    /// Whether the next frame should be drawn from a cleared screen: some terminals leave half of a wide character
    /// behind when only the changed cells are written.
    pub fn take_repaint(&mut self) -> bool {
        std::mem::take(&mut self.needs_repaint)
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.status, Status::Finished(_) | Status::Failed(_))
    }

    pub fn phase(&self) -> Option<Phase> {
        self.latest.as_ref().map(|record| record.phase)
    }

    /// Whether there is a duel to show: the phase has begun, or its numbers have.
    pub fn is_adversarial(&self) -> bool {
        self.phase() == Some(Phase::Adversarial) || !self.curves.discriminator.is_empty()
    }

    pub fn elapsed(&self) -> Option<f32> {
        self.latest.as_ref().map(|record| record.elapsed_s + self.seconds_since_step)
    }

    pub fn eta(&self) -> Option<f32> {
        self.latest.as_ref()?.eta_s.map(|eta| (eta - self.seconds_since_step).max(0.0))
    }

    /// Temperature of the next verses.
    pub fn temperature(&self) -> f32 {
        let sampled = self.verses.front().map(|verses| verses.temperature).filter(|t| t.is_finite());
        self.chosen_temperature.or(sampled).unwrap_or(1.0)
    }

    fn step(&mut self, record: StepRecord) {
        let curves = &mut self.curves;
        for (curve, value) in [
            (&mut curves.likelihood, record.likelihood_loss),
            (&mut curves.generator, record.generator_loss),
            (&mut curves.discriminator, record.discriminator_loss),
            (&mut curves.d_real, record.d_real),
            (&mut curves.d_fake, record.d_fake),
            (&mut curves.gradient, record.generator_grad_norm),
            (&mut curves.speed, Some(record.tokens_per_s)),
        ] {
            curve.push(record.step, value);
        }
        self.latest = Some(record);
        self.seconds_since_step = 0.0;
        // A step is proof that the trainer is neither starting nor paused, should that event have been lost.
        if matches!(self.status, Status::Starting | Status::Paused | Status::Resuming) {
            self.status = Status::Running;
        }
    }

    fn held_out(&mut self, step: u64, loss: f32, forms: Vec<(String, f32)>) {
        self.curves.held_out.push(step, Some(loss));
        let before = self.held_out.take();
        let (mut best, mut best_step) =
            before.as_ref().map_or((f32::INFINITY, step), |held| (held.best, held.best_step));
        if loss < best {
            (best, best_step) = (loss, step);
        }
        let change = |form: &str, loss: f32| {
            let old = before.as_ref()?.forms.iter().find(|(name, ..)| name == form)?;
            Some(loss - old.1)
        };
        let forms = forms.into_iter().map(|(form, loss)| (text::clean(&form), loss, change(&form, loss))).collect();
        self.held_out = Some(HeldOut { step, loss, best, best_step, forms });
    }

    fn note(&mut self, step: u64, notice: String) {
        if self.notices.len() == MAX_NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back((step, text::clean(&notice)));
    }

    fn ask(&mut self, command: Command, notice: &str) -> Option<Command> {
        self.note(self.latest.as_ref().map_or(0, |record| record.step), notice.to_owned());
        Some(command)
    }

    fn pause_or_resume(&mut self) -> Option<Command> {
        let (status, command) = match self.status {
            Status::Starting | Status::Running | Status::Resuming => (Status::Pausing, Command::Pause),
            Status::Pausing | Status::Paused => (Status::Resuming, Command::Resume),
            Status::Stopping | Status::Finished(_) | Status::Failed(_) => return None,
        };
        self.status = status;
        Some(command)
    }

    fn set_temperature(&mut self, change: f32) -> Option<Command> {
        // Whole tenths: sums of 0.1 would wander to 0.70000005.
        let tenths = ((self.temperature() + change) * 10.0).round();
        let temperature = (tenths / 10.0).clamp(LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE);
        self.chosen_temperature = Some(temperature);
        Some(Command::Set(Knob::Temperature, temperature))
    }

    fn show_help(&mut self, shown: bool) {
        self.needs_repaint |= self.help != shown;
        self.help = shown;
    }

    fn scroll_to(&mut self, row: usize) {
        let row = row.min(self.verse_rows.total.saturating_sub(self.verse_rows.shown));
        self.needs_repaint |= self.scroll != row;
        self.scroll = row;
    }
}

/// Done once here rather than in every frame.
fn cleaned(mut poem: SamplePoem) -> SamplePoem {
    poem.form = text::clean(&poem.form);
    for line in &mut poem.lines {
        line.text = text::clean(&line.text);
    }
    poem
}
