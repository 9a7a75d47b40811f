//! The three training steps: likelihood, discriminator, generator.

use std::ops::Range;

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor};
use rand::RngCore;

use crate::config::{Config, LossKind, Relaxation};
use crate::discriminator::{self, Discriminator, Grid, Scores};
use crate::gan::data::Bucket;
use crate::gan::models::Models;
use crate::generator::{Dropout, Generator, Marks, Request, Rules, Sampler, Sequences};
use crate::nn::adam::Rate;
use crate::nn::gan_loss;
use crate::nn::ops::Relaxed;
use crate::nn::params::Weights;
use crate::nn::peaks::Peaks;
use crate::nn::threads::in_ranges;
use crate::random;
use crate::run::event::{BINS, Histogram, StepRecord, Turn};

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
    pub real_histogram: Histogram,
    pub fake_histogram: Histogram,
}

impl Judged {
    /// Enters the numbers of a discriminator's turn.
    pub fn enter(&self, record: &mut StepRecord) {
        record.discriminator_loss = Some(self.update.loss);
        record.discriminator_grad_norm = Some(self.update.norm as f32);
        (record.d_real, record.d_fake) = (Some(self.real), Some(self.fake));
        record.real_histogram = Some(self.real_histogram);
        record.fake_histogram = Some(self.fake_histogram);
    }

    pub fn turn(&self, number: u64) -> Turn {
        Turn::Discriminator { number, loss: self.update.loss, real: self.real, fake: self.fake }
    }
}

/// Generated poems and the seeds that their noise can be drawn from again.
#[derive(Clone)]
pub struct Fakes {
    pub batch: Sequences,
    pub seeds: Vec<u64>,
    /// The rules that they keep.
    rules: Rules,
    /// The inverse temperature at which they are to be relaxed, if they are.
    beta: Option<f64>,
    /// What the relaxation of each target consists of, where that is known, [poem][target].
    peaks: Vec<Vec<Option<Peaks>>>,
}

impl Fakes {
    fn part(&self, poems: Range<usize>) -> Fakes {
        Fakes {
            batch: self.batch.part(poems.clone()),
            seeds: self.seeds[poems.clone()].to_vec(),
            peaks: self.peaks[poems].to_vec(),
            ..*self
        }
    }
}

