//! Poems with characters that are lost: `□`, `{左日右月}`, U+FFFD, or a sign such as `？` or `…` where a character must stand.

use std::cell::LazyCell;

use super::super::Form;
use super::super::script::{is_han, is_mostly_han};
use super::super::verse::lines_and_form;

/// Signs that stand for a lost character or for themselves.
const IN_DOUBT: [char; 9] = ['?', '？', '…', '⋯', '×', '○', '●', '*', '＊'];

/// Whether a character of the poem is lost.
pub fn has_lost_glyph<'a>(lines: impl Iterator<Item = &'a str> + Clone, splits: bool) -> bool {
    let mut in_doubt = false;
    for line in lines.clone() {
        // Once a line: it may hold any number of brackets.
        let is_han_line = LazyCell::new(|| is_mostly_han(line));
        for c in line.chars() {
            match c {
                '□' | '■' | '▢' | '▯' | '◻' | '〓' | '\u{fffd}' => return true,
                '{' | '｛' if *is_han_line => return true,
                _ if IN_DOUBT.contains(&c) => in_doubt = true,
                _ => {}
            }
        }
    }
    in_doubt && {
        let lines: Vec<String> = lines.map(String::from).collect();
        lines.iter().any(|line| line.contains(is_han)) && is_fixed_with_characters(&lines, splits)
    }
}

/// Whether signs in doubt make the poem irregular that would be regular with characters in their place.
fn is_fixed_with_characters(lines: &[String], splits: bool) -> bool {
    let is_fixed = |lines: &[String]| matches!(lines_and_form(lines, splits).1, Form::Fixed { .. });
    let with_characters: Vec<String> = lines.iter().map(|line| line.replace(IN_DOUBT, "口")).collect();
    !is_fixed(lines) && is_fixed(&with_characters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(line: &str) -> bool {
        has_lost_glyph(std::iter::once(line), true)
    }

    #[test]
    fn lost_characters_are_found() {
        for line in [
            "澄潭皎□石崔巍，万壑千岩暗绿苔。",
            "澄潭皎？石崔巍，万壑千岩暗绿苔。",
            "澄潭皎…石崔巍，万壑千岩暗绿苔。",
            "澄潭皎{左日右月}石崔巍",
            "a \u{fffd}",
        ] {
            assert!(lost(line), "{line}");
        }
        for line in [
            "借问酒家何处有？牧童遥指杏花村。",
            "Shall I compare thee? No.",
            "大江东去？浪淘尽。",
            "{a}",
            "澄潭皎镜……，石崔巍万。",
        ] {
            assert!(!lost(line), "{line}");
        }
    }
}
