//! Characters that look like ordinary ones but are others: Kangxi radicals and radicals of the CJK supplement (from PDF
//! files), full-width Latin letters and digits, half-width katakana, Latin ligatures.

use unicode_normalization::UnicodeNormalization;

/// Radicals of the supplement that have no compatibility mapping of their own.
const RADICALS: [(char, char); 26] = [
    ('⺠', '民'),
    ('⻁', '虎'),
    ('⻄', '西'),
    ('⻅', '见'),
    ('⻆', '角'),
    ('⻉', '贝'),
    ('⻋', '车'),
    ('⻓', '长'),
    ('⻔', '门'),
    ('⻘', '青'),
    ('⻚', '页'),
    ('⻛', '风'),
    ('⻜', '飞'),
    ('⻝', '食'),
    ('⻢', '马'),
    ('⻣', '骨'),
    ('⻤', '鬼'),
    ('⻥', '鱼'),
    ('⻦', '鸟'),
    ('⻨', '麦'),
    ('⻩', '黄'),
    ('⻬', '齐'),
    ('⻰', '龙'),
    ('⻮', '齿'),
    ('⻧', '卤'),
    ('⺮', '竹'),
];

/// The line with ordinary characters; `None` if it has no others.
pub fn mapped(line: &str) -> Option<String> {
    if line.is_ascii() || !line.contains(is_concerned) {
        return None;
    }
    let mut text = String::with_capacity(line.len());
    for c in line.chars() {
        match RADICALS.iter().find(|(radical, _)| *radical == c) {
            Some((_, character)) => text.push(*character),
            None if is_concerned(c) => text.extend(std::iter::once(c).nfkc()),
            None => text.push(c),
        }
    }
    (text != line).then_some(text)
}

fn is_concerned(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{fb00}'..='\u{fb06}' | '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}'
        | '\u{ff41}'..='\u{ff5a}' | '\u{ff66}'..='\u{ff9f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_characters_replace_their_doubles() {
        assert_eq!(mapped("⼭⾼⽉⼩⻛").as_deref(), Some("山高月小风"));
        assert_eq!(mapped("Ａ１ ﬁre").as_deref(), Some("A1 fire"));
        assert_eq!(mapped("ﾌﾙｲｹﾔ").as_deref(), Some("フルイケヤ"));
        assert_eq!(mapped("山高月小，"), None);
    }
}
