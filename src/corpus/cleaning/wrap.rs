//! Long lines, wrapped or cut on request.

use serde::{Deserialize, Serialize};

use super::super::script::{attaches, is_stop};

/// What becomes of lines with more characters than a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LongLines {
    /// They go on in the next line.
    Wrap(usize),
    /// Their end is dropped.
    Cut(usize),
}

impl LongLines {
    pub fn most(self) -> usize {
        let (LongLines::Wrap(most) | LongLines::Cut(most)) = self;
        most
    }

    /// The parts of a line that are kept: one for a line that is short enough.
    pub fn parts(self, line: &str) -> Vec<String> {
        let parts = wrapped(line, self.most());
        let kept = if matches!(self, LongLines::Cut(_)) { 1 } else { parts.len() };
        parts.into_iter().take(kept).map(String::from).collect()
    }
}

/// Parts of at most `most` characters, separated at a blank or behind a stop where there is one.
fn wrapped(line: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = line.trim();
    while let Some((limit, _)) = rest.char_indices().nth(most.max(1)) {
        let is_end = |&(at, c): &(usize, char)| {
            at > 0 && (c == ' ' || (rest[..at].ends_with(|c: char| is_stop(c) && !c.is_ascii()) && !is_stop(c)))
        };
        let head = &rest[..limit + rest[limit..].chars().next().map_or(0, char::len_utf8)];
        // Without a blank the line is wrapped anywhere but before a combining mark.
        let begins = |&(at, c): &(usize, char)| at > 0 && !attaches(c);
        let anywhere =
            || head.char_indices().rfind(begins).or_else(|| rest.char_indices().find(begins)).map(|(at, _)| at);
        let Some(end) = head.char_indices().rfind(is_end).map(|(at, _)| at).or_else(anywhere) else { break };
        parts.push(rest[..end].trim_end());
        rest = rest[end..].trim_start();
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_at_blanks_and_stops() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("one two", 7), ["one two"]);
        assert_eq!(wrapped("床前明月光，疑是地上霜。", 8), ["床前明月光，", "疑是地上霜。"]);
        assert_eq!(wrapped("床前明月光疑是", 5), ["床前明月光", "疑是"]);
        assert_eq!(wrapped("กำก", 1), ["กำ", "ก"]);
        assert_eq!(LongLines::Cut(8).parts("one two three"), ["one two"]);
    }
}
