//! The events that the trainer emits and the commands that it takes: plain data only, so that the
//! dashboard, the plain log and the journal can be written and tested without a model.

mod latent;
mod stride;
mod summary;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::notice::{FinishReason, Notice};
use super::runtime_setting::RuntimeSetting;
pub use latent::{AxisWords, LatentRequest, REACH};
pub use stride::journal_stride;
pub use summary::{CorpusSummary, ModelSummary};

/// Which part of the schedule a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Maximum likelihood.
    Pretraining,
    /// Generator against discriminator.
    Adversarial,
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Phase::Pretraining => "pretraining",
            Phase::Adversarial => "adversarial",
        }
    }
}

/// Bins of a [`Histogram`].
pub const BINS: usize = 20;

/// How many poems the discriminator gave which probability of being real, in equal bins from 0 to 1.
pub type Histogram = [u16; BINS];

/// The numbers of one training step. Losses are in nats; `None` where the phase has no such number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    pub step: u64,
    pub phase: Phase,
    /// Steps of the whole schedule.
    pub total_steps: u64,
    /// Share of the schedule that is done, 0 to 1 (the larger of the shares of steps and of the time limit).
    pub progress: f32,
    /// Seconds of training over all processes of the run, without pauses.
    pub elapsed_s: f32,
    /// Estimated seconds to the end of the schedule.
    pub eta_s: Option<f32>,
    pub tokens_per_s: f32,
    /// Likelihood loss of the minibatch, nats per token that the form leaves open.
    pub likelihood_loss: Option<f32>,
    /// Adversarial loss of the generator.
    pub generator_loss: Option<f32>,
    pub discriminator_loss: Option<f32>,
    /// Mean probability that the discriminator gives real and generated poems of being real, 0 to 1.
    pub d_real: Option<f32>,
    pub d_fake: Option<f32>,
    /// Of the poems of the discriminator's last turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real_histogram: Option<Histogram>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fake_histogram: Option<Histogram>,
    /// Global gradient norms before clipping.
    pub generator_grad_norm: Option<f32>,
    pub discriminator_grad_norm: Option<f32>,
    /// Inverse temperature of the relaxation.
    pub beta: Option<f32>,
    /// Of the generator.
    pub learning_rate: f32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discriminator_learning_rate: Option<f32>,
    /// Its numbers were not finite, so it left no trace in the weights.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undone: bool,
}

impl StepRecord {
    /// A record without numbers yet.
    pub fn new(step: u64, phase: Phase, learning_rate: f64) -> StepRecord {
        StepRecord {
            step,
            phase,
            total_steps: 0,
            progress: 0.0,
            elapsed_s: 0.0,
            eta_s: None,
            tokens_per_s: 0.0,
            likelihood_loss: None,
            generator_loss: None,
            discriminator_loss: None,
            d_real: None,
            d_fake: None,
            real_histogram: None,
            fake_histogram: None,
            generator_grad_norm: None,
            discriminator_grad_norm: None,
            beta: None,
            learning_rate: learning_rate as f32,
            discriminator_learning_rate: None,
            undone: false,
        }
    }
}

/// A line as the generator wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoredLine {
    pub text: String,
    /// The discriminator's probability that the line is real, 0 to 1; `None` before a discriminator exists.
    pub score: Option<f32>,
    /// For each character of `text`: by how many nats the token it belongs to raises the poem's logit of being real.
    /// Empty where that was not computed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributions: Vec<f32>,
    /// For each character of a regulated Chinese poem its tone: `-` level, `/` oblique, `?` either or unknown. Else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tones: String,
}

/// A poem as the generator wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SamplePoem {
    /// Name of the form, such as `7x4`.
    pub form: String,
    pub seed: u64,
    pub lines: Vec<ScoredLine>,
    /// The discriminator's probability that the poem is real, 0 to 1.
    pub score: Option<f32>,
    /// The lines of the training poem that it is closest to. Empty where that was not computed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<String>,
    /// The lines, from 0, that begin a stanza, without the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stanzas: Vec<usize>,
}

/// One number of generated poems beside the same of real ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityFigure {
    pub name: String,
    pub model: f32,
    pub real: f32,
}

impl QualityFigure {
    /// Names of the figures: how well line ends go together, different pairs of neighbours, copied lines, how well the
    /// couplets of a poem go together, poems that rhyme a word with itself, poems in which a word occurs twice, and how
    /// much a poem tells about its z.
    pub const RHYME: &str = "rhyme";
    pub const DIVERSITY: &str = "distinct-2";
    pub const COPIES: &str = "copied";
    pub const COHERENCE: &str = "coherence";
    pub const REPEATED_RHYME: &str = "rhyme twice";
    pub const REPEATED_WORD: &str = "char twice";
    pub const Z_BITS: &str = "z bits";
    /// All of them, in the order in which they are shown.
    pub const NAMES: [&str; 7] = [
        QualityFigure::RHYME,
        QualityFigure::DIVERSITY,
        QualityFigure::COPIES,
        QualityFigure::COHERENCE,
        QualityFigure::REPEATED_RHYME,
        QualityFigure::REPEATED_WORD,
        QualityFigure::Z_BITS,
    ];
}

