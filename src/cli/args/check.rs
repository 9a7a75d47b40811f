//! The arguments of `poetgan check`.

use clap::Args;
use std::path::PathBuf;

use crate::check::CheckOptions;
use crate::lang::Lang;

/// Mark tones, patterns, rhyme and faults of Chinese poems by the Pingshui rhyme book
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan check poem.txt                     one verse per line, blank lines between poems
  poetgan write --seed 42 | poetgan check    check a generated poem
  poetgan check poem.txt --json              one JSON object per poem

Marks: ○ level (平), ● oblique (仄), ◐ either; characters that are not in the rhyme book are also marked ◐.
Faults: 失对 失粘 (couplets), 孤平 三平尾 (tones of a line), 出韵 (rhyme), 重字 (repeated character).")]
pub struct Check {
    /// Text file of poems; `-` or none reads the standard input
    file: Option<PathBuf>,
    /// One JSON object per poem
    #[arg(long)]
    json: bool,
}

impl Check {
    /// The options; `colour` is whether the output supports colours.
    pub fn options(self, colour: bool, lang: Lang) -> CheckOptions {
        CheckOptions { file: self.file.filter(|file| file.as_os_str() != "-"), json: self.json, colour, lang }
    }
}
