//! Notices about how the corpus was read.

use crate::corpus::{Corpus, in_other_script};
use crate::run::notice::Notice;

/// A smaller share of poems in the rarer Chinese script is no reason for a notice.
const LEAST_MIXED: f32 = 0.01;

/// The layout of the corpus, its encoding where that is not UTF-8, and whether it mixes the Chinese scripts.
pub fn notices(corpus: &Corpus) -> Vec<Notice> {
    let reading = &corpus.reading;
    let (layout, why) = reading.layout();
    let mut notices = vec![Notice::CorpusRead {
        layout: layout.name().into(),
        why: why.into(),
        found: reading.found,
        duplicates: reading.duplicates,
        left_out: reading.left_out.values().sum(),
    }];
    if corpus.info.encoding != "UTF-8" {
        notices.push(Notice::CorpusDecoded { encoding: corpus.info.encoding.clone() });
    }
    // The held-out poems are a sample of the same.
    let share = in_other_script(&corpus.training) as f32 / corpus.training.len().max(1) as f32;
    if share >= LEAST_MIXED {
        notices.push(Notice::ScriptsMixed { share });
    }
    notices
}
