//! Poems as they stand in a file, put together line by line.

use super::super::clean::{clean, is_blank, visible};
use super::sample::with_sign;

/// A poem as in the file: its lines are cleaned, but not yet split or assigned a form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawPoem {
    pub title: Option<String>,
    pub lines: Vec<RawLine>,
    /// Line of the file (from 1) where the text begins.
    pub source_line: usize,
    /// Whether a line may hold several verses of Chinese.
    pub splits: bool,
    /// Verses of which invisible characters were removed, as they were, with their lines: those that escapes and entities
    /// stand for, since others are removed from the file.
    pub hidden: Vec<(usize, String)>,
}

/// A line of a poem.
#[derive(Clone, Debug, PartialEq)]
pub struct RawLine {
    pub text: String,
    /// Line of the file, from 1.
    pub number: usize,
    /// Whether a stanza begins here, other than the first.
    pub begins_stanza: bool,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Poem(RawPoem),
    /// A line between poems.
    Mark(Mark),
    /// A title or record without verses, with its line.
    Empty(usize),
}

/// What stands between poems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    Title,
    Separator,
    /// A heading above the titles, a header of a table, front matter.
    Other,
}

/// A text without the tags and entities of HTML.
fn unmarked(text: String) -> String {
    let has_entity = text.contains('&') && text.contains(';');
    if !has_entity && !text.contains('<') {
        return text;
    }
    // A line end behind a line break means nothing.
    let breaks = ["<br>", "<br/>", "<br />", "<BR>", "</br>"];
    let text = breaks.iter().fold(text, |text, tag| text.replace(&format!("{tag}\n"), "\n").replace(tag, "\n"));
    let text = text.replace("</p>", "\n\n");
    let text = ["<p>", "<div>", "</div>", "<b>", "</b>", "<i>", "</i>", "<em>", "</em>", "<strong>", "</strong>"]
        .iter()
        .fold(text, |text, tag| text.replace(tag, ""));
    htmlize::unescape(text.as_str()).into_owned()
}

/// Puts the poems of a layout together.
pub struct Builder<'a> {
    poem: RawPoem,
    /// Line of a title without verses so far.
    title_line: Option<usize>,
    gap: bool,
    splits: bool,
    verse_sign: Option<&'static str>,
    visit: &'a mut dyn FnMut(Piece),
}

impl<'a> Builder<'a> {
    /// `splits` is whether lines may hold several Chinese verses.
    pub fn new(splits: bool, visit: &'a mut dyn FnMut(Piece)) -> Builder<'a> {
        Builder { poem: RawPoem::default(), title_line: None, gap: false, splits, verse_sign: None, visit }
    }

    /// Begins a poem below the title in line `number`.
    pub fn title(&mut self, number: usize, title: &str) {
        self.mark(Mark::Title);
        self.titled(number, title);
    }

    /// Begins a poem whose title is not a line of its own.
    pub fn titled(&mut self, number: usize, title: &str) {
        self.finish();
        self.title_line = Some(number);
        self.poem.title = Some(clean(title).into_owned()).filter(|title| !title.is_empty());
    }

    pub fn mark(&mut self, mark: Mark) {
        (self.visit)(Piece::Mark(mark));
    }

    /// Adds a verse, or a blank line within a poem.
    pub fn verse(&mut self, number: usize, line: &str) {
        if is_blank(line) {
            self.gap = true;
            return;
        }
        self.keep_hidden(number, line);
        let text = clean(line).into_owned();
        let begins_stanza = self.gap && !self.poem.lines.is_empty();
        if self.poem.lines.is_empty() {
            self.poem.source_line = number;
        }
        self.poem.lines.push(RawLine { text, number, begins_stanza });
        self.gap = false;
    }

    /// Also separates verses at this sign of the file.
    pub fn split_at(self, verse_sign: Option<&'static str>) -> Builder<'a> {
        Builder { verse_sign, ..self }
    }

    /// Adds the verses of a text of one or several lines, all of line `number`: at line ends (also written as `\n` or
    /// `<br>`), else as [`Builder::parts`].
    pub fn text(&mut self, number: usize, text: &str) {
        let text = unmarked(text.replace("\\r", "").replace("\\n", "\n"));
        let is_one_line = !text.trim().contains(['\n', '\r', '\u{2028}']);
        if is_one_line {
            self.parts(number, &text);
        } else {
            super::super::lines::numbered_lines(text.trim()).for_each(|(_, line)| self.verse(number, line));
        }
    }

    /// Adds the parts of a line between ` / ` or the sign of the file; ` // ` is a stanza break.
    pub fn parts(&mut self, number: usize, line: &str) {
        self.keep_hidden(number, line);
        let line = with_sign(line, self.verse_sign.unwrap_or_default());
        for (i, stanza) in line.split(" // ").enumerate() {
            if i > 0 {
                self.verse(number, "");
            }
            for part in stanza.split(" / ") {
                match self.verse_sign {
                    Some(sign) => part.split(sign).for_each(|part| self.part(number, part)),
                    None => self.part(number, part),
                }
            }
        }
    }

    /// Adds the parts of a line of a poem between the sign of the file.
    pub fn halves(&mut self, number: usize, line: &str) {
        let sign = self.verse_sign.unwrap_or("\n");
        with_sign(line, sign).split(sign).for_each(|part| self.part(number, part));
    }

    fn part(&mut self, number: usize, part: &str) {
        if !is_blank(part) {
            self.verse(number, part);
        }
    }

    fn keep_hidden(&mut self, number: usize, line: &str) {
        if visible(line).is_some() {
            self.poem.hidden.push((number, line.into()));
        }
    }

    /// Ends the poem, if it has begun.
    pub fn finish(&mut self) {
        self.gap = false;
        let title_line = self.title_line.take();
        let poem = std::mem::take(&mut self.poem);
        if !poem.lines.is_empty() {
            (self.visit)(Piece::Poem(RawPoem { splits: self.splits, ..poem }));
        } else if let Some(line) = title_line {
            (self.visit)(Piece::Empty(line));
        }
    }

    /// Whether the poem has verses.
    pub fn has_verses(&self) -> bool {
        !self.poem.lines.is_empty()
    }
}
