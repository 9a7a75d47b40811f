//! Whether the lines of a corpus fit into a model.

use std::path::PathBuf;

use super::Tokenizer;
use crate::corpus::{Corpus, CorpusError, Format, Poem};

/// Fails with the first line of the corpus that has more than `max_line` tokens. Lines that hold a token outside the
/// vocabulary do not count, since their poems are left out.
pub fn check_lengths(corpus: &Corpus, tokenizer: &Tokenizer, max_line: usize) -> Result<(), CorpusError> {
    let mut first: Option<(usize, usize)> = None;
    for poem in corpus.training.iter().chain(&corpus.held_out) {
        for (i, line) in poem.lines.iter().enumerate() {
            // Short lines need no count: there are no more tokens than bytes, and one for the mark at the beginning.
            if line.len() < max_line {
                continue;
            }
            let tokens = tokenizer.encode_line(line).map_or(0, |tokens| tokens.len());
            let place = (source_line(poem, i, corpus.info.format), tokens);
            if tokens > max_line && first.is_none_or(|first| place.0 < first.0) {
                first = Some(place);
            }
        }
    }
    match first {
        None => Ok(()),
        Some((line, tokens)) => {
            Err(CorpusError::LineTooLong { path: PathBuf::from(&corpus.info.path), line, tokens, limit: max_line })
        }
    }
}

/// The line of the file that holds line `i` of the poem.
fn source_line(poem: &Poem, i: usize, format: Format) -> usize {
    if format.splits_at_stops() { poem.source_line } else { poem.source_line + i }
}
