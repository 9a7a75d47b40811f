//! The arguments of `poetgan check`.

use clap::Args;
use std::path::PathBuf;

use crate::check::CheckOptions;

/// Mark tones, patterns, rhyme and faults of Chinese poems by the rhyme book of their time
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan check poem.txt                     a verse a line, blank lines between poems
  poetgan write --seed 42 | poetgan check    what a poem of the model keeps and breaks
  poetgan check poem.txt --json              one JSON object a poem

Marks: ○ level (平), ● oblique (仄), ◐ can be read as either; a character that the book does not have is ◐ too.
Faults: 失对 失粘 (couplets), 孤平 三平尾 (tones of a line), 出韵 (rhyme), 重字 (a character again).")]
pub struct Check {
    /// Text of poems; `-`, or none: the standard input
    file: Option<PathBuf>,
    /// One JSON object a poem
    #[arg(long)]
    json: bool,
}

impl Check {
    /// `colour` is whether the output takes colour codes.
    pub fn options(self, colour: bool) -> CheckOptions {
        CheckOptions { file: self.file.filter(|file| file.as_os_str() != "-"), json: self.json, colour }
    }
}
