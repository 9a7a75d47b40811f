//! Both models with their optimisers, as a checkpoint stores them.

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor};

use crate::config::{Config, LossKind, OptimizerKind, Shapes};
use crate::discriminator;
use crate::gan::shared_embedding::SharedEmbedding;
use crate::generator;
use crate::nn::adam::{Adam, Rate};
use crate::nn::muon::Muon;
use crate::nn::optimizer::Optimizer;
use crate::nn::params::{Average, Params, Weights, get, with_prefix};
use crate::nn::precision::Precision;
use crate::nn::spectral::Spectral;
use crate::run::event::Phase;
use crate::theme::{Themes, theme_weights};

/// Decay rates of Adam's moments: the usual ones for likelihood, a short memory for adversarial training, whose
/// gradients rotate (Radford et al. 2016, "DCGAN").
const PRETRAIN_BETAS: (f64, f64) = (0.9, 0.98);
const ADVERSARIAL_BETAS: (f64, f64) = (0.5, 0.99);

/// Name of the frozen embeddings among the discriminator's weights.
const FROZEN_EMBEDDINGS: &str = "frozen_embeddings";
/// Prefix of the frequencies of generated tokens among the state of the optimisers.
const FREQUENCIES: &str = "generated_frequencies.";

pub struct Models {
    pub generator: Params,
    pub generator_optimizer: Optimizer,
    /// The part of the generator's embedding that tokens share, with heads that have features of tokens.
    shared_embedding: Option<SharedEmbedding>,
    /// Moving average of the generator's weights, for sampling, evaluation and packing; with the constant themes.
    pub average: Average,
    pub discriminator: Params,
    pub discriminator_adam: Adam,
    pub spectral: Option<Spectral>,
    /// Frozen embeddings of the heads, [vocab, columns]; `None` without a head that reads one.
    pub frozen_embeddings: Option<Tensor>,
    /// Moving averages of the token frequencies of generated poems, by form tag.
    pub generated_frequencies: Weights,
}

/// The discriminator as it was before a step.
pub struct DiscriminatorCopy {
    weights: Weights,
    moments: Weights,
    updates: u64,
    spectral: Option<Weights>,
}

impl Models {
    /// Untrained models. The frozen embeddings are made by the caller.
    pub fn new(config: &Config, vocab: usize, frozen_embeddings: Option<Tensor>) -> Result<Models> {
        let seed = config.training.seed;
        let mut generator = Params::new(seed);
        generator::init(&config.model, vocab, &mut generator)?;
        if let Some(table) = &frozen_embeddings {
            generator::embed_features(&learned(config, table)?, &mut generator)?;
        }
        let (discriminator, discriminator_adam, spectral) = new_discriminator(config, vocab)?;
        Ok(Models {
            generator_optimizer: pretraining_optimizer(config, &generator)?,
            shared_embedding: new_shared_embedding(config)?,
            discriminator_adam,
            average: Average::new(&generator, config.training.average_decay)?,
            spectral,
            generator,
            discriminator,
            frozen_embeddings,
            generated_frequencies: Weights::new(),
        })
    }

