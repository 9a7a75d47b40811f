//! HTML: poems are paragraphs, or lines of the file with `<br>` between verses; below headings, paragraphs are stanzas.

use super::super::lines::numbered_lines;
use super::builder::{Builder, Mark, Piece};
use super::sample::{TextSample, share};
use super::{Evidence, Layout, LayoutProblem};

pub struct Html;

/// Tags that end a paragraph, and those whose content is not shown.
const BLOCKS: [&str; 16] = [
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
const HIDDEN: [&str; 4] = ["script", "style", "head", "title"];
const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];

impl Layout for Html {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let start: String = sample.text.trim_start().chars().take(2000).collect::<String>().to_lowercase();
        if start.starts_with("<!doctype html") || start.starts_with("<html") || start.contains("<html") {
            return Some(Evidence { score: 0.96, why: "it begins with <html>".into() });
        }
        let lines = sample.full_lines().count();
        let tagged = sample.full_lines().filter(|line| has_markup(line)).count();
        let why = share(tagged, lines, "lines hold tags such as <br> or entities such as &nbsp;");
        (tagged * 10 >= lines * 3 && tagged > 0).then_some(Evidence { score: 0.9, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let mut page = Page::new(text, visit);
        let mut hidden: Option<String> = None;
        let mut number = 1;
        for token in tokens(text) {
            let newlines = token.source.bytes().filter(|&byte| byte == b'\n').count();
            match (&hidden, token.tag()) {
                (Some(outer), Some(tag)) if tag.closing && tag.name == *outer => hidden = None,
                (Some(_), _) => {}
                (None, Some(tag)) if HIDDEN.contains(&tag.name.as_str()) && !tag.closing => hidden = Some(tag.name),
                (None, Some(tag)) => page.tag(number, &tag),
                (None, None) => page.text(number, token.source),
            }
            number += newlines;
        }
        page.end_line();
        page.builder.finish();
        Ok(())
    }
}

/// A tag or comment, or the text between two.
struct Token<'a> {
    source: &'a str,
}

struct Tag {
    /// In lower case; `!` of a comment.
    name: String,
    closing: bool,
}

impl Token<'_> {
    fn tag(&self) -> Option<Tag> {
        let inner = self.source.strip_prefix('<').filter(|_| self.source.len() > 1)?;
        let closing = inner.starts_with('/');
        let name = inner.trim_start_matches('/');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = if inner.starts_with('!') { "!".into() } else { name[..end].to_ascii_lowercase() };
        Some(Tag { name, closing })
    }
}

fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
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

fn has_markup(line: &str) -> bool {
    let tags =
        ["<br", "<p>", "<p ", "</p>", "<div", "</div>", "<span", "<i>", "<b>", "<em>", "<h1", "<h2", "<h3", "<li"];
    let has_tag = line.contains('<') && tags.iter().any(|tag| line.contains(tag));
    let is_entity = |rest: &str| {
        rest.find(';').is_some_and(|end| {
            (2..10).contains(&end) && rest[..end].trim_start_matches('#').chars().all(|c| c.is_ascii_alphanumeric())
        })
    };
    has_tag || line.split('&').skip(1).any(is_entity)
}

/// The poems of a page as they are found.
struct Page<'a> {
    builder: Builder<'a>,
    line: String,
    line_number: usize,
    /// The heading below which poems are, and whether one is open.
    heading: Option<String>,
    in_heading: Option<bool>,
    in_pre: bool,
    /// Whether a line break was the last thing, so that the line end behind it means nothing.
    after_break: bool,
    /// Whether a line end of the file is a blank, as in pages, ends a verse, or ends a poem.
    newline: Newline,
}

#[derive(Clone, Copy, PartialEq)]
enum Newline {
    Blank,
    Verse,
    Poem,
}

