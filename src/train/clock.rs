//! Speed, progress and estimated time left. Nothing here affects the weights.

use std::time::Duration;

use super::work::{WorkCosts, WorkLeft};
use crate::config::TrainingConfig;
use crate::gan::schedule;
use crate::run::event::{Phase, StepRecord};
use crate::train::stopwatch;

/// Share of the newest step in the running means.
const NEWEST: f64 = 0.05;

pub struct Clock {
    begun: Duration,
    paused: Duration,
    /// Seconds of training before this process.
    before_s: f64,
    /// What each kind of work is expected to take until it has been timed.
    expected: Option<WorkCosts>,
    pretraining: Mean,
    d_warmup: Mean,
    adversarial: Mean,
    evaluation: Mean,
    tokens_per_s: Mean,
}

/// An exponential moving average, unbiased from the first value on.
#[derive(Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    fn push(&mut self, value: f64) {
        self.sum += NEWEST * (value - self.sum);
        self.weight += NEWEST * (1.0 - self.weight);
    }

    fn get(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

impl Clock {
    /// `before_s`: seconds that earlier processes have trained.
    pub fn new(before_s: f64) -> Clock {
        let (pretraining, d_warmup, adversarial, evaluation, tokens_per_s) = Default::default();
        let (begun, paused) = (stopwatch::now(), Duration::ZERO);
        Clock { begun, paused, before_s, expected: None, pretraining, d_warmup, adversarial, evaluation, tokens_per_s }
    }

    /// Training time of this process, without pauses and suspended time.
    pub fn elapsed(&self) -> Duration {
        stopwatch::since(self.begun).saturating_sub(self.paused)
    }

    /// Seconds of training over all processes of the run.
    pub fn total_s(&self) -> f64 {
        self.before_s + self.elapsed().as_secs_f64()
    }

    pub fn pause(&mut self, length: Duration) {
        self.paused += length;
    }

    /// Sets what each kind of work is expected to take.
    pub fn assume(&mut self, costs: WorkCosts) {
        self.expected = Some(costs);
    }

    /// Counts step `step` of the schedule.
    pub fn step(&mut self, step: u64, config: &TrainingConfig, time: Duration, tokens: u64) {
        let seconds = time.as_secs_f64().max(1e-9);
        let mean = match schedule::phase(config, step) {
            Phase::Pretraining => &mut self.pretraining,
            Phase::Adversarial if schedule::is_d_warmup(config, step) => &mut self.d_warmup,
            Phase::Adversarial => &mut self.adversarial,
        };
        mean.push(seconds);
        self.tokens_per_s.push(tokens as f64 / seconds);
    }

    /// Counts an evaluation.
    pub fn evaluation(&mut self, time: Duration) {
        self.evaluation.push(time.as_secs_f64());
    }

    /// Fills in speed, progress and estimated time left.
    pub fn fill(&self, record: &mut StepRecord, config: &TrainingConfig, limit: Option<Duration>) {
        let total = config.total_steps();
        let elapsed = self.elapsed();
        let of_time = limit.map_or(0.0, |limit| elapsed.as_secs_f64() / limit.as_secs_f64().max(1e-9));
        record.total_steps = total;
        record.progress = (record.step as f64 / total as f64).max(of_time).min(1.0) as f32;
        record.elapsed_s = self.total_s() as f32;
        record.tokens_per_s = self.tokens_per_s.get().unwrap_or(0.0) as f32;
        let left = self.seconds_left(record.step, config);
        let until_limit = limit.map(|limit| limit.saturating_sub(elapsed).as_secs_f64());
        record.eta_s = left.map(|left| until_limit.map_or(left, |limit| left.min(limit)) as f32);
    }

    /// `None` if work is left of a kind that was neither timed nor is expected to take some time.
    fn seconds_left(&self, step: u64, config: &TrainingConfig) -> Option<f64> {
        let left = WorkLeft::after(step, config);
        let cost = |steps: u64, mean: &Mean, expected: fn(&WorkCosts) -> f64| match steps {
            0 => Some(0.0),
            _ => mean.get().or_else(|| self.expected.as_ref().map(expected)),
        };
        let d_warmup_s = cost(left.d_warmup_steps, &self.d_warmup, |costs| costs.discriminator_s)?;
        let both = |costs: &WorkCosts| costs.discriminator_s + costs.generator_s;
        let adversarial_s = cost(left.adversarial_steps, &self.adversarial, both)?;
        let evaluation_s = cost(left.evaluations, &self.evaluation, |costs| costs.evaluation_s).unwrap_or(0.0);
        let pretrain_s = cost(left.pretrain_steps, &self.pretraining, |costs| costs.pretrain_s)?;
        Some(
            left.pretrain_steps as f64 * pretrain_s
                + left.d_warmup_steps as f64 * d_warmup_s
                + left.adversarial_steps as f64 * adversarial_s
                + left.evaluations as f64 * evaluation_s,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_pause_is_no_training() {
        let mut clock = Clock::new(30.0);
        std::thread::sleep(Duration::from_millis(2));
        assert!(clock.total_s() > 30.0);
        clock.pause(Duration::from_secs(60));
        assert_eq!(clock.total_s(), 30.0);
    }

    fn config() -> TrainingConfig {
        TrainingConfig {
            pretrain_steps: 10,
            adversarial_steps: 8,
            d_warmup_steps: 2,
            held_out_every: 9,
            checkpoint_every: 100,
            ..Config::preset("tiny").unwrap().training
        }
    }

    #[test]
    fn the_time_left_counts_each_kind_of_work() {
        let (mut clock, config) = (Clock::new(0.0), config());
        clock.step(1, &config, Duration::from_secs(2), 100);
        assert_eq!(clock.seconds_left(4, &config), None, "nothing is known of an adversarial step");
        clock.assume(WorkCosts { pretrain_s: 7.0, discriminator_s: 3.0, generator_s: 5.0, evaluation_s: 1.0 });
        // Steps of pretraining as timed, the others as expected; evaluations at 9, 10, 18, and at the end.
        let expected = 6.0 * 2.0 + 2.0 * 3.0 + 6.0 * 8.0 + 4.0;
        assert!((clock.seconds_left(4, &config).unwrap() - expected).abs() < 1e-6);
        clock.evaluation(Duration::from_secs(10));
        clock.step(12, &config, Duration::from_secs(4), 100);
        assert!((clock.seconds_left(12, &config).unwrap() - (6.0 * 8.0 + 20.0)).abs() < 1e-6);
        clock.step(13, &config, Duration::from_secs(6), 100);
        assert!((clock.seconds_left(13, &config).unwrap() - (5.0 * 6.0 + 20.0)).abs() < 1e-6);
        assert_eq!(clock.seconds_left(18, &config), Some(0.0));
    }

    #[test]
    fn the_time_left_does_not_jump_where_the_phases_meet() {
        let (mut clock, config) = (Clock::new(0.0), config());
        clock.assume(WorkCosts { pretrain_s: 1.0, discriminator_s: 2.0, generator_s: 3.0, evaluation_s: 0.0 });
        let mut before = clock.seconds_left(0, &config).unwrap();
        for step in 1..=18 {
            let seconds = if step <= 10 {
                1
            } else if step <= 12 {
                2
            } else {
                5
            };
            clock.step(step, &config, Duration::from_secs(seconds), 100);
            let left = clock.seconds_left(step, &config).unwrap();
            assert!((before - left - seconds as f64).abs() < 1e-6, "step {step}: {before} to {left}");
            before = left;
        }
    }
}
