//! Both models with their optimisers: everything that learns, and that a checkpoint holds.

use std::collections::BTreeMap;

use candle_core::{Result, Tensor};

use super::event::Phase;
use crate::config::{Config, LossKind, Shapes};
use crate::discriminator;
use crate::generator;
use crate::nn::adam::Adam;
use crate::nn::params::{Average, Params, Weights, get};
use crate::nn::spectral::Spectral;

/// Decay rates of Adam's moments: the usual ones for likelihood, a short memory for the game, whose gradients turn
/// (Radford et al. 2016, "DCGAN").
const WARMUP_BETAS: (f64, f64) = (0.9, 0.98);
const GAME_BETAS: (f64, f64) = (0.5, 0.99);

/// Name of the rhyme embedding among the discriminator's weights.
const RHYME: &str = "rhyme.table";

pub struct Models {
    pub generator: Params,
    pub generator_adam: Adam,
    /// Smoothed weights of the generator: what writes, is evaluated and is shipped.
    pub average: Average,
    pub discriminator: Params,
    pub discriminator_adam: Adam,
    pub spectral: Option<Spectral>,
    /// Fixed rhyme embedding, [vocab, columns]; `None` without a rhyme head.
    pub rhyme: Option<Tensor>,
}

/// The discriminator as it was before a step.
pub struct DiscriminatorCopy {
    weights: Weights,
    moments: Weights,
    updates: u64,
    spectral: Option<Weights>,
}

impl Models {
    /// Untrained models. The rhyme embedding is made by the caller.
    pub fn new(config: &Config, vocab: usize, rhyme: Option<Tensor>) -> Result<Models> {
        let seed = config.training.seed;
        let mut generator = Params::new(seed);
        generator::init(&config.model, vocab, &mut generator)?;
        let mut discriminator = Params::new(seed ^ 1);
        discriminator::init(&config.discriminator, vocab, &mut discriminator)?;
        let spectral = (config.training.loss == LossKind::Wasserstein).then(|| Spectral::new(&discriminator, seed));
        Ok(Models {
            generator_adam: Adam::new(&generator, WARMUP_BETAS.0, WARMUP_BETAS.1),
            discriminator_adam: Adam::new(&discriminator, GAME_BETAS.0, GAME_BETAS.1),
            average: Average::new(&generator, config.training.average_decay)?,
            spectral: spectral.transpose()?,
            generator,
            discriminator,
            rhyme,
        })
    }

    /// The generator's optimiser starts anew when the game begins.
    pub fn begin_game(&mut self) {
        self.generator_adam = Adam::new(&self.generator, GAME_BETAS.0, GAME_BETAS.1);
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
        discriminator.extend(self.rhyme.iter().map(|table| (RHYME.to_string(), table.clone())));
        discriminator
    }

    /// The parts of a checkpoint.
    pub fn parts(&self) -> Result<Vec<(&'static str, Weights)>> {
        let mut optimizer = Weights::new();
        for (prefix, adam) in [("generator", &self.generator_adam), ("discriminator", &self.discriminator_adam)] {
            optimizer.extend(adam.state()?.into_iter().map(|(name, tensor)| (format!("{prefix}.{name}"), tensor)));
        }
        Ok(vec![
            ("generator", self.generator.frozen()),
            ("average", self.average.weights.clone()),
            ("discriminator", self.discriminator_state()),
            ("optimizer", optimizer),
        ])
    }

    /// Continues from the parts of a checkpoint whose last step was in `phase`.
    pub fn load(&mut self, parts: &BTreeMap<String, Weights>, phase: Phase, updates: (u64, u64)) -> Result<()> {
        let part =
            |name: &str| parts.get(name).ok_or_else(|| candle_core::Error::Msg(format!("part '{name}' is missing")));
        self.generator.load(part("generator")?)?;
        for (name, average) in &mut self.average.weights {
            *average = get(part("average")?, name)?;
        }
        let discriminator = part("discriminator")?;
        self.discriminator.load(discriminator)?;
        if let Some(spectral) = &mut self.spectral {
            spectral.load(discriminator)?;
        }
        self.rhyme = discriminator.get(RHYME).cloned();
        if phase == Phase::Adversarial {
            self.begin_game();
        }
        self.generator_adam.load(&with_prefix(part("optimizer")?, "generator."), updates.0)?;
        self.discriminator_adam.load(&with_prefix(part("optimizer")?, "discriminator."), updates.1)
    }
}

fn with_prefix(weights: &Weights, prefix: &str) -> Weights {
    let strip = |(name, tensor): (&String, &Tensor)| Some((name.strip_prefix(prefix)?.to_string(), tensor.clone()));
    weights.iter().filter_map(strip).collect()
}

