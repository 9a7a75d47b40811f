//! Text of files and names as a terminal may show it.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(printable("\u{1b}[31mred\u{7}\u{9b}2J\tand\r"), " [31mred  2J and ");
        assert_eq!(printable("a\u{202e}b\u{2066}c — “d”"), "abc — “d”");
    }
}
