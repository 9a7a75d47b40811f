//! A poem as a JSON object.

use serde::Serialize;

use super::GeneratedPoem;

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
}

impl<'a> PoemJson<'a> {
    pub fn of(poem: &'a GeneratedPoem) -> PoemJson<'a> {
        let GeneratedPoem { seed, form, lines, stanzas, text, line_scores, score, cost } = poem;
        let (seed, form, score, cost) = (*seed, form.to_string(), *score, *cost);
        PoemJson { seed, form, lines, stanzas, text, line_scores, score, cost }
    }
}
