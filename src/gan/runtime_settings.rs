//! The settings that can be changed while a model trains. They are part of a checkpoint and not of the run's
//! config.toml, so a run that was killed resumes with those of its checkpoint, and the command that started it still
//! matches.

use crate::config::Config;
use crate::gan::schedule;
use crate::run::runtime_setting::RuntimeSetting;

/// The value of a setting at step `step`.
pub fn get(config: &Config, setting: RuntimeSetting, step: u64) -> f32 {
    let training = &config.training;
    match setting {
        RuntimeSetting::Temperature => config.sampling.temperature,
        RuntimeSetting::Beta => schedule::beta(training, step) as f32,
        RuntimeSetting::LearningRate => training.learning_rate as f32,
        RuntimeSetting::GeneratorLearningRate => training.generator_learning_rate as f32,
        RuntimeSetting::DiscriminatorLearningRate => training.discriminator_learning_rate as f32,
        RuntimeSetting::NCritic => training.n_critic as f32,
        RuntimeSetting::LikelihoodWeight => training.likelihood_weight as f32,
    }
}

/// Changes a setting. `n_critic` is rounded; `Config::validate` says whether the value makes sense.
pub fn set(config: &mut Config, setting: RuntimeSetting, value: f32) {
    let training = &mut config.training;
    // By way of its digits, or 0.0003 would become 0.0003000000142.
    let exact = value.to_string().parse().unwrap_or(f64::NAN);
    match setting {
        RuntimeSetting::Temperature => config.sampling.temperature = value,
        RuntimeSetting::Beta => (training.beta_start, training.beta_end) = (exact, exact),
        RuntimeSetting::LearningRate => training.learning_rate = exact,
        RuntimeSetting::GeneratorLearningRate => training.generator_learning_rate = exact,
        RuntimeSetting::DiscriminatorLearningRate => training.discriminator_learning_rate = exact,
        RuntimeSetting::NCritic => training.n_critic = value.round().max(0.0) as u64,
        RuntimeSetting::LikelihoodWeight => training.likelihood_weight = exact,
    }
}
