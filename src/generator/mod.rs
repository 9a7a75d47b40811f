//! The generator: an autoregressive model over tokens, conditioned on a noise vector z.
//!
//! `Generator` computes whole sequences with a graph, `Sampler` samples token by token without a graph; a test checks that
//! they are equal.

mod layers;
mod lstm;
mod repeats;
mod restrictions;
mod rules;
mod sampler;
mod segments;
mod sequences;
mod transformer;

pub use repeats::{KIND_BIASES, KIND_BIASES_NAME, KIND_SCALE, repeated_kinds};
pub use restrictions::{PoemCost, Prefix, Restrictions};
pub use rules::{Allowed, Rules, SpecialTokens, TokenPosition};
pub use sampler::{Request, Sampler};
pub use segments::{segment_places, segments};
pub use sequences::Sequences;

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor};

use crate::config::{GeneratorKind, ModelConfig};
use crate::nn::muon::MuonMatrix;
use crate::nn::ops::gradients::Collected;
use crate::nn::ops::{self, Activation, LogitBiases, Precision, SumRows, TokenLosses, add_dropout, linear, sum_rows};
use crate::nn::params::{Params, Weights, get};

/// Standard deviation of initial embeddings,
const DEVIATION: f32 = 0.02;
/// and of the projection of token features.
const FEATURE_DEVIATION: f32 = 0.03;

/// The generator over given weights: trainable, averaged or frozen.
pub struct Generator {
    config: ModelConfig,
    special: SpecialTokens,
    weights: Weights,
    precision: Precision,
    collected: Collected,
}

/// Biases of the output layer.
struct OutputBias {
    /// [vocab], then the parameters of the biases on single logits.
    bias: Tensor,
    biases: LogitBiases,
}

/// Negative log-likelihood of a poem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoemNll {
    pub nats: f64,
    /// Tokens that the form does not determine.
    pub units: usize,
}

/// Dropout of a forward pass: its rate, and the seed of its masks.
#[derive(Clone, Copy)]
pub struct Dropout {
    pub rate: f32,
    pub seed: u64,
}

impl Dropout {
    /// No dropout.
    pub const OFF: Dropout = Dropout { rate: 0.0, seed: 0 };

    /// `residual` + dropout(x); `site` distinguishes the masks of different layers.
    pub fn add(self, residual: &Tensor, x: &Tensor, site: u64) -> Result<Tensor> {
        add_dropout(residual, x, self.rate, self.seed_of(site))
    }

    fn seed_of(self, site: u64) -> u64 {
        self.seed.wrapping_mul(1024).wrapping_add(site)
    }
}

/// Adds the initial weights of a generator.
pub fn init(config: &ModelConfig, vocab: usize, params: &mut Params) -> Result<()> {
    params.normal("embedding", &[vocab, config.width], DEVIATION)?;
    params.constant("bias", &[vocab], 0.0)?;
    params.normal("line", &[config.max_lines, config.width], DEVIATION)?;
    params.normal("place", &[config.max_line + 1, config.width], DEVIATION)?;
    params.linear("noise", config.z_dim, config.width, 0.1 * DEVIATION)?;
    if config.repeat_bias {
        repeats::init(vocab, params)?;
    }
    match config.generator {
        GeneratorKind::Transformer => transformer::init(config, params),
        GeneratorKind::Lstm => lstm::init(config, params),
    }
}

/// The weight matrices between embedding and output layer.
pub fn trunk_matrices(config: &ModelConfig) -> Vec<MuonMatrix> {
    match config.generator {
        GeneratorKind::Transformer => transformer::matrices(config).collect(),
        GeneratorKind::Lstm => lstm::matrices(config).collect(),
    }
}

