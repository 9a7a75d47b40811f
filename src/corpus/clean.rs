//! Cleaning of a line: NFC, single spaces, no invisible characters.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::script::is_han;

/// The line in NFC, trimmed, with every run of whitespace (full-width spaces and tabs included) as one space, and without
/// control and other invisible characters. Joiners and variation selectors stay where they change how the text is
/// displayed, as in Persian and in emoji. Idempotent.
pub fn clean(line: &str) -> Cow<'_, str> {
    let line = line.trim_matches(is_layout);
    if is_clean(line) {
        return Cow::Borrowed(line);
    }
    let mut clean = String::with_capacity(line.len());
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    for c in without_invisible(line).map(blank).nfc() {
        if c != ' ' {
            clean.push(c);
        } else if !clean.is_empty() && !clean.ends_with(' ') {
            clean.push(' ');
        }
    }
    clean.truncate(clean.trim_end().len());
    Cow::Owned(clean)
}

/// Whether the line has no visible character.
pub fn is_blank(line: &str) -> bool {
    line.chars().all(|c| is_layout(c) || is_joiner(c))
}

fn is_clean(line: &str) -> bool {
    let mut previous = ' ';
    for c in line.chars() {
        let blank = c.is_whitespace() && (c != ' ' || previous == ' ');
        if blank || is_invisible(c) || is_joiner(c) {
            return false;
        }
        previous = c;
    }
    line.is_ascii() || is_nfc_quick(line.chars()) == IsNormalized::Yes
}

/// The line without the invisible characters that [`clean`] removes; `None` if it has none.
pub fn visible(line: &str) -> Option<String> {
    // Most lines have none, and are then not copied.
    let text: String = line.contains(is_hidden).then(|| without_invisible(line).collect())?;
    (text.len() != line.len()).then_some(text)
}

/// The line with what is invisible by its number.
pub fn escaped(line: &str) -> String {
    let shown = |c: char| if is_hidden(c) { c.escape_unicode().to_string() } else { c.to_string() };
    line.chars().map(shown).collect()
}

/// Whether a character is invisible and no blank.
pub fn is_hidden(c: char) -> bool {
    !(' '..='~').contains(&c) && (is_invisible(c) || is_joiner(c)) && !c.is_whitespace()
}

fn without_invisible(line: &str) -> impl Iterator<Item = char> {
    let mut previous = ' ';
    line.chars().filter(move |&c| {
        let useless_joiner = is_joiner(c) && (previous == ' ' || is_joiner(previous) || is_han(previous));
        if useless_joiner || (is_invisible(c) && !c.is_whitespace()) {
            return false;
        }
        previous = if c.is_whitespace() { ' ' } else { c };
        true
    })
}

fn is_layout(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// Control characters, zero-width spaces, byte-order marks, soft hyphens, and marks of writing direction.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Zero-width joiners and variation selectors: invisible, but they change how adjacent characters are displayed.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whitespace_and_invisible_characters_are_removed() {
        assert_eq!(clean("\u{feff}\t床前\u{200b}明月光　\r"), "床前明月光");
        assert_eq!(clean("a\u{3000}\u{3000}b \t c"), "a b c");
        assert_eq!(clean("in\u{ad}crease\u{7}"), "increase");
    }

    #[test]
    fn text_is_nfc() {
        assert_eq!(clean("cafe\u{301}"), "café");
        assert_eq!(clean("cafe\u{200b}\u{301}"), "café");
        assert_eq!(clean("\u{1112}\u{1161}\u{11ab}"), "한");
    }

    #[test]
    fn joiners_that_change_the_display_stay() {
        for text in ["می\u{200c}خواهم", "👩\u{200d}🚀 ❤\u{fe0f}", "اَلْحُبُّ", "plain text, as it is"]
        {
            assert_eq!(clean(text), text);
        }
        assert_eq!(clean("葛\u{e0100}城"), "葛城");
    }

    #[test]
    fn only_what_is_removed_is_invisible() {
        assert_eq!(visible("\u{202e}床前\u{200b}明\t月 \u{7}\u{e0100}光").as_deref(), Some("床前明\t月 光"));
        for text in ["床前　明月光", "a\tb\u{c}", "می\u{200c}خواهم", "👩\u{200d}🚀"] {
            assert_eq!(visible(text), None);
        }
    }

    #[test]
    fn blank_lines_are_blank() {
        assert!(["", " ", "\u{3000}\u{feff}", "\u{200d}"].into_iter().all(is_blank));
        assert!(!is_blank("."));
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(line in any::<String>()) {
            let once = clean(&line).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
            prop_assert!(!once.contains("  "));
            let visible = visible(&line).unwrap_or(line);
            prop_assert_eq!(clean(&visible), once.as_str());
        }

        #[test]
        fn cleaning_twice_is_cleaning_once_among_odd_characters(
            line in "[ab 床\u{301}\u{3000}\u{200b}-\u{200f}\u{fe0f}\u{e0100}\u{1161}\u{1112}\u{f900}\t]{0,12}"
        ) {
            let once = clean(&line).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
            let visible = visible(&line).unwrap_or(line);
            prop_assert_eq!(clean(&visible), once.as_str());
        }
    }
}
