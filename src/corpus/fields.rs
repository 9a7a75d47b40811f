//! Fields above a poem: `Title: ...` and `Author: ...` in lines of their own, or front matter between lines `---`. They
//! become a header `# title | author`.

use std::borrow::Cow;

use super::clean::is_blank;
use super::layout::{AUTHORS, TEXTS, TITLES, first_bytes, json_begin};
use super::lines::numbered_lines;

/// Other fields that stand beside a title, in lower case.
const OTHERS: [&str; 16] = [
    "date",
    "year",
    "source",
    "language",
    "lang",
    "tags",
    "form",
    "translator",
    "draft",
    "slug",
    "url",
    "id",
    "layout",
    "categories",
    "type",
    "published",
];
/// Fewest titles in a file.
const FEWEST: usize = 2;
/// Most lines of front matter.
const LONGEST: usize = 40;
const RULE: &str = "---";

/// The text with a header in place of the fields above each poem, and the number of lines that are left out by that.
pub fn with_headers(text: Cow<'_, str>) -> (Cow<'_, str>, usize) {
    // Most texts have no field, and are then not copied.
    if json_begin(&text).starts_with(['{', '[']) || !has_title(first_bytes(&text)) {
        return (text, 0);
    }
    let lines: Vec<&str> = numbered_lines(&text).map(|(_, line)| line).collect();
    let mut heads = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let found = front_matter(&lines, at).or_else(|| fields(&lines, at));
        at = found.as_ref().map_or(at + 1, |head| head.end);
        heads.extend(found);
    }
    let begins = lines.iter().position(|line| !is_blank(line));
    let is_front = heads.first().is_some_and(|head| head.is_front_matter && Some(head.begin) == begins);
    if (heads.len() < FEWEST && !is_front) || lines.iter().any(|line| is_block_of_yaml(line)) {
        return (text, 0);
    }
    let mut kept: Vec<Cow<str>> = lines.iter().map(|line| Cow::from(*line)).collect();
    let mut left_out = 0;
    for head in heads {
        left_out += lines[head.begin + 1..head.end].iter().filter(|line| !is_blank(line)).count();
        kept[head.begin..head.end].fill(Cow::from(""));
        kept[head.begin] = format!("# {}", head.title).into();
    }
    (kept.join("\n").into(), left_out)
}

/// The fields above a poem.
struct Head {
    /// Lines from 0, the last one not included.
    begin: usize,
    end: usize,
    is_front_matter: bool,
    /// `title | author`.
    title: String,
}

fn has_title(text: &str) -> bool {
    numbered_lines(text).any(|(_, line)| field(line).is_some_and(|(key, _)| TITLES.contains(&key.as_str())))
}

/// The key in lower case and the value of a line `Key: value`.
fn field(line: &str) -> Option<(String, &str)> {
    let (key, value) = line.split_once([':', '：'])?;
    let is_key = !key.is_empty() && key.len() <= 24 && key.chars().all(|c| c.is_alphanumeric() || "_- ".contains(c));
    let value = value.trim().trim_matches(['"', '\'']);
    (is_key && (value.is_empty() || line.contains(": ") || line.contains('：')))
        .then(|| (key.trim().to_lowercase(), value))
}

/// Front matter that begins at a line `---`.
fn front_matter(lines: &[&str], begin: usize) -> Option<Head> {
    if lines[begin].trim_end() != RULE {
        return None;
    }
    let most = (begin + LONGEST).min(lines.len());
    let rule = (begin + 1..most).find(|&i| lines[i].trim_end() == RULE)?;
    let inner = &lines[begin + 1..rule];
    let is_field = |line: &&str| field(line).is_some() || line.starts_with([' ', '-', '#']) || is_blank(line);
    let title = title(inner).filter(|_| inner.iter().all(is_field))?;
    Some(Head { begin, end: rule + 1, is_front_matter: true, title })
}

/// Fields without lines around them, at the beginning of a block.
fn fields(lines: &[&str], begin: usize) -> Option<Head> {
    let follows_blank = begin == 0 || is_blank(lines[begin - 1]) || !lines[begin - 1].contains(char::is_alphanumeric);
    let is_known = |line: &&&str| {
        field(line).is_some_and(|(key, value)| {
            let is_name = [&TITLES[..], &AUTHORS, &OTHERS].iter().any(|names| names.contains(&key.as_str()));
            // The text itself follows below.
            is_name && !value.is_empty() || value.is_empty() && TEXTS.contains(&key.as_str())
        })
    };
    let end = begin + lines[begin..].iter().take_while(is_known).count();
    let title = title(&lines[begin..end]).filter(|_| follows_blank)?;
    Some(Head { begin, end, is_front_matter: false, title })
}

/// `title | author` of some fields with a title.
fn title(lines: &[&str]) -> Option<String> {
    let value = |names: &[&str]| {
        lines
            .iter()
            .filter_map(|line| field(line))
            .find(|(key, _)| names.contains(&key.as_str()))
            .map(|(_, value)| value)
    };
    let title = value(&TITLES).filter(|title| !title.is_empty())?;
    Some(
        value(&AUTHORS)
            .filter(|author| !author.is_empty())
            .map_or(title.into(), |author| format!("{title} | {author}")),
    )
}

/// Whether a line begins a text of YAML, which is no field of a file of verses.
fn is_block_of_yaml(line: &str) -> bool {
    let line = line.trim();
    [" |", " >", " |-", " >-", " |+"].iter().any(|sign| line.ends_with(&format!(":{sign}"))) || {
        line.strip_prefix("- ").is_some_and(|item| field(item).is_some_and(|(key, _)| TITLES.contains(&key.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_headers() {
        for (head, lines) in [
            ("Title: A b\nAuthor: C", 1),
            ("---\ntitle: \"A b\"\nauthor: C\ntags:\n  - x\n---", 5),
            ("title: A b\nYear: 1900\nauthor: C\nText:", 3),
        ] {
            let (text, left_out) = with_headers(format!("{head}\n\na\n\nb\n\n").repeat(3).into());
            assert_eq!(text.matches("# A b | C\n").count(), 3, "{text}");
            assert_eq!((text.lines().count(), left_out), (3 * (head.lines().count() + 5), 3 * lines));
            assert!(!text.contains(':') && !text.contains(RULE), "{text}");
        }
        let (text, left_out) = with_headers("---\ntitle: A\ndraft: false\n---\n\na\nb\n".into());
        assert_eq!((text.as_ref(), left_out), ("# A\n\n\n\n\na\nb\n", 3));
    }

    #[test]
    fn other_colons_stay() {
        for text in [
            "Title: A\n\na verse\n",
            "a verse\nname: another\n\na\nname: b\n",
            "- title: A\n  text: |\n    a\n- title: B\n  text: |\n    b\n",
            "title: A\ntext: |\n  a\n\ntitle: B\ntext: |\n  b\n",
            "a\n---\nb: c\n---\nd\n",
        ] {
            assert_eq!(with_headers(text.into()), (text.into(), 0), "{text}");
        }
    }
}
