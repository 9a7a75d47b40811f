//! The schedule that fits into a time limit: both phases shortened in proportion, so that a short run has an adversarial
//! phase too.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::work::{WorkCosts, WorkLeft};
use crate::config::TrainingConfig;

/// Share of the limit that is planned for; the rest is for checkpoints, samples, and what else slows the machine.
const PLANNED: f64 = 0.85;
/// Regular evaluations in a shortened schedule, at most.
const EVALUATIONS: u64 = 8;
/// Least steps of each phase that are worth a plan.
const LEAST_PRETRAIN_STEPS: u64 = 20;
const LEAST_ADVERSARIAL_STEPS: u64 = 2;

/// The planned schedule. It depends on the speed of the machine, so a run that is resumed takes it from its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimePlan {
    pub pretrain_steps: u64,
    pub adversarial_steps: u64,
    pub d_warmup_steps: u64,
    pub lr_warmup_steps: u64,
    pub held_out_every: u64,
    pub sample_every: u64,
}

/// What fits into a time limit.
#[derive(Clone, Debug, PartialEq)]
pub enum TimeFit {
    /// The whole schedule.
    Whole,
    Shortened(TimePlan),
    /// Not even a few steps of each phase; they would take this long.
    TooShort {
        least: Duration,
    },
}

impl TimePlan {
    /// `k` of the steps of a schedule, in the proportion of its phases.
    fn part(training: &TrainingConfig, k: u64) -> TimePlan {
        // Steps are far below 2^32.
        let share = |steps: u64| steps * k / training.total_steps();
        let pretrain_steps = share(training.pretrain_steps);
        let every = k.div_ceil(EVALUATIONS).max(1);
        TimePlan {
            pretrain_steps,
            adversarial_steps: k - pretrain_steps,
            d_warmup_steps: share(training.d_warmup_steps),
            lr_warmup_steps: training.lr_warmup_steps.min(pretrain_steps / 10),
            held_out_every: training.held_out_every.min(every),
            sample_every: training.sample_every.min(every),
        }
    }

    /// `training` with the planned schedule.
    pub fn apply(&self, training: &TrainingConfig) -> TrainingConfig {
        TrainingConfig {
            pretrain_steps: self.pretrain_steps,
            adversarial_steps: self.adversarial_steps,
            d_warmup_steps: self.d_warmup_steps,
            lr_warmup_steps: self.lr_warmup_steps,
            held_out_every: self.held_out_every,
            sample_every: self.sample_every,
            ..training.clone()
        }
    }

    /// Whether a run with these settings follows the plan.
    pub fn is_followed(&self, training: &TrainingConfig) -> bool {
        (training.pretrain_steps, training.adversarial_steps) == (self.pretrain_steps, self.adversarial_steps)
    }

    fn is_worthwhile(&self, training: &TrainingConfig) -> bool {
        self.pretrain_steps >= LEAST_PRETRAIN_STEPS.min(training.pretrain_steps)
            && self.adversarial_steps >= LEAST_ADVERSARIAL_STEPS.min(training.adversarial_steps)
    }
}

/// Fits the schedule of `training` to a time limit.
pub fn fit(training: &TrainingConfig, costs: &WorkCosts, limit: Duration) -> TimeFit {
    let budget = PLANNED * limit.as_secs_f64();
    if seconds(training, costs) <= budget || training.total_steps() == 0 {
        return TimeFit::Whole;
    }
    let part = |k: u64| TimePlan::part(training, k);
    let cost = |k: u64| seconds(&part(k).apply(training), costs);
    let total = training.total_steps();
    let least = (1..total).find(|&k| part(k).is_worthwhile(training)).unwrap_or(total);
    // One step more can cost less, since it can save an evaluation.
    match (least..=total).rev().find(|&k| cost(k) <= budget) {
        Some(most) => TimeFit::Shortened(part(most)),
        None => TimeFit::TooShort { least: Duration::from_secs_f64(cost(least) / PLANNED) },
    }
}

