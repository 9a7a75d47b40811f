//! The model of a run, folded from its events. Memory is bounded, however long the run is.

use std::collections::VecDeque;

use crate::run::event::{CorpusSummary, Event, ModelSummary, Phase, QualityFigure, SamplePoem, StepRecord, Turn};
use crate::run::notice::{FinishReason, Notice};
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::model::curves::Curves;
use crate::ui::model::history::Thinned;
use crate::ui::model::latent::LatentTraversal;
use crate::ui::model::log::{LogEntry, Logged};
use crate::ui::model::poems;
use crate::ui::model::runtime_settings::RuntimeSettings;
use crate::ui::model::score_history::ScoreHistory;
use crate::ui::text;

const MAX_LOG: usize = 500;
/// Sample sets that the first screen can page back to.
const MAX_SAMPLES: usize = 12;
/// Sample sets of the whole run that the samples screen can go back to.
const MAX_SAMPLE_HISTORY: usize = 200;
/// Quality checks that are kept.
const MAX_QUALITY_CHECKS: usize = 400;

/// What the trainer is doing. It answers between two steps; until then the status shows what was requested.
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
    Finished(FinishReason),
    Failed(String),
}

/// What does not change during a run.
#[derive(Clone, Debug, Default)]
pub struct RunInfo {
    pub name: String,
    pub corpus: CorpusSummary,
    pub model: ModelSummary,
    pub total_steps: u64,
    pub pretrain_steps: u64,
    /// All settings as `section.key` and value.
    pub settings: Vec<(String, String)>,
}

/// The latest held-out losses, nats per token.
#[derive(Clone, Debug)]
pub struct HeldOutLosses {
    pub step: u64,
    pub loss: f32,
    pub best: f32,
    pub best_step: u64,
    pub forms: Vec<FormLoss>,
}

/// The held-out loss of one form, and its change since the evaluation before.
#[derive(Clone, Debug)]
pub struct FormLoss {
    pub form: String,
    pub loss: f32,
    pub change: Option<f32>,
}

/// The poems that were sampled at one step, cleaned for the terminal.
#[derive(Clone, Debug)]
pub struct SampleSet {
    pub step: u64,
    /// Consecutive number: one step can have several sets.
    pub number: u64,
    pub temperature: f32,
    pub poems: Vec<SamplePoem>,
}

/// The figures of one quality check.
#[derive(Clone, Debug)]
pub struct QualityRecord {
    pub step: u64,
    pub phase: Option<Phase>,
    pub figures: Vec<QualityFigure>,
}

#[derive(Clone, Debug)]
pub struct RunModel {
    pub status: Status,
    pub run: RunInfo,
    pub latest: Option<StepRecord>,
    pub curves: Curves,
    pub scores: ScoreHistory,
    /// The latest turn, while adversarial training is taken turn by turn.
    pub turn: Option<(u64, Turn)>,
    pub held_out: Option<HeldOutLosses>,
    /// The figures of the latest quality check.
    pub quality: Vec<QualityFigure>,
    pub quality_checks: Thinned<QualityRecord>,
    /// The newest sample sets, newest first.
    pub samples: VecDeque<SampleSet>,
    /// Sample sets of the whole run, oldest first.
    pub sample_history: Thinned<SampleSet>,
    n_samples: u64,
    /// How many more checkpoints the disk has room for, if known.
    pub disk_room: Option<u64>,
    /// The newest step that was undone.
    pub undone: Option<u64>,
    /// The step of the newest checkpoint, and that of the best one.
    pub saved: Option<u64>,
    pub best: Option<u64>,
    /// The settings that can be changed while training, as they are now.
    pub settings: RuntimeSettings,
    /// The latest traversal of the latent space.
    pub traversal: Option<LatentTraversal>,
    /// Oldest first; and the number of earlier events that it lacks.
    pub log: VecDeque<Logged>,
    pub left_out: u64,
    pub seconds_since_step: f32,
    /// New samples have come: some terminals leave half of a wide character behind when only changed cells are written.
    pub(in crate::ui) needs_repaint: bool,
}

