//! Properties of characters: script, and role in the layout of a poem.

use unicode_normalization::char::is_combining_mark;

/// Whether `c` is a Chinese character, including the iteration mark 々 and 〇.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '々' | '〇'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Whether `c` is hiragana, katakana or the mark of a long vowel.
pub fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309e}' | '\u{30a1}'..='\u{30ff}')
}

/// Whether `c` is a letter or a digit of any script. Chinese characters are checked first, since the tables of the
/// standard library take ten times as long for them.
pub fn is_letter(c: char) -> bool {
    is_han(c) || c.is_alphanumeric()
}

/// Whether `c` belongs to a script that is written without spaces between words.
pub fn is_unspaced(c: char) -> bool {
    is_han(c)
        || matches!(c,
            '\u{0e01}'..='\u{0eff}'      // Thai and Lao
            | '\u{0f00}'..='\u{0fff}'    // Tibetan
            | '\u{1000}'..='\u{109f}'    // Burmese
            | '\u{1780}'..='\u{17ff}'    // Khmer
            | '\u{a980}'..='\u{a9df}'    // Javanese
            | '\u{3041}'..='\u{30ff}'    // Hiragana and Katakana
            | '\u{3105}'..='\u{312f}'    // Bopomofo
            | '\u{31f0}'..='\u{31ff}')
}

/// Whether `c` ends a verse of Chinese. The ASCII marks are included since many Chinese files use them; callers count them
/// only between Chinese characters.
pub fn is_stop(c: char) -> bool {
    matches!(c, '，' | '。' | '！' | '？' | '；' | '．' | '｡' | ',' | '.' | '!' | '?' | ';')
}

/// Whether `c` belongs to the character before it: a combining mark, or a vowel of Thai and Lao that is written like one.
pub fn attaches(c: char) -> bool {
    // Chinese characters are checked first, as in `is_letter`.
    !c.is_ascii() && !is_han(c) && (is_combining_mark(c) || matches!(c, '\u{e33}' | '\u{eb3}'))
}

/// Whether most letters of `text` are Chinese characters.
pub fn is_mostly_han(text: &str) -> bool {
    let letters = text.chars().filter(|&c| is_letter(c)).count();
    letters > 0 && 2 * text.chars().filter(|&c| is_han(c)).count() > letters
}

/// Whether most letters of `text` are Chinese characters or kana.
pub fn is_mostly_east_asian(text: &str) -> bool {
    let letters = text.chars().filter(|&c| is_letter(c)).count();
    letters > 0 && 2 * text.chars().filter(|&c| is_han(c) || is_kana(c)).count() > letters
}
