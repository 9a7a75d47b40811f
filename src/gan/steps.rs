//! What the three kinds of training steps share: settings, the seeds of their random draws, learning rates.

use std::ops::Range;

use rand::RngCore;

use super::compute::Compute;
use super::data::Dataset;
use super::models::Models;
use super::schedule;
use super::token_frequencies::CorpusFrequencies;
use crate::config::Config;
use crate::generator::{Dropout, Generator, Rules, Sequences, SpecialTokens};
use crate::nn::adam::Rate;
use crate::random;
use crate::run::event::{Phase, StepRecord};
use crate::theme::Themes;

/// Factors on the learning rates: of both models, and of the discriminator besides.
#[derive(Clone, Copy, Debug)]
pub struct LrScales {
    pub all: f64,
    pub discriminator: f64,
}

impl LrScales {
    /// The learning rates as configured.
    pub const ONE: LrScales = LrScales { all: 1.0, discriminator: 1.0 };
}

/// The training steps of one step of the schedule.
pub struct Steps<'a> {
    pub config: &'a Config,
    pub special: SpecialTokens,
    /// Themes of poems, if z holds them.
    pub themes: Option<&'a Themes>,
    /// Token frequencies of the training poems, if the generator is held to them.
    pub frequencies: Option<&'a CorpusFrequencies>,
    /// Names the random streams.
    pub step: u64,
    pub lr_scales: LrScales,
    pub compute: &'a Compute,
}

/// One update of one model.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    pub loss: f32,
    /// Gradient norm before clipping. Where it is not finite, no weight was changed.
    pub norm: f64,
}

impl Update {
    pub fn is_finite(&self) -> bool {
        self.loss.is_finite() && self.norm.is_finite()
    }
}

impl<'a> Steps<'a> {
    pub fn new(
        config: &'a Config,
        dataset: &'a Dataset,
        step: u64,
        lr_scales: LrScales,
        compute: &'a Compute,
    ) -> Steps<'a> {
        let (themes, frequencies) = (dataset.themes.as_ref(), dataset.frequencies.as_ref());
        Steps { config, special: dataset.special, themes, frequencies, step, lr_scales, compute }
    }

    /// A record with what is known of an adversarial step before its first turn.
    pub(super) fn adversarial_record(&self) -> StepRecord {
        let training = &self.config.training;
        let rate = training.generator_learning_rate * self.lr_scales.all;
        let d_rate = training.discriminator_learning_rate * self.lr_scales.all * self.lr_scales.discriminator;
        let mut record = StepRecord::new(self.step, Phase::Adversarial, rate);
        (record.beta, record.discriminator_learning_rate) = (Some(self.beta() as f32), Some(d_rate as f32));
        record
    }

    /// Inverse temperature of the relaxation.
    pub(super) fn beta(&self) -> f64 {
        schedule::beta(&self.config.training, self.step)
    }

    pub(super) fn generator(&self, models: &Models) -> Generator {
        let weights = models.generator.trainable();
        Generator::new(&self.config.model, self.special, weights).with_precision(self.compute.precision)
    }

    /// Dropout with masks of its own for the part of the minibatch that begins with poem `first`.
    pub(super) fn dropout(&self, first: usize) -> Dropout {
        Dropout { rate: self.config.model.dropout, seed: self.seed("dropout", first as u64) }
    }

    /// Weight of one target in the mean over all targets that `rules` leave open.
    pub(super) fn target_weight(&self, batch: &Sequences, rules: Rules) -> f32 {
        1.0 / batch.open_targets(rules, self.special).iter().filter(|open| **open).count().max(1) as f32
    }

    pub(super) fn rate(&self, learning_rate: f64, weight_decay: f64) -> Rate {
        Rate { learning_rate: learning_rate * self.lr_scales.all, weight_decay, clip: self.config.training.clip }
    }

    /// Seeds of token dropout in the discriminator, for a part of the minibatch.
    pub(super) fn token_dropout_seeds(&self, turn: u64, part: &Range<usize>) -> TokenDropoutSeeds {
        let seed = |name| self.seed(name, turn).wrapping_add(part.start as u64);
        TokenDropoutSeeds { real: seed("hide real"), fake: seed("hide fake") }
    }

    /// A seed of its own for every use, step and turn.
    pub(super) fn seed(&self, name: &str, turn: u64) -> u64 {
        random::stream(self.config.training.seed ^ turn, name, self.step).next_u64()
    }
}

/// One seed for the real poems and one for the generated ones.
pub(super) struct TokenDropoutSeeds {
    pub real: u64,
    pub fake: u64,
}
