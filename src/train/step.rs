//! The three training steps: likelihood, discriminator, generator.

use candle_core::{Device, Result, Tensor};
use rand::RngCore;

use super::data::Bucket;
use super::models::Models;
use crate::config::{Config, LossKind, Relaxation};
use crate::discriminator::{self, Discriminator, Grid, Scores};
use crate::generator::{Dropout, Generator, Marks, Request, Rules, Sampler, Sequences};
use crate::nn::adam::Rate;
use crate::nn::ops::Relaxed;
use crate::nn::params::Weights;
use crate::nn::{gan_loss, threads};
use crate::random;

/// What the steps read besides the models.
pub struct Context<'a> {
    pub config: &'a Config,
    pub marks: Marks,
    /// Step of the schedule: names the random streams.
    pub step: u64,
    /// Factor on every learning rate: halved after a step that had to be undone.
    pub caution: f64,
}

/// Numbers of one update of one model.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    pub loss: f32,
    /// Gradient norm before clipping. Where it is not finite, the update was not made.
    pub norm: f64,
}

impl Update {
    pub fn is_finite(&self) -> bool {
        self.loss.is_finite() && self.norm.is_finite()
    }
}

/// Numbers of one discriminator step.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    pub update: Update,
    /// Mean probability of being real.
    pub real: f32,
    pub fake: f32,
}

/// Generated poems and the seeds that their noise can be drawn from again.
pub struct Fakes {
    pub batch: Sequences,
    pub seeds: Vec<u64>,
    /// The rules that they keep.
    rules: Rules,
}

impl Context<'_> {
    /// One step of maximum likelihood.
    pub fn likelihood_step(
        &self,
        models: &mut Models,
        batch: &Sequences,
        rules: Rules,
        learning_rate: f64,
    ) -> Result<Update> {
        let loss = self.generator(models).likelihood_loss(batch, rules, self.dropout())?;
        let rate = self.rate(learning_rate, self.config.training.weight_decay);
        let norm = models.generator_adam.update(&models.generator, &loss.backward()?, rate)?;
        Ok(Update { loss: loss.to_scalar()?, norm })
    }

    /// One step of the discriminator on real poems and on fakes; the generator is not touched.
    pub fn discriminator_step(
        &self,
        models: &mut Models,
        real: &Sequences,
        fake: &Sequences,
        turn: u64,
    ) -> Result<Judged> {
        let trainable = models.discriminator.trainable();
        let weights = match &mut models.spectral {
            Some(spectral) => spectral.normalise(&trainable, true)?,
            None => trainable,
        };
        let table = discriminator::table(&weights, models.rhyme.as_ref())?;
        let judge = Judge::new(self, &weights, real, fake);
        let seeds = [self.seed("hide real", turn), self.seed("hide fake", turn)];
        let real = judge.scores(&embed(&table, real)?, &judge.real, seeds[0])?;
        let fake = judge.scores(&embed(&table, fake)?, &judge.fake, seeds[1])?;
        let loss = judge.loss(gan_loss::discriminator, &real, &fake)?;
        let rate = self.rate(self.config.training.discriminator_learning_rate, 0.0);
        let norm = models.discriminator_adam.update(&models.discriminator, &loss.backward()?, rate)?;
        let update = Update { loss: loss.to_scalar()?, norm };
        Ok(Judged { update, real: mean_probability(&real.poems)?, fake: mean_probability(&fake.poems)? })
    }

    /// One step of the generator against the fixed discriminator, with the likelihood of real poems mixed in. Returns
    /// the update (its loss is the adversarial part) and the likelihood loss.
    pub fn generator_step(
        &self,
        models: &mut Models,
        real: &Sequences,
        fakes: &Fakes,
        beta: f64,
    ) -> Result<(Update, Option<f32>)> {
        let training = &self.config.training;
        let frozen = models.discriminator.frozen();
        let weights = match &mut models.spectral {
            Some(spectral) => spectral.normalise(&frozen, false)?,
            None => frozen,
        };
        let table = discriminator::table(&weights, models.rhyme.as_ref())?;
        let generator = self.generator(models);
        let relaxed = generator.relaxed(&fakes.batch, Dropout::OFF, self.relaxed(fakes, &table, beta))?; // [count * time, columns]
        let judge = Judge::new(self, &weights, real, &fakes.batch);
        let fake = judge.scores(&relaxed, &judge.fake, self.seed("hide fake", u64::MAX))?;
        let real_scores = match training.loss {
            LossKind::Relativistic => {
                judge.scores(&embed(&table, real)?, &judge.real, self.seed("hide real", u64::MAX))?
            }
            _ => fake.detached(),
        };
        let adversarial = judge.loss(gan_loss::generator, &real_scores, &fake)?;
        let (mut total, mut likelihood) = (adversarial.clone(), None);
        if training.likelihood_weight > 0.0 {
            let loss = generator.likelihood_loss(real, fakes.rules, self.dropout())?;
            likelihood = Some(loss.to_scalar()?);
            total = (total + (loss * training.likelihood_weight)?)?;
        }
        let rate = self.rate(training.generator_learning_rate, 0.0);
        let norm = models.generator_adam.update(&models.generator, &total.backward()?, rate)?;
        Ok((Update { loss: adversarial.to_scalar()?, norm }, likelihood))
    }

    /// Fresh poems of the generator as it is, as many as `count`, in the form of `bucket`.
    pub fn fakes(&self, models: &Models, bucket: &Bucket, count: usize, turn: u64) -> Result<Fakes> {
        let mut rng = random::stream(self.seed("poems", turn), "seeds", 0);
        let seeds: Vec<u64> = (0..count).map(|_| rng.next_u64()).collect();
        let sampler = Sampler::new(&self.config.model, self.marks, &models.generator.frozen())?;
        let group = count.div_ceil(threads::count());
        let request = Request { tag: bucket.tag, rules: bucket.rules, seeds: &seeds, temperature: 1.0, group };
        Ok(Fakes { batch: sampler.sample(request), rules: bucket.rules, seeds })
    }

    fn relaxed(&self, fakes: &Fakes, table: &Tensor, beta: f64) -> Relaxed {
        let time = fakes.batch.time;
        Relaxed {
            tokens: fakes.batch.targets(),
            noise: fakes.seeds.iter().flat_map(|&seed| (0..time).map(move |t| (seed, t))).collect(),
            first_content: fakes.rules.first_content(self.marks),
            beta: beta as f32,
            soft: self.config.training.relaxation == Relaxation::Soft,
            table: table.clone(),
        }
    }

    fn generator(&self, models: &Models) -> Generator {
        Generator::new(&self.config.model, self.marks, models.generator.trainable())
    }

    fn dropout(&self) -> Dropout {
        Dropout { rate: self.config.model.dropout, seed: self.seed("dropout", 0) }
    }

    fn rate(&self, learning_rate: f64, weight_decay: f64) -> Rate {
        Rate { learning_rate: learning_rate * self.caution, weight_decay, clip: self.config.training.clip }
    }

    /// A seed of its own for every use, step and turn.
    fn seed(&self, name: &str, turn: u64) -> u64 {
        random::stream(self.config.training.seed ^ turn, name, self.step).next_u64()
    }
}

