//! The measured workload: the training steps of `gan` over random poems of one line. Without the heads over whole poems
//! they compute the same as the PyTorch scripts (the transformer with dropout, the LSTM without), plus the two small
//! embeddings of line and position.

use anyhow::Result;
use candle_core::{Device, Tensor};

use super::Shape;
use crate::config::{Config, DEFAULT_PRESET, GeneratorKind, OptimizerKind, TrainingConfig};
use crate::corpus::Form;
use crate::gan::compute::Compute;
use crate::gan::data::Minibatch;
use crate::gan::models::Models;
use crate::gan::steps::{LrScales, Steps};
use crate::generator::{Rules, Sequences, SpecialTokens};
use crate::nn::precision::Precision;
use crate::random;

/// Sizes of the discriminator in the scripts.
pub const DISCRIMINATOR_EMBED: usize = 64;
pub const FILTERS: usize = 128;
pub const WIDTHS: [usize; 4] = [2, 3, 4, 5];
/// Width of the hidden layer after the filters.
pub const DISCRIMINATOR_HIDDEN: usize = FILTERS;

/// Token ids of a vocabulary without punctuation: form tag, end of line, end of poem, content.
const TAG: u32 = 0;
const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 3, first_letter: 3 };
const LEARNING_RATE: f64 = 1e-4;
/// Of the transformer, as in `benches/torch_transformer.py`; both programs update by Adam.
const TRANSFORMER_DROPOUT: f32 = 0.25;

/// Layers of the transformer of the default preset.
pub fn transformer_layers() -> usize {
    Config::preset(DEFAULT_PRESET).map_or(0, |config| config.model.transformer.layers)
}

/// Attention heads of the transformer of the default preset.
pub fn heads() -> usize {
    Config::preset(DEFAULT_PRESET).map_or(1, |config| config.model.transformer.heads)
}

/// Models and a minibatch of random poems.
pub struct Workload {
    config: Config,
    minibatch: Minibatch,
    models: Models,
    compute: Compute,
    step: u64,
}

impl Workload {
    /// The models of `shape` and one minibatch.
    pub fn new(shape: &Shape, precision: Precision) -> Result<Workload> {
        let mut config = Config::preset(DEFAULT_PRESET)?;
        let model = &mut config.model;
        (model.generator, model.width) = (shape.generator, shape.embed);
        (model.max_line, model.max_lines) = (shape.time, 1);
        (model.theme_dims, model.repeat_bias) = (0, false);
        match shape.generator {
            GeneratorKind::Lstm => {
                (model.lstm.layers, model.lstm.hidden) = (1, shape.hidden);
                (model.z_dim, model.dropout) = (shape.embed, 0.0);
            }
            GeneratorKind::Transformer => {
                (model.transformer.hidden, model.dropout) = (shape.hidden, TRANSFORMER_DROPOUT)
            }
        }
        let discriminator = &mut config.discriminator;
        (discriminator.embed, discriminator.filters) = (DISCRIMINATOR_EMBED, FILTERS);
        discriminator.widths = WIDTHS.to_vec();
        (discriminator.poem, discriminator.rhyme) = (false, false);
        (discriminator.couplet, discriminator.lexical, discriminator.theme) = (false, false, false);
        discriminator.token_dropout = 0.0;
        let training = &mut config.training;
        training.optimizer = OptimizerKind::Adam;
        (training.likelihood_weight, training.clip, training.weight_decay) = (0.0, 5.0, 0.0);
        (training.beta_start, training.beta_end) = (f64::from(shape.beta), f64::from(shape.beta));
        (training.generator_learning_rate, training.discriminator_learning_rate) = (LEARNING_RATE, LEARNING_RATE);
        let form = Form::Fixed { width: shape.time, lines: 1 };
        Workload::with(config, form, shape.batch, shape.vocab, precision)
    }

    fn with(mut config: Config, form: Form, batch: usize, vocab: usize, precision: Precision) -> Result<Workload> {
        // All steps are of the adversarial phase, whose schedule gives the inverse temperature.
        config.training.pretrain_steps = 0;
        let rules = Rules::new(form, &config.model);
        let mut rng = random::stream(0, "bench", 0);
        let poems: Vec<Vec<u32>> = (0..batch).map(|_| poem(form, vocab, &mut rng)).collect();
        let poems: Vec<&[u32]> = poems.iter().map(Vec::as_slice).collect();
        let real = Sequences::new(&poems, random::normal(&mut rng, batch * config.model.z_dim), SPECIAL);
        let frozen_embeddings = config.frozen_shape(vocab).map(|shape| {
            let rows = random::normal(&mut rng, shape.iter().product());
            Tensor::from_vec(rows, shape, &Device::Cpu)
        });
        let models = Models::new(&config, vocab, frozen_embeddings.transpose()?)?;
        let compute = Compute::alone(precision);
        // With dropout, as most steps have it.
        let minibatch = Minibatch { tag: TAG, rules, real, pass: config.training.dropout_after };
        Ok(Workload { config, minibatch, models, compute, step: 0 })
    }