impl fmt::Display for QualityFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.3} (real {:.3})", self.name, self.model, self.real)
    }
}

/// Everything that happens in a run, in the order in which it happens. One JSON object a line in `metrics.jsonl`
/// (`samples.jsonl` for samples).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first event of a process.
    Started {
        /// Path of the run directory.
        run: String,
        /// The id of the run; empty in journals of earlier versions.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        run_id: String,
        corpus: CorpusSummary,
        model: ModelSummary,
        /// Step that the run continues from; 0 for a new run.
        step: u64,
        total_steps: u64,
        pretrain_steps: u64,
        /// All settings as `section.key` and value, sorted by key.
        settings: Vec<(String, String)>,
        /// Those that can be changed while training, as they are now.
        runtime_settings: Vec<(RuntimeSetting, f32)>,
    },
    Step(StepRecord),
    /// Held-out loss of the averaged weights: nats per token, per form and over all forms.
    HeldOut {
        step: u64,
        loss: f32,
        forms: Vec<(String, f32)>,
    },
    /// A quality check of fresh poems of the averaged weights.
    Quality {
        step: u64,
        /// The form of the poems.
        form: String,
        figures: Vec<QualityFigure>,
    },
    Sample {
        step: u64,
        temperature: f32,
        poems: Vec<SamplePoem>,
    },
    /// A poem moved along a direction of its noise vector.
    Latent {
        step: u64,
        direction: usize,
        /// Directions that there are.
        of: usize,
        /// By how much it is moved, and what it becomes.
        poems: Vec<(f32, SamplePoem)>,
        /// The requested form, and the moves along other directions.
        #[serde(default)]
        form: usize,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        moved: Vec<(usize, f32)>,
        /// The first directions, which are themes; the others are noise.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        axes: Vec<AxisWords>,
    },
    Checkpoint {
        step: u64,
        path: String,
        /// How many more checkpoints of its size the disk has room for, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<u64>,
        /// The step of the best one so far.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        best: Option<u64>,
    },
    Notice {
        step: u64,
        notice: Notice,
    },
    /// One turn of an adversarial step, when training is taken turn by turn.
    Turn {
        step: u64,
        turn: Turn,
    },
    /// A setting was changed while training.
    Changed {
        step: u64,
        setting: RuntimeSetting,
        from: f32,
        to: f32,
    },
    /// The user's note on this moment.
    Note {
        step: u64,
        note: String,
    },
    Paused {
        step: u64,
    },
    Resumed {
        step: u64,
    },
    /// The last event of a process that ended well.
    Finished {
        step: u64,
        reason: FinishReason,
    },
    /// The last event of a process that could not go on.
    Failed {
        step: u64,
        message: String,
    },
}

impl Event {
    /// The step of the schedule at which it happened.
    pub fn step(&self) -> u64 {
        match self {
            Event::Step(record) => record.step,
            Event::Started { step, .. }
            | Event::HeldOut { step, .. }
            | Event::Quality { step, .. }
            | Event::Sample { step, .. }
            | Event::Latent { step, .. }
            | Event::Checkpoint { step, .. }
            | Event::Notice { step, .. }
            | Event::Turn { step, .. }
            | Event::Changed { step, .. }
            | Event::Note { step, .. }
            | Event::Paused { step }
            | Event::Resumed { step }
            | Event::Finished { step, .. }
            | Event::Failed { step, .. } => *step,
        }
    }
}

/// One update within an adversarial step. `number` counts the discriminator's from 1; `real` and `fake` are its mean
/// probabilities of being real.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Turn {
    Discriminator { number: u64, loss: f32, real: f32, fake: f32 },
    Generator { loss: f32 },
}

/// Commands to a running trainer; read between two steps.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Pause,
    Resume,
    /// One turn of one model, then pause again.
    Turn,
    SampleNow,
    /// A poem moved along a direction of its noise vector.
    Latent(LatentRequest),
    CheckpointNow,
    Set(RuntimeSetting, f32),
    /// A note on this moment.
    Note(String),
    /// Freezes or unfreezes the display; training is unaffected.
    Freeze(bool),
    /// Both models go back to the best checkpoint; what came after it is lost.
    BackToBest,
    /// Finish the step, write a checkpoint, end.
    Stop,
}
