//! Both models with their optimisers: everything that learns, and that a checkpoint holds.

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor};

use crate::config::{Config, LossKind, Shapes};
use crate::discriminator::{self, couplet};
use crate::gan::shared_embedding::Kinds;
use crate::generator;
use crate::nn::adam::{Adam, Rate};
use crate::nn::params::{Average, Params, Weights, get};
use crate::nn::spectral::Spectral;
use crate::run::event::Phase;

/// Decay rates of Adam's moments: the usual ones for likelihood, a short memory for the game, whose gradients turn
/// (Radford et al. 2016, "DCGAN").
const WARMUP_BETAS: (f64, f64) = (0.9, 0.98);
const GAME_BETAS: (f64, f64) = (0.5, 0.99);

/// Name of the fixed embeddings among the discriminator's weights; at first there was only that of rhyme.
const FIXED: &str = "rhyme.table";

pub struct Models {
    pub generator: Params,
    pub generator_adam: Adam,
    /// What else moves the generator's embedding, with heads that know something of tokens.
    kinds: Option<Kinds>,
    /// Smoothed weights of the generator: what writes, is evaluated and is shipped.
    pub average: Average,
    pub discriminator: Params,
    pub discriminator_adam: Adam,
    pub spectral: Option<Spectral>,
    /// Fixed embeddings of the heads, [vocab, columns]; `None` without a head that reads one.
    pub fixed: Option<Tensor>,
}

/// The discriminator as it was before a step.
pub struct DiscriminatorCopy {
    weights: Weights,
    moments: Weights,
    updates: u64,
    spectral: Option<Weights>,
}

impl Models {
    /// Untrained models. The fixed embeddings are made by the caller.
    pub fn new(config: &Config, vocab: usize, fixed: Option<Tensor>) -> Result<Models> {
        let seed = config.training.seed;
        let mut generator = Params::new(seed);
        generator::init(&config.model, vocab, &mut generator)?;
        if let Some(fixed) = &fixed {
            generator::embed_features(&learned(config, fixed)?, &mut generator)?;
        }
        let (discriminator, discriminator_adam, spectral) = new_discriminator(config, vocab)?;
        Ok(Models {
            generator_adam: Adam::new(&generator, WARMUP_BETAS.0, WARMUP_BETAS.1),
            kinds: new_kinds(config)?,
            discriminator_adam,
            average: Average::new(&generator, config.training.average_decay)?,
            spectral,
            generator,
            discriminator,
            fixed,
        })
    }

    /// The generator's optimiser starts anew when the game begins.
    pub fn begin_game(&mut self) {
        self.generator_adam = Adam::new(&self.generator, GAME_BETAS.0, GAME_BETAS.1);
        self.kinds.iter_mut().for_each(|kinds| kinds.begin(GAME_BETAS));
    }

    /// One update of the generator, as that of `Adam`.
    pub fn update_generator(&mut self, grads: &[GradStore], rate: Rate) -> Result<f64> {
        let norm = self.generator_adam.update(&self.generator, grads, rate)?;
        if let (true, Some(kinds), Some(features)) = (norm.is_finite(), &mut self.kinds, &self.fixed) {
            kinds.update(features, &self.generator, grads, rate)?;
        }
        Ok(norm)
    }

    /// A discriminator that has learned nothing, but for what its couplet head knows.
    pub fn renew_discriminator(&mut self, config: &Config) -> Result<()> {
        let vocab = get(&self.discriminator.frozen(), "embedding")?.dim(0)?;
        let known = self.discriminator.frozen();
        (self.discriminator, self.discriminator_adam, self.spectral) = new_discriminator(config, vocab)?;
        couplet::begin(&self.discriminator, &known)
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
        match (&mut self.spectral, &copy.spectral) {
            (Some(spectral), Some(state)) => spectral.load(state),
            _ => Ok(()),
        }
    }

    /// The discriminator with its fixed parts, as a checkpoint holds it.
    pub fn discriminator_state(&self) -> Weights {
        let mut discriminator = self.discriminator.frozen();
        discriminator.extend(self.spectral.iter().flat_map(Spectral::state));
        discriminator.extend(self.fixed.iter().map(|table| (FIXED.to_string(), table.clone())));
        discriminator
    }