/// Seconds that a schedule takes.
fn seconds(training: &TrainingConfig, costs: &WorkCosts) -> f64 {
    WorkLeft::after(0, training).seconds(costs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use proptest::prelude::*;

    const COSTS: WorkCosts = WorkCosts { pretrain_s: 0.3, discriminator_s: 0.3, generator_s: 0.7, evaluation_s: 2.0 };

    /// The default preset with long pretraining.
    fn base() -> TrainingConfig {
        TrainingConfig { pretrain_steps: 9000, ..Config::preset("base").unwrap().training }
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    #[test]
    fn four_minutes_have_both_phases_in_the_proportion_of_the_preset() {
        let TimeFit::Shortened(plan) = fit(&base(), &COSTS, minutes(4)) else { panic!("it fits") };
        // 204 seconds, 20 of them for ten evaluations; a step costs 0.33 seconds on average.
        assert!((490..560).contains(&plan.pretrain_steps), "{plan:?}");
        let ratio = plan.pretrain_steps as f64 / plan.adversarial_steps as f64;
        assert!((15.5..=17.5).contains(&ratio), "{plan:?}");
        assert!(plan.d_warmup_steps * 2 <= plan.adversarial_steps && plan.d_warmup_steps >= 8, "{plan:?}");
        assert!(plan.held_out_every * 8 >= plan.pretrain_steps && plan.lr_warmup_steps <= plan.pretrain_steps / 10);
        let training = plan.apply(&base());
        assert!(seconds(&training, &COSTS) <= 0.85 * 240.0);
        assert!(plan.is_followed(&training) && !plan.is_followed(&base()));
    }

    #[test]
    fn a_long_limit_changes_nothing_and_a_short_one_is_refused() {
        assert_eq!(fit(&base(), &COSTS, minutes(600)), TimeFit::Whole);
        let TimeFit::TooShort { least } = fit(&base(), &COSTS, Duration::from_secs(5)) else { panic!("no room") };
        let TimeFit::Shortened(plan) = fit(&base(), &COSTS, least + Duration::from_secs(1)) else {
            panic!("{least:?}")
        };
        assert!(plan.pretrain_steps >= 20 && plan.adversarial_steps >= 2, "{plan:?}");
    }

    #[test]
    fn a_schedule_of_one_phase_keeps_it() {
        for (pretrain_steps, adversarial_steps) in [(0, 5000), (5000, 0)] {
            let training = TrainingConfig { pretrain_steps, adversarial_steps, ..base() };
            let TimeFit::Shortened(plan) = fit(&training, &COSTS, minutes(4)) else { panic!("it fits") };
            assert_eq!(
                (plan.pretrain_steps == 0, plan.adversarial_steps == 0),
                (pretrain_steps == 0, adversarial_steps == 0)
            );
            assert!(plan.pretrain_steps + plan.adversarial_steps > 100, "{plan:?}");
        }
    }

    proptest! {
        #[test]
        fn a_plan_fits_and_is_never_longer(
            pretrain_steps in 0u64..20_000, adversarial_steps in 0u64..5_000, limit in 1u64..20_000,
            pretrain_s in 0.001f64..2.0, generator_s in 0.001f64..4.0, evaluation_s in 0.0f64..10.0,
        ) {
            let training = TrainingConfig { pretrain_steps, adversarial_steps, ..base() };
            let costs = WorkCosts { pretrain_s, discriminator_s: pretrain_s, generator_s, evaluation_s };
            if let TimeFit::Shortened(plan) = fit(&training, &costs, Duration::from_secs(limit)) {
                prop_assert!(seconds(&plan.apply(&training), &costs) <= 0.85 * limit as f64 + 1e-6);
                prop_assert!(plan.pretrain_steps <= pretrain_steps && plan.adversarial_steps <= adversarial_steps);
                prop_assert!(adversarial_steps == 0 || plan.adversarial_steps > 0);
            }
        }
    }
}
