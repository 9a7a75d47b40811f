//! Notices about how the corpus was read.

use crate::corpus::Corpus;
use crate::run::notice::Notice;

/// The layout of the corpus, and its encoding where that is not UTF-8.
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
    notices
}
