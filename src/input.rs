//! Files that a user names: which ones they are, and their bytes. Pipes and devices have a bound, since /dev/zero does not end.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::error::UserError;

/// Bound on the bytes of pipes and devices.
const MOST_OF_A_PIPE: u64 = 1 << 28;

/// The error of input that reaches the bound.
#[derive(Debug, thiserror::Error)]
#[error("the input does not end")]
struct Endless;

/// The bytes of the file at `path`.
///
/// # Errors
/// A file that cannot be read, or input without an end, which [`is_endless`] tells.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    let file = File::open(path)?;
    if metadata.is_file() { whole(file, metadata.len(), u64::MAX) } else { whole(file, 0, MOST_OF_A_PIPE) }
}

/// The bytes of the standard input.
///
/// # Errors
/// Input that cannot be read or has no end.
pub fn read_standard_input() -> Result<Vec<u8>> {
    match whole(io::stdin().lock(), 0, MOST_OF_A_PIPE) {
        Err(error) if is_endless(&error) => {
            Err(UserError("standard input: the input does not end; give the path of a file".to_string()).into())
        }
        read => read.context("cannot read the standard input"),
    }
}

/// The file that a path leads to, by whatever links; for a new one, its place in its folder.
pub fn place(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let new = || Some(fs::canonicalize(folder).ok()?.join(path.file_name()?));
    fs::canonicalize(path).ok().or_else(new).unwrap_or_else(|| path.to_path_buf())
}

/// Whether a file could not be read because it has no end.
pub fn is_endless(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<Endless>())
}

/// All bytes, about `length`, which must be fewer than `most`.
fn whole(file: impl Read, length: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(most).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == most { Err(io::Error::new(ErrorKind::InvalidData, Endless)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_has_fewer_bytes_than_the_bound() {
        assert_eq!(whole(&b"abc"[..], 3, 4).unwrap(), b"abc");
        let error = whole(io::repeat(0), 0, 1000).unwrap_err();
        assert!(is_endless(&error) && error.to_string() == "the input does not end", "{error}");
        assert!(!is_endless(&read(Path::new("no/such.txt")).unwrap_err()));
    }
}
