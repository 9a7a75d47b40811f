//! `poetgan between`: poems on the way from one z to another.

use std::io::Write;

use anyhow::{Context, Result};
use serde::Serialize;

use super::compose::{Composer, draw_form};
use super::{GeneratedPoem, Model, ModelChoice, PoemRequest, Steering, Told};
use crate::corpus::Form;
use crate::nn::simd::Arch;
use crate::printable;

/// The options of `between`.
#[derive(Clone, Debug, PartialEq)]
pub struct BetweenOptions {
    /// The seeds of the first and of the last z. The other noise is that of the first throughout.
    pub from: u64,
    pub to: u64,
    /// Number of poems, with both ends.
    pub steps: usize,
    /// `None`: drawn by the first seed, as often as in the corpus, from those with enough poems.
    pub form: Option<Form>,
    /// As for `write`.
    pub temperature: f32,
    pub top_p: f32,
    /// As for `write`.
    pub model: ModelChoice,
    /// One JSON object per poem instead of text.
    pub json: bool,
    pub told: Told,
}

/// A poem on the way, as a JSON object.
#[derive(Serialize)]
struct StepJson<'a> {
    from: u64,
    to: u64,
    /// 0 for the z of the first seed, 1 for that of the last.
    share: f32,
    form: String,
    lines: &'a [String],
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    stanzas: &'a [usize],
    text: &'a str,
    line_scores: &'a [f32],
    score: Option<f32>,
}

/// Generates the poems and writes them to `out`.
///
/// # Errors
/// A model that cannot be read or lacks the form, or output that cannot be written.
pub fn run(options: &BetweenOptions, out: &mut impl Write) -> Result<()> {
    crate::nn::threads::prepare();
    let model = options.model.open(options.told.lang)?;
    options.told.rare(&model, options.form);
    let poems = poems(&model, options)?;
    options.told.model(&model, &format!("seeds {} to {}", options.from, options.to), options.model.path.is_none());
    for (index, (share, poem)) in poems.iter().enumerate() {
        if options.json { json(options, *share, poem, out) } else { text(index, *share, poem, out) }
            .context("cannot write the poems")?;
    }
    out.flush().context("cannot write the poems")
}

/// The poems with their share of the way, from 0 to 1.
fn poems(model: &Model, options: &BetweenOptions) -> Result<Vec<(f32, GeneratedPoem)>> {
    let &BetweenOptions { from, to, steps, temperature, top_p, json: with_scores, .. } = options;
    let form = options.form.unwrap_or_else(|| draw_form(&model.forms, from));
    let request = PoemRequest { temperature: Some(temperature), top_p, with_scores, ..PoemRequest::one_draft() };
    let composer = Composer::new(Arch::new(), model, request)?;
    let (start, end) = (composer.z(form, from)?, composer.z(form, to)?);
    let mut poems = Vec::new();
    for step in 0..steps {
        let share = step as f32 / steps.saturating_sub(1).max(1) as f32;
        let z = spherical(&start, &end, share);
        let moves = z.iter().zip(&start).map(|(z, start)| z - start).enumerate().collect();
        let generated = composer.of_form(form, &[from], &Steering { moves, ..Steering::default() })?;
        poems.extend(generated.into_iter().map(|poem| (share, poem)));
    }
    Ok(poems)
}

/// Spherical interpolation (Shoemake 1985): the points between two draws of z are as long as draws.
fn spherical(a: &[f32], b: &[f32], share: f32) -> Vec<f32> {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let angle = (product(a, b) / (product(a, a) * product(b, b)).sqrt().max(1e-12)).clamp(-1.0, 1.0).acos();
    let share = f64::from(share);
    let (first, last) = match angle.sin() {
        sine if sine < 1e-6 => (1.0 - share, share),
        sine => (((1.0 - share) * angle).sin() / sine, (share * angle).sin() / sine),
    };
    a.iter().zip(b).map(|(a, b)| (first * f64::from(*a) + last * f64::from(*b)) as f32).collect()
}

fn text(index: usize, share: f32, poem: &GeneratedPoem, out: &mut impl Write) -> std::io::Result<()> {
    if index > 0 {
        writeln!(out)?;
    }
    writeln!(out, "{:.0} %\n{}", 100.0 * share, poem.text)
}

fn json(options: &BetweenOptions, share: f32, poem: &GeneratedPoem, out: &mut impl Write) -> std::io::Result<()> {
    let GeneratedPoem { form, lines, stanzas, text, line_scores, score, .. } = poem;
    let (from, to, form) = (options.from, options.to, form.to_string());
    let step = StepJson { from, to, share, form, lines, stanzas, text, line_scores, score: *score };
    writeln!(out, "{}", printable::json(&step)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_is_on_the_sphere_and_ends_at_both_ends() {
        let (a, b) = ([3.0, 0.0, 0.0], [0.0, 0.0, 3.0]);
        assert_eq!((spherical(&a, &b, 0.0), spherical(&a, &b, 1.0)[2]), (a.to_vec(), 3.0));
        let middle = spherical(&a, &b, 0.5);
        let length = middle.iter().map(|x| x * x).sum::<f32>().sqrt();
        assert!((length - 3.0).abs() < 1e-5 && (middle[0] - middle[2]).abs() < 1e-6, "{middle:?}");
        assert_eq!(spherical(&a, &a, 0.3), a, "the same z");
    }
}
