//! The generator step: the discriminator is fixed.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::data::Minibatch;
use super::models::Models;
use super::ngram_divergence::NgramDivergence;
use super::samples::RelaxedFakes;
use super::scorer::{Scorer, Trained};
use super::steps::{Steps, Update, unzip};
use super::theme_loss;
use super::token_frequencies::FrequencyDivergence;
use crate::config::LossKind;
use crate::generator::{Dropout, Generator};
use crate::nn::gan_loss;
use crate::nn::threads::in_ranges;
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
        let divergences = self.divergences(models, &scorer, &fakes)?;
        let table = match &divergences.tokens {
            Some(divergence) => Tensor::cat(&[&scorer.table, &divergence.columns], 1)?,
            None => scorer.table.clone(),
        };
        let table = theme_loss::with_themes(&table, self.themes())?;
        let parts = in_ranges(real.count, |range| {
            let (generator, dropout) = (generator.part(), self.dropout(range.start));
            let adversarial =
                self.adversarial_loss(&generator, &scorer, &divergences, &table, &fakes, range.clone())?;
            let mut losses = PartLosses { adversarial: adversarial.to_scalar()?, likelihood: 0.0 };
            let mut total = adversarial;
            if mixed > 0.0 {
                let loss = generator.likelihood_loss(&real.part(range), minibatch.rules, target_weight, dropout)?;
                losses.likelihood = loss.to_scalar()?;
                total = (total + (loss * mixed)?)?;
            }
            Ok((generator.backward(&total)?, losses))
        });
        let (grads, losses) = unzip(parts)?;
        let norm = models.update_generator(&grads, self.rate(self.config.training.generator_learning_rate, 0.0))?;
        let likelihood_loss = (mixed > 0.0).then(|| losses.iter().map(|part| part.likelihood).sum());
        let loss = losses.iter().map(|part| part.adversarial).sum();
        Ok(GeneratorUpdate { update: Update { loss, norm }, likelihood_loss })
    }

    /// The generator's loss on the poems of `range`, counted with their share of the minibatch. `table` embeds their tokens.
    fn adversarial_loss(
        &self,
        generator: &Generator,
        scorer: &Scorer,
        divergences: &Divergences,
        table: &Tensor,
        fakes: &RelaxedFakes,
        range: Range<usize>,
    ) -> Result<Tensor> {
        let (seeds, part) = (self.token_dropout_seeds(u64::MAX, &range), scorer.part(range.clone()));
        let fakes = fakes.part(range);
        let values = divergences.ngrams.as_ref().map(|ngrams| ngrams.values(&fakes.poems)).unwrap_or_default();
        let relaxed = self.relaxed(&fakes, table, values);
        let x = generator.relaxed(&fakes.poems, fakes.rules, Dropout::OFF, relaxed)?; // [count * time, columns]
        let (x, values) = split(&x, table.dim(1)?)?;
        let fake = scorer.score_fake(&x, &part, seeds.fake)?;
        let real = match self.config.training.loss {
            LossKind::Relativistic => scorer.score_real(&part, seeds.real)?,
            _ => fake.detached(),
        };
        let mut adversarial = scorer.loss(gan_loss::generator, &part, &real, &fake)?;
        if let (Some(ngrams), Some(values)) = (&divergences.ngrams, values) {
            let divergence = ngrams.of(&values, &fakes.poems)?;
            adversarial = (adversarial + (divergence * self.config.training.ngram_weight)?)?;
        }
        if let Some(divergence) = &divergences.tokens {
            let divergence = divergence.of(&x, scorer.table.dim(1)?, &fakes.poems)?;
            adversarial = (adversarial + (divergence * self.config.training.frequency_weight)?)?;
        }
        let Some(themes) = self.themes() else { return Ok(adversarial) };
        let error = theme_loss::squared_error(themes, &x, &fakes.poems, self.special, fakes.rules)?;
        let share = fakes.poems.count as f64 / scorer.count() as f64;
        adversarial + (error * (self.config.training.theme_weight * share))?
    }

    /// The divergences of the frequencies that the generator is held to.
    fn divergences(&self, models: &mut Models, scorer: &Scorer, fakes: &RelaxedFakes) -> Result<Divergences<'_>> {
        let (vocab, generated) = (scorer.table.dim(0)?, &mut models.generated_frequencies);
        let tokens = self.frequencies.map(|corpus| corpus.compare(generated, &fakes.poems, vocab));
        let tokens = tokens.transpose()?.flatten();
        let ngrams = self.ngrams.map(|corpus| corpus.compare(generated, &fakes.poems)).transpose()?.flatten();
        Ok(Divergences { tokens, ngrams })
    }

    /// The themes, if the generator is held to them.
    fn themes(&self) -> Option<&Themes> {
        self.themes.filter(|_| self.config.training.theme_weight > 0.0)
    }
}

/// Divergences of generated from real poems that are part of the generator's loss.
struct Divergences<'a> {
    tokens: Option<FrequencyDivergence>,
    ngrams: Option<NgramDivergence<'a>>,
}

/// The first `columns` of x [rows, columns or one more], and the last one if there is one more.
fn split(x: &Tensor, columns: usize) -> Result<(Tensor, Option<Tensor>)> {
    if x.dim(1)? == columns {
        return Ok((x.clone(), None));
    }
    Ok((x.narrow(1, 0, columns)?.contiguous()?, Some(x.narrow(1, columns, 1)?)))
}

/// Losses of a part of the minibatch.
struct PartLosses {
    adversarial: f32,
    likelihood: f32,
}
