//! Poems below Markdown headings (`## title`), or below `#title` without a blank. Headings of a higher level are those of
//! chapters, of a lower level those of the parts of a poem.

use super::super::clean::{clean, is_blank};
use super::super::lines::numbered_lines;
use super::builder::{Builder, Mark, Piece};
use super::sample::{TextSample, is_separator, share};
use super::{Evidence, Layout, LayoutProblem};

pub struct Markdown;

/// Fewest headings.
const FEWEST: usize = 2;

impl Layout for Markdown {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let level = poem_level(sample)?;
        let is_heading = |line: &&str| heading(line).is_some_and(|heading| heading.level == level);
        let headings = sample.full_lines().filter(is_heading).count();
        let (blocks, headed) = sample
            .first_lines()
            .fold((0, 0), |(blocks, headed), (line, _)| (blocks + 1, headed + usize::from(heading(line).is_some())));
        let (why, fits) = match level {
            // `# title` alone is the native header.
            1 => return None,
            0 => {
                let begins = "blocks begin with a title such as `#title`";
                (share(headed, blocks, begins), headed * 10 >= blocks * 8)
            }
            _ => {
                let sign = "#".repeat(level);
                (format!("{headings} headings `{sign} title`"), blocks <= 40 * headings)
            }
        };
        // Rules between poems with headings say less than the headings.
        let rules = sample.full_lines().filter(|line| is_separator(line)).count();
        let score = if level > 1 && headings >= rules { 0.86 } else { 0.8 };
        (headings >= FEWEST && fits).then_some(Evidence { score, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let level = poem_level(&TextSample::of(text)).unwrap_or(1);
        let mut builder = Builder::new(true, visit);
        let mut front_matter = text.starts_with("---");
        // What stands below the title of the book, above the first poem, is no poem.
        let (mut is_front, mut has_poem) = (false, false);
        for (number, line) in numbered_lines(text) {
            if front_matter {
                builder.mark(Mark::Other);
                front_matter = number == 1 || line.trim_end() != "---";
                continue;
            }
            match heading(line) {
                Some(heading) if heading.level == level => {
                    (is_front, has_poem) = (false, true);
                    builder.title(number, &plain(heading.title));
                }
                Some(heading) => {
                    is_front = heading.level < level && !has_poem;
                    builder.mark(Mark::Other);
                    if heading.level < level { builder.finish() } else { builder.verse(number, "") }
                }
                None if is_separator(line) || line.starts_with("```") || is_poem_tag(line) => {
                    builder.mark(Mark::Separator);
                    builder.verse(number, "");
                }
                None if is_front && !is_blank(line) => builder.mark(Mark::Other),
                None => builder.verse(number, &plain(line)),
            }
        }
        builder.finish();
        Ok(())
    }
}

struct Heading<'a> {
    /// Number of signs; 0 where no blank follows them.
    level: usize,
    title: &'a str,
}

fn heading(line: &str) -> Option<Heading<'_>> {
    if line.starts_with('=') {
        return wiki_heading(line);
    }
    if line.starts_with("**") {
        return outline_heading(line);
    }
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    let spaced = title.starts_with(char::is_whitespace);
    if level == 0 || level > 6 || is_blank(title) || (!spaced && level > 1) {
        return None;
    }
    Some(Heading { level: if spaced { level } else { 0 }, title: title.trim().trim_end_matches('#').trim_end() })
}

/// Whether a line is only a tag around a poem in a wiki.
fn is_poem_tag(line: &str) -> bool {
    matches!(line.trim(), "<poem>" | "</poem>")
}

/// A heading of a wiki, `== title ==`.
fn wiki_heading(line: &str) -> Option<Heading<'_>> {
    let line = line.trim_end();
    let title = line.trim_start_matches('=').trim_end_matches('=');
    let level = line.len() - line.trim_start_matches('=').len();
    let is_closed = line.ends_with(&line[..level]);
    (is_closed && (2..=6).contains(&level) && !is_blank(title)).then_some(Heading { level, title: title.trim() })
}

pub fn is_wiki_heading(line: &str) -> bool {
    line.starts_with('=') && wiki_heading(line).is_some()
}

/// A heading of an outline, `** title`.
fn outline_heading(line: &str) -> Option<Heading<'_>> {
    let title = line.trim_start_matches('*');
    let level = line.len() - title.len();
    let is_closed = title.trim_end().ends_with('*');
    let fits = (2..=6).contains(&level) && title.starts_with(' ') && !is_blank(title) && !is_closed;
    fits.then(|| Heading { level, title: title.trim() })
}

/// The level of most headings that verses follow; of equals the lowest in the hierarchy.
fn poem_level(sample: &TextSample) -> Option<usize> {
    let mut counts = [0; 7];
    let mut open = None;
    for line in sample.full_lines() {
        match heading(line) {
            Some(heading) => open = Some(heading.level),
            None if is_separator(line) => {}
            None => {
                if let Some(level) = open.take() {
                    counts[level] += 1;
                }
            }
        }
    }
    (0..counts.len()).filter(|&level| counts[level] > 0).max_by_key(|&level| counts[level])
}

/// A line without emphasis around it, without signs of quotation and without a sign of a line break.
pub fn plain(line: &str) -> String {
    let line = clean(line);
    let line = line.trim_start_matches("> ").trim_end_matches('\\').trim();
    for sign in ["***", "**", "__", "*", "_", "`"] {
        if let Some(inner) = line.strip_prefix(sign).and_then(|line| line.strip_suffix(sign))
            && !inner.is_empty()
            && !inner.contains(sign)
        {
            return inner.to_string();
        }
    }
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn headings_begin_poems() {
        let text = format!("# Book\n\nby Someone\n\n{}", "## The *title*\n\n*a*\\\n> b  \n\nc\n\n".repeat(20));
        let (format, found) = blocks(&text);
        assert_eq!((format, found.len()), (Format::Markdown, 20));
        assert_eq!(found[3].1, ["a", "b", "c"]);
        assert_eq!(found[0].2, 7);
    }

    #[test]
    fn titles_may_follow_the_sign_at_once() {
        let (format, found) = blocks(&"#静夜思\n床前明月光，\n疑是地上霜。\n\n".repeat(20));
        assert_eq!((format, found.len()), (Format::Markdown, 20));
        assert_eq!((found[1].0.as_deref(), found[1].1.len()), (Some("静夜思"), 2));
        let (format, found) = blocks(&"== A title ==\na\nb\n\n".repeat(20));
        assert_eq!((format, found.len(), found[19].1.len()), (Format::Markdown, 20, 2));
        let (format, found) = blocks(&"** A title\na\n**b**\n\nc\n\n".repeat(20));
        assert_eq!((format, found.len(), found[19].1.len()), (Format::Markdown, 20, 3));
        let (format, found) = blocks(&"====== A title ======\n\na\\\\ \nb\n\n".repeat(20));
        assert_eq!((format, found.len(), &found[19].1[..]), (Format::Markdown, 20, &["a".to_string(), "b".into()][..]));
        let (format, found) = blocks("a\nb\n#hashtag\n\nc\nd\n#hashtag\n");
        assert_eq!((format, found[0].1.len()), (Format::BlankLines, 3));
    }
}
