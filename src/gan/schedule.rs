//! What changes as training goes on: the phase, the learning rate, the inverse temperature of the relaxation.

use crate::config::TrainingConfig;
use crate::run::event::Phase;

/// The learning rate of pretraining ends at this share of its peak.
const FLOOR: f64 = 0.05;

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

/// Whether the discriminator learns alone in an adversarial step.
pub fn is_d_warmup(training: &TrainingConfig, step: u64) -> bool {
    step - training.pretrain_steps <= training.d_warmup_steps.min(training.adversarial_steps / 2)
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
    fn the_lr_warmup_stepss_and_falls() {
        let rate = |step| pretrain_learning_rate(&config(), step);
        assert!((rate(50) - 0.005).abs() < 1e-9 && (rate(100) - 0.01).abs() < 1e-9);
        assert!((rate(550) - 0.00525).abs() < 1e-9 && (rate(1000) - 0.0005).abs() < 1e-9);
    }

    #[test]
    fn beta_grows_geometrically_and_phases_follow() {
        let config = config();
        assert!((beta(&config, 1001) - 1.0).abs() < 1e-9);
        assert!((beta(&config, 1051) - 10.0).abs() < 1e-9 && (beta(&config, 1101) - 100.0).abs() < 1e-9);
        assert_eq!((phase(&config, 1000), phase(&config, 1001)), (Phase::Pretraining, Phase::Adversarial));
    }
}
