//! The level rhyme groups of a final of modern Mandarin, for those who do not know the rhyme book.

use super::table::{GroupSet, Tone, groups};

/// Finals in pinyin, without tone marks, and the level groups, by the last characters of their names, whose characters mostly
/// have them today.
const FINALS: [(&str, &str); 30] = [
    ("a", "麻佳"),
    ("ia", "麻佳"),
    ("ua", "麻佳"),
    ("o", "歌"),
    ("e", "歌麻"),
    ("ie", "麻佳"),
    ("uo", "歌"),
    ("ai", "灰佳"),
    ("uai", "佳"),
    ("ei", "灰微支"),
    ("ui", "支微灰"),
    ("ao", "豪肴萧"),
    ("iao", "萧肴"),
    ("ou", "尤"),
    ("iu", "尤"),
    ("i", "支微齐"),
    ("u", "虞鱼"),
    ("ü", "鱼虞"),
    ("an", "寒删先覃元咸盐"),
    ("ian", "先盐咸删"),
    ("uan", "寒删先"),
    ("en", "元真文侵"),
    ("in", "真侵文"),
    ("un", "真元文"),
    ("ang", "阳江"),
    ("iang", "阳江"),
    ("uang", "阳江"),
    ("eng", "庚蒸"),
    ("ing", "庚青蒸"),
    ("ong", "东冬"),
];

/// The level groups of a final such as `ang`; `None` if it is none.
pub fn of_final(text: &str) -> Option<GroupSet> {
    let text = text.to_lowercase().replace('v', "ü");
    let (_, names) = FINALS.iter().find(|(name, _)| *name == text)?;
    let named = |c: char| {
        let is_named = |group: &&super::Group| group.tone == Tone::Level && group.simplified_name().ends_with(c);
        groups(c).iter().find(is_named).map_or(0, |group| group.set())
    };
    Some(names.chars().map(named).fold(0, |set, one| set | one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prosody::level_set;

    #[test]
    fn every_final_has_the_groups_that_are_named() {
        for (name, names) in FINALS {
            assert_eq!(of_final(name).unwrap().count_ones() as usize, names.chars().count(), "{name}: {names}");
        }
        assert_eq!(of_final("xyz"), None);
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
