//! Errors of corpus files. Every message is one line: place, error, remedy.

use std::io;
use std::path::PathBuf;

use super::foreign::Foreign;
use super::{EncodingProblem, Format, MIN_POEMS};

#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    #[error("{}: there is no such file; give the path of a text file of poems", path.display())]
    Missing { path: PathBuf },
    #[error("{}: this is a folder; give the path of a text file of poems inside it", path.display())]
    Folder { path: PathBuf },
    #[error(
        "{}: this folder has no file of text (.txt, .md, .json, .csv, .html, ...); put files of poems into it",
        path.display()
    )]
    EmptyFolder { path: PathBuf },
    #[error("{}: cannot be read: {source}; check its permissions and its disk", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: the input does not end; give the path of a text file of poems", path.display())]
    Endless { path: PathBuf },
    #[error("{}: the file contains no text; write poems into it, with a blank line between two poems", path.display())]
    Empty { path: PathBuf },
    #[error("{}: the file contains titles (`# ...`) but no verses; write the verses below their titles", path.display())]
    OnlyTitles { path: PathBuf },
    /// A structure that cannot be read, such as XML.
    #[error("{}: this looks like {}; {}", path.display(), foreign.kind, foreign.advice)]
    Foreign { path: PathBuf, foreign: Foreign },
    /// Text that does not have the layout that it should have, or seems to have.
    #[error("{}:{line}: {message}; give a file without that, or name its layout with --layout", path.display())]
    Layout { path: PathBuf, line: usize, message: String },
    /// A line that is too long for a poem.
    #[error(
        "{}:{line}: the line has more than {megabytes} MB, and no poem ({format}) is that long; end every poem with a line end",
        path.display()
    )]
    EndlessLine { path: PathBuf, line: usize, format: Format, megabytes: usize },
    /// Poems were found, but none is left. `reasons` says why.
    #[error("{}: none of {found} poems ({format}) is left: {reasons}; correct the file or add others", path.display())]
    NoneLeft { path: PathBuf, found: usize, format: Format, reasons: String },
    /// Lines of prose. `length` is the median in characters.
    #[error(
        "{}: this looks like prose: most poems ({format}) are a single line of about {length} characters; end each verse \
         with a line end or ` / `, or wrap the lines with --wrap 40",
        path.display()
    )]
    Prose { path: PathBuf, format: Format, length: usize },
    /// A table of the other script that cannot be loaded.
    #[error("{}: the characters cannot be converted: {message}; leave out --script", path.display())]
    Script { path: PathBuf, message: String },
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
    /// `tokens` are those of the first long line, `longest` those of the longest, `count` is the number of long lines, `limit`
    /// is the setting `max_line`.
    #[error(
        "{}:{line}: the line has {tokens} tokens but the limit is {limit}{}; split the line, wrap or cut long lines with \
         --wrap or --cut, or set `max_line = {longest}` under [model] in the configuration",
        path.display(),
        if *count == 1 { String::new() } else { format!(" ({count} lines are too long, the longest has {longest})") }
    )]
    LineTooLong { path: PathBuf, line: usize, tokens: usize, limit: usize, count: usize, longest: usize },
}