/// Adds a random projection of `features` [vocab, columns], with rows of about unit length, to the initial token embedding.
/// Rare tokens occur too seldom to learn rhymes and tones, so they start close to tokens with similar features.
pub fn embed_features(features: &Tensor, params: &mut Params) -> Result<()> {
    let embedding = get(&params.frozen(), "embedding")?;
    let (vocab, width) = embedding.dims2()?;
    let columns = features.dim(1)?;
    let projection = params.draws("features", columns * width, FEATURE_DEVIATION);
    let known = features.matmul(&Tensor::from_vec(projection, (columns, width), &Device::Cpu)?)?;
    params.matrix("embedding", (vocab, width), (embedding + known)?.flatten_all()?.to_vec1()?)
}

impl Generator {
    pub fn new(config: &ModelConfig, special: SpecialTokens, weights: Weights) -> Generator {
        let (config, precision) = (config.clone(), Precision::F32);
        Generator { config, special, weights, precision, collected: Collected::default() }
    }

    /// The same generator with matrix products in `precision`.
    pub fn with_precision(self, precision: Precision) -> Generator {
        Generator { precision, ..self }
    }

    /// The same generator for another part of a minibatch, with separate gradients.
    pub fn part(&self) -> Generator {
        Generator::new(&self.config, self.special, self.weights.clone()).with_precision(self.precision)
    }

    /// The gradients of a loss computed with this generator, with respect to all of its weights.
    pub fn backward(&self, loss: &Tensor) -> Result<GradStore> {
        self.collected.backward(loss, &self.weights)
    }

    /// Hidden states from which the output layer predicts the targets, [count * time, width].
    pub fn hidden(&self, batch: &Sequences, dropout: Dropout) -> Result<Tensor> {
        let x = self.embed(batch)?; // [count * time, width]
        let x = if dropout.rate > 0.0 { dropout.add(&x.zeros_like()?, &x, 1023)? } else { x };
        let x = x.reshape((batch.count, batch.time, self.config.width))?;
        let hidden = match self.config.generator {
            GeneratorKind::Transformer => {
                transformer::hidden(&self.config, &self.weights, x, dropout, self.precision, &self.collected)?
            }
            GeneratorKind::Lstm => lstm::hidden(&self.config, &self.weights, x, dropout, self.precision)?,
        };
        hidden.reshape((batch.count * batch.time, self.config.width))
    }

    /// Sum of the embeddings of token, line and position in the line and of the projected z, [count * time, width].
    fn embed(&self, batch: &Sequences) -> Result<Tensor> {
        let positions = batch.positions(self.special);
        let lines: Vec<u32> = positions.iter().map(|position| line_row(position, &self.config)).collect();
        // The tables of lines and positions are concatenated for one lookup.
        let first_position = self.config.max_lines as u32;
        let positions =
            positions.iter().map(|position| first_position + position_row(position, &self.config)).collect();
        let poems = (0..batch.count as u32).flat_map(|poem| std::iter::repeat_n(poem, batch.time)).collect();
        let z = Tensor::from_slice(&batch.z, (batch.count, self.config.z_dim), &Device::Cpu)?;
        let z = dense(&self.weights, "noise", &z, self.precision)?; // [count, width]
        let tables = Tensor::cat(&[get(&self.weights, "line")?, get(&self.weights, "place")?], 0)?;
        let parts = vec![(0, batch.inputs()), (1, lines), (1, positions), (2, poems)];
        let sum = SumRows { parts, scale: input_scale(&self.config) };
        sum_rows([&get(&self.weights, "embedding")?, &tables, &z], sum)
    }

    /// Negative log-likelihood in nats, with a graph, of the targets that `rules` do not determine, times `weight`.
    pub fn likelihood_loss(&self, batch: &Sequences, rules: Rules, weight: f32, dropout: Dropout) -> Result<Tensor> {
        let hidden = self.hidden(batch, dropout)?;
        let open = batch.open_targets(rules, self.special);
        let weights = open.iter().map(|&open| if open { weight } else { 0.0 }).collect();
        let OutputBias { bias, biases } = self.output_bias(batch, rules)?;
        let losses = TokenLosses { targets: batch.targets(), weights, biases, precision: self.precision };
        ops::cross_entropy(&hidden, &get(&self.weights, "embedding")?, &bias, losses)
    }

