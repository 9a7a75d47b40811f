//! The level rhyme groups of a final of modern Mandarin, for those who do not know the rhyme book.

use unicode_normalization::UnicodeNormalization;

use super::table::{GroupSet, level_set};

/// Finals in pinyin, without tone marks, and characters of the level groups where most characters with them are. Other finals are
/// in these groups too.
const FINALS: [(&str, &str); 34] = [
    ("a", "麻"),
    ("ia", "麻鞋"),
    ("ua", "麻"),
    ("o", "歌"),
    ("e", "歌"),
    ("ie", "麻鞋"),
    ("uo", "歌"),
    ("ai", "灰鞋"),
    ("uai", "鞋"),
    ("ei", "微支"),
    ("ui", "支微"),
    ("ao", "豪肴萧"),
    ("iao", "萧肴"),
    ("ou", "尤"),
    ("iu", "尤"),
    ("i", "支微齐"),
    ("er", "支"),
    ("u", "虞鱼"),
    ("ü", "鱼虞"),
    ("an", "寒删覃咸"),
    ("ian", "天盐"),
    ("uan", "寒删"),
    ("üan", "元天"),
    ("en", "元真文"),
    ("in", "真侵"),
    ("un", "真元文"),
    ("ün", "真文"),
    ("ang", "阳江"),
    ("iang", "阳江"),
    ("uang", "阳江"),
    ("eng", "庚蒸"),
    ("ing", "庚青蒸"),
    ("ong", "东冬"),
    ("iong", "东冬"),
];

/// Tone marks of pinyin, as combining characters.
const TONE_MARKS: [char; 4] = ['\u{304}', '\u{301}', '\u{30c}', '\u{300}'];

/// The level groups of a final such as `ang`; `None` if it is none.
pub fn of_final(text: &str) -> Option<GroupSet> {
    let text: String = text.nfd().filter(|c| !TONE_MARKS.contains(c)).nfc().collect();
    let text = text.to_lowercase().replace('v', "ü");
    let (_, characters) = FINALS.iter().find(|(name, _)| *name == text)?;
    Some(characters.chars().fold(0, |set, c| set | level_set(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_stands_for_one_group() {
        for (name, characters) in FINALS {
            let set = of_final(name).unwrap();
            assert_eq!(set.count_ones() as usize, characters.chars().count(), "{name}: {characters}");
        }
        assert_eq!((of_final("xyz"), of_final("āng"), of_final("ǜ")), (None, of_final("ang"), of_final("v")));
    }

    #[test]
    fn common_characters_belong_to_their_finals() {
        for (name, characters) in [
            ("ang", "阳光霜乡"),
            ("ong", "中空东宫"),
            ("iu", "秋流留"),
            ("an", "山间寒还"),
            ("in", "新心林"),
            ("V", "鱼居渠"),
        ] {
            let set = of_final(name).unwrap();
            assert!(characters.chars().all(|c| level_set(c) & set != 0), "{name}: {characters}");
        }
    }
}
