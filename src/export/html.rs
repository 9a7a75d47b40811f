//! Elements of a page. All text goes through `escape`: corpora, samples and notes are untrusted.

/// Text as HTML, in an element or an attribute. Control characters become spaces.
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
            _ if character.is_control() => escaped.push(' '),
            _ => escaped.push(character),
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

/// A table of texts whose first column names the rows.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |tag: &str, texts: &mut dyn Iterator<Item = &str>| -> String {
        texts.map(|text| format!("<{tag}>{}</{tag}>", escape(text))).collect()
    };
    let row = |row: &Vec<String>| {
        let (name, rest) = row.split_at(row.len().min(1));
        let name = cells("th", &mut name.iter().map(String::as_str));
        format!("<tr>{name}{}</tr>\n", cells("td", &mut rest.iter().map(String::as_str)))
    };
    let head = cells("th", &mut head.iter().copied());
    let rows: String = rows.iter().map(row).collect();
    format!("<div class=\"wide\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n")
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
        let table = table(&[text], &[vec![text.to_string(), text.to_string()]]);
        assert_eq!((table.matches(escaped).count(), table.contains("<script")), (3, false));
    }

    #[test]
    fn a_section_without_a_body_is_empty() {
        assert_eq!(section("curves", ""), "");
    }
}
