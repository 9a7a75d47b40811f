//! Structures that are not poems and cannot be read, by name and with what to do.

use super::layout::{TextSample, first_bytes, frames, json_begin};
use super::machine::{Named, machine_text};
use super::notation::notation;

/// A foreign structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Such as "XML".
    pub kind: &'static str,
    /// What to do, as the end of a sentence.
    pub advice: &'static str,
}

const YAML_KEYS: [&str; 14] = [
    "title",
    "author",
    "text",
    "content",
    "lines",
    "paragraphs",
    "body",
    "poem",
    "poems",
    "name",
    "stanzas",
    "verses",
    "poet",
    "date",
];
/// Number of lines that are looked at.
const SAMPLE: usize = 400;
const TO_TEXT: &str = "export it as plain text, with a blank line between two poems";

/// The foreign structure of a text, if it has one.
pub fn foreign(text: &str) -> Option<Foreign> {
    // Comments may precede JSON.
    let begin = json_begin(text);
    let text = if begin.starts_with(['[', '{']) { begin } else { text };
    let start = first_bytes(text.trim_start());
    if frames(&TextSample::of(start)).is_some() {
        return None;
    }
    by_start(start).or_else(|| by_lines(start)).map(|(kind, advice)| Foreign { kind, advice })
}

fn by_start(start: &str) -> Option<Named> {
    let head: String = start.chars().take(2000).collect::<String>().to_lowercase();
    let is_html = head.contains("<html") || head.starts_with("<!doctype html");
    let first = head.lines().next().unwrap_or_default();
    let known: [(bool, Named); 8] = [
        (!is_html && head.starts_with("<?xml"), XML),
        (
            !is_html
                && ["<tei", "<rss", "<feed", "<svg", "<poem", "<doc", "<mediawiki"]
                    .iter()
                    .any(|tag| head.starts_with(tag)),
            XML,
        ),
        (head.starts_with("{\\rtf"), ("RTF, the format of a word processor", TO_TEXT)),
        (head.starts_with("%!ps"), ("PostScript", TO_TEXT)),
        (head.contains("\\documentclass") || head.contains("\\begin{verse}"), LATEX),
        (head.starts_with("webvtt") || head.starts_with("[script info]"), SUBTITLES),
        (
            first.starts_with("mime-version:")
                || first.starts_with("return-path:")
                || first.starts_with("from: <saved by"),
            ("an e-mail or a saved page (MIME)", TO_TEXT),
        ),
        (
            head.starts_with("diff --git") || (first.starts_with("--- ") && head.contains("\n+++ ")),
            ("a patch", "give the file of poems itself"),
        ),
    ];
    known.into_iter().find(|(is_it, _)| *is_it).map(|(_, named)| named)
}

const LATEX: Named = ("LaTeX", "remove the commands: one verse per line, with a blank line between two poems");
const XML: Named = ("XML", "extract the verses: one per line, with a blank line between two poems");
const SUBTITLES: Named =
    ("subtitles", "remove the times and numbers: one verse per line, with a blank line between two poems");

fn by_lines(text: &str) -> Option<Named> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(SAMPLE).collect();
    let most = |is_it: &dyn Fn(&str) -> bool, percent: usize| {
        let count = lines.iter().filter(|line| is_it(line)).count();
        count >= 3 && count * 100 >= lines.len() * percent
    };
    let is_time = |line: &str| line.contains("-->") && line.contains(':');
    // What no tag ends is a token.
    let has_ends = text.contains("</") || text.contains("/>");
    let is_tag = |line: &str| has_ends && line.starts_with('<') && line.ends_with('>') && !is_html_tag(line);
    if most(&is_time, 20) {
        return Some(SUBTITLES);
    }
    if most(&is_timed_lyric, 60) {
        return Some((
            "lyrics with times (LRC)",
            "remove the times: one verse per line, with a blank line between two poems",
        ));
    }
    if lines.iter().any(|line| is_sql(line)) {
        return Some(("SQL", "export the table as CSV"));
    }
    // The keys of YAML are nothing without their values below or behind them.
    if most(&is_yaml, 15) {
        return Some(("YAML", "convert it to JSON, such as {\"title\": ..., \"lines\": [...]}"));
    }
    if most(&is_tag, 60) {
        return Some(XML);
    }
    if !is_structured(&lines)
        && let Some(named) = notation(&lines)
    {
        return Some(named);
    }
    if lines.iter().filter(|line| line.contains("\\begin{")).count() >= 3 {
        return Some(LATEX);
    }
    if is_structured(&lines) { None } else { machine_text(&lines) }
}

