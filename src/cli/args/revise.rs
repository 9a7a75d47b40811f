//! The arguments of `poetgan revise`.

use std::path::PathBuf;

use clap::Args;

use super::ModelArgs;
use super::write::SamplingArgs;
use super::write::any_seed;
use crate::cli::values::{number, threads, whole};
use crate::lang::Lang;
use crate::write::Told;
use crate::write::revise::{DRAFTS, ReviseOptions};

/// Rewrite a line or some characters of a poem, with the rest fixed
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan revise poem.txt --line 3                 the third line
  poetgan revise poem.txt --mark '夜来[??]声'      two characters
  poetgan revise poem.txt --line 2 --line 3 -n 5   five versions of two lines
  poetgan write --form 7x4 --seed 42 | poetgan revise --line 4

The new text is drawn from many drafts, so that it fits what follows as well as what precedes it.")]
pub struct Revise {
    /// File with the poem [default: the standard input]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Rewrite line N; repeatable
    #[arg(long = "line", value_name = "N", value_parser = whole::<usize>(1..=1000), allow_negative_numbers = true)]
    lines: Vec<usize>,
    /// Rewrite the characters in brackets; the text around them says where, and ? stands for any character; repeatable
    #[arg(long = "mark", value_name = "TEXT")]
    marks: Vec<String>,
    /// Number of versions
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1, value_parser = number(1), allow_negative_numbers = true)]
    count: u64,
    /// Seed of the first version; the next ones count up from it [default: random]
    #[arg(long, value_name = "N", value_parser = number(0), allow_negative_numbers = true)]
    seed: Option<u64>,
    #[command(flatten)]
    sampling: SamplingArgs,
    /// Drafts of each version, of which one is drawn by how well they fit
    #[arg(long, value_name = "N", default_value_t = DRAFTS, value_parser = whole::<usize>(1..=10_000), allow_negative_numbers = true)]
    select: usize,
    #[command(flatten)]
    model: ModelArgs,
    /// One JSON object per version: seed, form, lines, rewritten, text, score
    #[arg(long)]
    json: bool,
    /// Do not print the model and the seed on the standard error
    #[arg(short, long)]
    quiet: bool,
    /// Number of threads [default: one per performance core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl Revise {
    pub fn options(self, lang: Lang) -> ReviseOptions {
        ReviseOptions {
            file: self.file.filter(|file| file.as_os_str() != "-"),
            lines: self.lines,
            marks: self.marks,
            count: self.count,
            seed: self.seed.unwrap_or_else(any_seed),
            temperature: self.sampling.temperature,
            top_p: self.sampling.top_p,
            select: self.select,
            model: self.model.choice(),
            json: self.json,
            told: Told { quiet: self.quiet, lang },
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Arguments, CliCommand};
    use super::*;
    use crate::write::ModelChoice;

    #[test]
    fn every_flag_reaches_its_option() {
        let arguments = "poetgan revise a.txt --line 2 --line 3 --mark 春[?]花 -n 4 --seed 5 --temperature 0.5 --top-p 0.9 \
                         --select 6 --model builtin --json -q";
        let arguments = Arguments::try_parse_from(arguments.split_whitespace()).unwrap();
        let CliCommand::Revise(revise) = arguments.command else { panic!("another command") };
        let options = ReviseOptions {
            file: Some("a.txt".into()),
            lines: vec![2, 3],
            marks: vec!["春[?]花".to_string()],
            count: 4,
            seed: 5,
            temperature: 0.5,
            top_p: 0.9,
            select: 6,
            model: ModelChoice { path: Some("builtin".into()), checkpoint: None },
            json: true,
            told: Told { quiet: true, lang: Lang::Zh },
        };
        assert_eq!(revise.options(Lang::Zh), options);
    }
}
