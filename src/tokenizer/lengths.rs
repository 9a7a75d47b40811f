//! Check of the line lengths of a corpus against those of a model.

use std::path::PathBuf;

use super::Tokenizer;
use crate::corpus::{Corpus, CorpusError, Format, Poem};

/// Checks that no line of the corpus has more than `max_line` tokens. Lines with a token outside the vocabulary do not
/// count, since their poems are left out.
///
/// # Errors
/// The first line that is too long, with the number of such lines and the longest.
pub fn check_lengths(corpus: &Corpus, tokenizer: &Tokenizer, max_line: usize) -> Result<(), CorpusError> {
    let mut first = LongLine { line: usize::MAX, tokens: 0 };
    let (mut count, mut longest) = (0, 0);
    for poem in corpus.training.iter().chain(&corpus.held_out) {
        for (i, line) in poem.lines.iter().enumerate() {
            // A line has at most one token per byte, plus one for the leading space mark, so short lines need no count.
            if line.len() < max_line {
                continue;
            }
            let tokens = tokenizer.encode_line(line).map_or(0, |tokens| tokens.len());
            if tokens > max_line {
                count += 1;
                longest = longest.max(tokens);
                let line = source_line(poem, i, corpus.info.format);
                first = if line < first.line { LongLine { line, tokens } } else { first };
            }
        }
    }
    if count == 0 {
        return Ok(());
    }
    let (path, LongLine { line, tokens }) = (PathBuf::from(&corpus.info.path), first);
    Err(CorpusError::LineTooLong { path, line, tokens, limit: max_line, count, longest })
}

struct LongLine {
    line: usize,
    tokens: usize,
}

/// The line of the file that holds line `i` of the poem.
fn source_line(poem: &Poem, i: usize, format: Format) -> usize {
    // A blank line stands before a stanza.
    let breaks = poem.stanzas.iter().filter(|&&begin| begin <= i).count();
    if format.splits_at_stops() { poem.source_line } else { poem.source_line + i + breaks }
}
