//! The models of a run: new ones with what is learned from the corpus before training, or those of a checkpoint.

use std::collections::BTreeMap;

use anyhow::Result;

use super::base_model::BaseModel;
use crate::config::{Config, ModelConfig};
use crate::discriminator;
use crate::gan::data::Dataset;
use crate::gan::frozen_embeddings::{self, Learned};
use crate::gan::models::{self, Models};
use crate::nn::params::Weights;
use crate::run::notice::Notice;
use crate::run::run_dir::{RunDir, RunError};
use crate::run::state::RunState;
use crate::theme::{self, ThemeSettings, Themes};
use crate::tokenizer::Tokenizer;

/// A checkpoint in memory.
pub struct Loaded {
    pub state: RunState,
    pub parts: BTreeMap<String, Weights>,
}

/// What models are made from.
pub struct NewModels<'a> {
    pub config: &'a Config,
    pub dataset: &'a Dataset,
    pub tokenizer: &'a Tokenizer,
    /// The model that a new generator starts from.
    pub base: Option<&'a BaseModel>,
}

impl NewModels<'_> {
    /// The models of a new run: with initial weights, or with the generator of another model.
    pub fn begin(&self, notices: &mut Vec<Notice>) -> Result<Models> {
        let (themes, learned) = rayon::join(|| self.themes(), || self.learn_embeddings());
        let themes = noticed(themes?, notices);
        let mut models = self.initialise(learned?, themes.as_ref(), notices)?;
        if let Some(base) = self.base {
            notices.push(base.load_into(&mut models, self.tokenizer)?);
        }
        if let Some(themes) = themes.filter(|themes| themes.dims() > 0) {
            models.set_themes(&themes)?;
        }
        Ok(models)
    }

    /// The themes for z and for the discriminator: those of the base model for this corpus, or new ones.
    fn themes(&self) -> Result<(Option<Themes>, Option<Notice>)> {
        let ModelConfig { theme_dims: dims, theme_keep: keep, .. } = self.config.model;
        if dims == 0 && !self.config.discriminator.theme {
            return Ok((None, None));
        }
        let segments = self.dataset.training_segments();
        if let Some(themes) = self.base.map(|base| base.themes(self.tokenizer, &segments)).transpose()?.flatten() {
            return Ok((Some(themes), None));
        }
        let themes = theme::learn(&segments, self.tokenizer.vocab_size(), ThemeSettings { dims, keep })?;
        let axes = themes.keep.iter().filter(|&&keep| keep > 0.0).count();
        let notice = Notice::ThemesLearned { axes, correlation: themes.correlations[0] };
        Ok((Some(themes), Some(notice)))
    }

    fn learn_embeddings(&self) -> candle_core::Result<Learned> {
        frozen_embeddings::learn(self.config, self.dataset, self.tokenizer)
    }

    /// Models with initial weights.
    fn initialise(&self, learned: Learned, themes: Option<&Themes>, notices: &mut Vec<Notice>) -> Result<Models> {
        let learned = learned.with_themes(self.config, themes)?;
        notices.extend(learned.notices);
        let models = Models::new(self.config, self.tokenizer.vocab_size(), learned.table)?;
        discriminator::begin(&models.discriminator, &learned.head_weights)?;
        if let Some(lines) = learned.rhyming_lines {
            discriminator::compare_lines(&models.discriminator, &lines)?;
        }
        Ok(models)
    }

    /// The themes of a checkpoint; new ones if it has none and the discriminator needs some.
    fn saved_themes(&self, parts: &BTreeMap<String, Weights>, notices: &mut Vec<Notice>) -> Result<Option<Themes>> {
        let saved = parts.get("average").map(Themes::of_weights).transpose()?.flatten();
        if saved.is_some() { Ok(saved) } else { Ok(noticed(self.themes()?, notices)) }
    }

    /// The models of a checkpoint. A discriminator that has not been trained yet may have other settings by now.
    pub fn load(&self, run: &RunDir, loaded: &Loaded, notices: &mut Vec<Notice>) -> Result<Models> {
        let (config, vocab, Loaded { state, parts }) = (self.config, self.tokenizer.vocab_size(), loaded);
        let unfit = |why| RunError::Unfit { path: run.path().to_path_buf(), why };
        models::check_generator(config, vocab, parts).map_err(unfit)?;
        let fits = models::check_discriminator(config, vocab, parts);
        let is_other = fits.is_err() && state.discriminator_updates == 0;
        let mut models = match is_other {
            true => {
                let themes = self.saved_themes(parts, notices)?;
                self.initialise(self.learn_embeddings()?, themes.as_ref(), notices)?
            }
            false => Models::new(config, vocab, None)?,
        };
        models.load_generator(config, parts, state.phase, state.generator_updates)?;
        if is_other {
            models.renew_shared_embedding(config)?;
            notices.push(Notice::DiscriminatorReinitialised);
        } else {
            fits.map_err(unfit)?;
            models.load_discriminator(parts, state.discriminator_updates)?;
        }
        Ok(models)
    }
}

/// Themes, whose notice joins the others.
fn noticed((themes, notice): (Option<Themes>, Option<Notice>), notices: &mut Vec<Notice>) -> Option<Themes> {
    notices.extend(notice);
    themes
}
