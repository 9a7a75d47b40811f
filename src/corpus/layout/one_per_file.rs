//! One poem per file, its stanzas between blank lines.

use super::super::lines::numbered_lines;
use super::builder::{Builder, Mark, Piece};
use super::sample::{TextSample, header, is_separator};
use super::{Evidence, Layout, LayoutProblem};

pub struct OnePerFile;

impl Layout for OnePerFile {
    /// A file alone does not show it; many files together do.
    fn evidence(&self, _: &TextSample) -> Option<Evidence> {
        None
    }

    fn read(&self, text: &str, visit: &mut dyn FnMut(Piece)) -> Result<(), LayoutProblem> {
        let mut builder = Builder::new(false, visit);
        for (number, line) in numbered_lines(text) {
            match header(line) {
                Some(title) if !builder.has_verses() => builder.title(number, title),
                Some(_) => builder.mark(Mark::Other),
                None if is_separator(line) => builder.mark(Mark::Separator),
                None => builder.verse(number, line),
            }
        }
        builder.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::testing::poems;

    #[test]
    fn a_file_is_a_poem() {
        let found = poems("# title\na\nb\n\nc\n", Format::OnePerFile);
        assert_eq!(found, [(Some("title".into()), vec!["a".into(), "b".into(), "c".into()], 2)]);
    }
}