impl<'a> Page<'a> {
    fn new(text: &str, visit: &'a mut dyn FnMut(Piece)) -> Page<'a> {
        let lower = text.to_ascii_lowercase();
        let count = |tag: &str| lower.matches(&format!("<{tag}")).count();
        let heading = HEADINGS.iter().map(|tag| (count(tag), *tag)).filter(|(n, _)| *n >= 2).max();
        let has_paragraphs = ["p>", "p ", "div", "li"].iter().any(|tag| count(tag) > 0);
        let has_blank_lines = TextSample::of(text).n_blocks > 1;
        let newline = match () {
            () if has_paragraphs && count("br") > 0 => Newline::Blank,
            () if has_paragraphs || has_blank_lines => Newline::Verse,
            () => Newline::Poem,
        };
        Page {
            builder: Builder::new(true, visit),
            line: String::new(),
            line_number: 1,
            heading: heading.map(|(_, tag)| tag.to_string()),
            in_heading: None,
            in_pre: false,
            after_break: false,
            newline,
        }
    }

    fn tag(&mut self, number: usize, tag: &Tag) {
        let name = tag.name.as_str();
        if HEADINGS.contains(&name) {
            self.heading_tag(number, tag);
        } else if name == "br" {
            self.end_line();
            self.after_break = true;
        } else if BLOCKS.contains(&name) {
            self.end_paragraph();
            self.in_pre = if name == "pre" { !tag.closing } else { self.in_pre };
        }
    }

    fn heading_tag(&mut self, number: usize, tag: &Tag) {
        let is_title = self.heading.as_ref() == Some(&tag.name);
        if !tag.closing {
            self.end_paragraph();
            self.in_heading = Some(is_title);
            return;
        }
        let title = std::mem::take(&mut self.line);
        match self.in_heading.take() {
            Some(true) => self.builder.title(number, &htmlize::unescape(title.as_str())),
            Some(false) => {
                self.builder.finish();
                self.builder.mark(Mark::Other);
            }
            None => {}
        }
    }

    fn text(&mut self, number: usize, text: &str) {
        if self.newline == Newline::Blank && !self.in_pre || self.in_heading.is_some() {
            self.push(number, &text.replace(['\n', '\r'], " "));
            return;
        }
        let after_break = std::mem::take(&mut self.after_break);
        let mut is_before_blank = true;
        for (i, line) in numbered_lines(text) {
            if i > 1 {
                let is_of_break = i == 2 && after_break && is_before_blank;
                if !is_of_break || self.newline == Newline::Poem {
                    self.end_line();
                }
                if self.newline == Newline::Poem {
                    self.builder.finish();
                }
            }
            is_before_blank = line.trim().is_empty();
            self.push(number + i - 1, line);
        }
    }

    fn push(&mut self, number: usize, text: &str) {
        if self.line.trim().is_empty() {
            self.line_number = number;
        }
        self.line.push_str(text);
    }

    /// Ends a verse; an empty one is a blank line, which in text without paragraphs ends a poem.
    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = htmlize::unescape(line.as_str());
        if line.trim().is_empty() && self.newline == Newline::Verse && self.heading.is_none() {
            self.builder.finish();
        } else {
            self.builder.verse(self.line_number, &line);
        }
    }

    fn end_paragraph(&mut self) {
        if !self.line.trim().is_empty() {
            self.end_line();
        }
        self.line.clear();
        if self.heading.is_some() {
            self.builder.verse(self.line_number, "");
        } else {
            self.builder.finish();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    fn read(text: &str, n: usize, lines: &[&str]) {
        let (format, found) = blocks(text);
        assert_eq!((format, found.len()), (Format::Html, n), "{text}");
        assert_eq!(found[n - 1].1, lines, "{text}");
    }

    #[test]
    fn lines_with_breaks_are_poems() {
        read(&"&nbsp;&nbsp;a &amp; b<br/>c\n".repeat(9), 9, &["a & b", "c"]);
        read(&"a &quot;b&quot;\nc\n\n".repeat(9), 9, &["a \"b\"", "c"]);
        read(&"a<br>\nb<br>\nc\n\n".repeat(9), 9, &["a", "b", "c"]);
    }

    #[test]
    fn paragraphs_are_poems_or_stanzas() {
        read(&"<p>a<br>\nb</p>\n\n".repeat(9), 9, &["a", "b"]);
        read(&"<p class=\"x\">a\nb</p>".repeat(9), 9, &["a", "b"]);
        let page = "<h2>A <i>title</i></h2><p>a<br>b</p><p>c</p>".repeat(9);
        let page = format!("<!DOCTYPE html><html><head><title>x</title><style>y</style></head><h1>z</h1>{page}</html>");
        read(&page, 9, &["a", "b", "c"]);
        assert_eq!(blocks(&page).1[3].0.as_deref(), Some("A title"));
    }

    #[test]
    fn other_angles_are_text() {
        assert_eq!(blocks("I <3 you\na < b\n\nc & d\n").0, Format::BlankLines);
    }
}
