//! The generator step: the discriminator is fixed.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::data::Minibatch;
use super::models::Models;
use super::samples::RelaxedFakes;
use super::scorer::{Scorer, Trained};
use super::steps::{Steps, Update};
use super::theme_loss;
use super::token_frequencies::{CorpusFrequencies, FrequencyDivergence};
use crate::config::LossKind;
use crate::generator::{Dropout, Generator};
use crate::nn::gan_loss;
use crate::run::event::{StepRecord, Turn};
use crate::theme::Themes;

/// One update of the generator.
#[derive(Clone, Copy, Debug)]
pub struct GeneratorUpdate {
    /// Its loss is the adversarial part.
    pub update: Update,
    /// Likelihood loss of the real poems, if it is mixed in.
    pub likelihood_loss: Option<f32>,
}

impl GeneratorUpdate {
    /// Enters the numbers into the record of the step.
    pub(super) fn enter(&self, record: &mut StepRecord) {
        (record.generator_loss, record.likelihood_loss) = (Some(self.update.loss), self.likelihood_loss);
        record.generator_grad_norm = Some(self.update.norm as f32);
        record.undone |= !self.update.is_finite();
    }

    pub(super) fn turn(&self) -> Turn {
        Turn::Generator { loss: self.update.loss }
    }
}

impl Steps<'_> {
    /// One step of the generator against the fixed discriminator, with the likelihood of the real poems mixed in.
    /// `fakes` were sampled from this generator.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn generator_step(
        &self,
        models: &mut Models,
        minibatch: &Minibatch,
        fakes: &RelaxedFakes,
    ) -> Result<GeneratorUpdate> {
        let (real, fakes) = (minibatch.real.without_forced_end(minibatch.rules), fakes.without_forced_end());
        let scorer = Scorer::new(self, models, Trained::Generator, &real, &fakes.poems)?;
        let generator = self.generator(models);
        let mixed = self.config.training.likelihood_weight;
        let target_weight = self.target_weight(&real, minibatch.rules);
        let divergence = self.divergence(models, &scorer, &fakes)?;
        let table = match &divergence {
            Some(divergence) => Tensor::cat(&[&scorer.table, &divergence.columns], 1)?,
            None => scorer.table.clone(),
        };
        let table = theme_loss::with_themes(&table, self.themes())?;
        let parts = self.compute.gradients(&models.generator, real.count, |range| {
            let (generator, dropout) = (generator.part(), self.dropout(range.start));
            let adversarial =
                self.adversarial_loss(&generator, &scorer, divergence.as_ref(), &table, &fakes, range.clone())?;
            let mut losses = vec![adversarial.to_scalar()?];
            let mut total = adversarial;
            if mixed > 0.0 {
                let loss = generator.likelihood_loss(&real.part(range), minibatch.rules, target_weight, dropout)?;
                losses.push(loss.to_scalar()?);
                total = (total + (loss * mixed)?)?;
            }
            Ok((generator.backward(&total)?, losses))
        })?;
        let rate = self.rate(self.config.training.generator_learning_rate, 0.0);
        let norm = models.update_generator(&parts.grads, rate, self.compute.precision)?;
        let total = |which: usize| parts.numbers.iter().filter_map(|losses| losses.get(which)).sum();
        let likelihood_loss = (mixed > 0.0).then(|| total(1));
        Ok(GeneratorUpdate { update: Update { loss: total(0), norm }, likelihood_loss })
    }

    /// The generator's loss on the poems of `range`, counted with their share of the minibatch. `table` embeds their tokens.
    fn adversarial_loss(
        &self,
        generator: &Generator,
        scorer: &Scorer,
        divergence: Option<&FrequencyDivergence>,
        table: &Tensor,
        fakes: &RelaxedFakes,
        range: Range<usize>,
    ) -> Result<Tensor> {
        let (seeds, part) = (self.token_dropout_seeds(u64::MAX, &range), scorer.part(range.clone()));
        let fakes = fakes.part(range);
        let x = generator.relaxed(&fakes.poems, fakes.rules, Dropout::OFF, self.relaxed(&fakes, table))?; // [count * time, columns]
        let fake = scorer.score_fake(&x, &part, seeds.fake)?;
        let real = match self.config.training.loss {
            LossKind::Relativistic => scorer.score_real(&part, seeds.real)?,
            _ => fake.detached(),
        };
        let mut adversarial = scorer.loss(gan_loss::generator, &part, &real, &fake)?;
        if let Some(divergence) = divergence {
            let divergence = divergence.of(&x, scorer.table.dim(1)?, &fakes.poems)?;
            adversarial = (adversarial + (divergence * self.config.training.frequency_weight)?)?;
        }
        let Some(themes) = self.themes() else { return Ok(adversarial) };
        let error = theme_loss::squared_error(themes, &x, &fakes.poems, self.special, fakes.rules)?;
        let share = fakes.poems.count as f64 / scorer.count() as f64;
        adversarial + (error * (self.config.training.theme_weight * share))?
    }

    /// The divergence of the token frequencies, if the generator is held to those of the corpus.
    fn divergence(
        &self,
        models: &mut Models,
        scorer: &Scorer,
        fakes: &RelaxedFakes,
    ) -> Result<Option<FrequencyDivergence>> {
        let vocab = scorer.table.dim(0)?;
        let compare =
            |corpus: &CorpusFrequencies| corpus.compare(&mut models.generated_frequencies, &fakes.poems, vocab);
        Ok(self.frequencies.map(compare).transpose()?.flatten())
    }

    /// The themes, if the generator is held to them.
    fn themes(&self) -> Option<&Themes> {
        self.themes.filter(|_| self.config.training.theme_weight > 0.0)
    }
}
