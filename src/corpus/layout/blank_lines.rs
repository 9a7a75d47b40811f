//! Poems between blank lines, one verse per line, optionally below a header `# title | author`: the layout that the program
//! writes itself. Blank lines separate stanzas where every poem has a header, or where two blank lines separate poems.

use super::super::clean::is_blank;
use super::super::lines::numbered_lines;
use super::builder::{Builder, Mark, Piece};
use super::sample::{TextSample, begins_page, header, is_separator};
use super::{Evidence, Layout, LayoutProblem, one_per_line};

pub struct BlankLines;

impl Layout for BlankLines {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let TextSample { n_blocks, n_headers, n_groups, n_pages, .. } = sample;
        let why = match () {
            () if sample.has_stanzas() && n_blocks > n_headers => {
                format!("{n_headers} headers `# title`; blank lines below them separate stanzas")
            }
            () if sample.has_wide_gaps() => format!("{n_groups} groups of stanzas with two blank lines between them"),
            () if sample.has_pages() => {
                format!("{n_pages} lines begin with a form feed")
            }
            () if *n_headers > 0 => format!("{n_headers} headers `# title` and blank lines"),
            () => format!("{n_blocks} blocks of lines between blank lines"),
        };
        (!one_per_line::fits(sample)).then_some(Evidence { score: 0.5, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let sample = TextSample::of(text);
        let (has_stanzas, has_wide_gaps, has_pages) =
            (sample.has_stanzas(), sample.has_wide_gaps(), sample.has_pages());
        // Halves of verses in one line, as in Persian and Arabic.
        let sign = sample.verse_sign();
        let mut builder = Builder::new(false, visit).split_at(sign);
        let mut is_below_blank = false;
        for (number, line) in numbered_lines(text) {
            let blank = is_blank(line);
            let ends = !has_stanzas && blank && (is_below_blank || !has_wide_gaps);
            is_below_blank = blank;
            if has_pages && begins_page(line) {
                builder.finish();
            }
            if let Some(title) = header(line) {
                builder.title(number, title);
            } else if is_separator(line) {
                builder.mark(Mark::Separator);
                builder.finish();
            } else if sign.is_some() && !blank {
                builder.halves(number, line);
            } else if !ends {
                builder.verse(number, line);
            } else if builder.has_verses() {
                builder.finish();
            }
        }
        builder.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn blank_lines_separate_poems() {
        let (format, found) =
            blocks("# 静夜思 | 李白\n床前明月光，\n疑是地上霜。\n\n\u{3000}\nRoses are red,\nviolets blue\n");
        assert_eq!(format, Format::BlankLines);
        assert_eq!(found[0], (Some("静夜思 | 李白".into()), vec!["床前明月光，".into(), "疑是地上霜。".into()], 2));
        assert_eq!(found[1], (None, vec!["Roses are red,".into(), "violets blue".into()], 6));
    }

    #[test]
    fn a_header_begins_a_poem_without_a_blank_line() {
        let (_, found) = blocks("# one\na\nb\n# two\n\nc\n#\nd\n#hashtag");
        let titles: Vec<_> = found.iter().map(|(title, ..)| title.as_deref()).collect();
        assert_eq!(titles, [Some("one"), Some("two"), None]);
        assert_eq!(found[2].1, ["d", "#hashtag"]);
    }

    #[test]
    fn below_headers_blank_lines_separate_stanzas() {
        let (format, found) = blocks(&"# Sonnet\na\nb\n\nc\nd\n\n".repeat(40));
        assert_eq!((format, found.len()), (Format::BlankLines, 40));
        assert_eq!(found[39].1, ["a", "b", "c", "d"]);
        // Headers of chapters are not those of poems.
        let chapters = format!("# Chapter\n{}", "a\nb\n\n".repeat(30));
        assert_eq!(blocks(&chapters.repeat(2)).1.len(), 60);
    }

    #[test]
    fn two_blank_lines_separate_poems_with_stanzas() {
        let (format, found) = blocks(&"a b\nc\n\nd\n\n\n".repeat(9));
        assert_eq!((format, found.len(), found[8].1.len()), (Format::BlankLines, 9, 3));
        // Poems of a fixed form have no stanzas, and groups of many are chapters.
        let (_, found) =
            blocks(&"床前明月光\n疑是地上霜\n举头望明月\n低头思故乡\n\n\n甲乙丙\n丁戊己\n庚辛壬\n子丑寅\n\n".repeat(9));
        assert_eq!(found.len(), 18);
        let (_, found) = blocks(&format!("{}\n", "a\nb\n\n".repeat(9)).repeat(6));
        assert_eq!(found.len(), 54);
    }

    #[test]
    fn halves_of_verses_are_separated() {
        for sign in [" *** ", " ... ", " = ", "   ", "            "] {
            let (_, found) = blocks(&format!("الف{sign}ب\nج{sign}د\n\n").repeat(9));
            assert_eq!((found.len(), &found[8].1[..]), (9, &["الف", "ب", "ج", "د"].map(String::from)[..]), "{sign}");
        }
        let (_, found) = blocks(&"   an indent\n   is   none\n   a gap\n\n".repeat(9));
        assert_eq!(found[8].1.len(), 3);
    }

    #[test]
    fn pages_are_poems_where_there_are_no_blank_lines() {
        let (format, found) = blocks(&"a\nb\nc\n\u{c}".repeat(9));
        assert_eq!((format, found.len()), (Format::BlankLines, 9));
    }

    #[test]
    fn a_stray_blank_line_does_not_make_one_poem_of_thousands() {
        let text = format!("{0}\n{0}", "床前明月光，疑是地上霜。\n".repeat(200));
        assert_eq!(blocks(&text).0, Format::OnePerLine);
        // Long poems in another language stay as they are: they may be the books of an epic.
        let epic = format!("{}\n", "Arms and the man I sing\n".repeat(600));
        for books in [2, 12, 24] {
            assert_eq!(blocks(&epic.repeat(books)).1.len(), books);
        }
    }
}
