//! The likelihood step.

use candle_core::Result;

use super::data::Minibatch;
use super::models::Models;
use super::steps::{Steps, Update};
use crate::generator::Dropout;

impl Steps<'_> {
    /// One step of maximum likelihood on a minibatch of real poems.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn pretrain_step(&self, models: &mut Models, minibatch: &Minibatch, learning_rate: f64) -> Result<Update> {
        let (generator, rules) = (self.generator(models), minibatch.rules);
        let weight = self.target_weight(&minibatch.real, rules);
        let real = minibatch.real.without_forced_end(rules);
        let is_new = minibatch.pass < self.config.training.dropout_after;
        let parts = self.compute.gradients(&models.generator, real.count, |range| {
            let (generator, dropout) =
                (generator.part(), if is_new { Dropout::OFF } else { self.dropout(range.start) });
            let loss = generator.likelihood_loss(&real.part(range), rules, weight, dropout)?;
            Ok((generator.backward(&loss)?, vec![loss.to_scalar()?]))
        })?;
        let rate = self.rate(learning_rate, self.config.training.weight_decay);
        let norm = models.update_generator(&parts.grads, rate, self.compute.precision)?;
        Ok(Update { loss: parts.numbers.iter().flatten().sum(), norm })
    }
}
