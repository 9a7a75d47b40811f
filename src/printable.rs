//! Text of files and names as a terminal, a spreadsheet or a program that reads JSON may take it. Whatever is written to the
//! standard output or error goes through here.

use std::io::{self, Stdout, Write};

use serde::Serialize;

/// The text without what would steer a terminal or reorder its characters: control characters and separators of lines and
/// paragraphs become spaces, and marks of writing direction are left out.
pub fn printable(text: &str) -> String {
    text.chars().filter_map(shown).collect()
}

/// The character as [`printable`] leaves it.
pub fn shown(c: char) -> Option<char> {
    match c {
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' => None,
        '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() => Some(' '),
        c => Some(c),
    }
}

/// The text as a cell of a table that a spreadsheet may open: it takes a cell that begins so for a formula, unless there is
/// an apostrophe before it. In East Asian settings the wide signs count too.
pub fn cell(text: &str) -> String {
    const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let text = printable(text);
    let is_formula = text.trim_start().starts_with(SIGNS) && text.parse::<f64>().is_err();
    if is_formula { format!("'{text}") } else { text }
}

/// The value as JSON in one line. What [`printable`] would change is escaped, so nothing is lost.
///
/// # Errors
/// A value that is not JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    if json.chars().all(|c| shown(c) == Some(c)) {
        return Ok(json);
    }
    // Such characters stand in strings only, and all of them have four digits.
    let escaped = |c: char| if shown(c) == Some(c) { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) };
    Ok(json.chars().map(escaped).collect())
}

/// Writes a line to the standard error. If that is closed, there is nobody to tell.
pub fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(line));
}

/// The standard output.
pub fn out(has_colour: bool) -> Printing<Stdout> {
    Printing::new(io::stdout(), has_colour)
}

/// A writer for a terminal. Of control characters only line ends pass and, for a program that writes them itself, the colours
/// and attributes of text (`ESC [ ... m`).
pub struct Printing<W: Write> {
    inner: W,
    has_colour: bool,
    /// Text that waits for its line end.
    line: Vec<u8>,
}

impl<W: Write> Printing<W> {
    pub fn new(inner: W, has_colour: bool) -> Printing<W> {
        Printing { inner, has_colour, line: Vec::new() }
    }

    fn pass_on(&mut self, end: usize) -> io::Result<()> {
        let bytes: Vec<u8> = self.line.drain(..end).collect();
        self.inner.write_all(passable(&String::from_utf8_lossy(&bytes), self.has_colour).as_bytes())
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

fn passable(text: &str, has_colour: bool) -> String {
    let (mut passed, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['\n', '\u{1b}']) {
        passed += &printable(&rest[..at]);
        rest = &rest[at..];
        let attribute = rest.strip_prefix("\u{1b}[").filter(|_| has_colour).and_then(|rest| {
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
            ["=1+2", "@a", "-x", "+a\n", "\u{202e}=1", "\t=1", "＝1"].map(cell),
            ["'=1+2", "'@a", "'-x", "'+a ", "'=1", "' =1", "'＝1"]
        );
        assert_eq!(["-0.5", "+1e3", "7x4", ""].map(cell), ["-0.5", "+1e3", "7x4", ""]);
    }

    #[test]
    fn json_keeps_what_it_must_not_show() {
        let text = "\u{1b}[31m\u{7f}\u{9b}2J\u{202e}\u{61c}\u{2028}\t春";
        let json = json(&[text]).unwrap();
        assert_eq!(json, r#"["\u001b[31m\u007f\u009b2J\u202e\u061c\u2028\t春"]"#);
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [text]);
    }

    fn printed(has_colour: bool) -> String {
        let mut out = Vec::new();
        let mut printing = Printing::new(&mut out, has_colour);
        for part in ["\u{1b}[38;5;1", "66;1m春", "\u{1b}[0m\ta\n\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}3", "1mb\u{202e}\r"] {
            printing.write_all(part.as_bytes()).unwrap();
        }
        printing.write_all(&"月".as_bytes()[..2]).unwrap();
        printing.write_all(&"月".as_bytes()[2..]).unwrap();
        drop(printing);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_line_ends_and_wanted_colours_pass() {
        assert_eq!(printed(true), "\u{1b}[38;5;166;1m春\u{1b}[0m a\n[2J]0;x  31mb 月");
        assert_eq!(printed(false), "[38;5;166;1m春[0m a\n[2J]0;x  31mb 月");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(printable("\u{1b}[31mred\u{7}\u{9b}2J\tand\r"), " [31mred  2J and ");
        assert_eq!(printable("a\u{202e}b\u{2066}c\u{61c}\u{2029}— “d”"), "abc — “d”");
    }
}
