//! Errors of corpus files. Every message is one line: place, error, remedy.

use std::io;
use std::path::PathBuf;

use super::{EncodingProblem, Format, MIN_POEMS};

#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    #[error("{}: there is no such file; give the path of a text file of poems", path.display())]
    Missing { path: PathBuf },
    #[error("{}: this is a folder; give the path of a text file of poems inside it", path.display())]
    Folder { path: PathBuf },
    #[error("{}: cannot be read: {source}; check its permissions and its disk", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: the input does not end; give the path of a text file of poems", path.display())]
    Endless { path: PathBuf },
    #[error("{}: the file contains no text; write poems into it, with a blank line between two poems", path.display())]
    Empty { path: PathBuf },
    #[error("{}: the file contains titles (`# ...`) but no verses; write the verses below their titles", path.display())]
    OnlyTitles { path: PathBuf },
    /// `kind` names the kind of file, such as "a gzip archive".
    #[error("{}: this is {kind}, not text; give a UTF-8 text file of poems", path.display())]
    Binary { path: PathBuf, kind: &'static str },
    /// `line` counts from 1, `offset` is in bytes from 0; both are those of the first byte that is not UTF-8.
    #[error("{}:{line}: the text is not UTF-8 at byte {offset}; {}", path.display(), problem.advice(path))]
    Encoding { path: PathBuf, line: usize, offset: usize, problem: EncodingProblem },
    #[error(
        "{}: {found} different poem{} ({format}) {} too few to train on; at least {MIN_POEMS} are needed: {}",
        path.display(),
        if *found == 1 { "" } else { "s" },
        if *found == 1 { "is" } else { "are" },
        format.how_to_add()
    )]
    TooFewPoems { path: PathBuf, found: usize, format: Format },
    /// `tokens` are those of the line, `limit` is the setting `max_line`.
    #[error(
        "{}:{line}: the line has {tokens} tokens but the limit is {limit}; split the line, or set \
         `max_line = {tokens}` under [model] in the configuration",
        path.display()
    )]
    LineTooLong { path: PathBuf, line: usize, tokens: usize, limit: usize },
}
