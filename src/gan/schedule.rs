//! What changes as training goes on: the phase, the learning rate, the inverse temperature of the relaxation.

use crate::config::TrainingConfig;
use crate::run::event::Phase;

/// The learning rate of pretraining ends at this share of its peak.
const FLOOR: f64 = 0.05;

/// Passes over the training poems in pretraining, at most: a generator with initial weights starts to memorise them after
/// some twenty, one that knows the language after some ten.
const MAX_PASSES: u64 = 30;
const MAX_PASSES_FROM: u64 = 15;
/// Learning rate for trained weights, relative to that of the preset. On 475 Song poems the held-out loss of the built-in
/// model rose from the first evaluation on with 0.3, and fell with 0.075 (docs/experiments.md).
const LEARNING_RATE_FROM: f64 = 0.075;
/// Least steps of each phase of a shortened schedule.
const LEAST_STEPS: u64 = 100;
/// Evaluations and sets of samples in the pretraining of a shortened schedule.
const EVALUATIONS: u64 = 20;

/// How many times pretraining reads every training poem, at most. `is_trained`: the generator starts from trained weights.
pub fn max_passes(is_trained: bool) -> u64 {
    if is_trained { MAX_PASSES_FROM } else { MAX_PASSES }
}

/// The schedule for a corpus of `minibatches`: at most [`max_passes`] over it in pretraining, and a quarter as many
/// adversarial steps, neither more than in `training`. Trained weights get a smaller learning rate, and dropout from the
/// first step, also where nothing is shortened.
pub fn shortened(training: &TrainingConfig, minibatches: u64, is_trained: bool) -> TrainingConfig {
    let passes = max_passes(is_trained);
    let learning_rate = training.learning_rate * if is_trained { LEARNING_RATE_FROM } else { 1.0 };
    let dropout_after = if is_trained { 0 } else { training.dropout_after };
    let pretrain_steps = (passes * minibatches).max(LEAST_STEPS);
    if pretrain_steps >= training.pretrain_steps {
        return TrainingConfig { learning_rate, dropout_after, ..training.clone() };
    }
    let every = (pretrain_steps / EVALUATIONS).max(1);
    TrainingConfig {
        pretrain_steps,
        learning_rate,
        dropout_after,
        adversarial_steps: training.adversarial_steps.min((pretrain_steps / 4).max(LEAST_STEPS)),
        lr_warmup_steps: training.lr_warmup_steps.min(pretrain_steps / 10),
        held_out_every: training.held_out_every.min(every),
        sample_every: training.sample_every.min(every),
        ..training.clone()
    }
}

/// Phase of step `step` (from 1).
pub fn phase(config: &TrainingConfig, step: u64) -> Phase {
    if step <= config.pretrain_steps { Phase::Pretraining } else { Phase::Adversarial }
}

/// Learning rate of a pretraining step: a linear rise, then half a cosine (Loshchilov and Hutter 2017).
pub fn pretrain_learning_rate(config: &TrainingConfig, step: u64) -> f64 {
    let rise = config.lr_warmup_steps.min(config.pretrain_steps).max(1) as f64;
    let step = step as f64;
    if step <= rise {
        return config.learning_rate * step / rise;
    }
    let share = (step - rise) / (config.pretrain_steps as f64 - rise).max(1.0);
    config.learning_rate * (FLOOR + (1.0 - FLOOR) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos()))
}

/// First steps of the adversarial phase, in which the discriminator learns alone.
pub fn d_warmup_steps(training: &TrainingConfig) -> u64 {
    training.d_warmup_steps.min(training.adversarial_steps / 2)
}

/// Whether the discriminator learns alone in an adversarial step.
pub fn is_d_warmup(training: &TrainingConfig, step: u64) -> bool {
    step - training.pretrain_steps <= d_warmup_steps(training)
}

/// Inverse temperature of an adversarial step: geometric from `beta_start` to `beta_end` (RelGAN, Nie et al. 2019);
/// `beta_start` before the phase.
pub fn beta(config: &TrainingConfig, step: u64) -> f64 {
    let share =
        step.saturating_sub(config.pretrain_steps + 1) as f64 / (config.adversarial_steps as f64 - 1.0).max(1.0);
    config.beta_start * (config.beta_end / config.beta_start).powf(share.min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn config() -> TrainingConfig {
        let mut config: Config = toml::from_str(include_str!("../../presets/base.toml")).unwrap();
        (config.training.pretrain_steps, config.training.adversarial_steps) = (1000, 101);
        (config.training.learning_rate, config.training.lr_warmup_steps) = (0.01, 100);
        (config.training.beta_start, config.training.beta_end) = (1.0, 100.0);
        config.training
    }

    #[test]
    fn the_learning_rate_rises_and_falls() {
        let rate = |step| pretrain_learning_rate(&config(), step);
        assert!((rate(50) - 0.005).abs() < 1e-9 && (rate(100) - 0.01).abs() < 1e-9);
        assert!((rate(550) - 0.00525).abs() < 1e-9 && (rate(1000) - 0.0005).abs() < 1e-9);
    }

    #[test]
    fn the_schedule_is_shortened_for_a_small_corpus() {
        let config = TrainingConfig { held_out_every: 250, sample_every: 10, adversarial_steps: 375, ..config() };
        assert_eq!(shortened(&config, 34, false), config);
        let short = shortened(&config, 20, false);
        assert_eq!((short.pretrain_steps, short.adversarial_steps, short.lr_warmup_steps), (600, 150, 60));
        assert_eq!((short.held_out_every, short.sample_every, short.learning_rate), (30, 10, config.learning_rate));
        let whole = shortened(&config, 100, true);
        assert_eq!(whole.pretrain_steps, config.pretrain_steps);
        assert!((whole.learning_rate - LEARNING_RATE_FROM * config.learning_rate).abs() < 1e-12);
        assert_eq!([short.dropout_after, whole.dropout_after], [config.dropout_after, 0]);
        let least = shortened(&config, 1, true);
        assert_eq!((least.pretrain_steps, least.adversarial_steps, least.held_out_every), (100, 100, 5));
        assert!((least.learning_rate - LEARNING_RATE_FROM * config.learning_rate).abs() < 1e-12);
    }

    #[test]
    fn beta_grows_geometrically_and_phases_follow() {
        let config = config();
        assert!((beta(&config, 1001) - 1.0).abs() < 1e-9);
        assert!((beta(&config, 1051) - 10.0).abs() < 1e-9 && (beta(&config, 1101) - 100.0).abs() < 1e-9);
        assert_eq!((phase(&config, 1000), phase(&config, 1001)), (Phase::Pretraining, Phase::Adversarial));
    }
}
