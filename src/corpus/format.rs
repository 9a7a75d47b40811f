//! The names of the layouts of corpus files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The layout of a file of poems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One verse per text line, blank lines between poems, optionally a first line `# title | author`.
    BlankLines,
    /// One poem per text line; its verses end at `，。！？；` or, in other scripts, at ` / `.
    OnePerLine,
    /// One poem per text line, after its title and a colon.
    TitleColon,
    /// `title::author::poem` in one text line.
    TitleAuthor,
    /// Chinese characters with spaces between them.
    SpacedCharacters,
    /// JSON, or JSON lines.
    Json,
    /// Fields separated by commas or semicolons.
    Csv,
    /// Fields separated by tabs.
    Tsv,
    /// Poems between lines such as `%` or `---`, or between `<|startoftext|>` and `<|endoftext|>`.
    Separators,
    /// Poems between opening and closing lines such as `BEGIN POEM` and `END POEM`, or `[poem]` and `[/poem]`.
    Framed,
    /// Poems below headings such as `## title` or `#title`.
    Markdown,
    /// Poems below lines `《title》`.
    BookTitles,
    /// Poems below titles that stand alone between blank lines.
    TitleLines,
    /// Poems below their numbers, or one numbered poem per text line.
    Numbered,
    /// Paragraphs, or lines with `<br>`.
    Html,
    /// One poem per file.
    OnePerFile,
}

impl Format {
    /// Those with columns.
    pub const TABLES: [Format; 2] = [Format::Csv, Format::Tsv];

    pub const ALL: [Format; 16] = [
        Format::BlankLines,
        Format::OnePerLine,
        Format::TitleColon,
        Format::TitleAuthor,
        Format::SpacedCharacters,
        Format::Json,
        Format::Csv,
        Format::Tsv,
        Format::Separators,
        Format::Framed,
        Format::Markdown,
        Format::BookTitles,
        Format::TitleLines,
        Format::Numbered,
        Format::Html,
        Format::OnePerFile,
    ];

    /// The name for `--layout`, the same as in `corpus.json`.
    pub fn name(self) -> &'static str {
        match self {
            Format::BlankLines => "blank-lines",
            Format::OnePerLine => "one-per-line",
            Format::TitleColon => "title-colon",
            Format::TitleAuthor => "title-author",
            Format::SpacedCharacters => "spaced-characters",
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Tsv => "tsv",
            Format::Separators => "separators",
            Format::Framed => "framed",
            Format::Markdown => "markdown",
            Format::BookTitles => "book-titles",
            Format::TitleLines => "title-lines",
            Format::Numbered => "numbered",
            Format::Html => "html",
            Format::OnePerFile => "one-per-file",
        }
    }

    /// Advice for a file with too few poems, as the end of a sentence.
    pub fn how_to_add(self) -> &'static str {
        match self {
            Format::BlankLines => {
                "add poems, with a blank line between two; if each line is a poem, use --layout one-per-line"
            }
            Format::OnePerLine => "add poems, one per line, or put a blank line between two poems of several lines",
            Format::TitleColon | Format::TitleAuthor | Format::SpacedCharacters => "add poems, one per line",
            _ => "add poems",
        }
    }

    /// Whether a text line may be a whole file of poems.
    pub fn has_long_lines(self) -> bool {
        matches!(self, Format::Json | Format::Csv | Format::Tsv | Format::Html | Format::Separators)
    }

    /// Whether a text line may contain several verses, so that verses are not lines of the file.
    pub fn splits_at_stops(self) -> bool {
        !matches!(
            self,
            Format::BlankLines
                | Format::Separators
                | Format::Framed
                | Format::Markdown
                | Format::BookTitles
                | Format::TitleLines
                | Format::OnePerFile
        )
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::BlankLines => "poems between blank lines",
            Format::OnePerLine => "one poem per line",
            Format::TitleColon => "one poem per line as title:poem",
            Format::TitleAuthor => "one poem per line as title::author::poem",
            Format::SpacedCharacters => "characters with spaces between them",
            Format::Json => "JSON",
            Format::Csv => "a CSV table",
            Format::Tsv => "a table with tabs",
            Format::Separators => "poems between separator lines",
            Format::Framed => "poems between opening and closing lines",
            Format::Markdown => "poems below Markdown headings",
            Format::BookTitles => "poems below lines 《title》",
            Format::TitleLines => "poems below titles alone",
            Format::Numbered => "numbered poems",
            Format::Html => "HTML",
            Format::OnePerFile => "one poem per file",
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        let names = || Format::ALL.map(Format::name);
        let known = names().iter().position(|name| *name == text);
        known.map(|at| Format::ALL[at]).ok_or_else(|| format!("the layouts are {}", names().join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_record() {
        for format in Format::ALL {
            assert_eq!(serde_json::to_value(format).unwrap(), format.name());
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert!("poems".parse::<Format>().unwrap_err().contains("blank-lines, one-per-line"));
    }
}
