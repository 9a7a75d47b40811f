//! What a poem is asked to be about: a theme in words, and moves along directions of z.

use std::collections::BTreeMap;

use anyhow::Result;

use super::Model;
use super::axes::{self, AxisMove};
use super::constraints::{Plan, Wishes};
use crate::corpus::Form;
use crate::error::UserError;
use crate::theme::{Themes, UnknownWord};

/// A theme and moves for every poem, resolved for a model.
#[derive(Clone, Default)]
pub struct Steering {
    /// The tokens of each word of the theme; without words every seed draws a theme.
    pub words: Vec<Vec<u32>>,
    /// Directions of z, and the shift along each, in standard deviations.
    pub moves: Vec<(usize, f32)>,
    /// What the poems have to hold, for each form that can; `None` without such wishes.
    pub plans: Option<BTreeMap<Form, Plan>>,
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
        Ok(Steering { words, moves, plans: None })
    }

    /// The wishes for the poems of a form.
    pub(super) fn plan(&self, form: Form) -> Option<&Plan> {
        self.plans.as_ref()?.get(&form)
    }

    /// The same with wishes for poems of `form`, or of all forms that have room for them.
    ///
    /// # Errors
    /// Wishes that no poem of the form, or of any form, can meet.
    pub fn with_wishes(self, model: &Model, wishes: &Wishes, form: Option<Form>) -> Result<Steering> {
        if wishes.is_empty() {
            return Ok(self);
        }
        let plan = |form: Form| Plan::new(wishes, form, &model.tokenizer);
        if let Some(form) = form {
            return Ok(Steering { plans: Some(BTreeMap::from([(form, plan(form)?)])), ..self });
        }
        let all: Vec<(Form, Result<Plan, UserError>)> =
            model.forms.iter().map(|&(form, _)| (form, plan(form))).collect();
        // A form with more lines than wishes is not what is meant, if there is one with as many.
        let n_lines = all.iter().filter_map(|(_, plan)| plan.as_ref().ok()).map(Plan::n_lines).max().unwrap_or(0);
        let is_exact = |form: &Form| n_lines > 1 && form.lines() == Some(n_lines);
        let has_exact = all.iter().any(|(form, plan)| plan.is_ok() && is_exact(form));
        let usual = model.forms.iter().max_by_key(|(_, count)| *count).map(|(form, _)| *form);
        let mut plans = BTreeMap::new();
        let mut why = None;
        for (form, plan) in all {
            match plan {
                Ok(plan) if !has_exact || is_exact(&form) => drop(plans.insert(form, plan)),
                Ok(_) => {}
                Err(error) if Some(form) == usual => why = Some(error),
                Err(_) => {}
            }
        }
        match why {
            Some(why) if plans.is_empty() => Err(why.into()),
            _ => Ok(Steering { plans: Some(plans), ..self }),
        }
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
