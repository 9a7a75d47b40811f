//! Poems below lines `《title》`, with the author before or behind the title or in a line below.

use super::super::clean::{clean, is_blank};
use super::super::lines::numbered_lines;
use super::super::script::is_letter;
use super::builder::{Builder, Mark, Piece};
use super::sample::{TextSample, is_separator};
use super::{Evidence, Layout, LayoutProblem};

pub struct BookTitles;

/// Longest author, and signs between title and author.
const MAX_AUTHOR: usize = 12;
const BETWEEN: [char; 9] = [' ', '-', '—', '·', ':', '：', '/', '.', '、'];

impl Layout for BookTitles {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let titles = sample.full_lines().filter(|line| title(line).is_some()).count();
        let lines = sample.full_lines().count();
        let begins = sample.full_lines().next().is_some_and(|line| title(line).is_some());
        let why = format!("{titles} lines are a title in 《》");
        // A title must have verses below it.
        (titles >= 2 && begins && lines >= 2 * titles && lines <= 200 * titles).then_some(Evidence { score: 0.85, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let mut builder = Builder::new(true, visit);
        for (number, line) in numbered_lines(text) {
            if let Some(title) = title(line) {
                builder.title(number, &title);
            } else if is_separator(line) {
                builder.mark(Mark::Separator);
            } else {
                builder.verse(number, line);
            }
        }
        builder.finish();
        Ok(())
    }
}

/// `title | author` of a line that is a title in 《》.
pub fn title(line: &str) -> Option<String> {
    let line = clean(line);
    let (before, rest) = line.split_once('《')?;
    let (title, after) = rest.rsplit_once('》')?;
    let name = |text: &str| text.trim_matches(BETWEEN).to_string();
    let author = name(&format!("{}{}", before.trim_start_matches(|c: char| c.is_ascii_digit()), after));
    let is_name = author.chars().count() <= MAX_AUTHOR && author.chars().all(|c| is_letter(c) || BETWEEN.contains(&c));
    if !is_name || is_blank(title) || title.contains('《') {
        return None;
    }
    Some(if author.is_empty() { title.to_string() } else { format!("{title} | {author}") })
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn titles_in_brackets_begin_poems() {
        let poem = "床前明月光，疑是地上霜。\n\n举头望明月，低头思故乡。\n";
        for (title, read) in [
            ("《静夜思》", "静夜思"),
            ("《静夜思》 李白", "静夜思 | 李白"),
            ("李白《静夜思》", "静夜思 | 李白"),
            ("1.《静夜思》——李白", "静夜思 | 李白"),
        ] {
            let (format, found) = blocks(&format!("{title}\n{poem}").repeat(3));
            assert_eq!((format, found.len()), (Format::BookTitles, 3), "{title}");
            assert_eq!((found[2].0.as_deref(), found[2].1.len()), (Some(read), 2));
        }
    }
}
