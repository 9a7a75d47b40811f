//! The first lines of a text, by which its layout is recognised.

use std::borrow::Cow;

use super::super::clean::{clean, is_blank};
use super::super::lines::numbered_lines;
use super::super::verse::{clauses, lines_and_form};

/// Number of lines, and of bytes.
const SAMPLE: usize = 20_000;
const SAMPLE_BYTES: usize = 1 << 22;

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
    /// Runs of blocks without two blank lines between them.
    pub n_groups: usize,
    /// Lines with text that begin with a form feed.
    pub n_pages: usize,
    /// Verses with several clauses of Chinese, or ` / `.
    pub n_couplets: usize,
    /// Whether the first line that is not blank is a header.
    pub begins_with_header: bool,
}

impl<'a> TextSample<'a> {
    pub fn of(text: &'a str) -> TextSample<'a> {
        let lines: Vec<&str> = numbered_lines(first_bytes(text)).take(SAMPLE).map(|(_, line)| line).collect();
        let mut sample = TextSample {
            text,
            lines,
            n_verses: 0,
            n_blocks: 0,
            n_headers: 0,
            n_groups: 0,
            n_pages: 0,
            n_couplets: 0,
            begins_with_header: false,
        };
        let mut inside = false;
        // The first block begins a group.
        let mut n_blank = 2;
        for i in 0..sample.lines.len() {
            let line = sample.lines[i];
            let header = header(line).is_some();
            let blank = !header && is_blank(line);
            sample.begins_with_header |= header && sample.n_blocks == 0;
            sample.n_blocks += usize::from(header || (!blank && !inside));
            sample.n_groups += usize::from(!blank && n_blank >= 2);
            sample.n_pages += usize::from(!blank && begins_page(line));
            n_blank = if blank { n_blank + 1 } else { 0 };
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

    /// The sign that nearly all lines have between verses, or between the halves of one, other than ` / `.
    pub fn verse_sign(&self) -> Option<&'static str> {
        let share_with = |sign: &str| {
            let has_it = |line: &&str| {
                let line = with_sign(line, sign);
                line.contains(sign) && line.split(sign).all(|part| !is_blank(part))
            };
            self.full_lines().filter(has_it).count() * 10
        };
        let n_lines = self.full_lines().count();
        if n_lines < FEWEST_LINES || share_with(" / ") > 5 * n_lines {
            return None;
        }
        VERSE_SIGNS.into_iter().find(|sign| share_with(sign) >= 8 * n_lines)
    }

    /// The first lines of the blocks between blank lines, with whether another line follows in the block.
    pub fn first_lines(&self) -> impl Iterator<Item = (&'a str, bool)> + '_ {
        let blank = |i: usize| self.lines.get(i).is_none_or(|line| is_blank(line));
        (0..self.lines.len())
            .filter(move |&i| !blank(i) && (i == 0 || blank(i - 1)))
            .map(move |i| (self.lines[i], !blank(i + 1)))
    }

    /// Whether each page is a poem, since there are no blank lines.
    pub fn has_pages(&self) -> bool {
        self.n_blocks == 1 && self.n_pages >= FEWEST_PAGES
    }

    /// Whether single blank lines lie within poems, since there are two between poems. Blocks that are a poem of a fixed
    /// form have no stanzas, whatever blank lines are between them.
    pub fn has_wide_gaps(&self) -> bool {
        let Self { n_blocks, n_groups, .. } = *self;
        let is_grouped =
            self.n_headers == 0 && n_groups >= FEWEST_GROUPS && n_blocks > n_groups && n_blocks <= MAX_GROUP * n_groups;
        let is_poem = |block: &&[&str]| {
            let lines: Vec<String> = block.iter().map(|line| clean(line).into_owned()).collect();
            let (verses, form) = lines_and_form(&lines, false);
            verses.len() >= 4 && form.width().is_some()
        };
        let blocks = || self.lines.split(|line| is_blank(line)).filter(|block| !block.is_empty());
        is_grouped && blocks().filter(is_poem).count() * 2 < n_blocks
    }

    /// Whether blank lines lie within poems, since every poem has a header.
    pub fn has_stanzas(&self) -> bool {
        self.begins_with_header && self.n_headers >= 2 && self.n_blocks <= MAX_STANZAS * self.n_headers
    }
}

/// The beginning of a text that shows its layout; a text may be a single line of any length.
pub fn first_bytes(text: &str) -> &str {
    let end = (0..=SAMPLE_BYTES.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    &text[..end]
}

/// Signs between verses in one line, and fewest lines that show one.
const VERSE_SIGNS: [&str; 12] = ["\t", " // ", " | ", " *** ", " ** ", "／", "｜", "|", "/", " ... ", " = ", WIDE_GAP];
/// Several blanks, as between the halves of verses of Persian or Old English.
const WIDE_GAP: &str = "   ";
const FEWEST_LINES: usize = 4;

/// A line as it is searched for a sign between verses; tabs and gaps are no signs in a cleaned one.
pub fn with_sign<'a>(line: &'a str, sign: &str) -> Cow<'a, str> {
    match sign {
        "\t" => line.trim().into(),
        WIDE_GAP => {
            let parts = line.split(WIDE_GAP).map(str::trim).filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(WIDE_GAP).into()
        }
        _ => clean(line),
    }
}

/// Whether a line begins a page, with a form feed.
pub fn begins_page(line: &str) -> bool {
    line.starts_with('\u{c}')
}

/// Fewest pages, and fewest groups of stanzas, that are poems.
const FEWEST_PAGES: usize = 4;
const FEWEST_GROUPS: usize = 5;
/// With more blocks on average than this, groups are chapters.
const MAX_GROUP: usize = 5;

/// Headers with more blocks than this below each are not those of single poems.
const MAX_STANZAS: usize = 12;

/// The title of a line `# title | author`; empty for `#` without a title.
pub fn header(line: &str) -> Option<&str> {
    let title = line.trim_start().strip_prefix('#')?;
    // Markdown allows the signs behind the title as well.
    let closed = title.trim_end().trim_end_matches('#');
    let title = if closed.ends_with(char::is_whitespace) { closed } else { title };
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
