//! A model as one file: weights in 8 and 16 bits, with configuration and tokenizer in the header.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use candle_core::{DType, Device, Tensor};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::BUILTIN;
use super::model::{Model, forms};
use super::phrases::PhraseIndex;
use super::rhyme_pairs::RhymePairs;
use crate::config::{Config, ConfigError};
use crate::gan::models::check_weights;
use crate::nn::params::{Weights, with_prefix};
use crate::nn::quantised::Quantised;
use crate::tokenizer::Tokenizer;

/// Name of the frozen embeddings; the first version had only that of rhyme.
const FROZEN_EMBEDDINGS: &str = "rhyme";
/// Name of the index of phrases, as bytes.
const PHRASES: &str = "phrases";
/// Suffix of the name of a matrix's scales.
const SCALES: &str = ".scale";
/// The only key of the metadata. With two, their order and so the bytes of the file would vary.
const HEADER: &str = "poetgan";

/// The metadata of a packed model.
#[derive(Serialize, Deserialize)]
struct Header {
    /// `config.toml` and `tokenizer.json` of the run, as texts.
    config: String,
    tokenizer: String,
    forms: BTreeMap<String, u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rhymes: Option<RhymePairs>,
}

impl Model {
    /// The model as one file: matrices in 8 bits with a scale for each row, vectors in 16 bits.
    pub fn pack(&self) -> Result<Vec<u8>> {
        let mut tensors = BTreeMap::new();
        let mut insert = |name: String, tensor: &Tensor| -> Result<()> {
            if tensor.rank() == 2 {
                let Quantised { bytes, scales } = Quantised::of(tensor)?;
                tensors.insert(format!("{name}{SCALES}"), scales);
                tensors.insert(name, bytes);
            } else {
                tensors.insert(name, tensor.to_dtype(DType::F16)?);
            }
            Ok(())
        };
        self.generator.iter().try_for_each(|(name, tensor)| insert(format!("generator.{name}"), tensor))?;
        let discriminator = self.discriminator.iter().flatten();
        discriminator.into_iter().try_for_each(|(name, tensor)| insert(format!("discriminator.{name}"), tensor))?;
        self.frozen_embeddings.iter().try_for_each(|table| insert(FROZEN_EMBEDDINGS.to_string(), table))?;
        if let Some(phrases) = self.phrase_index("name the poems with --corpus")? {
            let bytes = phrases.to_bytes();
            tensors.insert(PHRASES.to_string(), Tensor::from_slice(&bytes, bytes.len(), &Device::Cpu)?);
        }
        let header = Header {
            config: self.config.to_toml()?,
            tokenizer: self.tokenizer.to_json()?,
            forms: self.forms.iter().map(|(form, count)| (form.to_string(), *count)).collect(),
            rhymes: self.rhymes.clone(),
        };
        let header = HashMap::from([(HEADER.to_string(), serde_json::to_string(&header)?)]);
        Ok(safetensors::serialize(&tensors, Some(header))?)
    }

    /// Reads what `pack` writes, and what it wrote when all weights had 16 bits or were 8-bit floats.
    pub fn unpack(bytes: &[u8]) -> Result<Model> {
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let header = header.metadata().as_ref().and_then(|header| header.get(HEADER)).context("it lacks its header")?;
        let Header { config, tokenizer, forms: counts, rhymes } = serde_json::from_str(header)?;
        let config = Config::saved(&config, Path::new("")).map_err(|error| match error {
            // The line number in the embedded text would not help.
            ConfigError::File { message, .. } => anyhow!(message),
            error => error.into(),
        })?;
        let tokenizer = Tokenizer::from_json(&tokenizer)?;
        let forms = forms(&tokenizer, &counts, &config.model)?;
        let (mut weights, phrases) = parts(bytes)?;
        let frozen_embeddings = weights.remove(FROZEN_EMBEDDINGS);
        let discriminator = with_prefix(&weights, "discriminator.");
        let generator = with_prefix(&weights, "generator.");
        let discriminator = (!discriminator.is_empty()).then_some(discriminator);
        let parts = discriminator.as_ref().map(|weights| (weights, frozen_embeddings.as_ref()));
        let misfit = |why| anyhow!("its weights do not fit its settings: {why}");
        check_weights(&config, tokenizer.vocab_size(), &generator, parts).map_err(misfit)?;
        Ok(Model {
            config,
            tokenizer,
            generator,
            discriminator,
            frozen_embeddings,
            phrases: Ok(phrases),
            rhymes,
            forms,
            run: None,
            step: None,
            name: BUILTIN.to_string(),
        })
    }
}

