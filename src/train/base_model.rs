//! `--from`: a trained generator as the start of a run on another corpus.

use std::path::Path;

use anyhow::Result;
use candle_core::{Device, Tensor};

use crate::config::{Config, TokenizerKind};
use crate::gan::models::Models;
use crate::nn::params::Average;
use crate::run::notice::Notice;
use crate::run::run_dir::RunDir;
use crate::theme::{FormSegments, Themes};
use crate::tokenizer::Tokenizer;
use crate::write::{BUILTIN, Model};

/// A new token starts as the mean of this many known ones with the most similar features.
const NEIGHBOURS: usize = 8;

/// Weights with one row for each token.
const BY_TOKEN: [&str; 4] = ["embedding", "bias", "repeat.adjacent", "repeat.apart"];

/// The model that a run starts from.
pub struct BaseModel {
    model: Model,
}

impl BaseModel {
    /// `builtin`, the name or path of a run, a checkpoint or a packed file.
    ///
    /// # Errors
    /// A model that cannot be read.
    pub fn open(name: &str) -> Result<BaseModel> {
        if name == BUILTIN {
            return Ok(BaseModel { model: Model::builtin()? });
        }
        Ok(BaseModel { model: Model::open(&RunDir::named_or_path(Path::new(name), Path::new("runs")))? })
    }

    /// Its architecture, which its weights need. Dropout, and what it lacks, stay as they are.
    pub fn configure(&self, config: &mut Config) {
        let (wanted, mut model) = (config.model.clone(), self.model.config.model.clone());
        model.dropout = wanted.dropout;
        model.repeat_bias |= wanted.repeat_bias;
        if model.theme_dims == 0 {
            (model.theme_dims, model.theme_keep) = (wanted.theme_dims.min(model.z_dim), wanted.theme_keep);
        }
        config.model = model;
    }

    /// Whether its vocabulary stays as it is, whatever the poems hold.
    pub fn has_fixed_vocabulary(&self) -> bool {
        self.model.tokenizer.kind() == TokenizerKind::Bpe
    }

    pub fn tokenizer(&self) -> &Tokenizer {
        &self.model.tokenizer
    }

    /// Sets the generator's weights to those of this model. Returns what was done.
    ///
    /// # Errors
    /// A failed tensor operation.
    pub fn load_into(&self, models: &mut Models, tokenizer: &Tokenizer) -> Result<Notice> {
        let sources = self.sources(models, tokenizer)?;
        for (name, _) in models.generator.iter() {
            let Some(weight) = self.model.generator.get(name) else { continue };
            let weight = if BY_TOKEN.contains(&name.as_str()) { rows(weight, &sources)? } else { weight.clone() };
            models.generator.set(name, &weight)?;
        }
        models.average = Average::new(&models.generator, models.average.decay())?;
        let new_tokens = sources.iter().filter(|sources| sources.len() > 1).count();
        let themes_kept = Themes::of_weights(&self.model.generator)?.is_some();
        Ok(Notice::StartedFrom { name: self.model.name.clone(), new_tokens, themes_kept })
    }

    /// The themes of this model for the vocabulary and the poems of another corpus; `None` if it has none.
    ///
    /// # Errors
    /// Damaged themes.
    pub fn themes(&self, tokenizer: &Tokenizer, forms: &[FormSegments]) -> Result<Option<Themes>> {
        let old = self.old_ids(tokenizer);
        Ok(Themes::of_weights(&self.model.generator)?.map(|themes| themes.refitted(&old, forms)))
    }

    /// The id that each token of `tokenizer` has in this model.
    fn old_ids(&self, tokenizer: &Tokenizer) -> Vec<Option<u32>> {
        let text = |id: u32| tokenizer.token_text(id).unwrap_or_default();
        (0..tokenizer.vocab_size() as u32).map(|id| self.model.tokenizer.token_id(text(id))).collect()
    }

    /// The rows of this model that each row of the new one is the mean of: its own, or those of similar tokens.
    fn sources(&self, models: &Models, tokenizer: &Tokenizer) -> Result<Vec<Vec<u32>>> {
        let old = self.old_ids(tokenizer);
        let similar = Similar::new(models, &old, tokenizer.n_special())?;
        // A new form starts as the commonest one.
        let form = self.model.tokenizer.forms().first().map_or(0, |&(_, id)| id);
        let source = |(token, old): (usize, &Option<u32>)| match old {
            Some(id) => vec![*id],
            None if tokenizer.stanza() == Some(token as u32) => vec![Tokenizer::LINE],
            None if token < tokenizer.n_special() => vec![form],
            None => similar.to(token),
        };
        Ok(old.iter().enumerate().map(source).collect())
    }
}

/// The features of tokens, [vocab, columns], and the known tokens among them with their old ids.
struct Similar {
    features: Vec<Vec<f32>>,
    known: Vec<(usize, u32)>,
}

impl Similar {
    fn new(models: &Models, old: &[Option<u32>], first_content: usize) -> Result<Similar> {
        let features = match &models.frozen_embeddings {
            Some(table) => table.to_vec2()?,
            None => vec![Vec::new(); old.len()],
        };
        let known = old.iter().enumerate().skip(first_content).filter_map(|(token, old)| Some((token, (*old)?)));
        Ok(Similar { known: known.collect(), features })
    }

    /// Old ids of the known tokens most similar to `token`.
    fn to(&self, token: usize) -> Vec<u32> {
        let own = &self.features[token];
        let similarity = |other: usize| own.iter().zip(&self.features[other]).map(|(a, b)| a * b).sum::<f32>();
        let mut known: Vec<(f32, u32)> = self.known.iter().map(|&(other, old)| (similarity(other), old)).collect();
        known.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        known.into_iter().take(NEIGHBOURS).map(|(_, old)| old).collect()
    }
}

/// For each list of `sources` the mean of these rows of `weight` [old vocab, ..].
fn rows(weight: &Tensor, sources: &[Vec<u32>]) -> Result<Tensor> {
    let columns = weight.elem_count() / weight.dim(0)?;
    let old: Vec<f32> = weight.flatten_all()?.to_vec1()?;
    let mut new = vec![0f32; sources.len() * columns];
    for (row, sources) in new.chunks_mut(columns).zip(sources) {
        for &source in sources {
            let old = &old[source as usize * columns..][..columns];
            row.iter_mut().zip(old).for_each(|(x, old)| *x += old / sources.len() as f32);
        }
    }
    let mut shape = weight.dims().to_vec();
    shape[0] = sources.len();
    Ok(Tensor::from_vec(new, shape, &Device::Cpu)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_rows_are_the_means_of_similar_ones() {
        let old = Tensor::new(&[[1f32, 2.0], [3.0, 4.0], [5.0, 6.0]], &Device::Cpu).unwrap();
        let new = rows(&old, &[vec![2], vec![0, 1], vec![0]]).unwrap();
        assert_eq!(new.to_vec2::<f32>().unwrap(), [[5.0, 6.0], [2.0, 3.0], [1.0, 2.0]]);
        let bias = Tensor::new(&[1f32, 3.0], &Device::Cpu).unwrap();
        assert_eq!(rows(&bias, &[vec![0, 1]]).unwrap().to_vec1::<f32>().unwrap(), [2.0]);
        // Token 3 is new; 1 and 2 are known, and 2 is more like it.
        let features = vec![vec![0.0, 0.0], vec![1.0, 0.0], vec![0.6, 0.8], vec![0.0, 1.0]];
        assert_eq!(Similar { features, known: vec![(1, 7), (2, 9)] }.to(3), [9, 7]);
    }
}
