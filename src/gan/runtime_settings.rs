//! The settings that can be changed while a model trains. They are part of a checkpoint and not of the run's settings file:
//! so a run that was killed goes on with what held at its checkpoint, and the command that began it still fits.

use crate::config::Config;
use crate::gan::schedule;
use crate::run::event::Knob;

/// What a knob is set to for step `step`.
pub fn get(config: &Config, knob: Knob, step: u64) -> f32 {
    let training = &config.training;
    match knob {
        Knob::Temperature => config.sampling.temperature,
        Knob::Beta => schedule::beta(training, step.max(training.warmup_steps + 1)) as f32,
        Knob::LearningRate => training.learning_rate as f32,
        Knob::GeneratorLearningRate => training.generator_learning_rate as f32,
        Knob::DiscriminatorLearningRate => training.discriminator_learning_rate as f32,
        Knob::NCritic => training.n_critic as f32,
        Knob::LikelihoodWeight => training.likelihood_weight as f32,
    }
}

/// Sets a knob. A number of turns is rounded; `Config::validate` says whether the value makes sense.
pub fn set(config: &mut Config, knob: Knob, value: f32) {
    let training = &mut config.training;
    // By way of its digits, or 0.0003 would become 0.0003000000142.
    let exact = value.to_string().parse().unwrap_or(f64::NAN);
    match knob {
        Knob::Temperature => config.sampling.temperature = value,
        Knob::Beta => (training.beta_start, training.beta_end) = (exact, exact),
        Knob::LearningRate => training.learning_rate = exact,
        Knob::GeneratorLearningRate => training.generator_learning_rate = exact,
        Knob::DiscriminatorLearningRate => training.discriminator_learning_rate = exact,
        Knob::NCritic => training.n_critic = value.round().max(0.0) as u64,
        Knob::LikelihoodWeight => training.likelihood_weight = exact,
    }
}
