//! A language model of real poems, independent of the generators under evaluation. Its hidden states are the feature space
//! of the Fréchet distance, and one of the classifiers is fine-tuned from it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use candle_core::Device;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::PoemText;
use super::vocabulary::{SPECIAL, TAG, Vocabulary};
use crate::config::{Config, DEFAULT_PRESET, GeneratorKind, OptimizerKind};
use crate::corpus::Form;
use crate::gan::Gan;
use crate::gan::data::{Bucket, Dataset};
use crate::gan::models::Models;
use crate::generator::{Dropout, Generator, Rules, Sequences, TokenPosition};
use crate::nn::params::Weights;
use crate::run::files::write_atomically;
use crate::run::state::Cursor;

const WIDTH: usize = 128;
/// Training steps; a small corpus gets fewer.
pub const STEPS: u64 = 1000;
/// At most this many passes over the poems.
const EPOCHS: u64 = 12;
/// Poems of a minibatch at inference.
const INFERENCE_BATCH: usize = 64;
const HEADER: &str = "language";

/// The vocabulary and weights of a trained language model.
pub struct Language {
    pub vocabulary: Vocabulary,
    pub weights: Weights,
}

/// The metadata of the saved file.
#[derive(Serialize, Deserialize)]
struct Header {
    /// Identifies the training data and settings.
    key: String,
    names: Vec<String>,
    words: bool,
}

/// Architecture and training settings: a small transformer. The noise vector is unused, so it has one dimension.
///
/// # Errors
/// An invalid preset.
pub fn config() -> Result<Config> {
    let mut config = Config::preset(DEFAULT_PRESET)?;
    let model = &mut config.model;
    (model.generator, model.width, model.z_dim, model.dropout) = (GeneratorKind::Transformer, WIDTH, 1, 0.1);
    (model.transformer.layers, model.transformer.heads, model.transformer.hidden) = (3, 4, 4 * WIDTH);
    (model.theme_dims, model.repeat_bias) = (0, false);
    (config.training.optimizer, config.training.learning_rate) = (OptimizerKind::Adam, 0.002);
    Ok(config)
}

impl Language {
    /// Trains on `poems` for at most `steps` steps; `on_step` is called before each with its number (from 1) and the total.
    ///
    /// # Errors
    /// A failed tensor operation, or a step whose numbers are not finite.
    pub fn train(poems: &[PoemText], steps: u64, seed: u64, mut on_step: impl FnMut(u64, u64)) -> Result<Language> {
        let (mut config, vocabulary) = (config()?, Vocabulary::new(poems));
        let bucket = Bucket {
            form: Form::Free,
            tag: TAG,
            rules: Rules::new(Form::Free, &config.model),
            training: poems.iter().map(|poem| vocabulary.tokens(poem)).collect(),
            held_out: Vec::new(),
        };
        let tokens: usize = bucket.training.iter().map(Vec::len).sum();
        config.training.seed = seed;
        config.training.pretrain_steps =
            steps.min(EPOCHS * (tokens as u64).div_ceil(config.training.batch_tokens as u64)).max(1);
        let total = config.training.pretrain_steps;
        let dataset = Dataset::of_buckets(vec![bucket], SPECIAL, &config).without_z();
        let models = Models::generator_only(&config, vocabulary.size())?;
        let mut gan = Gan::new(config, dataset, models, Cursor::default());
        for step in 1..=if poems.is_empty() { 0 } else { total } {
            on_step(step, total);
            let report = gan.step(step, |_| Ok::<_, candle_core::Error>(()))?;
            if report.record.undone {
                bail!("the language model of the classifiers: step {step} gave numbers that are not finite");
            }
        }
        Ok(Language { vocabulary, weights: gan.models.average.weights })
    }

    /// The saved model of this `key` in the run directory, if there is one; else the result of `train`, which is then saved.
    ///
    /// # Errors
    /// Whatever `train` fails with, or a file that cannot be written.
    pub fn cached(run: Option<&Path>, key: &str, train: impl FnOnce() -> Result<Language>) -> Result<Language> {
        let path = run.map(|run| run.join("evaluation").join("language.safetensors"));
        if let Some(found) = path.as_ref().and_then(|path| Language::read(path, key)) {
            return Ok(found);
        }
        let language = train()?;
        if let Some(path) = path {
            language.write(&path, key).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(language)
    }

    /// `None` if the file is missing or damaged or has another key.
    fn read(path: &PathBuf, key: &str) -> Option<Language> {
        let bytes = std::fs::read(path).ok()?;
        let (_, metadata) = SafeTensors::read_metadata(&bytes).ok()?;
        let header: Header = serde_json::from_str(metadata.metadata().as_ref()?.get(HEADER)?).ok()?;
        let weights = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).ok()?;
        let vocabulary = Vocabulary::of_names(header.names, header.words);
        let config = config().ok()?;
        let fits = |(name, shape): (&String, &Vec<usize>)| {
            weights.get(name).is_some_and(|tensor| tensor.dims() == shape.as_slice())
        };
        let whole = config.generator_shapes(vocabulary.size()).iter().all(fits);
        (header.key == key && whole).then(|| Language { vocabulary, weights: weights.into_iter().collect() })
    }

