//! What is known of a run, from its events alone; memory is bounded, however long the run is.

use std::collections::VecDeque;

use crate::run::event::{CorpusSummary, Event, ModelSummary, Phase, QualityFigure, SamplePoem, StepRecord, Turn};
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::model::curve::Curve;
use crate::ui::model::history::Thinned;
use crate::ui::model::latent::Line;
use crate::ui::model::poems;
use crate::ui::model::score_history::Rivalry;
use crate::ui::model::settings::{self, Settings};
use crate::ui::text;

const MAX_NOTICES: usize = 500;
/// How the notice of a checkpoint begins.
const CHECKPOINT: &str = "checkpoint ";
/// Samples that the screen of the adversarial phase can page back to.
const MAX_SAMPLES: usize = 12;
/// Moments that the browser of verses can go back to.
const MAX_MOMENTS: usize = 200;
/// Looks at the poems that are kept.
const MAX_LOOKS: usize = 400;

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
    pub corpus: CorpusSummary,
    pub model: ModelSummary,
    pub total_steps: u64,
    pub pretrain_steps: u64,
    /// All settings as `section.key` and value.
    pub settings: Vec<(String, String)>,
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
    pub discriminator_gradient: Curve,
    /// How well the discriminator tells real poems from generated ones, see [`Rivalry::tells_apart`].
    pub tells_apart: Curve,
    pub beta: Curve,
    pub learning_rate: Curve,
    pub discriminator_learning_rate: Curve,
    pub speed: Curve,
    /// The figures of the looks at the poems, by name.
    pub quality: Vec<(String, Curve)>,
}

impl Curves {
    /// All curves that have begun, with their names.
    pub fn named(&self) -> Vec<(&str, &Curve)> {
        let fixed = [
            ("likelihood loss", &self.likelihood),
            ("held-out loss", &self.held_out),
            ("G loss", &self.generator),
            ("D loss", &self.discriminator),
            ("D of real poems", &self.d_real),
            ("D of generated poems", &self.d_fake),
            ("D tells apart", &self.tells_apart),
            ("G gradient norm", &self.gradient),
            ("D gradient norm", &self.discriminator_gradient),
            ("beta", &self.beta),
            ("G learning rate", &self.learning_rate),
            ("D learning rate", &self.discriminator_learning_rate),
            ("tokens per second", &self.speed),
        ];
        let quality = self.quality.iter().map(|(name, curve)| (name.as_str(), curve));
        fixed.into_iter().chain(quality).filter(|(_, curve)| !curve.is_empty()).collect()
    }
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
    /// How many there were before: of one step there can be several.
    pub number: u64,
    pub temperature: f32,
    pub poems: Vec<SamplePoem>,
}

/// What a look at the poems found.
#[derive(Clone, Debug)]
pub struct Look {
    pub step: u64,
    pub phase: Option<Phase>,
    pub figures: Vec<QualityFigure>,
}

#[derive(Clone, Debug)]
pub struct Facts {
    pub status: Status,
    pub run: Run,
    pub latest: Option<StepRecord>,
    pub curves: Curves,
    pub rivalry: Rivalry,
    /// The latest turn, while adversarial training is taken turn by turn.
    pub turn: Option<(u64, Turn)>,
    pub held_out: Option<HeldOut>,
    /// The latest look at the poems.
    pub quality: Vec<QualityFigure>,
    pub looks: Thinned<Look>,
    /// The newest ones, newest first.
    pub verses: VecDeque<Verses>,
    /// Verses of the whole run, oldest first.
    pub moments: Thinned<Verses>,
    n_samples: u64,
    /// How many more checkpoints the disk has room for, where that is known.
    pub disk_room: Option<u64>,
    /// The newest step that was undone.
    pub undone: Option<u64>,
    /// The step of the newest checkpoint, and that of the best one.
    pub saved: Option<u64>,
    pub best: Option<u64>,
    /// What can be changed by hand, as it is now.
    pub settings: Settings,
    /// The latest line through the space of the noise vector.
    pub line: Option<Line>,
    /// Step and text, oldest first.
    pub notices: VecDeque<(u64, String)>,
    pub seconds_since_step: f32,
    /// New verses have come: some terminals leave half of a wide character behind when only changed cells are written.
    pub(in crate::ui) needs_repaint: bool,
}