/// All weights of a packed model, in 32 bits, and the index of phrases, if it has one.
fn parts(bytes: &[u8]) -> Result<(Weights, Option<PhraseIndex>)> {
    let mut stored = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)?;
    let phrases = stored.remove(PHRASES);
    let phrases = phrases.map(|bytes| PhraseIndex::from_bytes(&bytes.flatten_all()?.to_vec1::<u8>()?)).transpose()?;
    let is_scale = |name: &str| {
        let matrix = name.strip_suffix(SCALES).and_then(|name| stored.get(name));
        matrix.is_some_and(|matrix| matrix.dtype() == DType::U8)
    };
    let read = |(name, tensor): (&String, &Tensor)| {
        let tensor = if tensor.dtype() == DType::U8 {
            let scales =
                stored.get(&format!("{name}{SCALES}")).with_context(|| format!("'{name}{SCALES}' is missing"))?;
            Quantised { bytes: tensor.clone(), scales: scales.clone() }.to_matrix()?
        } else {
            tensor.to_dtype(DType::F32)?
        };
        Ok((name.clone(), tensor))
    };
    let weights = stored.iter().filter(|(name, _)| !is_scale(name)).map(read).collect::<Result<_>>()?;
    Ok((weights, phrases))
}

#[cfg(test)]
mod tests {
    use super::super::model::EMBEDDED;
    use super::*;

    /// A packed file with other tensors.
    fn with_tensors(tensors: &BTreeMap<String, Tensor>) -> Vec<u8> {
        let (_, header) = SafeTensors::read_metadata(EMBEDDED).unwrap();
        safetensors::serialize(tensors, header.metadata().clone()).unwrap()
    }

    #[test]
    fn packing_again_changes_nothing_that_counts() {
        let model = Model::unpack(EMBEDDED).unwrap();
        let again = Model::unpack(&model.pack().unwrap()).unwrap();
        let all = |model: &Model| {
            model.generator.clone().into_iter().chain(model.discriminator.clone().unwrap()).collect::<Weights>()
        };
        for (name, tensor) in all(&model) {
            let difference = (all(&again)[&name].clone() - &tensor).unwrap().abs().unwrap().flatten_all().unwrap();
            let largest = tensor.abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
            assert!(difference.max(0).unwrap().to_scalar::<f32>().unwrap() <= 1e-6 * largest, "{name}");
        }
    }

    #[test]
    fn files_in_16_bits_and_in_8_bit_floats_are_read() {
        let (weights, _) = parts(EMBEDDED).unwrap();
        let old = |(name, tensor): (&String, &Tensor)| {
            let dtype =
                if name == FROZEN_EMBEDDINGS || name == "discriminator.embedding" { DType::F8E4M3 } else { DType::F16 };
            (name.clone(), tensor.to_dtype(dtype).unwrap())
        };
        let old: BTreeMap<String, Tensor> = weights.iter().map(old).collect();
        let model = Model::unpack(&with_tensors(&old)).unwrap();
        let read = |tensor: &Tensor| tensor.to_dtype(DType::F32).unwrap().to_vec2::<f32>().unwrap();
        assert_eq!(read(&model.frozen_embeddings.unwrap()), read(&old[FROZEN_EMBEDDINGS]));
        assert_eq!(read(&model.generator["embedding"]), read(&old["generator.embedding"]));
    }

    #[test]
    fn a_matrix_without_its_scales_is_named() {
        let mut stored: BTreeMap<String, Tensor> =
            candle_core::safetensors::load_buffer(EMBEDDED, &Device::Cpu).unwrap().into_iter().collect();
        stored.remove("generator.embedding.scale").unwrap();
        let error = Model::unpack(&with_tensors(&stored)).err().unwrap();
        assert_eq!(error.to_string(), "'generator.embedding.scale' is missing");
    }
}