    /// The parts of a checkpoint.
    pub fn parts(&self) -> Result<Vec<(&'static str, Weights)>> {
        let mut optimizer = Weights::new();
        let kinds = self.kinds.as_ref().map(|kinds| ("kinds", &kinds.adam));
        let models = [("generator", &self.generator_adam), ("discriminator", &self.discriminator_adam)];
        for (prefix, adam) in models.into_iter().chain(kinds) {
            optimizer.extend(adam.state()?.into_iter().map(|(name, tensor)| (format!("{prefix}.{name}"), tensor)));
        }
        Ok(vec![
            ("generator", self.generator.frozen()),
            ("average", self.average.weights.clone()),
            ("discriminator", self.discriminator_state()),
            ("optimizer", optimizer),
        ])
    }

    /// Continues with the generator of a checkpoint whose last step was in `phase`, after so many of its `updates`.
    pub fn load_generator(&mut self, parts: &BTreeMap<String, Weights>, phase: Phase, updates: u64) -> Result<()> {
        self.generator.load(part(parts, "generator")?)?;
        for (name, average) in &mut self.average.weights {
            *average = get(part(parts, "average")?, name)?;
        }
        if phase == Phase::Adversarial {
            self.begin_game();
        }
        let optimizer = part(parts, "optimizer")?;
        let shared = with_prefix(optimizer, "kinds.");
        if let Some(kinds) = &mut self.kinds {
            // Runs from before there were kinds have no moments of them, and go on all the same.
            if shared.is_empty() { kinds.adam.updates = updates } else { kinds.adam.load(&shared, updates)? }
        }
        self.generator_adam.load(&with_prefix(optimizer, "generator."), updates)
    }

    /// What is known of the tokens is something else now: the moments of its map belong to what was known before.
    pub fn renew_kinds(&mut self, config: &Config) -> Result<()> {
        let updates = self.generator_adam.updates;
        self.kinds = new_kinds(config)?;
        self.kinds.iter_mut().for_each(|kinds| kinds.adam.updates = updates);
        Ok(())
    }

    /// Continues with the discriminator of a checkpoint, likewise.
    pub fn load_discriminator(&mut self, parts: &BTreeMap<String, Weights>, updates: u64) -> Result<()> {
        let discriminator = part(parts, "discriminator")?;
        self.discriminator.load(discriminator)?;
        if let Some(spectral) = &mut self.spectral {
            spectral.load(discriminator)?;
        }
        self.fixed = discriminator.get(FIXED).cloned();
        self.discriminator_adam.load(&with_prefix(part(parts, "optimizer")?, "discriminator."), updates)
    }
}

/// The fixed embeddings that were learned: those of the generator too.
fn learned(config: &Config, fixed: &Tensor) -> Result<Tensor> {
    fixed.narrow(1, 0, config.discriminator.learned_columns())
}

fn new_kinds(config: &Config) -> Result<Option<Kinds>> {
    let columns = config.discriminator.learned_columns();
    (columns > 0).then(|| Kinds::new(columns, config.model.width, WARMUP_BETAS)).transpose()
}

fn new_discriminator(config: &Config, vocab: usize) -> Result<(Params, Adam, Option<Spectral>)> {
    let seed = config.training.seed;
    let mut params = Params::new(seed ^ 1);
    discriminator::init(&config.discriminator, vocab, &mut params)?;
    let spectral = (config.training.loss == LossKind::Wasserstein).then(|| Spectral::new(&params, seed));
    let adam = Adam::new(&params, GAME_BETAS.0, GAME_BETAS.1);
    Ok((params, adam, spectral.transpose()?))
}

fn part<'a>(parts: &'a BTreeMap<String, Weights>, name: &str) -> Result<&'a Weights> {
    parts.get(name).ok_or_else(|| candle_core::Error::Msg(format!("part '{name}' is missing")))
}

fn with_prefix(weights: &Weights, prefix: &str) -> Weights {
    let strip = |(name, tensor): (&String, &Tensor)| Some((name.strip_prefix(prefix)?.to_string(), tensor.clone()));
    weights.iter().filter_map(strip).collect()
}

/// Checks that the generator in the parts of a checkpoint is that of `config` over `vocab` tokens.
///
/// # Errors
/// The first weight that is another one, in words.
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
    check_judging(config, vocab, discriminator, discriminator.get(FIXED))
}

fn found<'a>(parts: &'a BTreeMap<String, Weights>, name: &str) -> std::result::Result<&'a Weights, String> {
    parts.get(name).ok_or_else(|| format!("the part '{name}' is missing"))
}