    /// The biases of the output layer for the targets of `batch`.
    fn output_bias(&self, batch: &Sequences, rules: Rules) -> Result<OutputBias> {
        if !self.config.repeat_bias {
            return Ok(OutputBias { bias: get(&self.weights, "bias")?, biases: LogitBiases::default() });
        }
        let vocab = get(&self.weights, "bias")?.dim(0)?;
        let biases = repeats::logit_biases(batch, self.special, rules, vocab);
        Ok(OutputBias { bias: repeats::with_repeats(&self.weights)?, biases })
    }

    /// Negative log-likelihood of each poem, over the targets that `rules` do not determine.
    pub fn nll(&self, batch: &Sequences, rules: Rules) -> Result<Vec<PoemNll>> {
        let (open, losses) = (batch.open_targets(rules, self.special), self.token_losses(batch, rules)?);
        let poems = losses.chunks(batch.time.max(1)).zip(open.chunks(batch.time.max(1)));
        let nll = |(losses, open): (&[f32], &[bool])| {
            let counted = losses.iter().zip(open).filter(|(_, open)| **open);
            PoemNll { nats: counted.clone().map(|(loss, _)| f64::from(*loss)).sum(), units: counted.count() }
        };
        Ok(poems.map(nll).collect())
    }

    /// Negative log-likelihood of each target in nats, [count * time]; padding included. The output layer is computed in 32
    /// bits.
    pub fn token_losses(&self, batch: &Sequences, rules: Rules) -> Result<Vec<f32>> {
        let hidden = self.hidden(batch, Dropout::OFF)?;
        let OutputBias { bias, biases } = self.output_bias(batch, rules)?;
        ops::token_losses(&hidden, &get(&self.weights, "embedding")?, &bias, &batch.targets(), &biases)
    }

    /// The generated `batch` as the discriminator sees it: relaxed tokens in its embedding, [count * time, columns].
    /// `relaxed` must have the seeds that the batch was sampled with; its biases and precision are set here.
    pub fn relaxed(&self, batch: &Sequences, rules: Rules, dropout: Dropout, relaxed: ops::Relaxed) -> Result<Tensor> {
        let hidden = self.hidden(batch, dropout)?;
        let OutputBias { bias, biases } = self.output_bias(batch, rules)?;
        let relaxed = ops::Relaxed { biases, precision: self.precision, ..relaxed };
        ops::relaxed_embedding(&hidden, &get(&self.weights, "embedding")?, &bias, relaxed)
    }
}

/// Factor on the sum of the embeddings (Vaswani et al. 2017). The tied embedding must be small for the output layer, and
/// would be negligible in the residual stream without it.
fn input_scale(config: &ModelConfig) -> f32 {
    (config.width as f32).sqrt()
}

/// Row of the line embedding; lines beyond the table share its last row.
fn line_row(position: &TokenPosition, config: &ModelConfig) -> u32 {
    position.line.min(config.max_lines - 1) as u32
}

/// Row of the position embedding, likewise.
fn position_row(position: &TokenPosition, config: &ModelConfig) -> u32 {
    position.token.min(config.max_line) as u32
}

