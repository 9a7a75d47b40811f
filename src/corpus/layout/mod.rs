//! The layouts of corpus files: each has a file of its own and says how well it explains a text, and what the poems are.

mod blank_lines;
mod bold_titles;
mod book_titles;
mod builder;
mod columns;
mod framed;
mod html;
mod json;
mod json_value;
mod markdown;
mod numbered;
mod one_per_file;
mod one_per_line;
mod relaxed_json;
mod sample;
mod separators;
mod spaced_characters;
mod table;
mod tags;
mod title_author;
mod title_colon;
mod title_lines;

use super::format::Format;
pub use builder::{Mark, Piece, RawLine, RawPoem};
pub use columns::{AUTHORS, TEXTS, TITLES};
pub use framed::frames;
pub use numbered::number_alone;
pub use relaxed_json::begin as json_begin;
pub use sample::{TextSample, first_bytes};

/// A way to lay out poems in a text.
pub trait Layout {
    /// How well the layout explains the text; `None` if not at all.
    fn evidence(&self, sample: &TextSample) -> Option<Evidence>;

    /// Calls `visit` with every poem and everything between poems, in order.
    ///
    /// # Errors
    /// Text that does not have this layout.
    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem>;
}

/// Why a layout was recognised.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// From 0 to 1.
    pub score: f64,
    pub why: String,
}

/// Text that cannot be read in a layout: where, and why with what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct LayoutProblem {
    pub line: usize,
    pub message: String,
}

/// The layout with this name. `column` is the column of a table with the poems: its name, or its number from 1.
pub fn layout(format: Format, column: Option<&str>) -> Box<dyn Layout> {
    let table = |delimiters: &'static [u8]| table::Table { delimiters, column: column.map(String::from) };
    match format {
        Format::BlankLines => Box::new(blank_lines::BlankLines),
        Format::OnePerLine => Box::new(one_per_line::OnePerLine),
        Format::TitleColon => Box::new(title_colon::TitleColon),
        Format::TitleAuthor => Box::new(title_author::TitleAuthor),
        Format::SpacedCharacters => Box::new(spaced_characters::SpacedCharacters),
        Format::Json => Box::new(json::Json),
        Format::Csv => Box::new(table(b",;|")),
        Format::Tsv => Box::new(table(b"\t")),
        Format::Separators => Box::new(separators::Separators),
        Format::Framed => Box::new(framed::Framed),
        Format::Markdown => Box::new(markdown::Markdown),
        Format::BookTitles => Box::new(book_titles::BookTitles),
        Format::TitleLines => Box::new(title_lines::TitleLines),
        Format::Numbered => Box::new(numbered::Numbered),
        Format::Html => Box::new(html::Html),
        Format::OnePerFile => Box::new(one_per_file::OnePerFile),
    }
}

/// A recognised layout.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    pub format: Format,
    pub why: String,
}

/// The layout with the most evidence; of equals the first of [`Format::ALL`]. With a `column` it is a table.
pub fn recognise(text: &str, column: Option<&str>) -> Recognised {
    let sample = TextSample::of(text);
    let (formats, mut best) = match column {
        None => (&Format::ALL[..], Recognised { format: Format::BlankLines, why: "no other layout fits".into() }),
        Some(_) => (&Format::TABLES[..], Recognised { format: Format::Csv, why: "--column is for tables".into() }),
    };
    let mut score = 0.0;
    for &format in formats {
        if let Some(evidence) = layout(format, column).evidence(&sample)
            && evidence.score > score
        {
            score = evidence.score;
            best = Recognised { format, why: evidence.why };
        }
    }
    best
}

#[cfg(test)]
mod testing {
    use super::*;

    /// Title, lines and first line of a poem as it was read.
    pub type ReadPoem = (Option<String>, Vec<String>, usize);

    /// The recognised layout of a text, and its poems.
    pub fn blocks(text: &str) -> (Format, Vec<ReadPoem>) {
        let format = recognise(text, None).format;
        (format, poems(text, format))
    }

    pub fn poems(text: &str, format: Format) -> Vec<ReadPoem> {
        let mut found = Vec::new();
        let mut visit = |piece: Piece| {
            if let Piece::Poem(poem) = piece {
                found.push((poem.title, poem.lines.into_iter().map(|line| line.text).collect(), poem.source_line));
            }
        };
        layout(format, None).read(text, &mut visit).unwrap();
        found
    }
}