impl Default for Facts {
    fn default() -> Facts {
        Facts {
            status: Status::default(),
            run: Run::default(),
            latest: None,
            curves: Curves::default(),
            rivalry: Rivalry::default(),
            turn: None,
            held_out: None,
            quality: Vec::new(),
            looks: Thinned::new(MAX_LOOKS),
            verses: VecDeque::new(),
            moments: Thinned::new(MAX_MOMENTS),
            n_samples: 0,
            disk_room: None,
            undone: None,
            saved: None,
            best: None,
            settings: Settings::default(),
            line: None,
            notices: VecDeque::new(),
            seconds_since_step: 0.0,
            needs_repaint: false,
        }
    }
}

impl Facts {
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Started { run, corpus, model, step, total_steps, pretrain_steps, settings, runtime_settings } => {
                let name = text::file_name(&run).to_owned();
                self.settings = Settings::new(&runtime_settings);
                self.run = Run { name, corpus, model, total_steps, pretrain_steps, settings };
                self.started(step);
            }
            Event::Step(record) => self.step(record),
            Event::HeldOut { step, loss, forms } => self.held_out(step, loss, forms),
            Event::Quality { step, figures, .. } => self.look(step, figures),
            Event::Sample { step, temperature, poems } => self.sample(step, temperature, poems),
            Event::Latent { step, direction, of, poems } => {
                let poems = poems.into_iter().map(|(amount, poem)| (amount, poems::cleaned(poem))).collect();
                (self.line, self.needs_repaint) = (Some(Line { step, direction, of, poems }), true);
            }
            Event::Checkpoint { step, path, room, best } => {
                (self.disk_room, self.saved, self.best) = (room, Some(step), best);
                // Of checkpoints in a row the last one says it all.
                if self.notices.back().is_some_and(|(_, notice)| notice.starts_with(CHECKPOINT)) {
                    self.notices.pop_back();
                }
                self.note(step, format!("{CHECKPOINT}{}", text::file_name(&path)));
            }
            Event::Notice { step, notice } => self.note(step, notice.to_string()),
            Event::Turn { step, turn } => self.turn = Some((step, turn)),
            Event::Changed { step, setting, from, to } => {
                self.settings.set(setting, to);
                self.note(step, settings::changed(setting, from, to));
            }
            Event::Note { step, note } => self.note(step, format!("note: {note}")),
            Event::Paused { .. } if !matches!(self.status, Status::Stopping | Status::Resuming) => {
                self.status = Status::Paused;
            }
            Event::Resumed { .. } if !matches!(self.status, Status::Stopping | Status::Pausing) => {
                self.status = Status::Running;
            }
            Event::Paused { .. } | Event::Resumed { .. } => {}
            Event::Finished { reason, .. } => self.status = Status::Finished(reason.to_string()),
            Event::Failed { message, .. } => self.status = Status::Failed(message),
        }
    }

    /// Lets `seconds` pass for the clocks between two steps.
    pub fn tick(&mut self, seconds: f32) {
        if matches!(self.status, Status::Running | Status::Stopping | Status::Pausing) {
            self.seconds_since_step += seconds;
        }
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.status, Status::Finished(_) | Status::Failed(_))
    }

    /// In a word, how a run has ended that did not fail.
    pub fn ending(&self) -> &'static str {
        if self.now() >= self.run.total_steps { "finished" } else { "stopped" }
    }

    pub fn phase(&self) -> Option<Phase> {
        self.latest.as_ref().map(|record| record.phase)
    }

    /// Whether there is adversarial training to show: the phase has begun, or its numbers have.
    pub fn is_adversarial(&self) -> bool {
        self.phase() == Some(Phase::Adversarial) || !self.curves.discriminator.is_empty()
    }

    pub fn elapsed(&self) -> Option<f32> {
        self.latest.as_ref().map(|record| record.elapsed_s + self.seconds_since_step)
    }

    pub fn eta(&self) -> Option<f32> {
        self.latest.as_ref()?.eta_s.map(|eta| (eta - self.seconds_since_step).max(0.0))
    }

    /// Whether a step has begun that is taken turn by turn: what is asked for now is done after it.
    pub fn is_amid_step(&self) -> bool {
        let turn = self.turn.as_ref().filter(|(step, _)| *step > self.now());
        turn.is_some_and(|(_, turn)| !matches!(turn, Turn::Generator { .. }))
    }

    /// Step of the latest news.
    pub fn now(&self) -> u64 {
        self.latest.as_ref().map_or(0, |record| record.step)
    }

    pub fn note(&mut self, step: u64, notice: String) {
        if self.notices.len() == MAX_NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back((step, text::clean(&notice)));
    }

    fn started(&mut self, step: u64) {
        // Whoever was quick may have asked for something before the trainer said its first word; and in a journal a
        // process may follow one that has ended.
        if matches!(self.status, Status::Starting | Status::Finished(_) | Status::Failed(_)) {
            self.status = Status::Running;
        }
        if step > 0 {
            self.saved = Some(step);
            self.note(step, format!("continues from step {}", text::count(step)));
        }
    }

    fn step(&mut self, record: StepRecord) {
        self.rivalry.step(&record);
        let apart = record.d_real.and_then(|_| self.rivalry.tells_apart());
        let curves = &mut self.curves;
        for (curve, value) in [
            (&mut curves.likelihood, record.likelihood_loss),
            (&mut curves.generator, record.generator_loss),
            (&mut curves.discriminator, record.discriminator_loss),
            (&mut curves.d_real, record.d_real),
            (&mut curves.d_fake, record.d_fake),
            (&mut curves.gradient, record.generator_grad_norm),
            (&mut curves.discriminator_gradient, record.discriminator_grad_norm),
            (&mut curves.tells_apart, apart),
            (&mut curves.beta, record.beta),
            (&mut curves.learning_rate, Some(record.learning_rate)),
            (&mut curves.discriminator_learning_rate, record.discriminator_learning_rate),
            (&mut curves.speed, Some(record.tokens_per_s)),
        ] {
            curve.push(record.step, value);
        }
        for (setting, value) in [
            (RuntimeSetting::Beta, record.beta),
            (RuntimeSetting::DiscriminatorLearningRate, record.discriminator_learning_rate),
        ] {
            value.into_iter().for_each(|value| self.settings.set(setting, value));
        }
        if record.undone {
            self.undone = Some(record.step);
        }
        self.latest = Some(record);
        self.seconds_since_step = 0.0;
        // A step is proof that the trainer is neither starting nor paused, should that event have been lost.
        if matches!(self.status, Status::Starting | Status::Paused | Status::Resuming) {
            self.status = Status::Running;
        }
    }

    fn look(&mut self, step: u64, figures: Vec<QualityFigure>) {
        for figure in &figures {
            let curves = &mut self.curves.quality;
            if !curves.iter().any(|(name, _)| *name == figure.name) {
                curves.push((figure.name.clone(), Curve::default()));
            }
            if let Some((_, curve)) = curves.iter_mut().find(|(name, _)| *name == figure.name) {
                curve.push(step, Some(figure.model));
            }
        }
        self.looks.undo(|look| look.step >= step);
        self.looks.push(Look { step, phase: self.phase(), figures: figures.clone() });
        self.quality = figures;
    }

    fn sample(&mut self, step: u64, temperature: f32, poems: Vec<SamplePoem>) {
        let number = self.n_samples;
        self.n_samples += 1;
        let verses = Verses { step, number, temperature, poems: poems.into_iter().map(poems::cleaned).collect() };
        self.moments.undo(|moment| moment.step > step);
        self.moments.push(verses.clone());
        self.verses.push_front(verses);
        self.verses.truncate(MAX_SAMPLES);
        self.needs_repaint = true;
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
}
