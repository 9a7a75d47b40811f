//! JSON5 and what is like it: comments, trailing commas, keys without quotation marks, single quotation marks.

use super::json_value::JsonValue;

/// The value of JSON5 at the beginning of `text`, and its number of bytes.
///
/// # Errors
/// A value that is damaged, with the message of the library, or that does not end, with an empty one.
pub fn value(text: &str) -> Result<(JsonValue, usize), String> {
    let end = value_end(text.as_bytes()).ok_or_else(String::new)?;
    let value = json5::from_str(&text[..end]).map_err(|error| error.to_string())?;
    Ok((value, end))
}

/// The text behind blanks, commas and comments.
pub fn begin(text: &str) -> &str {
    &text[blanks(text.as_bytes())..]
}

/// Number of bytes of blanks, commas and comments that `bytes` begin with.
pub fn blanks(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b',').count();
        match comment(&bytes[at..]) {
            0 => return at,
            length => at += length,
        }
    }
}

/// Number of bytes of the comment that `bytes` begin with; 0 without one.
fn comment(bytes: &[u8]) -> usize {
    match bytes {
        [b'/', b'/', ..] => bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len()),
        [b'/', b'*', rest @ ..] => rest.windows(2).position(|end| end == b"*/").map_or(bytes.len(), |at| at + 4),
        _ => 0,
    }
}

/// Where the array, object or text at the beginning ends.
fn value_end(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0);
    if let Some((&quote @ (b'"' | b'\''), rest)) = bytes.split_first() {
        return text_length(rest, quote).map(|length| length + 1);
    }
    while at < bytes.len() {
        match bytes[at] {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth -= 1;
                if depth <= 0 {
                    return (depth == 0).then_some(at + 1);
                }
            }
            quote @ (b'"' | b'\'') => at += text_length(&bytes[at + 1..], quote)?,
            b'/' => at += comment(&bytes[at..]).saturating_sub(1),
            _ if depth == 0 => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Number of bytes up to and with the quotation mark that ends a text.
fn text_length(bytes: &[u8], quote: u8) -> Option<usize> {
    let mut is_escaped = false;
    let is_end = |&byte: &u8| {
        let ends = byte == quote && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    };
    bytes.iter().position(is_end).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_forbids_is_read() {
        let expected: JsonValue = serde_json::from_str(r#"{"title": "it's", "lines": ["a // b", "c]"]}"#).unwrap();
        for text in [
            r#"{"title": "it's", "lines": ["a // b", "c]",],}"#,
            r#"{title: 'it\'s', lines: ['a // b', 'c]']}"#,
            "{\n  // a comment }\n  \"title\": \"it's\", /* ] */ \"lines\": [\"a // b\",\n \"c]\"]}",
        ] {
            assert_eq!(value(&format!("{text}, {{")), Ok((expected.clone(), text.len())), "{text}");
        }
        for text in ["{\"a\": ", "a", "]", "{\"a\": }", "[1 2]"] {
            assert!(value(text).is_err(), "{text}");
        }
    }

    #[test]
    fn comments_are_blanks() {
        assert_eq!(begin(" // a\n/* b */, [1]"), "[1]");
        assert_eq!(begin("/* a"), "");
        assert_eq!(begin("/ a"), "/ a");
    }
}
