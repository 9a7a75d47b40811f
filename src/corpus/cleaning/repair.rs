//! Repairs of a text before its layout is recognised: escape sequences of terminals, Windows-1252 read as Latin-1, invisible
//! characters.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

use super::super::clean::{escaped, is_hidden, visible};
use super::super::lines::numbered_lines;
use super::{ChangeKind, ChangeLog};

const LINE_ENDS: [char; 4] = ['\n', '\r', '\u{2028}', '\u{2029}'];

/// The text without escape sequences and invisible characters, and with U+0080 to U+009F as the characters that Windows-1252
/// has there.
pub fn repaired<'a>(text: Cow<'a, str>, changes: &mut ChangeLog) -> Cow<'a, str> {
    let text = with_line_ends(text);
    let text = each_line(text, ChangeKind::AnsiEscapes, changes, without_escapes);
    let text = each_line(text, ChangeKind::Windows1252, changes, with_windows_1252);
    each_line(text, ChangeKind::Invisible, changes, visible)
}

/// U+0085 ends the lines of some systems, where the text has no other line end.
fn with_line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\u{85}') && !text.contains(['\n', '\r']) { text.replace('\u{85}', "\n").into() } else { text }
}

fn each_line<'a>(
    text: Cow<'a, str>,
    kind: ChangeKind,
    changes: &mut ChangeLog,
    change: fn(&str) -> Option<String>,
) -> Cow<'a, str> {
    // Most texts have nothing to repair, and are then not copied.
    let is_concerned = match kind {
        ChangeKind::AnsiEscapes => text.contains('\u{1b}'),
        // Those that change how others are displayed stay.
        ChangeKind::Invisible => {
            text.contains(is_hidden) && numbered_lines(&text).any(|(_, line)| change(line).is_some())
        }
        _ => text.contains(is_c1),
    };
    if !is_concerned {
        return text;
    }
    let mut repaired = String::with_capacity(text.len());
    let mut at = 0;
    for (number, line) in numbered_lines(&text).filter(|(_, line)| !line.is_empty()) {
        // Line ends stay as they are: within a text of JSON U+2028 is none.
        let begin = text.len() - text[at..].trim_start_matches(LINE_ENDS).len();
        repaired.push_str(&text[at..begin]);
        at = begin + line.len();
        match change(line) {
            Some(changed) => {
                let before = if kind == ChangeKind::Invisible { escaped(line).into() } else { Cow::from(line) };
                changes.record(number, kind, &before, &changed);
                repaired.push_str(&changed);
            }
            None => repaired.push_str(line),
        }
    }
    repaired.push_str(&text[at..]);
    repaired.into()
}

fn is_c1(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}')
}

fn with_windows_1252(line: &str) -> Option<String> {
    line.contains(is_c1).then(|| {
        let character = |c: char| -> char {
            let byte = [u8::try_from(u32::from(c)).unwrap_or(b' ')];
            let decoded = WINDOWS_1252.decode_without_bom_handling(&byte).0;
            decoded.chars().next().unwrap_or(c)
        };
        line.chars().map(|c| if is_c1(c) { character(c) } else { c }).collect()
    })
}

/// The line without control sequences (ECMA-48): colours, movements of the cursor, titles of windows.
fn without_escapes(line: &str) -> Option<String> {
    let mut kept = String::with_capacity(line.len());
    let mut parts = line.split('\u{1b}');
    kept.push_str(parts.next()?);
    let mut found = false;
    let mut in_string = false;
    for part in parts {
        found = true;
        // The terminator of a string is an escape sequence of its own, `ESC \`.
        let was_in_string = std::mem::take(&mut in_string);
        let rest = match part.chars().next() {
            Some('[') => {
                let body = &part[1..];
                let end = body.find(|c: char| !(' '..='?').contains(&c)).unwrap_or(body.len());
                let after = &body[end..];
                after.char_indices().nth(1).map_or("", |(at, _)| &after[at..])
            }
            Some(']' | 'P' | '_' | '^') => match part.split_once('\u{7}') {
                Some((_, after)) => after,
                None => {
                    in_string = true;
                    ""
                }
            },
            Some('(' | ')' | '#' | '%') => part.char_indices().nth(2).map_or("", |(at, _)| &part[at..]),
            Some('\\') if was_in_string => &part[1..],
            Some(c) if c.is_ascii() => &part[1..],
            _ => part,
        };
        kept.push_str(rest);
    }
    found.then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_removed() {
        for (line, text) in [
            ("\u{1b}[32m澄潭\u{1b}[m皎镜", "澄潭皎镜"),
            ("\u{1b}[1;38;5;200mbold\u{1b}[0m", "bold"),
            ("\u{1b}]0;title\u{7}a\u{1b}]8;;x\u{1b}\\b", "ab"),
            ("\u{1b}(Ba", "a"),
        ] {
            let mut changes = ChangeLog::default();
            assert_eq!(repaired(line.into(), &mut changes), text);
            assert_eq!(changes.counts[&ChangeKind::AnsiEscapes], 1);
        }
    }

    #[test]
    fn windows_1252_is_repaired_with_its_line() {
        let mut changes = ChangeLog { list: Some(Vec::new()), ..ChangeLog::default() };
        assert_eq!(repaired("a\nbeauty\u{92}s\u{85}\n".into(), &mut changes), "a\nbeauty’s…\n");
        assert_eq!(changes.list.unwrap()[0].line, 2);
        assert_eq!(repaired("a\u{85}b".into(), &mut ChangeLog::default()), "a\nb");
    }

    #[test]
    fn invisible_characters_are_listed_by_their_numbers() {
        let mut changes = ChangeLog { list: Some(Vec::new()), ..ChangeLog::default() };
        let ends = "\r\r\na\u{200b}\u{2028}b\r\n\nc\r\rd\u{7}\u{2029}";
        let kept = "\r\r\na\u{2028}b\r\n\nc\r\rd\u{2029}";
        assert_eq!(repaired(ends.into(), &mut ChangeLog::default()), kept);
        let text = "plain\na\u{7}b\tc\u{202e}\n床前\u{200b}明月光\nمی\u{200c}خواهم\n";
        assert_eq!(repaired(text.into(), &mut changes), "plain\nab\tc\n床前明月光\nمی\u{200c}خواهم\n");
        assert_eq!(changes.counts, [(ChangeKind::Invisible, 2)].into());
        let listed: Vec<(usize, String)> =
            changes.list.unwrap().into_iter().map(|change| (change.line, change.before)).collect();
        let expected = [(2, "a\\u{7}b\tc\\u{202e}"), (3, "床前\\u{200b}明月光")];
        assert_eq!(listed, expected.map(|(line, before)| (line, before.to_string())));
    }
}
