//! The lines of a text, with the line ends of all systems, also mixed in one file.

/// Numbers the lines from 1. Lines end with LF, CR LF, CR (old Macs), or U+2028 and U+2029; carriage returns before an LF
/// belong to it, since programs that convert line ends twice double them.
pub fn numbered_lines(text: &str) -> NumberedLines<'_> {
    NumberedLines { rest: Some(text), number: 0, returns: 0 }
}

/// The lines of a text with their numbers.
pub struct NumberedLines<'a> {
    rest: Option<&'a str>,
    number: usize,
    /// Carriage returns at the beginning of `rest` that are known to end a line each: a file may hold nothing else.
    returns: usize,
}

impl<'a> Iterator for NumberedLines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.rest?;
        self.number += 1;
        if self.returns > 0 {
            self.returns -= 1;
            self.rest = Some(&rest[1..]);
            return Some((self.number, ""));
        }
        let bytes = rest.as_bytes();
        let mut from = 0;
        loop {
            let found = bytes[from..].iter().position(|&byte| matches!(byte, b'\n' | b'\r' | 0xe2));
            let Some(start) = found.map(|at| from + at) else {
                self.rest = None;
                return Some((self.number, rest));
            };
            if let Some(LineEnd { length, returns }) = line_end(&bytes[start..]) {
                (self.rest, self.returns) = (Some(&rest[start + length..]), returns);
                return Some((self.number, &rest[..start]));
            }
            from = start + 1;
        }
    }
}

struct LineEnd {
    /// Bytes.
    length: usize,
    /// Carriage returns behind it that end a line each.
    returns: usize,
}

/// The line end that `bytes` begin with.
fn line_end(bytes: &[u8]) -> Option<LineEnd> {
    let alone = |length| Some(LineEnd { length, returns: 0 });
    match bytes {
        [b'\n', ..] => alone(1),
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => alone(3),
        [b'\r', ..] => {
            let returns = bytes.iter().take_while(|&&byte| byte == b'\r').count();
            let is_one_end = bytes.get(returns) == Some(&b'\n');
            if is_one_end { alone(returns + 1) } else { Some(LineEnd { length: 1, returns: returns - 1 }) }
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
        assert_eq!(numbered_lines("\r\r\r").count(), 4);
        assert_eq!(numbered_lines("a\r\rb\r\r\nc").map(|(_, line)| line).collect::<Vec<_>>(), ["a", "", "b", "c"]);
        assert_eq!(numbered_lines("a\r\rb").map(|(_, line)| line).collect::<Vec<_>>(), ["a", "", "b"]);
    }
}
