//! Gradients of the tied output layer when only a few logits of each row have one.

use super::super::simd;
use super::head::HeadGradients;

/// The gradient of one logit.
#[derive(Clone, Copy)]
pub struct Entry {
    pub row: usize,
    pub token: usize,
    pub gradient: f32,
}

/// Adds the gradients of `hidden` [rows, width], `embedding` [vocab, width] and bias that follow from those of the logits,
/// `entries`.
pub fn add_entries(gradients: &mut HeadGradients, entries: &[Entry], hidden: &[f32], embedding: &[f32], vocab: usize) {
    let width = embedding.len() / vocab;
    let at = |index: usize| index * width..(index + 1) * width;
    simd::vectorised(
        #[inline(always)]
        || {
            for &Entry { row, token, gradient } in entries {
                simd::axpy(&mut gradients.hidden[at(row)], gradient, &embedding[at(token)]);
            }
            // By tokens, so that a row of the embedding's gradient is written once, however many rows add to it.
            for &Entry { row, token, gradient } in &by_token(entries, vocab) {
                simd::axpy(&mut gradients.embedding[at(token)], gradient, &hidden[at(row)]);
                gradients.bias[token] += gradient;
            }
        },
    );
}

/// The entries sorted by token, stably.
fn by_token(entries: &[Entry], vocab: usize) -> Vec<Entry> {
    let mut places = vec![0; vocab + 1];
    entries.iter().for_each(|entry| places[entry.token + 1] += 1);
    (0..vocab).for_each(|token| places[token + 1] += places[token]);
    let mut sorted = entries.to_vec();
    for entry in entries {
        sorted[places[entry.token]] = *entry;
        places[entry.token] += 1;
    }
    sorted
}
