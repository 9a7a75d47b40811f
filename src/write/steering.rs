//! What a poem is asked to be about: a theme in words, and moves along directions of z.

use anyhow::Result;

use super::Model;
use super::axes::{self, AxisMove};
use crate::error::UserError;
use crate::theme::{Themes, UnknownWord};

/// A theme and moves for every poem, resolved for a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steering {
    /// The tokens of each word of the theme; without words every seed draws a theme.
    pub words: Vec<Vec<u32>>,
    /// Directions of z, and the shift along each, in standard deviations.
    pub moves: Vec<(usize, f32)>,
}

impl Steering {
    /// Resolves `--theme` and `--axis` for `model`.
    ///
    /// # Errors
    /// Words and axes that the model does not know.
    pub fn new(model: &Model, theme: Option<&str>, moves: &[AxisMove]) -> Result<Steering> {
        if theme.is_none() && moves.is_empty() {
            return Ok(Steering::default());
        }
        let themes = model.themes()?;
        let words = theme.map(|text| words(model, themes.as_ref(), text)).transpose()?.unwrap_or_default();
        let (z_dim, tokenizer) = (model.config.model.z_dim, &model.tokenizer);
        let axes = themes.as_ref().map_or_else(Vec::new, |themes| axes::axis_words(themes, tokenizer));
        let strength = |axis: usize, word: &str| {
            themes.as_ref().map_or(0.0, |themes| axes::strength(themes, tokenizer, axis, word))
        };
        let moves = moves.iter().map(|wanted| wanted.find(&axes, z_dim, strength)).collect::<Result<_, _>>()?;
        Ok(Steering { words, moves })
    }
}

fn words(model: &Model, themes: Option<&Themes>, text: &str) -> Result<Vec<Vec<u32>>, UserError> {
    let Some(themes) = themes.filter(|themes| themes.keep.iter().any(|&keep| keep > 0.0)) else {
        let why = "this model has no themes; train one with model.theme_dims above 0 on a larger corpus";
        return Err(UserError(format!("--theme: {why}, or use another --model")));
    };
    let words = themes.words_of(text, &model.tokenizer).map_err(|UnknownWord { word, near }| {
        let near = if near.is_empty() { String::new() } else { format!("; words that it knows: {}", near.join(", ")) };
        UserError(format!("--theme {text}: the model does not know the theme of '{word}'{near}"))
    })?;
    if words.is_empty() {
        return Err(UserError(format!("--theme '{text}': no words")));
    }
    Ok(words)
}
