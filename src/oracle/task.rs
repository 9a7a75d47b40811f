//! The training task of the benchmark: the oracle's sequences as poems of one line, trained by `gan`.

use anyhow::Result;
use candle_core::Result as Computed;
use rand::RngCore;

use super::OracleOptions;
use super::lstm::Oracle;
use crate::config::{Config, DEFAULT_PRESET, GeneratorKind, OptimizerKind};
use crate::corpus::Form;
use crate::error::UserError;
use crate::gan::Gan;
use crate::gan::data::{Bucket, Dataset};
use crate::gan::models::Models;
use crate::generator::{Generator, Request, Rules, Sampler, SpecialTokens};
use crate::nn::ops;
use crate::nn::params::{Weights, get};
use crate::random;
use crate::run::state::Cursor;

/// Token ids: form tag, end of line, end of poem, then the oracle's tokens in their order.
const TAG: u32 = 0;
const FIRST: u32 = 3;
const SPECIAL: SpecialTokens =
    SpecialTokens { line: 1, end: 2, stanza: None, first_content: FIRST as usize, first_letter: FIRST as usize };
const Z_DIM: usize = 8;
/// Width of the discriminator's embedding, and number of filters of each width.
const DISCRIMINATOR: usize = 64;
/// Heads of the transformer.
pub const HEADS: usize = 4;

/// Models in training on the sequences of an oracle.
pub struct Task {
    pub gan: Gan,
    /// Held-out sequences, in the oracle's tokens.
    pub held_out: Vec<Vec<u32>>,
    /// Completed steps.
    pub step: u64,
}

impl Task {
    /// Samples the sequences and initialises the models.
    ///
    /// # Errors
    /// Sizes that do not fit together.
    pub fn new(oracle: &Oracle, options: &OracleOptions) -> Result<Task> {
        let config = config(options)?;
        let draw = |name| oracle.sample(&seeds(options.seed, name, options.sequences), options.time);
        let (training, held_out) = (draw("oracle training"), draw("oracle held-out"));
        let form = Form::Fixed { width: options.time, lines: 1 };
        let bucket = Bucket {
            form,
            tag: TAG,
            rules: Rules::new(form, &config.model),
            training: training.iter().map(|tokens| poem(tokens)).collect(),
            held_out: held_out.iter().map(|tokens| poem(tokens)).collect(),
        };
        let models = Models::new(&config, oracle.vocab() + FIRST as usize, None)?;
        let dataset = Dataset::of_buckets(vec![bucket], SPECIAL, &config);
        Ok(Task { gan: Gan::new(config, dataset, models, Cursor::default()), held_out, step: 0 })
    }

    /// Steps of the schedule.
    pub fn total_steps(&self) -> u64 {
        self.gan.config.training.total_steps()
    }

    /// One step of the schedule.
    ///
    /// # Errors
    /// A step whose numbers are not finite.
    pub fn advance(&mut self) -> Result<()> {
        self.step += 1;
        let report = self.gan.step(self.step, |_| Ok::<_, candle_core::Error>(()))?;
        if report.record.undone {
            return Err(UserError(format!(
                "step {} produced numbers that are not finite; lower --learning-rate or --generator-learning-rate",
                self.step
            ))
            .into());
        }
        Ok(())
    }

