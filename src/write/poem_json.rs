//! A poem as a JSON object.

use serde::Serialize;
use serde_json::Value;

use super::GeneratedPoem;
use super::explain::Explainer;

#[derive(Serialize)]
pub struct PoemJson<'a> {
    seed: u64,
    form: String,
    lines: &'a [String],
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    stanzas: &'a [usize],
    text: &'a str,
    line_scores: &'a [f32],
    score: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Value>,
}

impl<'a> PoemJson<'a> {
    pub fn of(poem: &'a GeneratedPoem, explainer: Option<&Explainer>) -> PoemJson<'a> {
        let GeneratedPoem { seed, form, lines, stanzas, text, line_scores, score, cost } = poem;
        let (seed, form, score) = (*seed, form.to_string(), *score);
        let cost = cost.map(|cost| cost.forbidden).filter(|&cost| cost > 0.0);
        let explanation = explainer.map(|explainer| explainer.json(poem));
        PoemJson { seed, form, lines, stanzas, text, line_scores, score, cost, explanation }
    }
}