    /// An untrained generator alone, for pretraining: a language model. Its discriminator has no weights.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn generator_only(config: &Config, vocab: usize) -> Result<Models> {
        let mut generator = Params::new(config.training.seed);
        generator::init(&config.model, vocab, &mut generator)?;
        let discriminator = Params::new(0);
        Ok(Models {
            generator_optimizer: pretraining_optimizer(config, &generator)?,
            shared_embedding: None,
            discriminator_adam: Adam::new(&discriminator, ADVERSARIAL_BETAS.0, ADVERSARIAL_BETAS.1),
            average: Average::new(&generator, config.training.average_decay)?,
            spectral: None,
            generator,
            discriminator,
            frozen_embeddings: None,
            generated_frequencies: Weights::new(),
        })
    }

    /// Stores the themes of the corpus beside the weights.
    pub fn set_themes(&mut self, themes: &Themes) -> Result<()> {
        self.average.weights.extend(themes.to_weights()?);
        Ok(())
    }

    /// The generator's weights as they are, with the themes, for sampling.
    pub fn sampling_weights(&self) -> Weights {
        let mut weights = self.generator.frozen();
        weights.extend(theme_weights(&self.average.weights));
        weights
    }

    /// The generator's optimiser starts anew with the adversarial phase.
    pub fn begin_adversarial(&mut self) {
        let adam = Adam::new(&self.generator, ADVERSARIAL_BETAS.0, ADVERSARIAL_BETAS.1);
        // `repeat_matching` moves these biases.
        self.generator_optimizer = Optimizer::adam(adam.without(|name| name == generator::KIND_BIASES_NAME));
        self.shared_embedding.iter_mut().for_each(|shared| shared.begin(ADVERSARIAL_BETAS));
    }

    /// One update of the generator, as that of `Optimizer`.
    pub fn update_generator(&mut self, grads: &[GradStore], rate: Rate, precision: Precision) -> Result<f64> {
        let norm = self.generator_optimizer.update(&self.generator, grads, rate, precision)?;
        if let (true, Some(shared), Some(features)) =
            (norm.is_finite(), &mut self.shared_embedding, &self.frozen_embeddings)
        {
            shared.update(features, &self.generator, grads, rate)?;
        }
        Ok(norm)
    }

    /// Reinitialises the discriminator, except for the weights that were learned from the corpus.
    pub fn renew_discriminator(&mut self, config: &Config) -> Result<()> {
        let vocab = get(&self.discriminator.frozen(), "embedding")?.dim(0)?;
        let known = self.discriminator.frozen();
        (self.discriminator, self.discriminator_adam, self.spectral) = new_discriminator(config, vocab)?;
        discriminator::begin(&self.discriminator, &known)
    }

    /// Everything of the discriminator that a step changes, for `restore_discriminator`.
    pub fn discriminator_copy(&self) -> Result<DiscriminatorCopy> {
        Ok(DiscriminatorCopy {
            weights: self.discriminator.snapshot()?,
            moments: self.discriminator_adam.state()?,
            updates: self.discriminator_adam.updates,
            spectral: self.spectral.as_ref().map(Spectral::state),
        })
    }

    /// Undoes all discriminator updates since the copy was made.
    pub fn restore_discriminator(&mut self, copy: DiscriminatorCopy) -> Result<()> {
        self.discriminator.load(&copy.weights)?;
        self.discriminator_adam.load(&copy.moments, copy.updates)?;
        if let (Some(spectral), Some(state)) = (&mut self.spectral, &copy.spectral) {
            spectral.load(state);
        }
        Ok(())
    }

    /// The discriminator with its frozen embeddings, as a checkpoint holds it.
    pub fn discriminator_state(&self) -> Weights {
        let mut discriminator = self.discriminator.frozen();
        discriminator.extend(self.spectral.iter().flat_map(Spectral::state));
        discriminator.extend(self.frozen_embeddings.iter().map(|table| (FROZEN_EMBEDDINGS.to_string(), table.clone())));
        discriminator
    }

    /// The parts of a checkpoint.
    pub fn parts(&self) -> Result<Vec<(&'static str, Weights)>> {
        let mut optimizer = Weights::new();
        let shared_embedding = self.shared_embedding.as_ref().map(|shared| ("shared_embedding", shared.adam.state()));
        let states =
            [("generator", self.generator_optimizer.state()), ("discriminator", self.discriminator_adam.state())];
        for (prefix, state) in states.into_iter().chain(shared_embedding) {
            optimizer.extend(state?.into_iter().map(|(name, tensor)| (format!("{prefix}.{name}"), tensor)));
        }
        let frequencies = self.generated_frequencies.iter();
        optimizer.extend(frequencies.map(|(tag, averages)| (format!("{FREQUENCIES}{tag}"), averages.clone())));
        Ok(vec![
            ("generator", self.generator.frozen()),
            ("average", self.average.weights.clone()),
            ("discriminator", self.discriminator_state()),
            ("optimizer", optimizer),
        ])
    }

    /// Continues with the generator of a checkpoint whose last step was in `phase`, after so many of its `updates`.
    pub fn load_generator(
        &mut self,
        config: &Config,
        parts: &BTreeMap<String, Weights>,
        phase: Phase,
        updates: u64,
    ) -> Result<()> {
        self.generator.load(part(parts, "generator")?)?;
        for (name, average) in &mut self.average.weights {
            *average = get(part(parts, "average")?, name)?;
        }
        self.average.weights.extend(theme_weights(part(parts, "average")?));
        match phase {
            Phase::Pretraining => self.generator_optimizer = pretraining_optimizer(config, &self.generator)?,
            Phase::Adversarial => self.begin_adversarial(),
        }
        let optimizer = part(parts, "optimizer")?;
        self.generated_frequencies = with_prefix(optimizer, FREQUENCIES);
        if let Some(shared) = &mut self.shared_embedding {
            shared.load(&with_prefix(optimizer, "shared_embedding."), updates)?;
        }
        self.generator_optimizer.load(&with_prefix(optimizer, "generator."), updates)
    }

    /// Starts the shared part of the embedding anew, for other features of the tokens.
    pub fn renew_shared_embedding(&mut self, config: &Config) -> Result<()> {
        let updates = self.generator_optimizer.updates();
        self.shared_embedding = new_shared_embedding(config)?;
        self.shared_embedding.iter_mut().for_each(|shared| shared.adam.updates = updates);
        Ok(())
    }

    /// Continues with the discriminator of a checkpoint, likewise.
    pub fn load_discriminator(&mut self, parts: &BTreeMap<String, Weights>, updates: u64) -> Result<()> {
        let discriminator = part(parts, "discriminator")?;
        self.discriminator.load(discriminator)?;
        if let Some(spectral) = &mut self.spectral {
            spectral.load(discriminator);
        }
        self.frozen_embeddings = discriminator.get(FROZEN_EMBEDDINGS).cloned();
        self.discriminator_adam.load(&with_prefix(part(parts, "optimizer")?, "discriminator."), updates)
    }
}

