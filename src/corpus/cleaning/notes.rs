//! Notes in brackets: `（一作花）`, `【校】` in Chinese lines, references such as `[12]` in others.

use super::super::script::{is_han, is_mostly_han};

const BRACKETS: [(char, char); 7] =
    [('（', '）'), ('(', ')'), ('【', '】'), ('〔', '〕'), ('［', '］'), ('[', ']'), ('〖', '〗')];

/// The line without notes; `None` if it has none.
pub fn without_notes(line: &str) -> Option<String> {
    if !line.contains(|c: char| BRACKETS.iter().any(|(open, _)| *open == c)) {
        return None;
    }
    let is_note: fn(&str) -> bool = if is_mostly_han(line) { is_chinese_note } else { is_reference };
    let mut text = String::with_capacity(line.len());
    // The brackets that are open, each inside the one before, and where they begin in `text`. The innermost are removed first,
    // since notes may hold others; one that is no note keeps those around it.
    let mut open: Vec<(usize, char, char)> = Vec::new();
    for c in line.chars() {
        text.push(c);
        if let Some(&(begin, end)) = BRACKETS.iter().find(|(begin, _)| *begin == c) {
            open.push((text.len() - c.len_utf8(), begin, end));
        } else if let Some(&(start, begin, end)) = open.last()
            && c == end
        {
            let inner = &text[start + begin.len_utf8()..text.len() - c.len_utf8()];
            // In other scripts round brackets are part of the verse.
            if is_note(inner) && (inner.contains(is_han) || begin != '(') {
                text.truncate(start);
                open.pop();
            } else {
                open.clear();
            }
        }
    }
    (text.len() != line.len()).then_some(text)
}

/// A note is in Chinese; brackets around Latin letters are reported, not removed.
fn is_chinese_note(inner: &str) -> bool {
    inner.trim().is_empty() || inner.contains(is_han) || is_reference(inner)
}

fn is_reference(inner: &str) -> bool {
    !inner.is_empty() && inner.len() <= 4 && inner.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_removed() {
        for (line, text) in [
            ("澄潭皎（一作花）镜石崔巍，", "澄潭皎镜石崔巍，"),
            ("澄潭皎(一作【花】)镜石崔巍【校】", "澄潭皎镜石崔巍"),
            ("increase,[12]", "increase,"),
        ] {
            assert_eq!(without_notes(line).as_deref(), Some(text));
        }
        for line in ["And (so he said) we part", "澄潭皎镜石崔巍", "澄潭皎（镜石崔巍", "a [pause] b"] {
            assert_eq!(without_notes(line), None, "{line}");
        }
    }

    /// By definition: the first innermost pair that is a note is removed, until there is none.
    fn by_definition(line: &str) -> String {
        let is_note: fn(&str) -> bool = if is_mostly_han(line) { is_chinese_note } else { is_reference };
        let mut text = line.to_string();
        while let Some(range) = innermost(&text, is_note) {
            text.replace_range(range, "");
        }
        text
    }

    /// The bytes of the first pair of brackets without a pair inside whose content is a note.
    fn innermost(text: &str, is_note: fn(&str) -> bool) -> Option<std::ops::Range<usize>> {
        let mut open: Option<(usize, char, char)> = None;
        for (at, c) in text.char_indices() {
            if let Some(&(begin, end)) = BRACKETS.iter().find(|(begin, _)| *begin == c) {
                open = Some((at, begin, end));
            } else if let Some((start, begin, end)) = open
                && c == end
            {
                // In other scripts round brackets are part of the verse.
                let inner = &text[start + begin.len_utf8()..at];
                if is_note(inner) && (inner.contains(is_han) || begin != '(') {
                    return Some(start..at + c.len_utf8());
                }
                open = None;
            }
        }
        None
    }

    proptest::proptest! {
        #[test]
        fn all_pairs_are_removed_as_defined(line in "[（）()\\[\\]花a1]{0,14}") {
            let found = without_notes(&line).unwrap_or_else(|| line.clone());
            proptest::prop_assert_eq!(found, by_definition(&line));
        }
    }
}
