//! Commands that the user may copy, quoted for a POSIX shell.

use std::path::Path;

use crate::printable::printable;

/// A command that a shell splits into `words` again. Control characters, which a terminal must not show, become spaces.
pub fn command<W: AsRef<str>>(words: &[W]) -> String {
    words.iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// A path as a word of a command: one that begins with a hyphen would be read as an option.
pub fn path_word(path: &Path) -> String {
    let path = path.display().to_string();
    if path.starts_with('-') { format!("./{path}") } else { path }
}

fn quoted(word: &str) -> String {
    let word = printable(word);
    // Only a NUL cannot be quoted, and none is left.
    shlex::try_quote(&word).map_or_else(|_| word.clone(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_words_back() {
        let words =
            ["poetgan", "--model", "my runs/it's \"a\" $HOME `b` \\", "", "诗/唐 诗.txt", "~x", "a;b", "*", "^a!"];
        assert_eq!(shlex::split(&command(&words)).unwrap(), words);
        #[cfg(unix)]
        {
            let script = format!("printf '%s\\n' {}", command(&words));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), words.map(|word| word.to_string() + "\n").concat());
        }
    }

    #[test]
    fn plain_words_stay_plain() {
        assert_eq!(command(&["poetgan", "write", "--model", "runs/tang-2"]), "poetgan write --model runs/tang-2");
        assert_eq!(command(&["a b"]), "'a b'");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(command(&["a\u{1b}[31mb\n\0"]), "'a [31mb  '");
    }

    #[test]
    fn a_path_is_no_option() {
        assert_eq!((path_word(Path::new("-x.txt")), path_word(Path::new("a-b"))), ("./-x.txt".into(), "a-b".into()));
    }
}
