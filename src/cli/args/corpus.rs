//! The arguments of `poetgan corpus`, and those of every command that reads a corpus.

use clap::Args;
use std::path::PathBuf;

use crate::cli::values::{choice, size};
use crate::corpus::{Format, LongLines, ReadOptions, Script};
use crate::inspect::InspectOptions;
use crate::lang::Lang;

/// Show how files of poems are read: layout, poems, forms, duplicates, what is left out and why
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan corpus my-poems.txt                       a report; nothing is written
  poetgan corpus poems/                             all files of text in a folder
  poetgan corpus poems.csv --column body            the column with the poems
  poetgan corpus poems.txt --clean                  every changed line
  poetgan corpus download.json --convert clean.txt  the poems as they were read, with blank lines between them
  poetgan train download.json                       train on it; the options of reading are the same")]
pub struct CorpusArgs {
    /// Files or folders
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The report as JSON
    #[arg(long, conflicts_with = "clean")]
    json: bool,
    /// Write the poems to this file: one verse per line, a blank line between poems
    #[arg(long, value_name = "FILE")]
    convert: Option<PathBuf>,
    /// Print every changed line with its number instead of the report
    #[arg(long)]
    clean: bool,
    #[command(flatten)]
    reading: ReadingArgs,
}

#[derive(Args)]
pub struct ReadingArgs {
    /// Layout of the file [default: recognised]
    #[arg(long, value_name = "NAME", value_parser = choice::<Format>(&Format::ALL.map(Format::name)),
          hide_possible_values = true, help_heading = "Reading")]
    layout: Option<Format>,
    /// Column of a table with the poems: its name, or its number from 1
    #[arg(long, value_name = "COLUMN", help_heading = "Reading")]
    column: Option<String>,
    /// Convert Chinese characters
    #[arg(long, value_parser = choice::<Script>(&["simplified", "traditional"]), help_heading = "Reading")]
    script: Option<Script>,
    /// Continue lines of more than N characters in the next line
    #[arg(long, value_name = "N", value_parser = size(1), conflicts_with = "cut", help_heading = "Reading")]
    wrap: Option<usize>,
    /// Drop what follows the first N characters of a line
    #[arg(long, value_name = "N", value_parser = size(1), help_heading = "Reading")]
    cut: Option<usize>,
}

impl ReadingArgs {
    pub fn options(self) -> ReadOptions {
        let long_lines = self.wrap.map(LongLines::Wrap).or(self.cut.map(LongLines::Cut));
        ReadOptions { layout: self.layout, column: self.column, script: self.script, long_lines }
    }
}

impl CorpusArgs {
    /// The options, with the language of the report.
    pub fn options(self, lang: Lang) -> InspectOptions {
        InspectOptions {
            paths: self.files,
            reading: self.reading.options(),
            json: self.json,
            convert: self.convert,
            clean: self.clean,
            lang,
        }
    }
}
