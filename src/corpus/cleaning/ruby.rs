//! Ruby: the reading of Chinese characters in brackets, `漢字《かんじ》`, `漢字（かんじ）`.

use super::super::script::{is_han, is_kana};

const BRACKETS: [(char, char); 4] = [('《', '》'), ('（', '）'), ('(', ')'), ('〔', '〕')];

/// The line without ruby; `None` if it has none. `｜` before the characters that the reading belongs to is removed as well.
pub fn without_ruby(line: &str) -> Option<String> {
    let mut text = String::with_capacity(line.len());
    let (mut rest, mut has_bar) = (line, false);
    while let Some(at) = rest.find(|c: char| BRACKETS.iter().any(|(open, _)| *open == c)) {
        text.push_str(&rest[..at]);
        has_bar |= rest[..at].contains(['｜', '|']);
        rest = &rest[at..];
        let length = ruby(rest).filter(|_| text.ends_with(is_han) || has_bar).unwrap_or(0);
        if length == 0 {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            text.push_str(&rest[..first]);
            rest = &rest[first..];
        } else {
            rest = &rest[length..];
        }
    }
    text.push_str(rest);
    (text.len() != line.len()).then(|| text.replace(['｜', '|'], ""))
}

/// Number of bytes of a reading in brackets that `text` begins with.
fn ruby(text: &str) -> Option<usize> {
    let open = text.chars().next()?;
    let close = BRACKETS.iter().find(|(begin, _)| *begin == open)?.1;
    let inner = &text[open.len_utf8()..];
    // Not further than the reading goes: there may be as many brackets as characters.
    let end = inner.find(|c| !is_kana(c))?;
    let is_reading = end > 0 && inner[end..].starts_with(close);
    is_reading.then_some(open.len_utf8() + end + close.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_removed() {
        assert_eq!(without_ruby("古池《ふるいけ》や蛙（かわず）飛び込む").as_deref(), Some("古池や蛙飛び込む"));
        assert_eq!(without_ruby("｜古池《ふるいけ》や").as_deref(), Some("古池や"));
        for line in ["《静夜思》", "古池や（水の音）", "かな(かな)"] {
            assert_eq!(without_ruby(line), None);
        }
    }
}
