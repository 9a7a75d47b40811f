//! The tags of HTML and the text between them.

/// Tags that end a paragraph, and those whose content is not shown.
pub const BLOCKS: [&str; 16] = [
    "p",
    "div",
    "blockquote",
    "pre",
    "li",
    "ul",
    "ol",
    "tr",
    "td",
    "table",
    "section",
    "article",
    "body",
    "dd",
    "dt",
    "hr",
];
pub const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];
pub const HIDDEN: [&str; 12] =
    ["script", "style", "head", "title", "nav", "footer", "aside", "noscript", "rt", "rp", "button", "form"];
/// A tag or comment, or the text between two.
pub struct Token<'a> {
    pub source: &'a str,
}

/// The name of a tag, and what it does.
pub struct Tag {
    /// In lower case; `!` of a comment.
    pub name: String,
    pub closing: bool,
    /// Whether it is that of a stanza, by its class.
    pub is_stanza: bool,
}

impl Token<'_> {
    pub fn tag(&self) -> Option<Tag> {
        let inner = self.source.strip_prefix('<').filter(|_| self.source.len() > 1)?;
        let closing = inner.starts_with('/');
        let name = inner.trim_start_matches('/');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = if inner.starts_with('!') { "!".into() } else { name[..end].to_ascii_lowercase() };
        Some(Tag { name, closing, is_stanza: is_stanza(self.source) })
    }
}

pub fn is_stanza(source: &str) -> bool {
    source.contains("stanza") || source.contains("strophe")
}

pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let is_tag = |rest: &str| rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let length = if rest.starts_with("<!--") {
            rest.find("-->").map_or(rest.len(), |end| end + 3)
        } else if rest.starts_with('<') && is_tag(rest) {
            rest.find('>').map_or(rest.len(), |end| end + 1)
        } else {
            rest.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(rest.len(), |(at, _)| at)
        };
        let (source, after) = rest.split_at(length);
        rest = after;
        Some(Token { source })
    })
}

/// Whether blocks hold a verse each: there are several blocks that hold several blocks of a single line.
pub fn verses_are_blocks(text: &str) -> bool {
    let (mut groups, mut leaves, mut single) = (0, 0, 0);
    // Whether the open block is a leaf, its lines, and the leaves of the block around it.
    let (mut is_leaf, mut lines, mut in_group) = (false, 0, 0);
    for token in tokens(text) {
        match token.tag() {
            Some(tag) if !BLOCKS.contains(&tag.name.as_str()) => {}
            Some(tag) if tag.closing && is_leaf => {
                leaves += usize::from(lines > 0);
                single += usize::from(lines == 1);
                in_group += usize::from(lines > 0);
                is_leaf = false;
            }
            Some(tag) => {
                if tag.closing {
                    groups += usize::from(in_group > 1);
                    in_group = 0;
                }
                (is_leaf, lines) = (!tag.closing, 0);
            }
            None => lines += token.source.lines().filter(|line| !line.trim().is_empty()).count(),
        }
    }
    groups > 1 && single == leaves
}
