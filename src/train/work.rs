//! The kinds of work that training consists of: how much of each is left, and how long it takes.

use crate::config::TrainingConfig;
use crate::gan::schedule::d_warmup_steps;

/// Seconds that each kind of work takes on this machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkCosts {
    /// A pretraining step.
    pub pretrain_s: f64,
    /// The turns of the discriminator in an adversarial step, which are all of a step of its warm-up.
    pub discriminator_s: f64,
    /// The turn of the generator.
    pub generator_s: f64,
    /// Held-out loss and quality.
    pub evaluation_s: f64,
}

/// How much of each kind of work is left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkLeft {
    pub pretrain_steps: u64,
    /// Adversarial steps in which only the discriminator is trained.
    pub d_warmup_steps: u64,
    /// The other adversarial steps.
    pub adversarial_steps: u64,
    pub evaluations: u64,
}

impl WorkLeft {
    /// What is left of a schedule after `step` steps.
    pub fn after(step: u64, training: &TrainingConfig) -> WorkLeft {
        let (pretrained, total) = (training.pretrain_steps, training.total_steps());
        let warm = pretrained + d_warmup_steps(training);
        let between = |from: u64, to: u64| to.saturating_sub(step.max(from));
        let every = |n: u64| (total / n.max(1)).saturating_sub(step / n.max(1));
        // Evaluated are also the checkpoints, and the ends of both phases.
        let ends = u64::from(step < pretrained) + u64::from(step < total);
        WorkLeft {
            pretrain_steps: between(0, pretrained),
            d_warmup_steps: between(pretrained, warm),
            adversarial_steps: between(warm, total),
            evaluations: every(training.held_out_every) + every(training.checkpoint_every) + ends,
        }
    }

    /// How long the work takes.
    pub fn seconds(&self, costs: &WorkCosts) -> f64 {
        let with_discriminator = self.d_warmup_steps + self.adversarial_steps;
        self.pretrain_steps as f64 * costs.pretrain_s
            + with_discriminator as f64 * costs.discriminator_s
            + self.adversarial_steps as f64 * costs.generator_s
            + self.evaluations as f64 * costs.evaluation_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn what_is_left_adds_up_to_the_schedule() {
        let training = TrainingConfig {
            pretrain_steps: 10,
            adversarial_steps: 8,
            d_warmup_steps: 150,
            held_out_every: 6,
            checkpoint_every: 9,
            ..Config::preset("base").unwrap().training
        };
        let left = |step| {
            let WorkLeft { pretrain_steps, d_warmup_steps, adversarial_steps, evaluations } =
                WorkLeft::after(step, &training);
            (pretrain_steps, d_warmup_steps, adversarial_steps, evaluations)
        };
        assert_eq!(left(0), (10, 4, 4, 7));
        assert_eq!(left(9), (1, 4, 4, 5));
        assert_eq!(left(12), (0, 2, 4, 3));
        assert_eq!(left(17), (0, 0, 1, 3));
        assert_eq!(left(18), (0, 0, 0, 0));
        let costs = WorkCosts { pretrain_s: 1.0, discriminator_s: 10.0, generator_s: 100.0, evaluation_s: 1000.0 };
        assert_eq!(WorkLeft::after(12, &training).seconds(&costs), 3460.0);
    }
}
