//! Poems below titles that stand alone between blank lines, as in books: `The Tyger`, blank line, stanzas. A line `by Author`
//! or an underline (`=====`) below the title belongs to it.

use super::super::clean::{clean, is_blank};
use super::super::lines::numbered_lines;
use super::super::numeral::before;
use super::super::script::{is_han, is_stop};
use super::super::title::{by_line, has_title_case};
use super::book_titles;
use super::builder::{Builder, Mark, Piece};
use super::markdown::{is_wiki_heading, plain};
use super::numbered::number_alone;
use super::sample::{TextSample, header, is_separator, share};
use super::{Evidence, Layout, LayoutProblem};

pub struct TitleLines;

/// Fewest titles, and most blocks above the first one: the title of the book, its author, who made the file.
const FEWEST: usize = 4;
const MOST_BEFORE: usize = 4;
/// With more blocks than this below each, titles are those of chapters.
const MAX_STANZAS: usize = 40;
/// Longest title, in characters.
const MAX_TITLE: usize = 80;

impl Layout for TitleLines {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let blocks = blocks(sample.lines.iter().copied().zip(1..).map(|(line, number)| (number, line)));
        let titles = (0..blocks.len()).filter(|&i| is_title(&blocks, i)).count();
        // Single lines that are no title are verses, and so may be those that look like one.
        let single = blocks.iter().filter(|block| block.title.is_some()).count();
        let begins = (0..blocks.len()).take(MOST_BEFORE + 1).any(|i| is_title(&blocks, i));
        let why = share(titles, blocks.len(), "blocks are a title alone");
        let fits = titles >= FEWEST && titles * 10 >= single * 8 && blocks.len() <= MAX_STANZAS * titles;
        (begins && fits).then_some(Evidence { score: 0.87, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let blocks = blocks(numbered_lines(text));
        let mut titles = (0..blocks.len()).filter(|&i| is_title(&blocks, i)).map(|i| &blocks[i]).peekable();
        let mut builder = Builder::new(true, visit);
        let mut is_front = titles.peek().is_some();
        for (number, line) in numbered_lines(text) {
            while titles.next_if(|title| title.end < number).is_some() {}
            let title = titles.peek().filter(|title| title.begin <= number);
            match title {
                Some(title) if title.begin == number => {
                    is_front = false;
                    builder.title(number, title.title.as_deref().unwrap_or_default());
                }
                Some(_) => builder.mark(Mark::Title),
                None if is_separator(line) => {
                    builder.mark(Mark::Separator);
                    builder.finish();
                }
                None if is_front && !is_blank(line) => builder.mark(Mark::Other),
                None => builder.verse(number, line),
            }
        }
        builder.finish();
        Ok(())
    }
}

/// A run of lines without a blank one and without a separator.
struct Block {
    /// Numbers of the first and of the last line, an underline included.
    begin: usize,
    end: usize,
    n_lines: usize,
    /// `title | author` of a block that can be a title.
    title: Option<String>,
}

fn blocks<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Vec<(usize, &str)> = Vec::new();
    for (number, line) in lines {
        let underlines = matches!(open[..], [(_, title)] if is_underline(line, title));
        if is_separator(line) && !underlines && open.is_empty() {
            blocks.last_mut().into_iter().for_each(|block: &mut Block| block.title = None);
        }
        if !is_blank(line) && !is_separator(line) {
            open.push((number, line));
        } else if let (Some(first), Some(last)) = (open.first(), open.last()) {
            let end = if underlines { number } else { last.0 };
            // What a separator follows is a poem of its own.
            let title = if is_separator(line) && !underlines { None } else { title(&open) };
            blocks.push(Block { begin: first.0, end, n_lines: open.len(), title });
            open.clear();
        }
    }
    if let (Some(first), Some(last)) = (open.first(), open.last()) {
        blocks.push(Block { begin: first.0, end: last.0, n_lines: open.len(), title: title(&open) });
    }
    blocks
}

/// Whether a line of signs below a title underlines it.
fn is_underline(line: &str, title: &str) -> bool {
    let width = |text: &str| text.trim().chars().count();
    is_separator(line) && line.trim_start().starts_with(['=', '-', '~', '_']) && 2 * width(line) >= width(title)
}

