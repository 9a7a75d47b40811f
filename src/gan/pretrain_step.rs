//! The likelihood step.

use candle_core::Result;

use super::data::Minibatch;
use super::models::Models;
use super::steps::{Steps, Update, unzip};
use crate::nn::threads::in_ranges;

impl Steps<'_> {
    /// One step of maximum likelihood on a minibatch of real poems.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn pretrain_step(&self, models: &mut Models, minibatch: &Minibatch, learning_rate: f64) -> Result<Update> {
        let (generator, rules) = (self.generator(models), minibatch.rules);
        let weight = self.target_weight(&minibatch.real, rules);
        let real = minibatch.real.without_forced_end(rules);
        let parts = in_ranges(real.count, |range| {
            let (generator, dropout) = (generator.part(), self.dropout(range.start));
            let loss = generator.likelihood_loss(&real.part(range), rules, weight, dropout)?;
            Ok((generator.backward(&loss)?, loss.to_scalar()?))
        });
        let (grads, losses) = unzip(parts)?;
        let rate = self.rate(learning_rate, self.config.training.weight_decay);
        let norm = models.update_generator(&grads, rate)?;
        Ok(Update { loss: losses.iter().sum::<f32>(), norm })
    }
}
