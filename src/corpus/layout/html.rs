//! HTML: poems are paragraphs, or lines of the file with `<br>` between verses; below headings, paragraphs are stanzas.

use super::super::lines::numbered_lines;
use super::bold_titles::with_headings;
use super::builder::{Builder, Mark, Piece};
use super::sample::{TextSample, first_bytes, share};
use super::tags::{BLOCKS, HEADINGS, HIDDEN, Tag, is_stanza, tokens, verses_are_blocks};
use super::{Evidence, Layout, LayoutProblem};

pub struct Html;

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
        let text = &with_headings(text);
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
    /// Whether a title has been.
    has_title: bool,
    /// What a block, such as `<div>`, is.
    block: Block,
}

#[derive(Clone, Copy, PartialEq)]
enum Block {
    /// A poem, or a stanza below a heading.
    Poem,
    /// Blocks of the class of stanzas are, others are poems.
    Stanza,
    /// A verse; those around verses are poems.
    Verse,
}

#[derive(Clone, Copy, PartialEq)]
enum Newline {
    Blank,
    Verse,
    Poem,
}

impl<'a> Page<'a> {
    fn new(text: &str, visit: &'a mut dyn FnMut(Piece)) -> Page<'a> {
        let text = first_bytes(text);
        let lower = text.to_ascii_lowercase();
        let count = |tag: &str| lower.matches(&format!("<{tag}")).count();
        let heading = HEADINGS.iter().map(|tag| (count(tag), *tag)).filter(|(n, _)| *n >= 2).max();
        let has_paragraphs = ["p>", "p ", "div", "li"].iter().any(|tag| count(tag) > 0);
        let has_blank_lines = TextSample::of(text).n_blocks > 1;
        let block = match () {
            () if is_stanza(&lower) && lower.matches("stanza\"").count() > 1 => Block::Stanza,
            () if count("br") == 0 && count("pre") == 0 && verses_are_blocks(text) => Block::Verse,
            () => Block::Poem,
        };
        let newline = match () {
            () if block == Block::Verse => Newline::Blank,
            () if has_paragraphs && count("br") > 0 => Newline::Blank,
            () if has_paragraphs || has_blank_lines || count("pre") > 0 => Newline::Verse,
            () => Newline::Poem,
        };
        Page {
            block,
            has_title: false,
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
            self.block_tag(number, tag);
            self.in_pre = if name == "pre" { !tag.closing } else { self.in_pre };
        }
    }

    fn block_tag(&mut self, number: usize, tag: &Tag) {
        let has_text = !self.line.trim().is_empty();
        match self.block {
            Block::Poem => self.end_paragraph(),
            Block::Stanza if tag.is_stanza || tag.closing => {
                if has_text {
                    self.end_line();
                }
                self.builder.verse(number, "");
            }
            Block::Verse if has_text => self.end_line(),
            Block::Verse if !tag.closing => {}
            Block::Stanza | Block::Verse => self.end_paragraph(),
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
            Some(true) => {
                self.has_title = true;
                self.builder.title(number, &htmlize::unescape(title.as_str()));
            }
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

    /// Whether the text is above the first title, so that it is no poem.
    fn is_front(&self) -> bool {
        self.heading.is_some() && !self.has_title
    }

    /// Ends a verse; an empty one is a blank line, which in text without paragraphs ends a poem.
    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = htmlize::unescape(line.as_str());
        if line.trim().is_empty() && self.newline == Newline::Verse && self.heading.is_none() {
            self.builder.finish();
        } else if self.is_front() && !line.trim().is_empty() {
            self.builder.mark(Mark::Other);
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
        let head = "<head><title>x</title><style>y</style></head><nav>menu</nav><h1>z</h1><p>by w</p>";
        let page = format!("<!DOCTYPE html><html>{head}{page}<footer>end</footer></html>");
        read(&page, 9, &["a", "b", "c"]);
        assert_eq!(blocks(&page).1[3].0.as_deref(), Some("A title"));
    }

    #[test]
    fn blocks_may_be_verses_or_stanzas() {
        read(&"<div class=\"poem\"><div>a</div>\n<div>b</div></div>\n".repeat(9), 9, &["a", "b"]);
        read(&"<ul><li>a</li><li>b</li></ul>".repeat(9), 9, &["a", "b"]);
        let stanza = |verses: &str| format!("<div class=\"stanza\"><span>{verses}</span></div>\n");
        read(
            &format!("<div class=\"poem\">{}{}</div>\n", stanza("a<br />b"), stanza("c")).repeat(9),
            9,
            &["a", "b", "c"],
        );
        read(&"<h2>t</h2><pre>\na\nb\n</pre>".repeat(9), 9, &["a", "b"]);
        read(&"<p>a</p><p>b</p>".repeat(9), 18, &["b"]);
        read(&"<p><ruby>a<rp>(</rp><rt>x</rt><rp>)</rp></ruby><br>b</p>".repeat(9), 9, &["a", "b"]);
    }

    #[test]
    fn other_angles_are_text() {
        assert_eq!(blocks("I <3 you\na < b\n\nc & d\n").0, Format::BlankLines);
    }
}