    /// `count` sequences of the generator with these weights at the inverse temperature `alpha`, in the oracle's tokens.
    /// The seeds are always the same.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn samples(&self, weights: &Weights, count: usize, alpha: f32) -> Computed<Vec<Vec<u32>>> {
        let Some(bucket) = self.gan.dataset.buckets.first() else { return Ok(Vec::new()) };
        let seeds = seeds(self.gan.config.training.seed, "oracle judged", count);
        let request = Request {
            tag: TAG,
            rules: bucket.rules,
            seeds: &seeds,
            temperature: 1.0 / alpha,
            top_p: 1.0,
            theme: None,
            moved: &[],
        };
        let batch = Sampler::new(&self.gan.config.model, SPECIAL, weights)?.sample(request);
        let content = |poem: &[u32]| poem.iter().filter_map(|token| token.checked_sub(FIRST)).collect();
        Ok((0..batch.count).map(|index| content(batch.poem(index))).collect())
    }

    /// -log p of the held-out sequences under these weights at the inverse temperature `alpha`, in nats per token, given
    /// one noise vector per sequence. It is the distribution that `samples` draws from. Marginalising over the noise could
    /// only lower the value (Jensen's inequality).
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn held_out_nll(&self, weights: &Weights, alpha: f32) -> Computed<f64> {
        let Some(bucket) = self.gan.dataset.buckets.first() else { return Ok(f64::NAN) };
        let generator = Generator::new(&self.gan.config.model, SPECIAL, weights.clone());
        // Special tokens are never sampled, so they are not part of the distribution.
        let content = |name: &str| -> Computed<_> {
            let table = get(weights, name)?;
            table.narrow(0, FIRST as usize, table.dim(0)? - FIRST as usize)?.contiguous()
        };
        let (embedding, bias) = (content("embedding")?, (content("bias")? * f64::from(alpha))?);
        let (mut sum, mut count) = (0.0, 0);
        for batch in self.gan.dataset.batches_of(&bucket.held_out) {
            let batch = batch.without_forced_end(bucket.rules);
            let hidden = (generator.hidden(&batch, crate::generator::Dropout::OFF)? * f64::from(alpha))?;
            let targets: Vec<u32> = batch.targets().iter().map(|token| token.saturating_sub(FIRST)).collect();
            let losses = ops::token_losses(&hidden, &embedding, &bias, &targets, &ops::LogitBiases::default())?;
            sum += losses.iter().map(|&loss| f64::from(loss)).sum::<f64>();
            count += losses.len();
        }
        Ok(sum / f64::from(count as u32))
    }
}

/// The seeds of `n` sequences.
pub fn seeds(seed: u64, name: &str, n: usize) -> Vec<u64> {
    let mut rng = random::stream(seed, name, 0);
    (0..n).map(|_| rng.next_u64()).collect()
}

/// The oracle's tokens as a poem of one line.
fn poem(tokens: &[u32]) -> Vec<u32> {
    let content = tokens.iter().map(|token| token + FIRST);
    std::iter::once(TAG).chain(content).chain([SPECIAL.end]).collect()
}

/// The default preset with the sizes of this task.
fn config(options: &OracleOptions) -> Result<Config> {
    if options.generator == GeneratorKind::Transformer && !options.width.is_multiple_of(HEADS) {
        let message =
            format!("--width {}: the transformer has {HEADS} heads; use a multiple of {HEADS}", options.width);
        return Err(UserError(message).into());
    }
    let mut config = Config::preset(DEFAULT_PRESET)?;
    let model = &mut config.model;
    (model.generator, model.width, model.z_dim) = (options.generator, options.width, Z_DIM);
    (model.theme_dims, model.repeat_bias) = (0, false);
    (model.max_line, model.max_lines, model.max_poem) = (options.time, 1, options.time + 2);
    model.dropout = options.dropout;
    (model.lstm.layers, model.lstm.hidden) = (1, options.hidden);
    (model.transformer.layers, model.transformer.heads, model.transformer.hidden) = (2, HEADS, options.hidden);
    let discriminator = &mut config.discriminator;
    (discriminator.embed, discriminator.filters) = (DISCRIMINATOR, DISCRIMINATOR);
    (discriminator.poem, discriminator.rhyme) = (false, false);
    (discriminator.couplet, discriminator.lexical, discriminator.theme) = (false, false, false);
    let training = &mut config.training;
    (training.seed, training.batch_tokens) = (options.seed, options.batch * (options.time + 2));
    (training.pretrain_steps, training.adversarial_steps) = (options.pretrain_steps, options.adversarial_steps);
    (training.optimizer, training.learning_rate) = (OptimizerKind::Adam, f64::from(options.learning_rate));
    training.generator_learning_rate = f64::from(options.generator_learning_rate);
    (training.beta_start, training.beta_end) = (f64::from(options.beta), f64::from(options.beta));
    training.likelihood_weight = f64::from(options.likelihood_weight);
    config.validate()?;
    Ok(config)
}
