//! What a run knows besides its weights: plain data, part of every checkpoint.

use serde::{Deserialize, Serialize};

use super::changes::RunProgress;
use super::event::Phase;
use super::runtime_setting::RuntimeSetting;
use crate::config::PrecisionSetting;
use crate::nn::precision::Precision;

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
    /// Threads of the last process: runs of earlier versions had as many parts of a minibatch. 0 if unknown.
    #[serde(default)]
    pub threads: usize,
    /// Of the matrix products of training. Checkpoints of earlier versions do not say: 32 bits.
    #[serde(default)]
    pub precision: Precision,
    /// The setting that it follows from. Checkpoints of earlier versions do not say.
    #[serde(default)]
    pub precision_setting: Option<PrecisionSetting>,
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

/// Most of what is counted: steps, which settings bound by this too, batches and halvings.
const MOST: u64 = u32::MAX as u64;
/// Most updates and tokens, so that they can be added to.
const MOST_UPDATES: u64 = u64::MAX / 2;
/// Most seconds of training, about three thousand years.
const MOST_SECONDS: f64 = 1e11;

impl RunState {
    pub fn progress(&self) -> RunProgress {
        RunProgress { step: self.step, pretraining_ended: self.pretraining_ended }
    }

    /// Checks that the numbers are such as a run can have. Those of a damaged or forged file could overflow, or let training go on
    /// for ever. Runtime settings are checked with the configuration.
    ///
    /// # Errors
    /// The first number that no run has.
    pub fn check(&self) -> Result<(), String> {
        for (name, value, most) in [
            ("step", self.step, MOST),
            ("cursor.epoch", self.cursor.epoch, MOST),
            ("cursor.batch", self.cursor.batch, MOST),
            ("generator_updates", self.generator_updates, MOST_UPDATES),
            ("discriminator_updates", self.discriminator_updates, MOST_UPDATES),
            // Powers of 1/2 are 0 long before.
            ("lr_halvings", self.lr_halvings.into(), MOST / 4),
            ("d_lr_halvings", self.d_lr_halvings.into(), MOST / 4),
            ("pretraining_ended", self.pretraining_ended.unwrap_or(0), self.step),
            ("tokens", self.tokens, MOST_UPDATES),
        ] {
            if value > most {
                return Err(format!("{name} is {value}, and {most} at most"));
            }
        }
        let best = self.best.into_iter().flat_map(|best| [("best.loss", Some(best.loss)), ("best.rhyme", best.rhyme)]);
        let mut numbers =
            best.filter_map(|(name, value)| Some((name, value?))).chain([("d_margin_ema", self.d_margin_ema)]);
        if let Some((name, value)) = numbers.find(|(_, value)| !value.is_finite()) {
            return Err(format!("{name} is {value}"));
        }
        if !(0.0..=MOST_SECONDS).contains(&self.elapsed_s) {
            return Err(format!("elapsed_s is {}, and not from 0 to {MOST_SECONDS:e}", self.elapsed_s));
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> RunState {
        RunState {
            version: VERSION,
            run_id: String::new(),
            step: 9,
            phase: Phase::Adversarial,
            cursor: Cursor { epoch: 1, batch: 2 },
            from: None,
            best: Some(Best { loss: 4.5, step: 9, rhyme: Some(0.5) }),
            pointers: Pointers { best: Some(9), pretrained: Some(3) },
            threads: 2,
            precision: Precision::Bf16,
            precision_setting: Some(PrecisionSetting::Auto),
            generator_updates: 9,
            discriminator_updates: 60,
            lr_halvings: 9,
            d_lr_halvings: 1,
            d_margin_ema: -0.5,
            pretraining_ended: Some(3),
            runtime_settings: Vec::new(),
            elapsed_s: 0.0,
            tokens: 1 << 40,
        }
    }

    #[test]
    fn numbers_that_no_run_has_are_refused() {
        assert_eq!(state().check(), Ok(()));
        let message = |spoil: fn(&mut RunState)| {
            let mut state = state();
            spoil(&mut state);
            state.check().unwrap_err()
        };
        assert_eq!(message(|state| state.step = 1 << 32), "step is 4294967296, and 4294967295 at most");
        assert_eq!(message(|state| state.pretraining_ended = Some(10)), "pretraining_ended is 10, and 9 at most");
        assert_eq!(message(|state| state.cursor.batch = u64::MAX).split(' ').next(), Some("cursor.batch"));
        assert_eq!(message(|state| state.tokens = u64::MAX).split(' ').next(), Some("tokens"));
        assert_eq!(message(|state| state.lr_halvings = u32::MAX).split(' ').next(), Some("lr_halvings"));
        assert_eq!(message(|state| state.d_margin_ema = f32::INFINITY), "d_margin_ema is inf");
        assert_eq!(message(|state| state.elapsed_s = -1.0), "elapsed_s is -1, and not from 0 to 1e11");
    }
}
