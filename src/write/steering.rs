//! What a poem is asked to be about: a theme in words, and moves along directions of z.

use std::collections::BTreeMap;

use anyhow::Result;

use super::Model;
use super::axes::{self, AxisMove};
use super::constraints::{Constraints, Plan, PlanModel, ToneRule, n_units};
use crate::corpus::Form;
use crate::error::UserError;
use crate::theme::{Themes, UnknownWord};

/// A theme and moves for every poem, resolved for a model.
#[derive(Clone, Default)]
pub struct Steering {
    /// The tokens of each word of the theme; without words every seed draws a theme.
    pub words: Vec<Vec<u32>>,
    /// The theme itself, instead of words, [theme_dims].
    pub theme: Option<Vec<f32>>,
    /// Directions of z, and the shift along each, in standard deviations.
    pub moves: Vec<(usize, f32)>,
    /// What the poems have to hold, for each form that can; `None` without such constraints.
    pub plans: Option<BTreeMap<Form, Plan>>,
    /// Whether no phrase of the corpus may occur, for a model with an index of them.
    pub avoid_copying: bool,
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
        Ok(Steering { words, moves, ..Steering::default() })
    }

    /// The constraints for the poems of a form.
    pub(super) fn plan(&self, form: Form) -> Option<&Plan> {
        self.plans.as_ref()?.get(&form)
    }

    /// The same with constraints for poems of `form`, or of all forms that have room for them.
    ///
    /// # Errors
    /// Constraints that no poem of the form, or of any form, can meet.
    pub fn with_constraints(self, model: &Model, constraints: &Constraints, form: Option<Form>) -> Result<Steering> {
        if constraints.is_empty() {
            return Ok(self);
        }
        let mut forms = form.map_or_else(|| model.forms.clone(), |form| vec![(form, 1)]);
        forms.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let plan = |(form, _): (Form, u64)| plan_of(model, constraints, form).map(|plan| (form, plan));
        let (possible, refused): (Vec<_>, Vec<_>) = forms.into_iter().map(plan).partition(Result::is_ok);
        let mut plans: BTreeMap<Form, Plan> = possible.into_iter().flatten().collect();
        // That of the commonest form.
        if let (true, Some(Err(UserError(why)))) = (plans.is_empty(), refused.into_iter().next()) {
            let error = match nearest(model, constraints, form) {
                Some(Nearest::With(option)) => UserError(format!("{why}; possible with {option}")),
                Some(Nearest::Without(option)) => UserError(format!("{why}; possible without {option}")),
                None => UserError(why),
            };
            return Err(error.into());
        }
        // An acrostic is as long as the poem, if a form has as many lines.
        let n_lines = constraints.acrostic.as_deref().map(n_units);
        if plans.keys().any(|form| form.lines() == n_lines) {
            plans.retain(|form, _| form.lines() == n_lines);
        }
        Ok(Steering { plans: Some(plans), ..self })
    }
}

fn plan_of(model: &Model, constraints: &Constraints, form: Form) -> Result<Plan, UserError> {
    let rhymes = |form: Form| model.learned_rhymes(form);
    Plan::new(constraints, form, PlanModel { tokenizer: &model.tokenizer, rhymes: &rhymes })
}

/// A change of the options.
enum Nearest {
    With(String),
    Without(&'static str),
}

/// The least change of the options with which the constraints can be met, if one is enough.
fn nearest(model: &Model, constraints: &Constraints, form: Option<Form>) -> Option<Nearest> {
    let mut forms = model.forms.clone();
    forms.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let can = |constraints: &Constraints, form: Form| plan_of(model, constraints, form).is_ok();
    let other = form.and_then(|_| forms.iter().find(|&&(other, _)| can(constraints, other)));
    if let Some((other, _)) = other {
        return Some(Nearest::With(format!("--form {other}")));
    }
    let with = |tones: ToneRule| Constraints { tones, ..constraints.clone() };
    let relaxed = [
        (Nearest::With("--tones lenient".into()), with(ToneRule::Lenient), constraints.tones == ToneRule::Strict),
        (Nearest::Without("--tones"), with(ToneRule::Off), constraints.tones != ToneRule::Off),
        (Nearest::Without("--rhyme"), Constraints { rhyme: None, ..constraints.clone() }, constraints.rhyme.is_some()),
        (
            Nearest::Without("--no-repeat"),
            Constraints { no_repeat: false, ..constraints.clone() },
            constraints.no_repeat,
        ),
        (
            Nearest::Without("--avoid"),
            Constraints { avoid: Vec::new(), ..constraints.clone() },
            !constraints.avoid.is_empty(),
        ),
        (
            Nearest::Without("--contain"),
            Constraints { contain: Vec::new(), ..constraints.clone() },
            !constraints.contain.is_empty(),
        ),
        (
            Nearest::Without("--acrostic"),
            Constraints { acrostic: None, ..constraints.clone() },
            constraints.acrostic.is_some(),
        ),
    ];
    let forms = form.map_or(forms, |form| vec![(form, 1)]);
    let possible = |constraints: &Constraints| forms.iter().any(|&(form, _)| can(constraints, form));
    relaxed.into_iter().find(|(_, constraints, applies)| *applies && possible(constraints)).map(|(change, ..)| change)
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