impl Default for RunModel {
    fn default() -> RunModel {
        RunModel {
            status: Status::default(),
            run: RunInfo::default(),
            latest: None,
            curves: Curves::default(),
            scores: ScoreHistory::default(),
            turn: None,
            held_out: None,
            quality: Vec::new(),
            quality_checks: Thinned::new(MAX_QUALITY_CHECKS),
            samples: VecDeque::new(),
            sample_history: Thinned::new(MAX_SAMPLE_HISTORY),
            n_samples: 0,
            disk_room: None,
            undone: None,
            saved: None,
            best: None,
            settings: RuntimeSettings::default(),
            traversal: None,
            log: VecDeque::new(),
            left_out: 0,
            seconds_since_step: 0.0,
            needs_repaint: false,
        }
    }
}

impl RunModel {
    pub fn apply(&mut self, event: Event) {
        if let Some(entry) = LogEntry::of(&event) {
            self.log(event.step(), entry);
        }
        match event {
            event @ Event::Started { .. } => self.begin(event),
            Event::Step(record) => self.step(record),
            Event::HeldOut { step, loss, forms } => self.held_out(step, loss, forms),
            Event::Quality { step, figures, .. } => self.quality(step, figures),
            Event::Sample { step, temperature, poems } => self.sample(step, temperature, poems),
            Event::Latent { step, direction, of, poems, form, moved, axes } => {
                let poems = poems.into_iter().map(|(amount, poem)| (amount, poems::cleaned(poem))).collect();
                let axes = axes.into_iter().map(poems::cleaned_axis).collect();
                let n_directions = of;
                self.traversal = Some(LatentTraversal { step, direction, n_directions, poems, form, moved, axes });
                self.needs_repaint = true;
            }
            Event::Checkpoint { step, room, best, .. } => {
                (self.disk_room, self.saved, self.best) = (room, Some(step), best);
            }
            Event::Turn { step, turn } => self.turn = Some((step, turn)),
            Event::Changed { setting, to, .. } => self.settings.set(setting, to),
            Event::Paused { .. } if !matches!(self.status, Status::Stopping | Status::Resuming) => {
                self.status = Status::Paused;
            }
            Event::Resumed { .. } if !matches!(self.status, Status::Stopping | Status::Pausing) => {
                self.status = Status::Running;
            }
            Event::Notice { step, notice: Notice::PretrainingEnded { total_steps, .. } } => {
                (self.run.pretrain_steps, self.run.total_steps) = (step, total_steps);
            }
            Event::Notice { .. } | Event::Note { .. } | Event::Paused { .. } | Event::Resumed { .. } => {}
            Event::Finished { reason, .. } => self.status = Status::Finished(reason),
            Event::Failed { message, .. } => self.status = Status::Failed(message),
        }
    }

    fn begin(&mut self, event: Event) {
        let Event::Started {
            run, corpus, model, step, total_steps, pretrain_steps, settings, runtime_settings, ..
        } = event
        else {
            return;
        };
        let name = text::file_name(&run).to_owned();
        self.settings = RuntimeSettings::new(&runtime_settings);
        self.run = RunInfo { name, corpus, model, total_steps, pretrain_steps, settings };
        self.started(step);
    }

