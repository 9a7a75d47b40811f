//! How the corpus was read, in words.

use super::{Notice, percent};

/// How the corpus was read; empty for other notices.
pub fn told(notice: &Notice) -> String {
    match notice {
        Notice::CorpusRead { layout, why, found, duplicates, left_out } => format!(
            "corpus read as {layout} ({why}): {found} poems found, {duplicates} duplicates, {left_out} left out; \
             `poetgan corpus` shows more"
        ),
        Notice::FilesLeftOut { left_out, total, problems } => format!(
            "{left_out} of {total} files of the corpus are left out: {}; `poetgan corpus` shows more",
            problems.join("; ")
        ),
        Notice::CorpusDecoded { encoding } => format!("corpus decoded from {encoding}"),
        Notice::ScriptsMixed { share } => format!(
            "the corpus mixes traditional and simplified Chinese: {} of the poems are in the rarer script; --script \
             simplified or traditional makes them one",
            percent(*share)
        ),
        Notice::PoemsLeftOut { left_out, total } => format!(
            "{left_out} of {total} poems are left out: they hold tokens too rare for the vocabulary; lower \
             tokenizer.min_count or raise tokenizer.vocab_size (--vocab-size)"
        ),
        _ => String::new(),
    }
}