/// Checks that the parts of a checkpoint are those of the models of `config` over `vocab` tokens.
///
/// # Errors
/// The first weight that is another one, in words.
pub fn check_parts(
    config: &Config,
    vocab: usize,
    parts: &BTreeMap<String, Weights>,
) -> std::result::Result<(), String> {
    let part = |name: &str| parts.get(name).ok_or_else(|| format!("the part '{name}' is missing"));
    check_shapes(part("generator")?, &config.generator_shapes(vocab))?;
    let discriminator = part("discriminator")?;
    check_weights(config, vocab, part("average")?, Some((discriminator, discriminator.get(RHYME))))
}

/// Checks a generator and, if there is one, a discriminator with its rhyme embedding, likewise.
pub fn check_weights(
    config: &Config,
    vocab: usize,
    generator: &Weights,
    discriminator: Option<(&Weights, Option<&Tensor>)>,
) -> std::result::Result<(), String> {
    check_shapes(generator, &config.generator_shapes(vocab))?;
    let Some((discriminator, rhyme)) = discriminator else { return Ok(()) };
    check_shapes(discriminator, &config.discriminator_shapes(vocab))?;
    let (found, wanted) = (rhyme.map(|table| table.dims().to_vec()), config.rhyme_shape(vocab));
    let words = |shape: &Option<Vec<usize>>| shape.as_ref().map_or("nothing".to_string(), |shape| format!("{shape:?}"));
    if found == wanted {
        Ok(())
    } else {
        Err(format!("the rhyme embedding is {}, not {}", words(&found), words(&wanted)))
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

/// The discriminator of a checkpoint, as a judge takes it: weights, normalised where training did so, and the rhyme
/// embedding.
pub fn judging_weights(saved: &Weights) -> Result<(Weights, Option<Tensor>)> {
    let own = |name: &str| name != RHYME && !name.starts_with("spectral.");
    let weights =
        saved.iter().filter(|(name, _)| own(name)).map(|(name, tensor)| (name.clone(), tensor.clone())).collect();
    Ok((Spectral::of_state(saved).normalise(&weights, false)?, saved.get(RHYME).cloned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::GeneratorKind;

    /// Every shape of the configuration without heads, and with both.
    #[test]
    fn the_configuration_knows_every_shape() {
        for (generator, heads) in [(GeneratorKind::Transformer, true), (GeneratorKind::Lstm, false)] {
            let mut config = Config::preset("tiny").unwrap();
            config.model.generator = generator;
            (config.model.transformer.layers, config.model.lstm.layers) = (2, 2);
            (config.discriminator.poem, config.discriminator.rhyme) = (heads, heads);
            let models = Models::new(&config, 30, None).unwrap();
            let shapes = |params: &Params| -> Shapes {
                params.iter().map(|(name, var)| (name.clone(), var.dims().to_vec())).collect()
            };
            assert_eq!(shapes(&models.generator), config.generator_shapes(30));
            assert_eq!(shapes(&models.discriminator), config.discriminator_shapes(30));
            let rhyme = if heads { 30 * config.discriminator.rhyme_embed } else { 0 };
            let count = models.generator.count() + models.discriminator.count() + rhyme;
            assert_eq!(config.n_parameters(30), count as u64);
        }
    }

    #[test]
    fn weights_of_other_models_are_named() {
        let mut config = Config::preset("tiny").unwrap();
        let table = Tensor::zeros((30, 16), candle_core::DType::F32, &candle_core::Device::Cpu).unwrap();
        let models = Models::new(&config, 30, Some(table)).unwrap();
        let mut parts: BTreeMap<String, Weights> =
            models.parts().unwrap().into_iter().map(|(name, weights)| (name.to_string(), weights)).collect();
        assert_eq!(check_parts(&config, 30, &parts), Ok(()));
        assert_eq!(check_parts(&config, 31, &parts), Err("'bias' is [30], not [31]".to_string()));
        config.discriminator.rhyme_embed = 8;
        assert_eq!(check_parts(&config, 30, &parts), Err("the rhyme embedding is [30, 16], not [30, 8]".to_string()));
        config.discriminator.filters = 8;
        assert_eq!(check_parts(&config, 30, &parts), Err("'filter1.bias' is [16], not [8]".to_string()));
        parts.get_mut("average").unwrap().remove("norm.bias");
        assert_eq!(check_parts(&config, 30, &parts), Err("'norm.bias' is missing".to_string()));
        parts.remove("average");
        assert_eq!(check_parts(&config, 30, &parts), Err("the part 'average' is missing".to_string()));
    }
}