    fn write(&self, path: &Path, key: &str) -> Result<()> {
        let header = Header { key: key.into(), names: self.vocabulary.names(), words: self.vocabulary.are_words() };
        let header = HashMap::from([(HEADER.to_string(), serde_json::to_string(&header)?)]);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(write_atomically(path, &safetensors::serialize(&self.weights, Some(header))?)?)
    }

    /// Poems as a minibatch of token sequences.
    pub fn sequences(&self, poems: &[&PoemText]) -> Sequences {
        let tokens: Vec<Vec<u32>> = poems.iter().map(|poem| self.vocabulary.tokens(poem)).collect();
        let tokens: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
        Sequences::new(&tokens, vec![0.0; poems.len()], SPECIAL)
    }

    /// Likelihood features of each poem for a classifier, [poems][features], from token losses in nats.
    pub fn likelihoods(&self, poems: &[PoemText]) -> Result<Vec<Vec<f64>>> {
        let generator = Generator::new(&config()?.model, SPECIAL, self.weights.clone());
        let rules = Rules::new(Form::Free, &config()?.model);
        let mut features = Vec::with_capacity(poems.len());
        for poems in poems.chunks(INFERENCE_BATCH) {
            let batch = self.sequences(&poems.iter().collect::<Vec<_>>());
            let (losses, positions) = (generator.token_losses(&batch, rules)?, batch.positions(SPECIAL));
            let rows = losses.chunks(batch.time.max(1)).zip(positions.chunks(batch.time.max(1)));
            features.extend(rows.zip(&batch.lengths).map(|((losses, positions), &length)| {
                let of = |(position, loss): (&TokenPosition, &f32)| (position.line, *loss);
                summary(&positions.iter().zip(losses).take(length - 1).map(of).collect::<Vec<_>>())
            }));
        }
        Ok(features)
    }

    /// The hidden states of each poem, averaged over its tokens, [poems][width].
    pub fn pooled(&self, poems: &[PoemText]) -> Result<Vec<Vec<f32>>> {
        let config = config()?.model;
        let generator = Generator::new(&config, SPECIAL, self.weights.clone());
        let mut pooled = Vec::with_capacity(poems.len());
        for poems in poems.chunks(INFERENCE_BATCH) {
            let batch = self.sequences(&poems.iter().collect::<Vec<_>>());
            let hidden = generator.hidden(&batch, Dropout::OFF)?.to_vec2::<f32>()?;
            for (rows, &length) in hidden.chunks(batch.time.max(1)).zip(&batch.lengths) {
                let rows = &rows[..length - 1];
                let sum = |column: usize| rows.iter().map(|row| row[column]).sum::<f32>();
                pooled.push((0..WIDTH).map(|column| sum(column) / rows.len() as f32).collect());
            }
        }
        Ok(pooled)
    }
}

/// Features from the losses of a poem, given as (line, loss) of each token: mean token loss; least, greatest, first, last
/// and standard deviation of the mean losses of its lines; greatest token loss.
fn summary(losses: &[(usize, f32)]) -> Vec<f64> {
    let lines = losses.last().map_or(0, |(line, _)| line + 1);
    let of_line = |line| losses.iter().filter(move |(of, _)| *of == line).map(|(_, loss)| f64::from(*loss));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let means: Vec<f64> =
        (0..lines).map(|line| mean(&of_line(line).collect::<Vec<_>>())).filter(|x| !x.is_nan()).collect();
    let all: Vec<f64> = losses.iter().map(|(_, loss)| f64::from(*loss)).collect();
    let deviation = mean(&means.iter().map(|x| (x - mean(&means)).powi(2)).collect::<Vec<_>>()).sqrt();
    let ends = [means.first(), means.last()].map(|mean| mean.copied().unwrap_or(f64::NAN));
    let (least, greatest) =
        (means.iter().copied().fold(f64::NAN, f64::min), means.iter().copied().fold(f64::NAN, f64::max));
    vec![mean(&all), least, greatest, ends[0], ends[1], deviation, all.iter().copied().fold(f64::NAN, f64::max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihoods_are_summed_up_by_lines() {
        let found = summary(&[(0, 1.0), (0, 3.0), (1, 4.0), (1, 8.0)]);
        assert_eq!(found, [4.0, 2.0, 6.0, 2.0, 6.0, 2.0, 8.0]);
    }

    #[test]
    fn a_saved_model_is_reused_unless_the_data_changed() {
        crate::nn::threads::prepare();
        let poems: Vec<PoemText> = (0..40).map(|i| vec!["春风".repeat(1 + i % 3), "明月".to_string()]).collect();
        let folder = tempfile::tempdir().unwrap();
        let train = |seed| move || Language::train(&[vec!["春风".into()], vec!["明月春".into()]], 3, seed, |_, _| ());
        let first = Language::cached(Some(folder.path()), "a", train(1)).unwrap();
        let again = Language::cached(Some(folder.path()), "a", || panic!("the saved model is not used")).unwrap();
        assert_eq!(first.pooled(&poems).unwrap(), again.pooled(&poems).unwrap());
        let other = Language::cached(Some(folder.path()), "b", train(2)).unwrap();
        assert_ne!(first.pooled(&poems).unwrap(), other.pooled(&poems).unwrap());
        assert_eq!(first.pooled(&poems).unwrap()[0].len(), WIDTH);
    }
}
