//! Poems that a run leaves out, since its vocabulary lacks some of their tokens.

use super::base_model::BaseModel;
use crate::corpus::{Corpus, LeftOut, MIN_POEMS};
use crate::error::UserError;
use crate::gan::data::Dataset;
use crate::run::notice::{NoHeldOut, Notice};

/// An error if too few poems remain, a notice if most of them go, or all that are held out.
pub fn check(
    corpus: &Corpus,
    dataset: &Dataset,
    base: Option<&BaseModel>,
    notices: &mut Vec<Notice>,
) -> Result<(), UserError> {
    let total = corpus.training.len() + corpus.held_out.len();
    let (LeftOut { training, .. }, left_out) = (dataset.left_out, dataset.left_out.total());
    let (path, left) = (&corpus.info.path, total - left_out);
    // In a small corpus a held-out poem often holds a character that no other poem has: that alone is no error.
    if (left < MIN_POEMS && training > 0) || dataset.buckets.is_empty() {
        let why = why_left_out(base);
        let message = format!("{path}: {left} of {total} poems are left, and at least {MIN_POEMS} are needed: {why}");
        return Err(UserError(message));
    }
    if 2 * left_out > total {
        notices.push(Notice::PoemsLeftOut { left_out, total });
    }
    if dataset.buckets.iter().all(|bucket| bucket.held_out.is_empty()) {
        let reason = if corpus.held_out.is_empty() { NoHeldOut::TooSimilar } else { NoHeldOut::NoneUsable };
        notices.push(Notice::NoHeldOutLoss { reason });
    }
    Ok(())
}

fn why_left_out(base: Option<&BaseModel>) -> &'static str {
    if base.is_some_and(BaseModel::has_fixed_vocabulary) {
        // No setting of the tokenizer changes that vocabulary.
        return "the vocabulary of the --from model, parts of words, cannot write the others; leave out --from, or name a \
                model of similar poems";
    }
    "the others hold characters or words that are too rare for the vocabulary; lower tokenizer.min_count or raise \
     tokenizer.vocab_size (--vocab-size)"
}
