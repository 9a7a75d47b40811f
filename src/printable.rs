//! Text of files and names as a terminal, or a spreadsheet, may show it.

use std::io::{self, Write};

/// The text without what would steer a terminal or reorder its characters: control characters become spaces, and marks of
/// writing direction are left out.
pub fn printable(text: &str) -> String {
    let kept = |c: char| match c {
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() => Some(' '),
        c => Some(c),
    };
    text.chars().filter_map(kept).collect()
}

/// The text as a cell of a table that a spreadsheet may open: it takes a cell that begins so for a formula, unless there is
/// an apostrophe before it.
pub fn cell(text: &str) -> String {
    let text = printable(text);
    let is_formula = text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err();
    if is_formula { format!("'{text}") } else { text }
}

/// Writes a line to the standard error. If that is closed, there is nobody to tell.
pub fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(line));
}

/// A writer for a terminal. What passes of control characters is line ends, tabs and the colours and attributes of text
/// (`ESC [ ... m`), which this program writes.
pub struct Printing<W: Write> {
    inner: W,
    /// Text that waits for its line end.
    line: Vec<u8>,
}

impl<W: Write> Printing<W> {
    pub fn new(inner: W) -> Printing<W> {
        Printing { inner, line: Vec::new() }
    }

    fn pass_on(&mut self, end: usize) -> io::Result<()> {
        let bytes: Vec<u8> = self.line.drain(..end).collect();
        self.inner.write_all(passable(&String::from_utf8_lossy(&bytes)).as_bytes())
    }
}

impl<W: Write> Write for Printing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if let Some(last) = self.line.iter().rposition(|byte| *byte == b'\n') {
            self.pass_on(last + 1)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on(self.line.len())?;
        self.inner.flush()
    }
}

impl<W: Write> Drop for Printing<W> {
    fn drop(&mut self) {
        // Who wants to know of errors flushes before.
        let _ = self.flush();
    }
}

fn passable(text: &str) -> String {
    let (mut passed, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['\n', '\t', '\u{1b}']) {
        passed += &printable(&rest[..at]);
        rest = &rest[at..];
        let attribute = rest.strip_prefix("\u{1b}[").and_then(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
            rest[end..].starts_with('m').then_some(end + 3)
        });
        let kept = attribute.unwrap_or(if rest.starts_with('\u{1b}') { 0 } else { 1 });
        passed += &rest[..kept];
        rest = &rest[kept.max(1)..];
    }
    passed + &printable(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        assert_eq!(
            (cell("=1+2"), cell("@a"), cell("-x"), cell("+a\n")),
            ("'=1+2".into(), "'@a".into(), "'-x".into(), "'+a ".into())
        );
        assert_eq!(
            (cell("-0.5"), cell("+1e3"), cell("7x4"), cell("")),
            ("-0.5".into(), "+1e3".into(), "7x4".into(), String::new())
        );
    }

    #[test]
    fn only_colours_pass() {
        let mut out = Vec::new();
        let mut printing = Printing::new(&mut out);
        for part in ["\u{1b}[38;5;1", "66;1m春", "\u{1b}[0m\ta\n\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}3", "1mb\u{202e}\r"] {
            printing.write_all(part.as_bytes()).unwrap();
        }
        printing.write_all(&"月".as_bytes()[..2]).unwrap();
        printing.write_all(&"月".as_bytes()[2..]).unwrap();
        drop(printing);
        assert_eq!(String::from_utf8(out).unwrap(), "\u{1b}[38;5;166;1m春\u{1b}[0m\ta\n[2J]0;x  31mb 月");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(printable("\u{1b}[31mred\u{7}\u{9b}2J\tand\r"), " [31mred  2J and ");
        assert_eq!(printable("a\u{202e}b\u{2066}c — “d”"), "abc — “d”");
    }
}