/// Whether a block is a title above verses.
fn is_title(blocks: &[Block], i: usize) -> bool {
    blocks[i].title.is_some() && blocks.get(i + 1).is_some_and(|next| next.n_lines > 1 && next.title.is_none())
}

fn title(lines: &[(usize, &str)]) -> Option<String> {
    let line = clean(lines.first()?.1);
    if !is_like_title(&line) {
        return None;
    }
    let author = match lines {
        [_] => return Some(plain(&line)),
        [_, (_, second)] => clean(second),
        _ => return None,
    };
    let is_chinese = |line: &str, most: usize| {
        line.chars().count() <= most && line.chars().all(|c| is_han(c) || c == ' ') && line.starts_with(is_han)
    };
    let author = by_line(&author).or_else(|| (is_chinese(&author, 4) && line.contains(is_han)).then_some(&*author))?;
    Some(format!("{} | {author}", plain(&line)))
}

/// Whether a line alone looks like a title: numbered, marked, in capitals, or with capitals where verses have none, and
/// without the stop that ends a sentence.
fn is_like_title(line: &str) -> bool {
    if line.chars().count() > MAX_TITLE || header(line).is_some() || number_alone(line) || line.starts_with('#') {
        return false;
    }
    // A full stop may end a title in capitals.
    let line = if line.contains(char::is_lowercase) { line } else { line.trim_end_matches('.') };
    let ends_open = line.ends_with([',', ';', ':', '，', '；', '：', '—', '-', '。', '、', '.']);
    let is_numbered = before(line).is_some();
    if is_wiki_heading(line) || book_titles::title(line).is_some() || (ends_open && !is_numbered) {
        return false;
    }
    let is_marked = plain(line) != line;
    let is_chinese = line.contains(is_han) && !line.contains(is_stop);
    is_numbered || is_marked || is_chinese || has_title_case(line.trim_end_matches(['?', '!']))
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn titles_alone_begin_poems() {
        for (title, read) in [
            ("The Tyger of Night", "The Tyger of Night"),
            ("XII. THE TYGER", "XII. THE TYGER"),
            ("THE TYGER.", "THE TYGER."),
            ("**a tyger**", "a tyger"),
            ("The Tyger\n=========", "The Tyger"),
            ("The Tyger\nby William Blake", "The Tyger | William Blake"),
        ] {
            for gap in ["\n", "\n\n\n"] {
                let text =
                    format!("{title}\n{gap}Burning, burning bright,\nin the forests\n\nOf the night\nwhat\n\n{gap}")
                        .repeat(9);
                let (format, found) = blocks(&format!("Songs\n\nBook of them\n\n{text}"));
                assert_eq!((format, found.len()), (Format::TitleLines, 9), "{text}");
                assert_eq!((found[8].0.as_deref(), found[8].1.len()), (Some(read), 4));
            }
        }
        let (format, found) = blocks(&"静夜思\n李白\n\n床前明月光，\n疑是地上霜。\n\n".repeat(9));
        assert_eq!((format, found[8].0.as_deref()), (Format::TitleLines, Some("静夜思 | 李白")));
    }

    #[test]
    fn titles_between_separators_are_no_verses() {
        let (format, found) = blocks(&"A Title\n\na verse\nb\n\nc\n* * *\n".repeat(9));
        assert_eq!((format, found.len(), found[8].1.len()), (Format::TitleLines, 9, 3));
        let (format, found) = blocks(&"A Single Verse\n%\na\nb\n%\n".repeat(9));
        assert_eq!((format, found.len()), (Format::Separators, 18));
    }

    #[test]
    fn single_verses_are_no_titles() {
        let (format, _) = blocks(&"the sea alone\n\nis wide\nand deep\n\n".repeat(9));
        assert_eq!(format, Format::BlankLines);
        let (format, _) = blocks(&"A Verse Alone\n\nAnother Verse\n\nand\ndeep\n\n".repeat(9));
        assert_eq!(format, Format::BlankLines);
    }
}