/// The discriminator over one pair of minibatches, real and fake, laid out alike.
struct Judge {
    discriminator: Discriminator,
    kind: LossKind,
    real: Grid,
    fake: Grid,
}

type Loss = fn(LossKind, &Tensor, &Tensor, &Tensor) -> Result<Tensor>;

impl Judge {
    fn new(context: &Context, weights: &Weights, real: &Sequences, fake: &Sequences) -> Judge {
        let discriminator = Discriminator::new(&context.config.discriminator, weights.clone());
        let (lines, width) = discriminator.least_grid();
        let real_grid = Grid::new(real, context.marks, lines, width);
        let fake = Grid::new(fake, context.marks, real_grid.lines, width);
        let real = Grid::new(real, context.marks, fake.lines, width);
        Judge { discriminator, kind: context.config.training.loss, real, fake }
    }

    fn scores(&self, x: &Tensor, grid: &Grid, hide: u64) -> Result<Scores> {
        self.discriminator.scores(x, grid, Some(hide))
    }

    /// The loss of whole poems plus that of single lines, where both batches have them.
    fn loss(&self, loss: Loss, real: &Scores, fake: &Scores) -> Result<Tensor> {
        let poems = Tensor::full(1.0 / self.real.count as f32, self.real.count, &Device::Cpu)?;
        let both = |(a, b): (&f32, &f32)| if *a > 0.0 && *b > 0.0 { 1.0f32 } else { 0.0 };
        let mask: Vec<f32> = self.real.shares.iter().zip(&self.fake.shares).map(both).collect();
        let total = mask.iter().sum::<f32>().max(1.0);
        let lines = Tensor::from_vec(mask, (self.real.count, self.real.lines), &Device::Cpu)?;
        let lines = (lines / f64::from(total))?;
        loss(self.kind, &real.poems, &fake.poems, &poems)? + loss(self.kind, &real.lines, &fake.lines, &lines)?
    }
}

/// Real tokens in the discriminator's embedding, [count * time, columns].
fn embed(table: &Tensor, batch: &Sequences) -> Result<Tensor> {
    let targets = batch.targets();
    table.index_select(&Tensor::from_slice(&targets, targets.len(), &Device::Cpu)?, 0)
}

fn mean_probability(scores: &Tensor) -> Result<f32> {
    let scores: Vec<f32> = scores.flatten_all()?.to_vec1()?;
    Ok(scores.iter().map(|score| 1.0 / (1.0 + (-score).exp())).sum::<f32>() / scores.len() as f32)
}
