//! Lines that name a part of a song and are no verse: `[Verse 1]`, `(Chorus)`, `Refrain:`.

/// Names of parts of songs, in lower case.
const NAMES: [&str; 29] = [
    "verse",
    "chorus",
    "pre-chorus",
    "prechorus",
    "post-chorus",
    "refrain",
    "bridge",
    "intro",
    "outro",
    "hook",
    "interlude",
    "instrumental",
    "solo",
    "coda",
    "couplet",
    "pont",
    "strophe",
    "strofa",
    "estrofa",
    "estribillo",
    "coro",
    "ritornello",
    "куплет",
    "припев",
    "проигрыш",
    "主歌",
    "副歌",
    "间奏",
    "후렴",
];
const BRACKETS: [(char, char); 5] = [('[', ']'), ('(', ')'), ('{', '}'), ('【', '】'), ('（', '）')];
/// Longest such line, in bytes.
const MAX_LENGTH: usize = 80;

/// Whether a line is only the name of a part, in brackets, with a colon or in capitals.
pub fn is_label(line: &str) -> bool {
    if line.len() > MAX_LENGTH {
        return false;
    }
    let line = line.trim();
    let inner = BRACKETS.iter().find_map(|(open, close)| line.strip_prefix(*open)?.strip_suffix(*close));
    let is_marked = inner.is_some() || line.ends_with(':') || !line.contains(char::is_lowercase);
    let lower = inner.unwrap_or(line).to_lowercase();
    // Behind a colon stands who sings.
    let name = lower.split(':').next().unwrap_or_default().trim_end_matches('.').trim();
    let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
    let bare = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_count = rest.chars().all(|c| c.is_ascii_digit() || "xivх×. -".contains(c)) || rest == "repeat";
    is_marked && is_count && NAMES.contains(&bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts_are_marked() {
        for line in ["[Verse 1]", "(Intro)", "Verse 2:", "【主歌】", "CHORUS."] {
            assert!(is_label(line), "{line}");
        }
        for line in ["Verse", "chorus of birds:", "[a pause]", "the chorus", "(and the refrain)", "Solo", ":", ""] {
            assert!(!is_label(line), "{line}");
        }
    }
}
