//! From seeds to poems.

use std::collections::BTreeMap;

use anyhow::Result;

use super::Model;
use crate::corpus::Form;
use crate::discriminator::{Judge, Judgement};
use crate::error::UserError;
use crate::generator::{Request, Rules, Sampler};
use crate::random;
use crate::train::data::marks;

/// A poem of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub seed: u64,
    pub form: Form,
    pub lines: Vec<String>,
    /// The lines as people read them.
    pub text: String,
    /// The discriminator's probability that each line is real, 0 to 1; empty for a model without a discriminator.
    pub line_scores: Vec<f32>,
    /// The same for the poem.
    pub score: Option<f32>,
}

/// The poem of each seed. Without a form, the seed chooses one as well, each as often as in the corpus. A poem depends
/// on its own seed and on nothing else.
pub fn compose(
    model: &Model,
    form: Option<Form>,
    temperature: Option<f32>,
    seeds: &[u64],
    judged: bool,
) -> Result<Vec<Written>> {
    let mut by_form: BTreeMap<Form, Vec<u64>> = BTreeMap::new();
    for &seed in seeds {
        by_form.entry(form.unwrap_or_else(|| choose(model, seed))).or_default().push(seed);
    }
    let sampler = Sampler::new(&model.config.model, marks(&model.tokenizer), &model.generator)?;
    let mut poems = BTreeMap::new();
    for (form, seeds) in &by_form {
        let written = of_form(model, &sampler, *form, temperature, seeds, judged)?;
        poems.extend(written.into_iter().map(|poem| (poem.seed, poem)));
    }
    Ok(seeds.iter().filter_map(|seed| poems.remove(seed)).collect())
}

/// A form, drawn by the seed in proportion to the poems of each form in the corpus.
fn choose(model: &Model, seed: u64) -> Form {
    let total: u64 = model.forms.iter().map(|(_, count)| count).sum();
    let draw = f64::from(random::uniform(&mut random::stream(seed, "form", 0))) * total as f64;
    let mut below = 0.0;
    let chosen = model.forms.iter().find(|(_, count)| {
        below += *count as f64;
        draw < below
    });
    chosen.or(model.forms.last()).map_or(Form::Free, |(form, _)| *form)
}

fn of_form(
    model: &Model,
    sampler: &Sampler,
    form: Form,
    temperature: Option<f32>,
    seeds: &[u64],
    judged: bool,
) -> Result<Vec<Written>> {
    let Some(tag) = model.tokenizer.form_token(form) else {
        let known: Vec<String> = model.forms.iter().map(|(form, _)| form.to_string()).collect();
        let message = format!("--form {form}: this model has not learned it; it knows {}", known.join(", "));
        return Err(UserError(message).into());
    };
    let temperature = temperature.unwrap_or(model.config.sampling.temperature);
    let rules = Rules::new(form, &model.config.model);
    let batch = sampler.sample(Request { tag, rules, seeds, temperature });
    let judgements: Vec<Option<Judgement>> = match (&model.discriminator, judged) {
        (Some(weights), true) => {
            let marks = marks(&model.tokenizer);
            let judge = Judge::new(&model.config.discriminator, weights.clone(), model.rhyme.as_ref(), marks)?;
            judge.judge(&batch)?.into_iter().map(Some).collect()
        }
        _ => vec![None; batch.count],
    };
    let poem = |(index, judgement): (usize, Option<Judgement>)| {
        let lines = model.tokenizer.decode(batch.poem(index));
        Written {
            seed: seeds[index],
            form,
            text: model.tokenizer.render(&lines, form),
            lines,
            score: judgement.as_ref().map(|judgement| judgement.poem),
            line_scores: judgement.map_or_else(Vec::new, |judgement| judgement.lines),
        }
    };
    Ok(judgements.into_iter().enumerate().map(poem).collect())
}
