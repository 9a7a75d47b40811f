//! Colours for terminals that have only 16: crossterm writes even those as indices among 256 (`38;5;n`), which such a
//! terminal does not know. They are rewritten as `30` to `37` and `90` to `97` (ECMA-48, 8.3.117, and aixterm).

use std::io::{self, Write};

/// A writer that rewrites colours if `is_needed`.
pub struct Sixteen<W> {
    inner: W,
    is_needed: bool,
    /// The beginning of a sequence whose end has not been written yet.
    begun: Vec<u8>,
}

impl<W> Sixteen<W> {
    pub fn new(inner: W, is_needed: bool) -> Sixteen<W> {
        Sixteen { inner, is_needed, begun: Vec::new() }
    }
}

impl<W: Write> Write for Sixteen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_needed {
            return self.inner.write(bytes);
        }
        let mut written = Vec::with_capacity(bytes.len());
        for byte in bytes {
            match (self.begun.len(), byte) {
                (0, 0x1b) => self.begun.push(*byte),
                (0, _) => written.push(*byte),
                (1, b'[') | (2.., b'0'..=b'9' | b';') => self.begun.push(*byte),
                (2.., b'm') => written.extend(in_sixteen(&std::mem::take(&mut self.begun))),
                // Something else than colours.
                _ => {
                    written.append(&mut self.begun);
                    written.push(*byte);
                }
            }
        }
        self.inner.write_all(&written)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// `ESC [ 38;5;9;49` becomes `ESC [ 91;49m`.
fn in_sixteen(sequence: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(&sequence[2..]);
    let numbers: Vec<&str> = text.split(';').collect();
    let mut rest = numbers.as_slice();
    let mut written = Vec::new();
    while let [first, others @ ..] = rest {
        rest = others;
        let index = match others {
            ["5", index, ..] if ["38", "48"].contains(first) => index.parse::<u8>().ok().filter(|index| *index < 16),
            _ => None,
        };
        let Some(index) = index else {
            written.push((*first).to_owned());
            continue;
        };
        let base = if *first == "38" { 30 } else { 40 };
        written.push((if index < 8 { base + index } else { base + 52 + index }).to_string());
        rest = &others[2..];
    }
    format!("\x1b[{}m", written.join(";")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pieces: &[&str], is_needed: bool) -> String {
        let mut out = Sixteen::new(Vec::new(), is_needed);
        pieces.iter().for_each(|piece| out.write_all(piece.as_bytes()).unwrap());
        String::from_utf8(out.inner).unwrap()
    }

    #[test]
    fn colours_get_the_numbers_that_old_terminals_know() {
        for (from, to) in [
            ("\x1b[38;5;1;49m春", "\x1b[31;49m春"),
            ("\x1b[38;5;9m\x1b[48;5;15m", "\x1b[91m\x1b[107m"),
            ("\x1b[1m\x1b[m\x1b[0;38;5;8;4m", "\x1b[1m\x1b[m\x1b[0;90;4m"),
            ("\x1b[2J\x1b[?25l\x1b[3;4H a\x1b[38;5;200m", "\x1b[2J\x1b[?25l\x1b[3;4H a\x1b[38;5;200m"),
        ] {
            assert_eq!(written(&[from], true), to);
            assert_eq!(written(&[from], false), from);
            // Wherever a write ends.
            let cut = from.char_indices().map(|(place, _)| from.split_at(place));
            cut.for_each(|(begin, end)| assert_eq!(written(&[begin, end], true), to));
        }
    }
}