fn is_timed_lyric(line: &str) -> bool {
    line.strip_prefix('[').and_then(|rest| rest.split_once(']')).is_some_and(|(time, _)| {
        time.len() >= 5 && time.contains(':') && time.chars().all(|c| c.is_ascii_digit() || ":.".contains(c))
    })
}

fn is_sql(line: &str) -> bool {
    let line = line.to_ascii_uppercase();
    line.starts_with("INSERT INTO ") || line.starts_with("CREATE TABLE ")
}

fn is_yaml(line: &str) -> bool {
    let line = line.trim_start_matches("- ");
    let key = line.split_once(':').filter(|(_, rest)| rest.is_empty() || rest.starts_with(' ')).map(|(key, _)| key);
    key.is_some_and(|key| YAML_KEYS.contains(&key))
}

/// Whether the text begins as JSON or HTML, which are read and have signs of programming languages as well.
fn is_structured(lines: &[&str]) -> bool {
    let first = lines.first().copied().unwrap_or_default();
    let inner = first.strip_prefix('[').map(str::trim_start);
    let is_array = inner.is_some_and(|inner| inner.is_empty() || inner.starts_with(['{', '[', '"']));
    // A line such as `{title: ...}` is one of chords.
    let is_directive = first.starts_with('{') && first.ends_with('}') && !first.contains(['"', '\'']);
    (first.starts_with(['{', '<']) && !is_directive) || (is_array && !first.starts_with("[["))
}

fn is_html_tag(line: &str) -> bool {
    let name = line.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    let known =
        "p br div span h1 h2 h3 h4 h5 h6 html body head ul ol li b i em strong a blockquote pre table tr td hr s font";
    known.split(' ').any(|tag| tag == name[..end].to_ascii_lowercase()) || name.starts_with(['!', '|'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_structures_are_named() {
        let cases = [
            ("<?xml version=\"1.0\"?>\n<poems><poem>a</poem></poems>", "XML"),
            ("<poems>\n<l>a</l>\n<l>b</l>\n<l>c</l>\n</poems>", "XML"),
            ("{\\rtf1\\ansi a}", "RTF, the format of a word processor"),
            ("\\documentclass{book}\n\\begin{verse}\na\\\\\n", "LaTeX"),
            (
                "1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:03,000 --> 00:00:04,000\nb\n\n3\n00:00:05,000 --> 00:00:06,000\nc",
                "subtitles",
            ),
            ("[00:12.00]a\n[00:15.30]b\n[00:17.20]c", "lyrics with times (LRC)"),
            ("INSERT INTO poems VALUES (1, 'a');", "SQL"),
            ("- title: x\n  lines:\n    - a\n- title: y\n  lines:\n    - b\n", "YAML"),
        ];
        for (text, kind) in cases {
            assert_eq!(foreign(text).map(|foreign| foreign.kind), Some(kind), "{text}");
        }
        for text in [
            "a\nb\n\nc\n",
            "<BOS> a <EOS>\n<BOS> b <EOS>\n<BOS> c <EOS>",
            "[\n{\n\"text\": \"a = b\"\n},\n{\n}\n]",
            "<p>a</p>\n<p>b</p>\n<p>c</p>",
            "Text: a\nb",
            "<|endoftext|>\n<|endoftext|>\n<|endoftext|>",
        ] {
            assert_eq!(foreign(text), None, "{text}");
        }
    }
}
