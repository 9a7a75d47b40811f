//! The language that the command line asks for. It is found before clap parses, since help and usage errors are in it too.

use std::ffi::OsString;

use clap::ValueEnum;

use super::args::ScreenLanguage;
use crate::lang::Lang;

/// The value of `--lang` among the arguments, else the language of the locale.
pub fn of_arguments(arguments: impl Iterator<Item = OsString>) -> Lang {
    named(arguments).unwrap_or_else(Lang::of_environment)
}

fn named(arguments: impl Iterator<Item = OsString>) -> Option<Lang> {
    // What follows two hyphens is no option.
    let words = arguments.map(|word| word.to_string_lossy().into_owned()).take_while(|word| word != "--");
    let mut words = words.skip_while(|word| word != "--lang" && !word.starts_with("--lang="));
    let first = words.next()?;
    let value = first.strip_prefix("--lang=").map(str::to_owned).or_else(|| words.next())?;
    ScreenLanguage::from_str(&value, false).ok().map(Lang::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_anywhere_before_two_hyphens() {
        let found = |line: &str| named(line.split_whitespace().map(OsString::from));
        for line in ["--lang zh train x", "train --lang zh", "train --lang=zh --help", "write --theme x --lang zh"] {
            assert_eq!(found(line), Some(Lang::Zh), "{line}");
        }
        for line in ["train", "train -- --lang zh", "train --lang", "train --lang fr", "train --language=zh"] {
            assert_eq!(found(line), None, "{line}");
        }
        assert_eq!(found("train --lang en --json"), Some(Lang::En));
    }
}
