//! Poems at both ends of the named axes of a model: the same seed, moved.

use anyhow::Result;

use super::compose::Composer;
use super::{GeneratedPoem, Model, PoemRequest, Steering, axes};
use crate::nn::simd::Arch;
use crate::run::event::AxisWords;

/// An axis and what becomes of a poem along it.
pub struct AxisPoems {
    /// The direction of z.
    pub axis: usize,
    pub words: AxisWords,
    /// By how much the poem is moved, in standard deviations, and what it becomes.
    pub poems: Vec<(f32, GeneratedPoem)>,
}

/// The poem of `seed` in the most frequent form at each of `amounts` along the first `most` named axes; none for a model
/// without themes.
///
/// # Errors
/// A model whose parts do not fit together.
pub fn along_axes(model: &Model, seed: u64, most: usize, amounts: &[f32]) -> Result<Vec<AxisPoems>> {
    crate::nn::threads::prepare();
    let (Some(themes), Some((form, _))) = (model.themes()?, model.forms.iter().max_by_key(|(_, count)| *count)) else {
        return Ok(Vec::new());
    };
    let named = axes::axis_words(&themes, &model.tokenizer).into_iter().enumerate();
    let named = named.filter(|(_, words)| !words.positive.is_empty() && !words.negative.is_empty());
    let composer = Composer::new(Arch::new(), model, PoemRequest::one_draft())?;
    let poems = |axis: usize| -> Result<Vec<(f32, GeneratedPoem)>> {
        let at = |&amount: &f32| {
            let steering = Steering { moves: vec![(axis, amount)], ..Steering::default() };
            let poem = composer.of_form(*form, &[seed], &steering)?.pop();
            Ok(poem.map(|poem| (amount, poem)))
        };
        amounts.iter().filter_map(|amount| at(amount).transpose()).collect()
    };
    named.take(most).map(|(axis, words)| Ok(AxisPoems { axis, poems: poems(axis)?, words })).collect()
}
