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
    let mut first = LongLine { place: (usize::MAX, usize::MAX), tokens: 0 };
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
                let place = (poem.source_file, source_line(poem, i, format_of(corpus, poem)));
                first = if place < first.place { LongLine { place, tokens } } else { first };
            }
        }
    }
    if count == 0 {
        return Ok(());
    }
    let LongLine { place: (file, line), tokens } = first;
    let path =
        corpus.reading.files.get(file).map_or_else(|| PathBuf::from(&corpus.info.path), |file| file.path.clone());
    Err(CorpusError::LineTooLong { path, line, tokens, limit: max_line, count, longest })
}

/// The layout of the poem's file.
fn format_of(corpus: &Corpus, poem: &Poem) -> Format {
    corpus.reading.files.get(poem.source_file).map_or(corpus.info.format, |file| file.layout)
}

struct LongLine {
    /// Number of the file, and the line in it.
    place: (usize, usize),
    tokens: usize,
}

/// The line of the file that holds line `i` of the poem.
fn source_line(poem: &Poem, i: usize, format: Format) -> usize {
    // A blank line stands before a stanza.
    let breaks = poem.stanzas.iter().filter(|&&begin| begin <= i).count();
    if format.splits_at_stops() { poem.source_line } else { poem.source_line + i + breaks }
}
