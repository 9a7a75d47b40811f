//! One poem per text line as `title::author::poem`.

use super::super::clean::{clean, is_blank};
use super::super::lines::numbered_lines;
use super::builder::{Builder, Piece};
use super::sample::{TextSample, share};
use super::{Evidence, Layout, LayoutProblem};

pub struct TitleAuthor;

impl Layout for TitleAuthor {
    fn evidence(&self, sample: &TextSample) -> Option<Evidence> {
        let full = sample.full_lines().count();
        let fitting = sample.full_lines().filter(|line| line.splitn(3, "::").count() == 3).count();
        let why = share(fitting, full, "lines are title::author::poem");
        (fitting * 10 > full * 8).then_some(Evidence { score: 0.9, why })
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let mut builder = Builder::new(true, visit).split_at(TextSample::of(text).verse_sign());
        for (number, line) in numbered_lines(text).filter(|(_, line)| !is_blank(line)) {
            let fields: Vec<&str> = line.splitn(3, "::").collect();
            if let [title, author, poem] = fields[..] {
                let names = [title, author].map(clean);
                let names: Vec<&str> = names.iter().map(|name| &**name).filter(|name| !name.is_empty()).collect();
                builder.titled(number, &names.join(" | "));
                builder.text(number, poem);
            } else {
                builder.parts(number, line);
            }
            builder.finish();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::blocks;

    #[test]
    fn title_author_and_poem_are_separated() {
        let (format, found) =
            blocks(&"静夜思::李白::床前明月光，疑是地上霜。\n春晓::::春眠不觉晓，处处闻啼鸟。\n".repeat(3));
        assert_eq!((format, found.len()), (Format::TitleAuthor, 6));
        assert_eq!(found[0], (Some("静夜思 | 李白".into()), vec!["床前明月光，疑是地上霜。".into()], 1));
        assert_eq!(found[1].0.as_deref(), Some("春晓"));
    }
}
