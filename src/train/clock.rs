//! Speed, progress and estimated time left. Nothing here affects the weights.

use std::time::Duration;

use crate::config::TrainingConfig;
use crate::run::event::{Phase, StepRecord};
use crate::train::stopwatch;

/// An adversarial step takes about as long as so many pretraining steps; used until one has been timed.
const ADVERSARIAL_COST: f64 = 4.0;
/// Share of the newest step in the running means.
const NEWEST: f64 = 0.05;

pub struct Clock {
    begun: Duration,
    paused: Duration,
    /// Seconds of training before this process.
    before_s: f64,
    pretraining: Mean,
    adversarial: Mean,
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
        let (pretraining, adversarial, tokens_per_s) = Default::default();
        Clock { begun: stopwatch::now(), paused: Duration::ZERO, before_s, pretraining, adversarial, tokens_per_s }
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

    pub fn step(&mut self, phase: Phase, time: Duration, tokens: u64) {
        let seconds = time.as_secs_f64().max(1e-9);
        match phase {
            Phase::Pretraining => self.pretraining.push(seconds),
            Phase::Adversarial => self.adversarial.push(seconds),
        }
        self.tokens_per_s.push(tokens as f64 / seconds);
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

    fn seconds_left(&self, step: u64, config: &TrainingConfig) -> Option<f64> {
        let pretraining = config.pretrain_steps.saturating_sub(step) as f64;
        let adversarial = (config.total_steps() - step) as f64 - pretraining;
        let (w, g) = (self.pretraining.get(), self.adversarial.get());
        let w = w.or(g.map(|g| g / ADVERSARIAL_COST))?;
        Some(pretraining * w + adversarial * g.unwrap_or(ADVERSARIAL_COST * w))
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

    #[test]
    fn the_time_left_counts_both_phases() {
        let mut config = Config::preset("tiny").unwrap().training;
        (config.pretrain_steps, config.adversarial_steps) = (10, 5);
        let mut clock = Clock::new(0.0);
        clock.step(Phase::Pretraining, Duration::from_secs(2), 100);
        assert!((clock.seconds_left(4, &config).unwrap() - (6.0 * 2.0 + 5.0 * 8.0)).abs() < 1e-6);
        clock.step(Phase::Adversarial, Duration::from_secs(3), 100);
        assert!((clock.seconds_left(12, &config).unwrap() - 9.0).abs() < 1e-6);
    }
}
