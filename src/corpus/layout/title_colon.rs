//! One poem per text line after its title: `title:poem` or `title：poem`, also `《title》poem`.

use super::super::clean::is_blank;
use super::super::lines::numbered_lines;
use super::super::script::is_stop;
use super::super::verse::clauses;
use super::builder::{Builder, Piece};
use super::sample::{TextSample, header, share};
use super::{Evidence, Layout, LayoutProblem};

pub struct TitleColon;

/// Longest title before a colon, in characters.
const MAX_TITLE: usize = 60;

impl Layout for TitleColon {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let sign = sample.verse_sign();
        let has_sign = |poem: &str| poem.contains(" / ") || sign.is_some_and(|sign| poem.contains(sign));
        let is_titled = |line: &&str| parts(line).is_some_and(|(_, poem)| clauses(poem).len() > 1 || has_sign(poem));
        let titled = sample.full_lines().filter(is_titled).count();
        let why = share(titled, sample.n_verses, "lines are a title, a colon and several verses");
        (titled * 10 > sample.n_verses * 6).then_some(Evidence { score: 0.8, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let mut builder = Builder::new(true, visit).split_at(TextSample::of(text).verse_sign());
        for (number, line) in numbered_lines(text).filter(|(_, line)| !is_blank(line)) {
            if let Some(title) = header(line) {
                builder.title(number, title);
                continue;
            }
            let text = match parts(line) {
                Some((title, text)) => {
                    builder.titled(number, title);
                    text
                }
                None => line,
            };
            builder.parts(number, text);
            builder.finish();
        }
        builder.finish();
        Ok(())
    }
}

/// The title and the poem of a line. Titles may have spaces, but no stops.
pub fn parts(line: &str) -> Option<(&str, &str)> {
    if let Some(parts) = in_brackets(line) {
        return Some(parts);
    }
    let (title, poem) = line.split_once([':', '：'])?;
    let is_title = title.chars().count() <= MAX_TITLE && !title.contains(is_stop);
    (is_title && !is_blank(title) && !is_blank(poem)).then_some((title, poem))
}

/// The title in brackets before a poem, `《title》poem` or `【title】poem`.
fn in_brackets(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let (title, poem) =
        [('《', '》'), ('【', '】')].iter().find_map(|(open, close)| line.strip_prefix(*open)?.split_once(*close))?;
    let poem = poem.trim_start_matches([':', '：', ' ']);
    (title.chars().count() <= MAX_TITLE && !is_blank(title) && !is_blank(poem)).then_some((title, poem))
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn titles_may_stand_before_a_colon() {
        let (format, found) =
            blocks("静夜思:床前明月光，疑是地上霜。\n春晓 其二：春眠不觉晓，处处闻啼鸟。\n无题，相见时难别亦难。\n");
        assert_eq!(format, Format::TitleColon);
        assert_eq!(found[0], (Some("静夜思".into()), vec!["床前明月光，疑是地上霜。".into()], 1));
        assert_eq!(found[1].0.as_deref(), Some("春晓 其二"));
        assert_eq!(found[2].0, None);
        for text in [
            "《静夜思 一》床前明月光，疑是地上霜。\n",
            "【静夜思 一】床前明月光，疑是地上霜。\n",
            "静夜思 一: 床前明月光|疑是地上霜\n",
        ] {
            let (format, found) = blocks(&text.repeat(5));
            assert_eq!(
                (format, found.len(), found[4].0.as_deref()),
                (Format::TitleColon, 5, Some("静夜思 一")),
                "{text}"
            );
        }
        let speech = "He said: go.\nShe said: no.\n";
        assert_eq!(blocks(speech).0, Format::OnePerLine);
    }
}
