//! Networks as classifiers: the discriminator's architecture, and a language model with a classification head.

use candle_core::{Device, Result, Tensor};

use super::background::Background;
use crate::config::{DiscriminatorConfig, ModelConfig};
use crate::discriminator::{self, Discriminator, Grid};
use crate::eval::PoemText;
use crate::eval::language::Language;
use crate::eval::vocabulary::SPECIAL;
use crate::generator::{Dropout, Generator, Sequences};
use crate::nn::ops::{Activation, Precision, gather_rows, linear};
use crate::nn::params::{Params, Weights, get};

/// Width of the hidden layer of the classification head.
const HIDDEN: usize = 64;

/// A network to train as a classifier.
pub enum Network<'a> {
    /// The architecture of the discriminator: CNNs over lines and poem, and the rhyme head over an embedding learned from
    /// the line ends of the background, [vocab, columns].
    Discriminator { config: DiscriminatorConfig, language: &'a Language, rhyme: Tensor },
    /// The language model with a head on its mean and its last hidden state; all weights are fine-tuned.
    Language { config: ModelConfig, language: &'a Language },
}

/// The output of a network.
pub struct Logits {
    /// Of being real, [poems].
    pub logits: Tensor,
    /// The trunk, if there is one; its gradients need `Generator::backward`.
    pub trunk: Option<Generator>,
}

impl<'a> Network<'a> {
    pub fn discriminator(
        config: DiscriminatorConfig,
        background: &Background,
        language: &'a Language,
    ) -> Result<Network<'a>> {
        let rhyme = rhyme_table(background, language, config.rhyme_embed)?;
        Ok(Network::Discriminator { config, language, rhyme })
    }

    /// Its name in the report, and its learning rate.
    pub fn name_and_rate(&self) -> (&'static str, f64) {
        match self {
            Network::Discriminator { .. } => ("discriminator", 5e-4),
            Network::Language { .. } => ("language", 3e-4),
        }
    }

    /// Its initial parameters.
    pub fn params(&self, seed: u64) -> Result<Params> {
        let mut params = Params::new(seed);
        match self {
            Network::Discriminator { config, language, .. } => {
                discriminator::init(config, language.vocabulary.size(), &mut params)?;
            }
            Network::Language { config, language } => {
                // The bias of the output layer is not used.
                params.extend(language.weights.iter().filter(|(name, _)| *name != "bias"))?;
                params.linear("judge.hidden", 2 * config.width, HIDDEN, 1.0)?;
                params.linear("judge.score", HIDDEN, 1, 0.3)?;
            }
        }
        Ok(params)
    }

    /// The forward pass over `poems`; with a `seed` as in training, with dropout.
    pub fn forward(&self, weights: &Weights, poems: &[&PoemText], seed: Option<u64>) -> Result<Logits> {
        match self {
            Network::Discriminator { config, language, rhyme } => {
                let batch = language.sequences(poems);
                let discriminator = Discriminator::new(config, weights.clone());
                let targets = Tensor::from_vec(batch.targets(), batch.count * batch.time, &Device::Cpu)?;
                let x = discriminator::table(weights, Some(rhyme))?.index_select(&targets, 0)?;
                let scores = discriminator.scores(&x, &Grid::new(&batch, SPECIAL, config.least_grid()), seed)?;
                Ok(Logits { logits: scores.poems, trunk: None })
            }
            Network::Language { config, language } => {
                let trunk = Generator::new(config, SPECIAL, weights.clone());
                let logits = head(&trunk, config, weights, &language.sequences(poems), seed)?;
                Ok(Logits { logits, trunk: Some(trunk) })
            }
        }
    }
}

/// Logits of the classification head on a language model, [poems].
fn head(
    trunk: &Generator,
    config: &ModelConfig,
    weights: &Weights,
    batch: &Sequences,
    seed: Option<u64>,
) -> Result<Tensor> {
    let dropout = seed.map_or(Dropout::OFF, |seed| Dropout { rate: config.dropout, seed });
    let hidden = trunk.hidden(batch, dropout)?; // [count * time, width]
    let time = batch.time;
    let share = |&length: &usize| (0..time).map(move |t| if t + 1 < length { 1.0 / (length - 1) as f32 } else { 0.0 });
    let shares: Vec<f32> = batch.lengths.iter().flat_map(share).collect();
    let shares = Tensor::from_vec(shares, (batch.count, 1, batch.time), &Device::Cpu)?;
    let mean = shares.matmul(&hidden.reshape((batch.count, batch.time, config.width))?)?.squeeze(1)?;
    let last = batch.lengths.iter().enumerate().map(|(row, length)| (row * batch.time + length - 2) as u32).collect();
    let last = gather_rows(&hidden, 0..config.width, last)?;
    let dense = |name: &str, x: &Tensor, activation| {
        let (weight, bias) = (get(weights, &format!("{name}.weight"))?, get(weights, &format!("{name}.bias"))?);
        linear(x, &weight, &bias, activation, Precision::F32)
    };
    let features = dense("judge.hidden", &Tensor::cat(&[mean, last], 1)?, Activation::LeakyRelu)?;
    dense("judge.score", &features, Activation::None)?.flatten_all()
}

/// The background's rhyme embedding for the tokens of the vocabulary, [vocab, columns]; zeros for unknown ones.
fn rhyme_table(background: &Background, language: &Language, columns: usize) -> Result<Tensor> {
    let vocabulary = &language.vocabulary;
    let mut units = background.units.clone();
    let mut row = |token| {
        let unit = units.named(vocabulary.name(token)) as usize;
        background.rhyme_embedding.get(unit).cloned().unwrap_or_else(|| vec![0.0; columns])
    };
    let rows: Vec<f32> = (0..vocabulary.size() as u32).flat_map(&mut row).collect();
    Tensor::from_vec(rows, (vocabulary.size(), columns), &Device::Cpu)
}
