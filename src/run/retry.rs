//! Renaming and removing files and folders that another program may hold for a moment. On Windows a virus scanner, an
//! indexer or an editor that has a file open makes that fail; elsewhere open files are no hindrance.

use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Retries before giving up: each pause is twice the one before, 10 + 20 + ... + 640 ms = 1.27 s in all.
const RETRIES: u32 = 7;
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// As `std::fs::rename`.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    retry(|| fs::rename(from, to), is_held, thread::sleep)
}

/// As `std::fs::remove_file`.
pub fn remove_file(path: &Path) -> io::Result<()> {
    retry(|| fs::remove_file(path), is_held, thread::sleep)
}

/// As `std::fs::remove_dir_all`.
pub fn remove_dir_all(path: &Path) -> io::Result<()> {
    retry(|| fs::remove_dir_all(path), is_held, thread::sleep)
}

/// As `std::fs::remove_dir`, at once, since a folder that is not empty is to stay.
pub fn remove_empty_dir(path: &Path) -> io::Result<()> {
    fs::remove_dir(path)
}

/// Whether an error may be over in a moment: access denied, sharing violation, lock violation, folder not empty (files
/// that were removed stay until the last program closes them). Elsewhere these numbers mean other things.
fn is_held(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32 | 33 | 145))
}

/// Repeats `operation` while `is_temporary` says so of its error, at most [`RETRIES`] times; returns its last result.
fn retry(
    mut operation: impl FnMut() -> io::Result<()>,
    is_temporary: impl Fn(&io::Error) -> bool,
    mut sleep: impl FnMut(Duration),
) -> io::Result<()> {
    let mut pause = FIRST_PAUSE;
    for _ in 0..RETRIES {
        match operation() {
            Err(error) if is_temporary(&error) => sleep(pause),
            result => return result,
        }
        pause *= 2;
    }
    operation()
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    /// An operation that fails with these errors, one a call, and then succeeds. Returns its result, the calls, and the
    /// pauses in milliseconds.
    fn tried(errors: &[ErrorKind]) -> (io::Result<()>, usize, Vec<u128>) {
        let (mut calls, mut pauses) = (0, Vec::new());
        let operation = || {
            calls += 1;
            errors.get(calls - 1).map_or(Ok(()), |&kind| Err(kind.into()))
        };
        let is_temporary = |error: &io::Error| error.kind() == ErrorKind::PermissionDenied;
        let result = retry(operation, is_temporary, |pause| pauses.push(pause.as_millis()));
        (result, calls, pauses)
    }

    #[test]
    fn what_is_held_for_a_moment_is_tried_again() {
        let (result, calls, pauses) = tried(&[ErrorKind::PermissionDenied; 2]);
        assert!(result.is_ok());
        assert_eq!((calls, pauses), (3, vec![10, 20]));
    }

    #[test]
    fn what_stays_held_is_given_up() {
        let (result, calls, pauses) = tried(&[ErrorKind::PermissionDenied; 20]);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!((calls, pauses), (8, vec![10, 20, 40, 80, 160, 320, 640]));
    }

    #[test]
    fn another_error_is_returned_at_once() {
        let (result, calls, pauses) = tried(&[ErrorKind::PermissionDenied, ErrorKind::NotFound]);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!((calls, pauses), (2, vec![10]));
        assert_eq!(tried(&[]).1, 1);
    }

    #[test]
    fn only_windows_has_errors_that_pass() {
        // 5 is an error of the disk on Unix, which no pause mends.
        for number in [5, 32] {
            assert_eq!(is_held(&io::Error::from_raw_os_error(number)), cfg!(windows));
        }
        assert!(!is_held(&io::Error::from_raw_os_error(2)), "not found");
        assert!(!is_held(&ErrorKind::PermissionDenied.into()), "no error of the system");
    }
}
