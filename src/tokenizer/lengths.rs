//! Check of the line lengths of a corpus against those of a model.

use std::path::PathBuf;

use super::Tokenizer;
use crate::corpus::{Corpus, CorpusError, Format, Poem};

/// Checks that no line of the corpus has more than `max_line` tokens. Lines with a token outside the vocabulary do not
/// count, since their poems are left out.
///
/// # Errors
/// The first line that is too long.
pub fn check_lengths(corpus: &Corpus, tokenizer: &Tokenizer, max_line: usize) -> Result<(), CorpusError> {
    let mut first: Option<(usize, usize)> = None;
    for poem in corpus.training.iter().chain(&corpus.held_out) {
        for (i, line) in poem.lines.iter().enumerate() {
            // A line has at most one token per byte, plus one for the leading space mark, so short lines need no count.
            if line.len() < max_line {
                continue;
            }
            let tokens = tokenizer.encode_line(line).map_or(0, |tokens| tokens.len());
            let found = (source_line(poem, i, corpus.info.format), tokens);
            if tokens > max_line && first.is_none_or(|first| found.0 < first.0) {
                first = Some(found);
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
