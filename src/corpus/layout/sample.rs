//! The first lines of a text, by which its layout is recognised.

use super::super::clean::{clean, is_blank};
use super::super::lines::numbered_lines;
use super::super::verse::clauses;

/// Number of lines.
const SAMPLE: usize = 20_000;

/// The first lines of a text, and what they have in common.
pub struct TextSample<'a> {
    /// The whole text.
    pub text: &'a str,
    /// The first lines, blank ones included.
    pub lines: Vec<&'a str>,
    /// Lines that are neither blank nor a header `# title`.
    pub n_verses: usize,
    /// Runs of lines without a blank one; a header begins a run.
    pub n_blocks: usize,
    pub n_headers: usize,
    /// Verses with several clauses of Chinese, or ` / `.
    pub n_couplets: usize,
    /// Whether the first line that is not blank is a header.
    pub begins_with_header: bool,
}

impl<'a> TextSample<'a> {
    pub fn of(text: &'a str) -> TextSample<'a> {
        let lines: Vec<&str> = numbered_lines(text).take(SAMPLE).map(|(_, line)| line).collect();
        let mut sample = TextSample {
            text,
            lines,
            n_verses: 0,
            n_blocks: 0,
            n_headers: 0,
            n_couplets: 0,
            begins_with_header: false,
        };
        let mut inside = false;
        for i in 0..sample.lines.len() {
            let line = sample.lines[i];
            let header = header(line).is_some();
            let blank = !header && is_blank(line);
            sample.begins_with_header |= header && sample.n_blocks == 0;
            sample.n_blocks += usize::from(header || (!blank && !inside));
            inside = !blank;
            sample.n_headers += usize::from(header);
            if !header && !blank {
                sample.n_verses += 1;
                sample.n_couplets += usize::from(clauses(line).len() > 1 || line.contains(" / "));
            }
        }
        sample
    }

    /// The lines that are not blank.
    pub fn full_lines(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.lines.iter().copied().filter(|line| !is_blank(line))
    }

    /// The first lines of the blocks between blank lines, with whether another line follows in the block.
    pub fn first_lines(&self) -> impl Iterator<Item = (&'a str, bool)> + '_ {
        let blank = |i: usize| self.lines.get(i).is_none_or(|line| is_blank(line));
        (0..self.lines.len())
            .filter(move |&i| !blank(i) && (i == 0 || blank(i - 1)))
            .map(move |i| (self.lines[i], !blank(i + 1)))
    }

    /// Whether blank lines lie within poems, since every poem has a header.
    pub fn has_stanzas(&self) -> bool {
        self.begins_with_header && self.n_headers >= 2 && self.n_blocks <= MAX_STANZAS * self.n_headers
    }
}

/// Headers with more blocks than this below each are not those of single poems.
const MAX_STANZAS: usize = 12;

/// The title of a line `# title | author`; empty for `#` without a title.
pub fn header(line: &str) -> Option<&str> {
    let title = line.trim_start().strip_prefix('#')?;
    (title.is_empty() || title.starts_with(char::is_whitespace)).then_some(title.trim())
}

/// Signs that separate poems, alone or several times.
const SEPARATORS: &str = "%-*=_~+—－─＊※•◆○·";

/// A line without letters that separates poems, such as `%`, `---` or `* * *`.
pub fn is_separator(line: &str) -> bool {
    // Nearly all lines end here.
    if !line.trim_start().starts_with(|c: char| !c.is_alphanumeric()) {
        return false;
    }
    let line = clean(line);
    let Some(first) = line.chars().next().filter(|&c| SEPARATORS.contains(c)) else { return false };
    let signs = || line.chars().filter(|&c| c != ' ');
    signs().all(|c| c == first) && (first == '%' || signs().count() >= 3)
}

/// `40 of 41 ...`
pub fn share(count: usize, total: usize, what: &str) -> String {
    format!("{count} of {total} {what}")
}
