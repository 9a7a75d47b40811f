//! The settings that can be changed while a model trains.

use serde::{Deserialize, Serialize};

/// A setting that can be changed while a model trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuntimeSetting {
    /// Temperature of the samples; training is unaffected.
    Temperature,
    /// Inverse temperature of the relaxation, the same for all later steps.
    Beta,
    /// Peak learning rate of pretraining.
    LearningRate,
    GeneratorLearningRate,
    DiscriminatorLearningRate,
    /// Discriminator steps before each generator step.
    NCritic,
    /// Weight of the likelihood loss in the generator step.
    LikelihoodWeight,
}

impl RuntimeSetting {
    pub const ALL: [RuntimeSetting; 7] = [
        RuntimeSetting::Temperature,
        RuntimeSetting::Beta,
        RuntimeSetting::LearningRate,
        RuntimeSetting::GeneratorLearningRate,
        RuntimeSetting::DiscriminatorLearningRate,
        RuntimeSetting::NCritic,
        RuntimeSetting::LikelihoodWeight,
    ];

    /// As in the settings file.
    pub fn name(self) -> &'static str {
        match self {
            RuntimeSetting::Temperature => "temperature",
            RuntimeSetting::Beta => "beta",
            RuntimeSetting::LearningRate => "learning_rate",
            RuntimeSetting::GeneratorLearningRate => "generator_learning_rate",
            RuntimeSetting::DiscriminatorLearningRate => "discriminator_learning_rate",
            RuntimeSetting::NCritic => "n_critic",
            RuntimeSetting::LikelihoodWeight => "likelihood_weight",
        }
    }

    /// The least and the greatest value that can be set while a model trains. A config file may go further; here a typing
    /// error would cost the run.
    pub fn range(self) -> (f32, f32) {
        match self {
            RuntimeSetting::Temperature => (0.05, 10.0),
            RuntimeSetting::Beta => (0.01, 100.0),
            RuntimeSetting::LearningRate
            | RuntimeSetting::GeneratorLearningRate
            | RuntimeSetting::DiscriminatorLearningRate => (1e-7, 0.1),
            RuntimeSetting::NCritic => (1.0, 50.0),
            RuntimeSetting::LikelihoodWeight => (0.0, 100.0),
        }
    }
}