    /// Advances the clocks between two steps by `seconds`.
    pub fn tick(&mut self, seconds: f32) {
        if matches!(self.status, Status::Running | Status::Stopping | Status::Pausing) {
            self.seconds_since_step += seconds;
        }
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.status, Status::Finished(_) | Status::Failed(_))
    }

    /// How a run ended that did not fail, in one word.
    pub fn ending(&self) -> &'static str {
        if self.now() >= self.run.total_steps { "finished" } else { "stopped" }
    }

    pub fn phase(&self) -> Option<Phase> {
        self.latest.as_ref().map(|record| record.phase)
    }

    /// While only the discriminator is trained: the steps of its warm-up that are done, and all of them.
    pub fn warm_up(&self) -> Option<(u64, u64)> {
        let (_, steps) = self.run.settings.iter().find(|(name, _)| name == "training.d_warmup_steps")?;
        // At most half of the adversarial phase, as in `gan::schedule`.
        let half = self.run.total_steps.saturating_sub(self.run.pretrain_steps) / 2;
        let steps = steps.parse::<u64>().ok()?.min(half);
        let done = self.now().checked_sub(self.run.pretrain_steps)?;
        (self.phase() == Some(Phase::Adversarial) && done <= steps).then_some((done, steps))
    }

    /// Whether there is adversarial training to show.
    pub fn is_adversarial(&self) -> bool {
        self.phase() == Some(Phase::Adversarial) || !self.curves.discriminator.is_empty()
    }

    pub fn elapsed(&self) -> Option<f32> {
        self.latest.as_ref().map(|record| record.elapsed_s + self.seconds_since_step)
    }

    pub fn eta(&self) -> Option<f32> {
        self.latest.as_ref()?.eta_s.map(|eta| (eta - self.seconds_since_step).max(0.0))
    }

    /// Whether a step that is taken turn by turn has begun: requests are done after it.
    pub fn is_amid_step(&self) -> bool {
        let turn = self.turn.as_ref().filter(|(step, _)| *step > self.now());
        turn.is_some_and(|(_, turn)| !matches!(turn, Turn::Generator { .. }))
    }

    /// The newest step.
    pub fn now(&self) -> u64 {
        self.latest.as_ref().map_or(0, |record| record.step)
    }

    /// The last quality check of pretraining, once adversarial training has begun.
    pub fn pretrained_quality(&self) -> Option<&QualityRecord> {
        let checks = self.quality_checks.items();
        let is_adversarial = checks.iter().any(|check| check.phase == Some(Phase::Adversarial));
        checks.iter().rev().find(|check| is_adversarial && check.phase == Some(Phase::Pretraining))
    }

    pub fn log(&mut self, step: u64, entry: LogEntry) {
        // Of consecutive checkpoints only the last one is listed.
        let is_checkpoint = |entry: &LogEntry| matches!(entry, LogEntry::Checkpoint { .. });
        let replaces = is_checkpoint(&entry) && self.log.back().is_some_and(|last| is_checkpoint(&last.entry));
        if replaces {
            self.log.pop_back();
        } else if self.log.len() == MAX_LOG {
            self.log.pop_front();
            self.left_out += 1;
        }
        self.log.push_back(Logged { step, entry });
    }

    fn started(&mut self, step: u64) {
        // A command may have been sent before the first event; and in a journal a process may follow one that has ended.
        if matches!(self.status, Status::Starting | Status::Finished(_) | Status::Failed(_)) {
            self.status = Status::Running;
        }
        if step > 0 {
            self.saved = Some(step);
        }
    }

    fn step(&mut self, record: StepRecord) {
        self.scores.step(&record);
        self.curves.step(&record);
        if record.d_real.is_some() {
            self.curves.auc.push(record.step, self.scores.auc());
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
        // Events can be dropped: a step shows that the trainer is neither starting nor paused.
        if matches!(self.status, Status::Starting | Status::Paused | Status::Resuming) {
            self.status = Status::Running;
        }
    }

    fn quality(&mut self, step: u64, figures: Vec<QualityFigure>) {
        self.curves.quality(step, &figures);
        self.quality_checks.undo(|check| check.step >= step);
        self.quality_checks.push(QualityRecord { step, phase: self.phase(), figures: figures.clone() });
        self.quality = figures;
    }

    fn sample(&mut self, step: u64, temperature: f32, poems: Vec<SamplePoem>) {
        let number = self.n_samples;
        self.n_samples += 1;
        let set = SampleSet { step, number, temperature, poems: poems.into_iter().map(poems::cleaned).collect() };
        self.sample_history.undo(|other| other.step > step);
        self.sample_history.push(set.clone());
        self.samples.push_front(set);
        self.samples.truncate(MAX_SAMPLES);
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
        let before = before.map_or(Vec::new(), |held| held.forms);
        let form_loss = |(form, loss): (String, f32)| {
            let form = text::clean(&form);
            let change = before.iter().find(|other| other.form == form).map(|other| loss - other.loss);
            FormLoss { form, loss, change }
        };
        let forms = forms.into_iter().map(form_loss).collect();
        self.held_out = Some(HeldOutLosses { step, loss, best, best_step, forms });
    }
}
