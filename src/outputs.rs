//! Files that a command is asked to write. One that would destroy something is refused before any work.

use std::path::{Path, PathBuf};

use crate::corpus;
use crate::error::UserError;
use crate::input::place;
use crate::run::files::unwritable;
use crate::run::lock::LOCK;

/// The folder of a run that holds what was made of it.
const EXPORT: &str = "export";
/// Files of a run that has lost its lock, as a copy may have. Some of these names a user may give to files of their own.
const OF_RUN: [&str; 3] = ["config.toml", "corpus.json", "tokenizer.json"];

/// Refuses files that cannot be written, that are one and the same, that belong to a run, or that are among the `inputs`, where a
/// folder stands for the poems in it.
///
/// # Errors
/// The first such file.
pub fn check(outputs: &[&Path], inputs: &[PathBuf]) -> Result<(), UserError> {
    for (index, path) in outputs.iter().enumerate() {
        if let Some(why) = why_not(path, &outputs[..index], inputs) {
            return Err(refusal(path, why));
        }
    }
    Ok(())
}

/// Why `path` is not to be written: it cannot be, it belongs to a run, it is read, or it is one of the `others` that are written.
fn why_not(path: &Path, others: &[&Path], inputs: &[PathBuf]) -> Option<&'static str> {
    let here = place(path);
    unwritable(path).or(match () {
        () if is_of_run(&here) => Some("it lies in the folder of a run"),
        () if inputs.iter().any(|input| is_read(&here, input)) => Some("this command reads it"),
        () if others.iter().any(|other| place(other) == here) => Some("it is named twice"),
        () => None,
    })
}

/// The message for a file that is not written.
pub fn refusal(path: &Path, why: &str) -> UserError {
    UserError(format!("cannot write {}: {why}; check the path", path.display()))
}

/// Whether a file is in the folder of a run, other than in its folder of exports.
fn is_of_run(file: &Path) -> bool {
    let is_run = |folder: &Path| folder.join(LOCK).exists() || OF_RUN.iter().all(|name| folder.join(name).exists());
    let is_export = |folder: &Path| file.strip_prefix(folder).is_ok_and(|rest| rest.starts_with(EXPORT));
    file.ancestors().skip(1).any(|folder| is_run(folder) && !is_export(folder))
}

fn is_read(file: &Path, input: &Path) -> bool {
    let is_in =
        |folder: &Path| corpus::files_of(folder).is_ok_and(|files| files.iter().any(|read| place(read) == file));
    place(input) == file || (input.is_dir() && file.is_file() && is_in(input))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn why(path: &Path, others: &[&Path], inputs: &[&Path]) -> Option<&'static str> {
        why_not(path, others, &inputs.iter().map(|path| path.to_path_buf()).collect::<Vec<_>>())
    }

    #[test]
    fn a_file_is_itself_by_any_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("sub")).unwrap();
        fs::write(path("a.txt"), "").unwrap();
        let (read, twice) = (Some("this command reads it"), Some("it is named twice"));
        for same in ["a.txt", "./a.txt", "sub/../a.txt"] {
            assert_eq!(why(&path(same), &[], &[&path("a.txt")]), read, "{same}");
        }
        assert_eq!(why(&path("a.txt"), &[], &[folder.path()]), read, "a folder of poems");
        assert_eq!(why(&path("new.txt"), &[], &[folder.path(), &path("a.txt")]), None);
        assert_eq!(why(&path("sub/../new.txt"), &[&path("a.txt"), &path("new.txt")], &[]), twice);
        assert_eq!(why(&path("no/new.txt"), &[], &[]), Some("its folder does not exist"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(path("a.txt"), path("link")).unwrap();
            assert_eq!(why(&path("link"), &[], &[&path("a.txt")]), read);
        }
    }

    #[test]
    fn a_run_takes_exports_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("run/checkpoints/step-1")).unwrap();
        fs::create_dir_all(path("run/export")).unwrap();
        ["run/config.toml", "run/corpus.json"].iter().for_each(|file| fs::write(path(file), "").unwrap());
        assert_eq!(why(&path("run/a.txt"), &[], &[]), None, "not a run yet");
        for file in ["run/tokenizer.json", &format!("run/{LOCK}")] {
            fs::write(path(file), "").unwrap();
            let refused = Some("it lies in the folder of a run");
            assert_eq!(why(&path("run/config.toml"), &[], &[]), refused);
            assert_eq!(why(&path("run/checkpoints/step-1/new"), &[], &[]), refused);
            assert_eq!(why(&path("run/export/a.txt"), &[], &[]), None);
            fs::remove_file(path(file)).unwrap();
        }
    }
}