fn pretraining_optimizer(config: &Config, generator: &Params) -> Result<Optimizer> {
    let adam = Adam::new(generator, PRETRAIN_BETAS.0, PRETRAIN_BETAS.1);
    let muon = || Muon::new(generator, generator::trunk_matrices(&config.model));
    Ok(match config.training.optimizer {
        OptimizerKind::Adam => Optimizer::adam(adam),
        OptimizerKind::Muon => Optimizer::with_muon(adam, muon()?),
    })
}

/// The columns that were learned from the corpus; the generator begins with them, too.
fn learned(config: &Config, table: &Tensor) -> Result<Tensor> {
    table.narrow(1, 0, config.discriminator.learned_columns())
}

fn new_shared_embedding(config: &Config) -> Result<Option<SharedEmbedding>> {
    let columns = config.discriminator.learned_columns();
    (columns > 0).then(|| SharedEmbedding::new(columns, config.model.width, PRETRAIN_BETAS)).transpose()
}

fn new_discriminator(config: &Config, vocab: usize) -> Result<(Params, Adam, Option<Spectral>)> {
    let seed = config.training.seed;
    let mut params = Params::new(seed ^ 1);
    discriminator::init(&config.discriminator, vocab, &mut params)?;
    let spectral = (config.training.loss == LossKind::Wasserstein).then(|| Spectral::new(&params, seed));
    let adam = Adam::new(&params, ADVERSARIAL_BETAS.0, ADVERSARIAL_BETAS.1);
    Ok((params, adam, spectral.transpose()?))
}

fn part<'a>(parts: &'a BTreeMap<String, Weights>, name: &str) -> Result<&'a Weights> {
    parts.get(name).ok_or_else(|| candle_core::Error::Msg(format!("part '{name}' is missing")))
}

/// Checks that the generator in the parts of a checkpoint is that of `config` over `vocab` tokens.
///
/// # Errors
/// The first weight whose shape differs, in words.
pub fn check_generator(
    config: &Config,
    vocab: usize,
    parts: &BTreeMap<String, Weights>,
) -> std::result::Result<(), String> {
    let shapes = config.generator_shapes(vocab);
    ["generator", "average"].iter().try_for_each(|name| check_shapes(found(parts, name)?, &shapes))
}

/// Checks the discriminator in the parts of a checkpoint, likewise.
pub fn check_discriminator(
    config: &Config,
    vocab: usize,
    parts: &BTreeMap<String, Weights>,
) -> std::result::Result<(), String> {
    let discriminator = found(parts, "discriminator")?;
    check_scoring(config, vocab, discriminator, discriminator.get(FROZEN_EMBEDDINGS))
}

fn found<'a>(parts: &'a BTreeMap<String, Weights>, name: &str) -> std::result::Result<&'a Weights, String> {
    parts.get(name).ok_or_else(|| format!("the part '{name}' is missing"))
}

/// Checks a generator and, if there is one, a discriminator with its frozen embeddings, likewise.
pub fn check_weights(
    config: &Config,
    vocab: usize,
    generator: &Weights,
    discriminator: Option<(&Weights, Option<&Tensor>)>,
) -> std::result::Result<(), String> {
    check_shapes(generator, &config.generator_shapes(vocab))?;
    discriminator.map_or(Ok(()), |(discriminator, frozen)| check_scoring(config, vocab, discriminator, frozen))
}

fn check_scoring(
    config: &Config,
    vocab: usize,
    discriminator: &Weights,
    frozen: Option<&Tensor>,
) -> std::result::Result<(), String> {
    check_shapes(discriminator, &config.discriminator_shapes(vocab))?;
    let (found, wanted) = (frozen.map(|table| table.dims().to_vec()), config.frozen_shape(vocab));
    let words = |shape: &Option<Vec<usize>>| shape.as_ref().map_or("nothing".to_string(), |shape| format!("{shape:?}"));
    if found == wanted {
        Ok(())
    } else {
        Err(format!("the frozen embedding is {}, not {}", words(&found), words(&wanted)))
    }
}