    /// Runs one step, given by its name.
    pub fn run(&mut self, name: &str) -> Result<()> {
        self.step += 1;
        let Workload { config, minibatch, models, compute, step } = self;
        let (special, lr_scales) = (SPECIAL, LrScales::ONE);
        let steps = Steps { config, special, themes: None, frequencies: None, step: *step, lr_scales, compute };
        match name {
            "mle_step" => drop(steps.pretrain_step(models, minibatch, LEARNING_RATE)?),
            "g_step" => {
                let fakes = steps.sample_relaxed(models, minibatch, 0)?;
                steps.generator_step(models, minibatch, &fakes)?;
            }
            "d_step" => {
                let fakes = steps.sample(models, minibatch, 0)?;
                steps.discriminator_step(models, minibatch, &fakes, 0)?;
            }
            _ => drop(steps.sample(models, minibatch, 0)?),
        }
        Ok(())
    }
}

/// A poem of random tokens in a fixed form, with its special tokens.
fn poem(form: Form, vocab: usize, rng: &mut impl rand::RngCore) -> Vec<u32> {
    let (lines, width) = (form.lines().unwrap_or(1), form.width().unwrap_or(1));
    let mut tokens = vec![TAG];
    for line in 0..lines {
        let content = SPECIAL.first_content;
        tokens.extend((0..width).map(|_| (content + random::below(rng, vocab - content)) as u32));
        tokens.push(if line + 1 < lines { SPECIAL.line } else { SPECIAL.end });
    }
    tokens
}

/// Times of the steps of the default preset on quatrains of seven characters per line.
pub struct Schedule {
    pub pretrain_steps: u64,
    pub pretrain_ms: f64,
    pub adversarial_steps: u64,
    /// The first adversarial steps, in which only the discriminator is trained.
    pub d_warmup_steps: u64,
    pub discriminator_ms: f64,
    pub generator_ms: f64,
}

impl Schedule {
    /// Measures the steps; `timed` returns the milliseconds of one run of a step.
    pub fn measure(
        precision: Precision,
        mut timed: impl FnMut(&mut dyn FnMut() -> Result<()>) -> Result<f64>,
    ) -> Result<Schedule> {
        const VOCAB: usize = 5000;
        let form = Form::Fixed { width: 7, lines: 4 };
        let config = Config::preset(DEFAULT_PRESET)?;
        let TrainingConfig { pretrain_steps, adversarial_steps, d_warmup_steps, .. } = config.training;
        let batch = config.training.batch_tokens / 32;
        let n_critic = config.training.n_critic;
        let mut workload = Workload::with(config, form, batch, VOCAB, precision)?;
        let pretrain_ms = timed(&mut || workload.run("mle_step"))?;
        workload.models.begin_adversarial();
        let discriminator_ms = timed(&mut || (0..n_critic).try_for_each(|_| workload.run("d_step")))?;
        let generator_ms = timed(&mut || workload.run("g_step"))?;
        Ok(Schedule { pretrain_steps, pretrain_ms, adversarial_steps, d_warmup_steps, discriminator_ms, generator_ms })
    }

    /// Milliseconds of the whole schedule.
    pub fn total_ms(&self) -> f64 {
        self.pretrain_steps as f64 * self.pretrain_ms
            + self.adversarial_steps as f64 * self.discriminator_ms
            + (self.adversarial_steps - self.d_warmup_steps) as f64 * self.generator_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::schedule;

    /// The relaxation is timed at the inverse temperature that was asked for: a sharp one takes another path.
    #[test]
    fn the_generator_step_has_the_beta_of_the_shape() {
        crate::nn::threads::prepare();
        let shape =
            Shape { generator: GeneratorKind::Lstm, batch: 4, time: 5, vocab: 40, embed: 8, hidden: 8, beta: 7.0 };
        let workload = Workload::new(&shape, Precision::F32).unwrap();
        let beta = |step| schedule::beta(&workload.config.training, step);
        assert_eq!([1, 2, 100].map(beta), [7.0; 3]);
    }
}
