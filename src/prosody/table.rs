//! The rhyme book: tones and rhyme groups of each character, traditional or simplified.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The four tones of Middle Chinese; only the first is level (平), the others are oblique (仄).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Level,
    Rising,
    Departing,
    Entering,
}

/// One of the 106 rhyme groups of the 平水韵.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name in the rhyme book, such as 上平聲一東.
    pub name: &'static str,
    pub tone: Tone,
    /// Its bit in a [`GroupSet`].
    index: u32,
}

/// The possible tones of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tones {
    pub level: bool,
    pub oblique: bool,
}

/// A set of rhyme groups, one bit each.
pub type GroupSet = u128;

impl Tones {
    /// Whether the character can be level, or oblique if `level` is false.
    pub fn can_be(self, level: bool) -> bool {
        if level { self.level } else { self.oblique }
    }
}

struct Table {
    characters: HashMap<char, Entry>,
    /// All level groups.
    level: GroupSet,
}

#[derive(Default)]
struct Entry {
    groups: Vec<Group>,
    set: GroupSet,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

/// Traditional and simplified characters.
const SIMPLIFIED: &str = include_str!("data/simplified.tsv");

/// The tones of `c`; both if it is not in the rhyme book, so that it never counts as an error.
pub fn tones(c: char) -> Tones {
    let set = set(c);
    let level = set & TABLE.level != 0;
    let oblique = set & !TABLE.level != 0;
    if set == 0 { Tones { level: true, oblique: true } } else { Tones { level, oblique } }
}

/// The rhyme groups of `c`; none if it is not in the rhyme book.
pub fn groups(c: char) -> &'static [Group] {
    TABLE.characters.get(&c).map_or(&[], |entry| &entry.groups)
}

/// The groups of `c` as a set.
pub(super) fn set(c: char) -> GroupSet {
    TABLE.characters.get(&c).map_or(0, |entry| entry.set)
}

/// The level groups of `c` as a set.
pub fn level_set(c: char) -> GroupSet {
    set(c) & TABLE.level
}

impl Group {
    /// Its name in simplified characters.
    pub fn simplified_name(self) -> String {
        let simplified = |c| pairs(SIMPLIFIED).find(|(traditional, _)| *traditional == c)?.1.chars().next();
        self.name.chars().map(|c| simplified(c).unwrap_or(c)).collect()
    }

    /// The set of this group alone.
    pub(super) fn set(self) -> GroupSet {
        1 << self.index
    }
}

impl Table {
    fn read() -> Table {
        let mut table = Table { characters: HashMap::new(), level: 0 };
        let mut known = HashMap::new();
        for (c, names) in pairs(include_str!("data/pingshui.tsv")) {
            for name in names.split('|') {
                let index = known.len() as u32;
                let group = *known.entry(name).or_insert(Group { name, tone: tone(name), index });
                table.add(c, &[group]);
            }
        }
        for (variant, form) in pairs(include_str!("data/pingshui_variants.tsv")) {
            table.share(form.chars().next(), variant);
        }
        for (traditional, simplified) in pairs(SIMPLIFIED) {
            for c in simplified.chars() {
                table.share(Some(traditional), c);
            }
        }
        table
    }

    /// Adds the groups of one character to another.
    fn share(&mut self, from: Option<char>, to: char) {
        let groups = from.and_then(|from| self.characters.get(&from)).map(|entry| entry.groups.clone());
        self.add(to, &groups.unwrap_or_default());
    }

    fn add(&mut self, c: char, groups: &[Group]) {
        let entry = self.characters.entry(c).or_default();
        for &group in groups {
            if entry.set & group.set() == 0 {
                entry.groups.push(group);
                entry.set |= group.set();
                self.level |= if group.tone == Tone::Level { group.set() } else { 0 };
            }
        }
    }
}

fn pairs(file: &'static str) -> impl Iterator<Item = (char, &'static str)> {
    file.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        Some((fields.next()?.chars().next()?, fields.next()?))
    })
}

fn tone(name: &str) -> Tone {
    match name.chars().next() {
        Some('上') if !name.starts_with("上平") => Tone::Rising,
        Some('去') => Tone::Departing,
        Some('入') => Tone::Entering,
        _ => Tone::Level,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(c: char) -> Vec<&'static str> {
        groups(c).iter().map(|group| group.name).collect()
    }

    #[test]
    fn both_scripts_are_looked_up() {
        assert_eq!(names('東'), ["上平聲一東"]);
        assert_eq!(names('东'), names('東'));
        // A variant of the table's 為, and its simplified form.
        assert_eq!((names('爲'), names('为')), (names('為'), names('為')));
        assert_eq!(names('溪'), ["上平聲八齊"]);
    }

    #[test]
    fn names_have_a_simplified_form() {
        let simplified = |c| groups(c).first().unwrap().simplified_name();
        assert_eq!(
            ['東', '溪', '删', '鱼', '九'].map(simplified),
            ["上平声一东", "上平声八齐", "上平声十五删", "上平声六鱼", "上声二十五有"]
        );
    }

    #[test]
    fn merged_characters_have_the_groups_of_all_originals() {
        for traditional in ['乾', '幹'] {
            assert!(!groups(traditional).is_empty());
            assert!(groups(traditional).iter().all(|group| groups('干').contains(group)), "{traditional}");
        }
        assert_eq!(tones('干'), Tones { level: true, oblique: true });
    }

    #[test]
    fn tones_are_those_of_the_groups() {
        let both = |level, oblique| Tones { level, oblique };
        assert_eq!([tones('光'), tones('月'), tones('看')], [both(true, false), both(false, true), both(true, true)]);
        assert_eq!([tones('x'), tones('𪚥')], [both(true, true); 2]);
        assert!(groups('x').is_empty());
        let tone = |c| groups(c).first().unwrap().tone;
        assert_eq!(['天', '酒', '夜', '白'].map(tone), [Tone::Level, Tone::Rising, Tone::Departing, Tone::Entering]);
    }

    #[test]
    fn the_book_has_106_groups() {
        let mut all: Vec<Group> = TABLE.characters.values().flat_map(|entry| entry.groups.clone()).collect();
        all.sort_by_key(|group| group.index);
        all.dedup();
        let count = |tone| all.iter().filter(|group| group.tone == tone).count();
        let counts = [Tone::Level, Tone::Rising, Tone::Departing, Tone::Entering].map(count);
        assert_eq!((all.len(), counts), (106, [30, 29, 30, 17]));
        assert!(TABLE.characters.values().all(|entry| !entry.groups.is_empty()), "a line leads nowhere");
    }
}