fn check_shapes(weights: &Weights, shapes: &Shapes) -> std::result::Result<(), String> {
    let wrong = |(name, shape): (&String, &Vec<usize>)| match weights.get(name) {
        None => Some(format!("'{name}' is missing")),
        Some(tensor) if tensor.dims() != shape => Some(format!("'{name}' is {:?}, not {shape:?}", tensor.dims())),
        Some(tensor) if !is_finite(tensor) => Some(format!("'{name}' has values that are not finite")),
        Some(_) => None,
    };
    shapes.iter().find_map(wrong).map_or(Ok(()), Err)
}

/// A sum of magnitudes is finite only if all of them are.
fn is_finite(tensor: &Tensor) -> bool {
    let sum = tensor.abs().and_then(|magnitudes| magnitudes.sum_all()?.to_scalar::<f32>());
    sum.is_ok_and(f32::is_finite)
}

/// The discriminator of a checkpoint, as a `PackedDiscriminator` takes it: weights, normalised where training did so, and the frozen
/// embeddings.
pub fn scoring_weights(saved: &Weights) -> Result<(Weights, Option<Tensor>)> {
    let own = |name: &str| name != FROZEN_EMBEDDINGS && !name.starts_with("spectral.");
    let weights =
        saved.iter().filter(|(name, _)| own(name)).map(|(name, tensor)| (name.clone(), tensor.clone())).collect();
    Ok((Spectral::of_state(saved).normalise_frozen(&weights)?, saved.get(FROZEN_EMBEDDINGS).cloned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::GeneratorKind;

    fn check_parts(
        config: &Config,
        vocab: usize,
        parts: &BTreeMap<String, Weights>,
    ) -> std::result::Result<(), String> {
        check_generator(config, vocab, parts).and_then(|()| check_discriminator(config, vocab, parts))
    }

    /// Every shape of the configuration without heads, and with all of them.
    #[test]
    fn the_configuration_knows_every_shape() {
        for (generator, heads) in [(GeneratorKind::Transformer, true), (GeneratorKind::Lstm, false)] {
            let mut config = Config::preset("tiny").unwrap();
            config.model.generator = generator;
            (config.model.transformer.layers, config.model.lstm.layers) = (2, 2);
            let discriminator = &mut config.discriminator;
            (discriminator.poem, discriminator.rhyme, discriminator.couplet) = (heads, heads, heads);
            (discriminator.lexical, discriminator.theme, discriminator.neighbours) = (heads, heads, heads);
            config.model.repeat_bias = heads;
            let models = Models::new(&config, 30, None).unwrap();
            let shapes = |params: &Params| -> Shapes {
                params.iter().map(|(name, var)| (name.clone(), var.dims().to_vec())).collect()
            };
            assert_eq!(shapes(&models.generator), config.generator_shapes(30));
            assert_eq!(shapes(&models.discriminator), config.discriminator_shapes(30));
            let frozen = config.frozen_shape(30).map_or(0, |shape| shape[0] * shape[1]);
            assert_eq!(frozen > 0, heads);
            let count = models.generator.count() + models.discriminator.count() + frozen;
            assert_eq!(config.n_parameters(30), count as u64);
        }
    }

    #[test]
    fn weights_of_other_models_are_named() {
        let mut config = Config::preset("tiny").unwrap();
        let table = Tensor::zeros((30, 16 + 4 + 64 + 32), candle_core::DType::F32, &candle_core::Device::Cpu).unwrap();
        let models = Models::new(&config, 30, Some(table)).unwrap();
        let mut parts: BTreeMap<String, Weights> =
            models.parts().unwrap().into_iter().map(|(name, weights)| (name.to_string(), weights)).collect();
        assert_eq!(check_parts(&config, 30, &parts), Ok(()));
        assert_eq!(check_parts(&config, 31, &parts), Err("'bias' is [30], not [31]".to_string()));
        config.discriminator.rhyme_embed = 8;
        assert_eq!(
            check_parts(&config, 30, &parts),
            Err("the frozen embedding is [30, 116], not [30, 108]".to_string())
        );
        config.discriminator.filters = 8;
        assert_eq!(check_parts(&config, 30, &parts), Err("'filter1.bias' is [16], not [8]".to_string()));
        parts.get_mut("average").unwrap().remove("norm.bias");
        assert_eq!(check_parts(&config, 30, &parts), Err("'norm.bias' is missing".to_string()));
        parts.remove("average");
        assert_eq!(check_parts(&config, 30, &parts), Err("the part 'average' is missing".to_string()));
    }
}
