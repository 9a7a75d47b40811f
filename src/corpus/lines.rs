//! The lines of a text, with the line ends of all systems, also mixed in one file.

/// Numbers the lines from 1. Lines end with LF, CR LF, CR (old Macs), or U+2028 and U+2029; carriage returns before an LF
/// belong to it, since programs that convert line ends twice double them.
pub fn numbered_lines(text: &str) -> NumberedLines<'_> {
    NumberedLines { rest: Some(text), number: 0 }
}

/// The lines of a text with their numbers.
pub struct NumberedLines<'a> {
    rest: Option<&'a str>,
    number: usize,
}

impl<'a> Iterator for NumberedLines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.rest?;
        self.number += 1;
        let bytes = rest.as_bytes();
        let mut from = 0;
        loop {
            let found = bytes[from..].iter().position(|&byte| matches!(byte, b'\n' | b'\r' | 0xe2));
            let Some(start) = found.map(|at| from + at) else {
                self.rest = None;
                return Some((self.number, rest));
            };
            if let Some(length) = line_end(&bytes[start..]) {
                self.rest = Some(&rest[start + length..]);
                return Some((self.number, &rest[..start]));
            }
            from = start + 1;
        }
    }
}

/// Number of bytes of the line end that `bytes` begin with.
fn line_end(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\n', ..] => Some(1),
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => Some(3),
        [b'\r', ..] => {
            let returns = bytes.iter().take_while(|&&byte| byte == b'\r').count();
            Some(if bytes.get(returns) == Some(&b'\n') { returns + 1 } else { 1 })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_ends_a_line() {
        let text = "a\nb\r\nc\rd\r\r\ne\u{2028}f“g”\n\nh";
        let lines: Vec<(usize, &str)> = numbered_lines(text).collect();
        let expected = ["a", "b", "c", "d", "e", "f“g”", "", "h"];
        assert_eq!(lines, (1..).zip(expected).collect::<Vec<_>>());
        assert_eq!(numbered_lines("").count(), 1);
        assert_eq!(numbered_lines("a\r\rb").map(|(_, line)| line).collect::<Vec<_>>(), ["a", "", "b"]);
    }
}