/// The results of the parts of a minibatch, in their order: gradients, and what else is told.
fn unzip<T>(parts: Vec<Result<(GradStore, T)>>) -> Result<(Vec<GradStore>, Vec<T>)> {
    Ok(parts.into_iter().collect::<Result<Vec<_>>>()?.into_iter().unzip())
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
        let generator = self.generator(models);
        let weight = self.weight(batch, rules);
        let batch = batch.without_forced_end(rules);
        let parts = in_ranges(batch.count, |range| {
            let (generator, dropout) = (generator.part(), self.dropout(range.start));
            let loss = generator.likelihood_loss(&batch.part(range), rules, weight, dropout)?;
            Ok((generator.backward(&loss)?, loss.to_scalar()?))
        });
        let (grads, losses) = unzip(parts)?;
        let rate = self.rate(learning_rate, self.config.training.weight_decay);
        let norm = models.update_generator(&grads, rate)?;
        Ok(Update { loss: losses.iter().sum::<f32>(), norm })
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
        let table = discriminator::table(&weights, models.fixed.as_ref())?;
        let layout = Layout::new(self, real, fake);
        let parts = in_ranges(real.count, |range| {
            let seeds = self.hiding(turn, &range);
            let (real, fake) = (real.part(range.clone()), fake.part(range));
            let judge = Judge::new(self, &weights, &layout, &real, &fake);
            let real = judge.scores(&embed(&table, &real)?, &judge.real, seeds.0)?;
            let fake = judge.scores(&embed(&table, &fake)?, &judge.fake, seeds.1)?;
            let loss = judge.loss(gan_loss::discriminator, &real, &fake)?;
            let told = (loss.to_scalar::<f32>()?, probabilities(&real.poems)?, probabilities(&fake.poems)?);
            Ok((loss.backward()?, told))
        });
        let (grads, told) = unzip(parts)?;
        let rate = self.rate(self.config.training.discriminator_learning_rate, 0.0);
        let norm = models.discriminator_adam.update(&models.discriminator, &grads, rate)?;
        let real: Vec<f32> = told.iter().flat_map(|(_, real, _)| real).copied().collect();
        let fake: Vec<f32> = told.iter().flat_map(|(.., fake)| fake).copied().collect();
        let mean = |probabilities: &[f32]| probabilities.iter().sum::<f32>() / probabilities.len() as f32;
        Ok(Judged {
            update: Update { loss: told.iter().map(|(loss, ..)| loss).sum(), norm },
            real: mean(&real),
            fake: mean(&fake),
            real_histogram: histogram(&real),
            fake_histogram: histogram(&fake),
        })
    }

    /// One step of the generator against the fixed discriminator, with the likelihood of real poems mixed in. The fakes
    /// are those of this generator, made to be relaxed. Returns the update (its loss is the adversarial part) and the
    /// likelihood loss.
    pub fn generator_step(
        &self,
        models: &mut Models,
        real: &Sequences,
        fakes: &Fakes,
    ) -> Result<(Update, Option<f32>)> {
        let frozen = models.discriminator.frozen();
        let weights = match &mut models.spectral {
            Some(spectral) => spectral.normalise(&frozen, false)?,
            None => frozen,
        };
        let table = discriminator::table(&weights, models.fixed.as_ref())?;
        let generator = self.generator(models);
        let fakes = &Fakes { batch: fakes.batch.without_forced_end(fakes.rules), ..fakes.clone() };
        let real = &real.without_forced_end(fakes.rules);
        let layout = Layout::new(self, real, &fakes.batch);
        let (mixed, weight) = (self.config.training.likelihood_weight, self.weight(real, fakes.rules));
        let parts = in_ranges(real.count, |range| {
            let (generator, dropout) = (generator.part(), self.dropout(range.start));
            let (adversarial, part) =
                self.adversarial_loss(&generator, (&weights, &table, &layout), (real, fakes), range)?;
            let mut told = [adversarial.to_scalar()?, 0.0];
            let mut total = adversarial;
            if mixed > 0.0 {
                let loss = generator.likelihood_loss(&part, fakes.rules, weight, dropout)?;
                told[1] = loss.to_scalar()?;
                total = (total + (loss * mixed)?)?;
            }
            Ok((generator.backward(&total)?, told))
        });
        let (grads, told) = unzip(parts)?;
        let rate = self.rate(self.config.training.generator_learning_rate, 0.0);
        let norm = models.update_generator(&grads, rate)?;
        let sum = |index: usize| told.iter().map(|told: &[f32; 2]| told[index]).sum();
        Ok((Update { loss: sum(0), norm }, (mixed > 0.0).then(|| sum(1))))
    }

    /// The generator's loss against the discriminator on the poems of `range`, counted with their share of the
    /// minibatch; and the real poems of the range.
    fn adversarial_loss(
        &self,
        generator: &Generator,
        (weights, table, layout): (&Weights, &Tensor, &Layout),
        (real, fakes): (&Sequences, &Fakes),
        range: Range<usize>,
    ) -> Result<(Tensor, Sequences)> {
        let seeds = self.hiding(u64::MAX, &range);
        let (real, fakes) = (real.part(range.clone()), fakes.part(range));
        let relaxed = generator.relaxed(&fakes.batch, Dropout::OFF, self.relaxed(&fakes, table)?)?; // [count * time, columns]
        let judge = Judge::new(self, weights, layout, &real, &fakes.batch);
        let fake = judge.scores(&relaxed, &judge.fake, seeds.1)?;
        let real_scores = match self.config.training.loss {
            LossKind::Relativistic => judge.scores(&embed(table, &real)?, &judge.real, seeds.0)?,
            _ => fake.detached(),
        };
        Ok((judge.loss(gan_loss::generator, &real_scores, &fake)?, real))
    }

    /// Fresh poems of the generator as it is, as many as `count`, in the form of `bucket`; for a generator step with the
    /// inverse temperature `beta` of their relaxation.
    pub fn fakes(&self, models: &Models, bucket: &Bucket, count: usize, turn: u64, beta: Option<f64>) -> Result<Fakes> {
        let mut rng = random::stream(self.seed("poems", turn), "seeds", 0);
        let seeds: Vec<u64> = (0..count).map(|_| rng.next_u64()).collect();
        let sampler = Sampler::new(&self.config.model, self.marks, &models.generator.frozen())?;
        let request = Request { tag: bucket.tag, rules: bucket.rules, seeds: &seeds, temperature: 1.0, moved: None };
        let (batch, peaks) = sampler.sample_with_peaks(request, beta.map(|beta| beta as f32));
        Ok(Fakes { batch, rules: bucket.rules, seeds, beta, peaks })
    }

    fn relaxed(&self, fakes: &Fakes, table: &Tensor) -> Result<Relaxed> {
        let time = fakes.batch.time;
        let Some(beta) = fakes.beta else {
            candle_core::bail!("these poems were not made to be relaxed");
        };
        let peaks = |poem: &Vec<Option<Peaks>>| (0..time).map(|t| poem.get(t).cloned().flatten()).collect::<Vec<_>>();
        Ok(Relaxed {
            peaks: fakes.peaks.iter().flat_map(peaks).collect(),
            tokens: fakes.batch.targets(),
            noise: fakes.seeds.iter().flat_map(|&seed| (0..time).map(move |t| (seed, t))).collect(),
            first_content: fakes.rules.first_content(self.marks),
            beta: beta as f32,
            soft: self.config.training.relaxation == Relaxation::Soft,
            table: table.clone(),
        })
    }

    fn generator(&self, models: &Models) -> Generator {
        Generator::new(&self.config.model, self.marks, models.generator.trainable())
    }

    /// Masks of their own for the part of the minibatch that begins with poem `first`.
    fn dropout(&self, first: usize) -> Dropout {
        Dropout { rate: self.config.model.dropout, seed: self.seed("dropout", first as u64) }
    }

    /// What one target counts in the mean over all targets that `rules` leave open.
    fn weight(&self, batch: &Sequences, rules: Rules) -> f32 {
        1.0 / batch.open_targets(rules, self.marks).iter().filter(|open| **open).count().max(1) as f32
    }

    /// Seeds of the tokens that are hidden from the discriminator, real and fake, in a part of the minibatch.
    fn hiding(&self, turn: u64, part: &Range<usize>) -> (u64, u64) {
        let seed = |name| self.seed(name, turn).wrapping_add(part.start as u64);
        (seed("hide real"), seed("hide fake"))
    }

    fn rate(&self, learning_rate: f64, weight_decay: f64) -> Rate {
        Rate { learning_rate: learning_rate * self.caution, weight_decay, clip: self.config.training.clip }
    }

    /// A seed of its own for every use, step and turn.
    fn seed(&self, name: &str, turn: u64) -> u64 {
        random::stream(self.config.training.seed ^ turn, name, self.step).next_u64()
    }
}

