//! Reading a file as text.

use std::fs;
use std::io;
use std::path::Path;

use encoding_rs::UTF_8;

use super::CorpusError;
use super::binary::binary_kind;
use super::encoding::{self, Decoded, EncodingProblem};
use crate::input;

/// The bytes of the file at `path`.
///
/// # Errors
/// A path that is not a readable file, or input without an end.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, CorpusError> {
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => CorpusError::Missing { path: path.into() },
        io::ErrorKind::IsADirectory => CorpusError::Folder { path: path.into() },
        _ => CorpusError::Unreadable { path: path.into(), source },
    };
    // Some systems report a folder only when it is read, and with an error of their own.
    if fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Err(CorpusError::Folder { path: path.into() });
    }
    input::read(path).map_err(|error| match input::is_endless(&error) {
        true => CorpusError::Endless { path: path.into() },
        false => unreadable(error),
    })
}

/// The text of `bytes`, without a byte-order mark: Unicode, or another encoding that is detected with certainty.
///
/// # Errors
/// Binary data, damaged text, or an uncertain encoding.
pub fn decode<'a>(path: &Path, bytes: &'a [u8]) -> Result<Decoded<'a>, CorpusError> {
    if let Some(decoded) = encoding::utf16(bytes).map_err(|problem| not_utf8(path, bytes, 0, problem))? {
        return Ok(decoded);
    }
    if let Some(kind) = binary_kind(bytes) {
        return Err(CorpusError::Binary { path: path.into(), kind });
    }
    match str::from_utf8(bytes) {
        Ok(text) => Ok(Decoded { text: text.trim_start_matches('\u{feff}').into(), encoding: UTF_8 }),
        Err(error) => {
            encoding::legacy(bytes, error).map_err(|problem| not_utf8(path, bytes, error.valid_up_to(), problem))
        }
    }
}

fn not_utf8(path: &Path, bytes: &[u8], offset: usize, problem: EncodingProblem) -> CorpusError {
    let before = &bytes[..offset];
    let newlines = before.iter().filter(|&&byte| byte == b'\n').count();
    let returns = before.iter().filter(|&&byte| byte == b'\r').count();
    // Files of old Macs end their lines with a carriage return alone.
    let line = 1 + if newlines > 0 { newlines } else { returns };
    CorpusError::Encoding { path: path.into(), line, offset, problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn utf8_is_unchanged(text in "[\\PC\n\r\t]{0,200}", is_marked: bool) {
            let mark = if is_marked { "\u{feff}" } else { "" };
            let marked = format!("{mark}{text}");
            let decoded = decode(Path::new("poems.txt"), marked.as_bytes()).unwrap();
            prop_assert_eq!((decoded.text.as_ref(), decoded.encoding), (text.trim_start_matches('\u{feff}'), UTF_8));
        }
    }
}
