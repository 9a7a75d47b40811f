//! Errors of corpus files. Every message is one line: place, error, remedy.

use std::io;
use std::path::PathBuf;

use super::foreign::Foreign;
use super::{EncodingProblem, Format, MIN_POEMS};
use crate::config::MOST_LINE;

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
    /// Poems of signs alone.
    #[error(
        "{}: no poem ({format}) has a letter of any script, only signs such as emoji, and a model cannot learn from these alone; \
         give poems in words",
        path.display()
    )]
    NoLetters { path: PathBuf, format: Format },
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
         --wrap or --cut{}",
        path.display(),
        if *count == 1 { String::new() } else { format!(" ({count} lines are too long, the longest has {longest})") },
        longer_lines(*longest)
    )]
    LineTooLong { path: PathBuf, line: usize, tokens: usize, limit: usize, count: usize, longest: usize },
}

/// How a model learns lines of `longest` tokens, if one can.
fn longer_lines(longest: usize) -> String {
    if longest > MOST_LINE {
        return format!("; no model learns lines of more than {MOST_LINE}");
    }
    format!(", or set `max_line = {longest}` under [model] in the configuration")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_advised_only_where_it_is_accepted() {
        let advice = |longest: usize| {
            let path = PathBuf::from("a.txt");
            let error = CorpusError::LineTooLong { path, line: 1, tokens: 80, limit: 64, count: 1, longest };
            error.to_string().split_once("--wrap or --cut").unwrap().1.to_string()
        };
        assert_eq!(advice(MOST_LINE), ", or set `max_line = 8190` under [model] in the configuration");
        assert_eq!(advice(MOST_LINE + 1), "; no model learns lines of more than 8190");
        let mut config = crate::config::Config::preset("base").unwrap();
        (config.model.max_line, config.model.max_poem) = (MOST_LINE, MOST_LINE + 2);
        config.validate().unwrap();
        (config.model.max_line, config.model.max_poem) = (MOST_LINE + 1, MOST_LINE + 3);
        assert!(config.validate().is_err());
    }
}