/// How a whole minibatch, real and fake, is laid out and counted; its parts follow it.
struct Layout {
    lines: usize,
    real_width: usize,
    fake_width: usize,
    poems: usize,
    /// Lines that both a real poem and its fake have.
    pairs: f32,
}

impl Layout {
    fn new(context: &Context, real: &Sequences, fake: &Sequences) -> Layout {
        let discriminator = Discriminator::new(&context.config.discriminator, Weights::new());
        let (lines, width) = discriminator.least_grid();
        let lines = Grid::new(real, context.marks, lines, width).lines;
        let fake = Grid::new(fake, context.marks, lines, width);
        let real = Grid::new(real, context.marks, fake.lines, width);
        let pairs = pairs(&real, &fake).iter().sum::<f32>().max(1.0);
        Layout { lines: fake.lines, real_width: real.width, fake_width: fake.width, poems: real.count, pairs }
    }
}

/// 1 for each line that both poems of a pair have, else 0, [count * lines].
fn pairs(real: &Grid, fake: &Grid) -> Vec<f32> {
    let both = |(a, b): (&f32, &f32)| if *a > 0.0 && *b > 0.0 { 1.0 } else { 0.0 };
    real.shares.iter().zip(&fake.shares).map(both).collect()
}

/// The discriminator over a part of a minibatch, real and fake, laid out alike.
struct Judge<'a> {
    discriminator: Discriminator,
    kind: LossKind,
    layout: &'a Layout,
    real: Grid,
    fake: Grid,
}

type Loss = fn(LossKind, &Tensor, &Tensor, &Tensor) -> Result<Tensor>;

impl<'a> Judge<'a> {
    fn new(context: &Context, weights: &Weights, layout: &'a Layout, real: &Sequences, fake: &Sequences) -> Judge<'a> {
        Judge {
            discriminator: Discriminator::new(&context.config.discriminator, weights.clone()),
            kind: context.config.training.loss,
            real: Grid::new(real, context.marks, layout.lines, layout.real_width),
            fake: Grid::new(fake, context.marks, layout.lines, layout.fake_width),
            layout,
        }
    }

    fn scores(&self, x: &Tensor, grid: &Grid, hide: u64) -> Result<Scores> {
        self.discriminator.scores(x, grid, Some(hide))
    }

    /// This part's share in the loss of whole poems plus that of single lines, where both batches have them.
    fn loss(&self, loss: Loss, real: &Scores, fake: &Scores) -> Result<Tensor> {
        let count = self.real.count;
        let poems = Tensor::full(1.0 / self.layout.poems as f32, count, &Device::Cpu)?;
        let lines = Tensor::from_vec(pairs(&self.real, &self.fake), (count, self.layout.lines), &Device::Cpu)?;
        let lines = (lines / f64::from(self.layout.pairs))?;
        loss(self.kind, &real.poems, &fake.poems, &poems)? + loss(self.kind, &real.lines, &fake.lines, &lines)?
    }
}

/// Real tokens in the discriminator's embedding, [count * time, columns].
fn embed(table: &Tensor, batch: &Sequences) -> Result<Tensor> {
    let targets = batch.targets();
    table.index_select(&Tensor::from_slice(&targets, targets.len(), &Device::Cpu)?, 0)
}

fn probabilities(logits: &Tensor) -> Result<Vec<f32>> {
    let logits: Vec<f32> = logits.flatten_all()?.to_vec1()?;
    Ok(logits.iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect())
}

fn histogram(probabilities: &[f32]) -> Histogram {
    let mut counts = [0u16; BINS];
    for probability in probabilities {
        let bin = (probability * BINS as f32) as usize;
        counts[bin.min(BINS - 1)] = counts[bin.min(BINS - 1)].saturating_add(1);
    }
    counts
}