/// The dense layer `name` of `weights`, without activation.
fn dense(weights: &Weights, name: &str, x: &Tensor, precision: Precision) -> Result<Tensor> {
    let (weight, bias) = (get(weights, &format!("{name}.weight"))?, get(weights, &format!("{name}.bias"))?);
    linear(x, &weight, &bias, Activation::None, precision)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::corpus::Form;
    use crate::nn::gumbel::Key;
    use crate::nn::ops::{Relaxed, check};
    use candle_core::Var;

    const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 4 };

    fn model(kind: GeneratorKind) -> (ModelConfig, Params, Sequences) {
        let mut config = Config::preset("tiny").unwrap().model;
        (config.generator, config.width, config.transformer.hidden, config.lstm.hidden) = (kind, 8, 12, 6);
        (config.transformer.layers, config.lstm.layers, config.z_dim) = (2, 2, 3);
        (config.max_line, config.max_lines) = (3, 2);
        let mut params = Params::new(5);
        init(&config, 12, &mut params).unwrap();
        // Embeddings of realistic size: around small ones, layer norm is too curved for finite differences.
        for (name, shape) in [("embedding", [12, 8]), ("line", [2, 8]), ("place", [4, 8])] {
            params.normal(name, &shape, 0.5).unwrap();
        }
        // Every row of every table is used, so that every variable has a gradient.
        let z = check::normal(&[6], 3).to_vec1().unwrap();
        let batch = Sequences::new(&[&[3, 5, 6, 7, 1, 9, 10, 4, 2], &[3, 11, 8, 1, 8, 9, 2]], z, SPECIAL);
        (config, params, batch)
    }

    fn vars(params: &Params) -> Vec<&Var> {
        params.iter().map(|(_, var)| var).collect()
    }

    #[test]
    fn tokens_of_one_kind_begin_close_together() {
        let config = Config::preset("base").unwrap().model;
        let mut params = Params::new(5);
        init(&config, 12, &mut params).unwrap();
        // Tokens that are equal modulo 3 have the same features.
        let features = (0..12 * 3).map(|i| if (i / 3) % 3 == i % 3 { 1.0f32 } else { 0.0 }).collect();
        embed_features(&Tensor::from_vec(features, (12, 3), &Device::Cpu).unwrap(), &mut params).unwrap();
        let rows = params.frozen()["embedding"].to_vec2::<f32>().unwrap();
        let distance = |a: usize, b: usize| rows[a].iter().zip(&rows[b]).map(|(x, y)| (x - y).powi(2)).sum::<f32>();
        for a in 0..9 {
            assert!(distance(a, a + 3) < 0.6 * distance(a, a + 1), "{a}");
        }
    }

    #[test]
    fn likelihood_gradients_are_right() {
        for kind in [GeneratorKind::Transformer, GeneratorKind::Lstm] {
            let (config, params, batch) = model(kind);
            let dropout = Dropout { rate: 0.2, seed: 4 };
            let generator = Generator::new(&config, SPECIAL, params.trainable());
            let rules = Rules::new(Form::Free, &config);
            let loss = || generator.likelihood_loss(&batch, rules, 0.1, dropout);
            check::gradients_by(3e-3, &vars(&params), 3e-2, loss, |loss| generator.backward(loss));
        }
    }

    #[test]
    fn every_variable_learns_in_both_phases() {
        for kind in [GeneratorKind::Transformer, GeneratorKind::Lstm] {
            let (config, params, batch) = model(kind);
            let generator = Generator::new(&config, SPECIAL, params.trainable());
            let relaxed = Relaxed {
                tokens: batch.targets(),
                gumbel: (0..batch.count * batch.time).map(|position| Key { seed: 7, position }).collect(),
                peaks: vec![None; batch.count * batch.time],
                biases: LogitBiases::default(),
                first_content: 4,
                beta: 1.0,
                soft: false,
                table: check::normal(&[12, 5], 8).as_detached_tensor(),
                precision: Precision::F32,
            };
            let rules = Rules::new(Form::Free, &config);
            let embedded = generator.relaxed(&batch, rules, Dropout::OFF, relaxed).unwrap();
            let weights = check::normal(embedded.dims(), 9).as_detached_tensor();
            let adversarial = (embedded * weights).unwrap().sum_all().unwrap();
            for loss in [generator.likelihood_loss(&batch, rules, 0.1, Dropout::OFF).unwrap(), adversarial] {
                let grads = generator.backward(&loss).unwrap();
                for (name, var) in params.iter() {
                    let grad: Vec<f32> = grads.get(var).unwrap().flatten_all().unwrap().to_vec1().unwrap();
                    assert!(grad.iter().all(|g| g.is_finite()) && grad.iter().any(|&g| g != 0.0), "{kind:?} {name}");
                }
            }
        }
    }
}
