//! One poem per text line; verses of other scripts than Chinese are separated by ` / `.

use super::super::clean::is_blank;
use super::super::lines::numbered_lines;
use super::builder::{Builder, Piece};
use super::sample::{TextSample, header, is_separator};
use super::{Evidence, Layout, LayoutProblem, Mark};

pub struct OnePerLine;

/// Longer blocks of lines are not a poem if each line has several verses.
const LONG_POEM: usize = 50;

/// Whether each line is a poem: without blank lines, since most collections of short texts are like that and a single long
/// poem would not show how poems begin and end; or with stray blank lines between lines of several verses.
pub fn fits(sample: &TextSample) -> bool {
    let most_are_couplets = sample.n_couplets * 10 > sample.n_verses * 6;
    let long = sample.n_verses > LONG_POEM * sample.n_blocks && most_are_couplets;
    long || (sample.n_blocks == 1 && sample.n_headers == 0 && !sample.has_pages())
}

impl Layout for OnePerLine {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let why = if sample.n_blocks > 1 {
            "most lines hold several verses, and hardly any blank line separates them".into()
        } else {
            "no blank lines, headers or separators".into()
        };
        fits(sample).then_some(Evidence { score: 0.5, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let mut builder = Builder::new(true, visit).split_at(TextSample::of(text).verse_sign());
        for (number, line) in numbered_lines(text) {
            if let Some(title) = header(line) {
                builder.title(number, title);
            } else if is_separator(line) {
                builder.mark(Mark::Separator);
            } else if !is_blank(line) {
                builder.parts(number, line);
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
    fn text_without_blank_lines_has_a_poem_per_line() {
        let (format, found) = blocks("床前明月光，疑是地上霜。\r\n春眠不觉晓，处处闻啼鸟。\r\n");
        assert_eq!(format, Format::OnePerLine);
        assert_eq!((found.len(), found[1].2), (2, 2));
        for sign in ["/", " | ", "｜", " // "] {
            let (_, found) = blocks(&format!("an old pond{sign}a frog{sign}the sound\n").repeat(5));
            assert_eq!(found[4].1, ["an old pond", "a frog", "the sound"]);
        }
        let (format, found) = blocks("an old pond / a frog jumps in / the sound of water\rabcdefg\r");
        assert_eq!(format, Format::OnePerLine);
        assert_eq!(found[0].1, ["an old pond", "a frog jumps in", "the sound of water"]);
        assert_eq!(found[1], (None, vec!["abcdefg".into()], 2));
    }
}
