//! The text of a configuration file: UTF-8, or UTF-16 with a byte order mark, which PowerShell writes.

use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use super::ConfigError;
use crate::input;

/// # Errors
/// A file that cannot be read, or another encoding.
pub fn file_text(path: &Path) -> Result<String, ConfigError> {
    let bytes = input::read(path).map_err(|cause| ConfigError::Read { path: path.to_path_buf(), cause })?;
    decoded(&bytes).map_err(|line| {
        let message = "this is neither UTF-8 nor UTF-16; save the file as UTF-8".to_string();
        ConfigError::File { path: path.to_path_buf(), line, message }
    })
}

/// The text without its byte order mark. `Err`: the line, from 1, of the first bytes that are no text.
fn decoded(bytes: &[u8]) -> Result<String, usize> {
    let (encoding, rest) = Encoding::for_bom(bytes).map_or((UTF_8, bytes), |(found, length)| (found, &bytes[length..]));
    if encoding != UTF_8 {
        let text = encoding.decode_without_bom_handling_and_without_replacement(rest);
        return text.map(String::from).ok_or(1);
    }
    let line = |end: usize| rest[..end].iter().filter(|&&byte| byte == b'\n').count() + 1;
    str::from_utf8(rest).map(String::from).map_err(|error| line(error.valid_up_to()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_with_a_mark_is_read() {
        let text = "# 七绝\r\nseed = 7\r\n";
        let marked = || format!("\u{feff}{text}");
        let little: Vec<u8> = marked().encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = marked().encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [text.as_bytes(), marked().as_bytes(), &little, &big] {
            assert_eq!(decoded(bytes), Ok(text.to_string()));
        }
        assert_eq!(decoded(&little[..little.len() - 1]), Err(1));
        assert_eq!(decoded(b"seed = 7\n# \xc6\xdf\n"), Err(2));
    }
}
