//! What a run knows besides its weights: plain data, part of every checkpoint.

use serde::{Deserialize, Serialize};

use super::event::Phase;
use super::runtime_setting::RuntimeSetting;

/// Version of the checkpoint format. Raised with every change after which the formats cannot read each other; other
/// versions are refused.
pub const VERSION: u32 = 2;

/// What a run knows besides its tensors. Numbers that must come back exactly are integers or `f32`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    pub version: u32,
    /// The id of the run; empty in checkpoints of earlier versions.
    #[serde(default)]
    pub run_id: String,
    /// Steps that are done.
    pub step: u64,
    /// Phase of the last step.
    pub phase: Phase,
    /// Position in the minibatches.
    pub cursor: Cursor,
    /// The model whose weights the generator started from (`--from`).
    #[serde(default)]
    pub from: Option<String>,
    /// The best held-out evaluation so far.
    pub best: Option<Best>,
    /// The checkpoints that are to stay.
    #[serde(default)]
    pub pointers: Pointers,
    /// Threads of the last process: minibatches are cut into as many parts, whose sums have other roundings. 0 if unknown.
    #[serde(default)]
    pub threads: usize,
    /// Updates that each of the optimisers has made.
    pub generator_updates: u64,
    pub discriminator_updates: u64,
    /// Times the learning rates were halved after a step that was undone.
    pub lr_halvings: u32,
    /// Times the discriminator's learning rate was halved, since it was far ahead or the generator had collapsed.
    pub d_lr_halvings: u32,
    /// Moving average of D(real) - D(fake).
    pub d_margin_ema: f32,
    /// The step at which pretraining ended before its schedule did.
    #[serde(default)]
    pub pretraining_ended: Option<u64>,
    /// Settings that were changed while training, and to what.
    pub runtime_settings: Vec<(RuntimeSetting, f32)>,
    /// Seconds of training, over all processes of the run.
    pub elapsed_s: f64,
    /// Tokens trained on.
    pub tokens: u64,
}

/// Steps of checkpoints that are kept however old they get. They stand in every checkpoint, so that they are right after a crash
/// at any moment; the files of these names repeat them for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointers {
    pub best: Option<u64>,
    /// The end of pretraining: the baseline of `eval` and `sweep`.
    pub pretrained: Option<u64>,
}

/// The best step so far, and the bounds that later steps are measured by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The lowest held-out loss of all steps, nats per token.
    pub loss: f32,
    pub step: u64,
    /// Rhyme score at that step, 0 to 1.
    pub rhyme: Option<f32>,
}

/// How far training has come through the epochs; part of a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub epoch: u64,
    /// Batches of the epoch that have been used.
    pub batch: u64,
}
