//! Text in the notations of other programs, whose signs stand between the verses: Org, AsciiDoc, gettext, chords, YAML.

use super::machine::Named;

const TO_TEXT: &str = "export it as plain text, with a blank line between two poems";
const YAML: Named = ("YAML", "convert it to JSON, such as {\"title\": ..., \"lines\": [...]}");
/// The beginnings of texts in YAML.
const YAML_TEXTS: [&str; 5] = ["- |", "- >", "- |-", "- >-", "- |+"];
/// Fewest lines that show a notation.
const FEWEST: usize = 3;

/// Which notation these lines have, none of them blank.
pub fn notation(lines: &[&str]) -> Option<Named> {
    let count = |is_it: &dyn Fn(&str) -> bool| lines.iter().filter(|line| is_it(line)).count();
    let most = |is_it: &dyn Fn(&str) -> bool, percent: usize| {
        let count = count(is_it);
        count >= FEWEST && count * 100 >= lines.len() * percent
    };
    let is_verse_block = |line: &str| line.starts_with("[verse") || line.starts_with("[quote");
    let known: [(bool, Named); 6] = [
        (lines.iter().take(20).any(|line| is_org_keyword(line)), ("Org", TO_TEXT)),
        (
            count(&|line| line.len() >= 4 && line.bytes().all(|byte| byte == b'_')) >= FEWEST
                && count(&is_verse_block) >= FEWEST,
            ("AsciiDoc", TO_TEXT),
        ),
        (
            most(&|line| line.starts_with("msgid \"") || line.starts_with("msgstr \""), 40),
            ("a table of gettext", TO_TEXT),
        ),
        (count(&|line| YAML_TEXTS.contains(&line)) >= FEWEST, YAML),
        (
            most(&is_chord_line, 20) || most(&has_chords, 20),
            ("lyrics with chords", "remove the chords: one verse per line, with a blank line between two poems"),
        ),
        (holds_texts_of_python(lines), ("source code", "give a file of poems")),
    ];
    known.into_iter().find(|(is_it, _)| *is_it).map(|(_, named)| named)
}

/// A line `#+TITLE: ...` or `:PROPERTIES:`.
fn is_org_keyword(line: &str) -> bool {
    let keyword = line.strip_prefix("#+").and_then(|rest| rest.split_once(':')).map(|(keyword, _)| keyword);
    keyword.is_some_and(|keyword| keyword.chars().all(|c| c.is_ascii_alphabetic() || c == '_'))
        || line == ":PROPERTIES:"
}

/// Whether a line consists of chords, such as `Am  G/B  C7`.
fn is_chord_line(line: &str) -> bool {
    let words = || line.split([' ', '\t', '|']).filter(|word| !word.is_empty());
    // A single letter may be a verse.
    words().all(is_chord) && (words().count() > 1 || line.len() > 1)
}

/// Whether a line has chords in square brackets, `[Am]love [G]is`.
fn has_chords(line: &str) -> bool {
    let mut inner = line.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    inner.any(|(chord, after)| is_chord(chord) && after.starts_with(char::is_alphanumeric))
}

fn is_chord(word: &str) -> bool {
    let (root, bass) = word.split_once('/').unwrap_or((word, "C"));
    let is_root = |root: &str| root.starts_with(|c| ('A'..='H').contains(&c));
    let kind = root.get(1..).unwrap_or_default().trim_start_matches(['#', 'b', '♯', '♭']);
    let kinds = ["maj", "min", "dim", "aug", "sus", "add", "m", "M", "°", "+"];
    let rest = kinds.iter().fold(kind.to_string(), |kind, name| kind.replacen(name, "", 1));
    is_root(root) && is_root(bass) && bass.len() <= 2 && rest.chars().all(|c| c.is_ascii_digit() || "()-b#".contains(c))
}

/// Whether texts in three quotation marks are assigned to a name.
fn holds_texts_of_python(lines: &[&str]) -> bool {
    let name = lines.first().and_then(|line| line.split_once('=')).map_or("", |(name, _)| name.trim());
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name && lines.iter().filter(|line| line.contains("\"\"\"")).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_are_named() {
        for (text, kind) in [
            ("#+TITLE: Poems\n* A\na\nb", "Org"),
            ("* A\n:PROPERTIES:\n:DATE: 1900\n:END:\na", "Org"),
            ("== A\n[verse]\n____\na\n____\n[verse]\n____\nb\n____\n[verse, C]\n____\nd\n____", "AsciiDoc"),
            ("msgid \"a\"\nmsgstr \"b\"\nmsgid \"c\"\nmsgstr \"d\"", "a table of gettext"),
            ("poems:\n- |\na\nb\n- |\nc\nd\n- |\ne", "YAML"),
            ("Am     G/B  C7\nlove is\nF#m  Bb  Dsus4\nblind\nG  D\nand", "lyrics with chords"),
            ("{title: A}\n[Am]love [G]is\n[C]blind and [D7]so\n[Em]on", "lyrics with chords"),
            ("poems = [\n\"\"\"a\nb\"\"\",\n\"\"\"c\nd\"\"\"\n]", "source code"),
        ] {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(notation(&lines).map(|(kind, _)| kind), Some(kind), "{text}");
        }
    }

    #[test]
    fn verse_has_no_notation() {
        for text in [
            "A\nB\nC\nD\nE",
            "#hashtag\na\n#another: b\nc",
            "A bird\nA cage\nGo\nBe\nDad",
            "[Chorus]\na\n[Verse]\nb\n[Bridge]\nc",
            "[A] first\n[B] second\n[C] third",
            "- a\n- b\n- c",
        ] {
            assert_eq!(notation(&text.lines().collect::<Vec<_>>()), None, "{text}");
        }
    }
}
