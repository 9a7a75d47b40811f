//! The arguments of `poetgan write` about its output.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::Args;

use crate::corpus::Script;
use crate::lang::Lang;
use crate::write::{OutputOptions, PoemFormat, Told};

/// Columns of the output without a terminal.
const USUAL: usize = 80;

/// Format and place of the poems.
#[derive(Args)]
pub struct OutputArgs {
    /// JSON Lines: one object per poem: seed, form, lines, text, line_scores, score
    #[arg(long, visible_alias = "jsonl", conflicts_with_all = ["markdown", "vertical"], help_heading = "Output")]
    json: bool,
    /// Markdown: a heading with form and seed, and the lines
    #[arg(long, conflicts_with = "vertical", help_heading = "Output")]
    markdown: bool,
    /// Columns from right to left, for Chinese, Japanese and Korean poems
    #[arg(long, help_heading = "Output")]
    vertical: bool,
    /// Traditional Chinese characters; the options take either script
    #[arg(long, conflicts_with = "simplified", help_heading = "Output")]
    traditional: bool,
    /// Simplified Chinese characters
    #[arg(long, help_heading = "Output")]
    simplified: bool,
    /// Write the poems to this file instead of the standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Also draw the poem on a card, as SVG
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    svg: Option<PathBuf>,
    /// The same as PNG, with a font of this system
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    png: Option<PathBuf>,
    /// Do not print the model, the seed and the font on the standard error
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
}

impl OutputArgs {
    pub fn options(self, lang: Lang) -> OutputOptions {
        let OutputArgs { json, markdown, vertical, traditional, simplified, output, svg, png, quiet } = self;
        let terminal = io::stdout().is_terminal().then(crossterm::terminal::size).and_then(Result::ok);
        OutputOptions {
            format: match (json, markdown, vertical) {
                (true, ..) => PoemFormat::Json,
                (_, true, _) => PoemFormat::Markdown,
                (.., true) => PoemFormat::Vertical,
                _ => PoemFormat::Text,
            },
            script: match (traditional, simplified) {
                (true, _) => Some(Script::Traditional),
                (_, true) => Some(Script::Simplified),
                _ => None,
            },
            width: if output.is_some() { USUAL } else { terminal.map_or(USUAL, |(columns, _)| usize::from(columns)) },
            file: output.filter(|file| file.as_os_str() != "-"),
            svg,
            png,
            told: Told { quiet, lang },
        }
    }
}