/// Checks a generator and, if there is one, a discriminator with its fixed embeddings, likewise.
pub fn check_weights(
    config: &Config,
    vocab: usize,
    generator: &Weights,
    discriminator: Option<(&Weights, Option<&Tensor>)>,
) -> std::result::Result<(), String> {
    check_shapes(generator, &config.generator_shapes(vocab))?;
    discriminator.map_or(Ok(()), |(discriminator, fixed)| check_judging(config, vocab, discriminator, fixed))
}

fn check_judging(
    config: &Config,
    vocab: usize,
    discriminator: &Weights,
    fixed: Option<&Tensor>,
) -> std::result::Result<(), String> {
    check_shapes(discriminator, &config.discriminator_shapes(vocab))?;
    let (found, wanted) = (fixed.map(|table| table.dims().to_vec()), config.fixed_shape(vocab));
    let words = |shape: &Option<Vec<usize>>| shape.as_ref().map_or("nothing".to_string(), |shape| format!("{shape:?}"));
    if found == wanted {
        Ok(())
    } else {
        Err(format!("the fixed embedding is {}, not {}", words(&found), words(&wanted)))
    }
}

fn check_shapes(weights: &Weights, shapes: &Shapes) -> std::result::Result<(), String> {
    let wrong = |(name, shape): (&String, &Vec<usize>)| match weights.get(name) {
        None => Some(format!("'{name}' is missing")),
        Some(tensor) if tensor.dims() != shape => Some(format!("'{name}' is {:?}, not {shape:?}", tensor.dims())),
        Some(_) => None,
    };
    shapes.iter().find_map(wrong).map_or(Ok(()), Err)
}

/// The discriminator of a checkpoint, as a judge takes it: weights, normalised where training did so, and the fixed
/// embeddings.
pub fn judging_weights(saved: &Weights) -> Result<(Weights, Option<Tensor>)> {
    let own = |name: &str| name != FIXED && !name.starts_with("spectral.");
    let weights =
        saved.iter().filter(|(name, _)| own(name)).map(|(name, tensor)| (name.clone(), tensor.clone())).collect();
    Ok((Spectral::of_state(saved).normalise(&weights, false)?, saved.get(FIXED).cloned()))
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
            (discriminator.poem, discriminator.rhyme, discriminator.couplet, discriminator.lexical) =
                (heads, heads, heads, heads);
            let models = Models::new(&config, 30, None).unwrap();
            let shapes = |params: &Params| -> Shapes {
                params.iter().map(|(name, var)| (name.clone(), var.dims().to_vec())).collect()
            };
            assert_eq!(shapes(&models.generator), config.generator_shapes(30));
            assert_eq!(shapes(&models.discriminator), config.discriminator_shapes(30));
            let fixed = config.fixed_shape(30).map_or(0, |shape| shape[0] * shape[1]);
            assert_eq!(fixed > 0, heads);
            let count = models.generator.count() + models.discriminator.count() + fixed;
            assert_eq!(config.n_parameters(30), count as u64);
        }
    }

    #[test]
    fn weights_of_other_models_are_named() {
        let mut config = Config::preset("tiny").unwrap();
        let table = Tensor::zeros((30, 16 + 4 + 64), candle_core::DType::F32, &candle_core::Device::Cpu).unwrap();
        let models = Models::new(&config, 30, Some(table)).unwrap();
        let mut parts: BTreeMap<String, Weights> =
            models.parts().unwrap().into_iter().map(|(name, weights)| (name.to_string(), weights)).collect();
        assert_eq!(check_parts(&config, 30, &parts), Ok(()));
        assert_eq!(check_parts(&config, 31, &parts), Err("'bias' is [30], not [31]".to_string()));
        config.discriminator.rhyme_embed = 8;
        assert_eq!(check_parts(&config, 30, &parts), Err("the fixed embedding is [30, 84], not [30, 76]".to_string()));
        config.discriminator.filters = 8;
        assert_eq!(check_parts(&config, 30, &parts), Err("'filter1.bias' is [16], not [8]".to_string()));
        parts.get_mut("average").unwrap().remove("norm.bias");
        assert_eq!(check_parts(&config, 30, &parts), Err("'norm.bias' is missing".to_string()));
        parts.remove("average");
        assert_eq!(check_parts(&config, 30, &parts), Err("the part 'average' is missing".to_string()));
    }
}
