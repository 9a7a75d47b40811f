//! Elements of a page. All text goes through `escape`: corpora, samples and notes are untrusted.

use crate::printable;
use crate::ui::Lang;

/// The one of two texts that is in the language of the page.
pub fn either<'a>(lang: Lang, english: &'a str, chinese: &'a str) -> &'a str {
    lang.pick(english, chinese)
}

/// Text as HTML, in an element or an attribute. What would not be shown, or would reorder the text, is left out.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(character),
            _ => escaped.extend(printable::shown(character)),
        }
    }
    escaped
}

/// A section with its title; nothing if `body` is empty.
pub fn section(title: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("<section>\n<h2>{}</h2>\n{body}</section>\n", escape(title))
}

/// A paragraph of explanation.
pub fn about(text: &str) -> String {
    format!("<p class=\"faint\">{}</p>\n", escape(text))
}

/// The attribute for Chinese text, so that a browser chooses glyphs and line breaks for it whatever the language of the
/// page; empty for other text, and for Japanese.
pub fn lang_of(text: &str) -> &'static str {
    let has = |range: std::ops::RangeInclusive<char>| text.chars().any(|c| range.contains(&c));
    if has('\u{4e00}'..='\u{9fff}') && !has('\u{3040}'..='\u{30ff}') { " lang=\"zh\"" } else { "" }
}

/// A row of a table: its name, what that means, and its cells.
pub struct TableRow {
    pub name: String,
    pub meaning: String,
    pub cells: Vec<String>,
}

/// A table of texts; `head` names the columns after the first.
pub fn table(head: &[&str], rows: &[TableRow]) -> String {
    let row = |TableRow { name, meaning, cells }: &TableRow| {
        let meaning = if meaning.is_empty() { String::new() } else { format!("<small>{}</small>", escape(meaning)) };
        let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
        format!("<tr><th scope=\"row\">{}{meaning}</th>{cells}</tr>\n", escape(name))
    };
    let head: String = head.iter().map(|name| format!("<th scope=\"col\">{}</th>", escape(name))).collect();
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let text = "<script>alert('&\"')</script>\u{0}\u{1b}春";
        let escaped = "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;  春";
        assert_eq!(escape(text), escaped);
        assert!(section(text, "x").contains(&format!("<h2>{escaped}</h2>")));
        let row = TableRow { name: text.into(), meaning: text.into(), cells: vec![text.into()] };
        let page = table(&[text], &[row]) + &about(text);
        assert_eq!((page.matches(escaped).count(), page.contains("<script")), (5, false));
    }

    #[test]
    fn a_section_without_a_body_is_empty() {
        assert_eq!(section("curves", ""), "");
    }

    #[test]
    fn chinese_text_says_so() {
        let found = ["春眠不觉晓", "Shall I compare thee", "春はあけぼの"].map(lang_of);
        assert_eq!(found, [" lang=\"zh\"", "", ""]);
    }
}
