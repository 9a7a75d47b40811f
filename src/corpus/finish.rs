//! From a cleaned poem of a file to a poem of the corpus: verses, form and stanzas.

use compact_str::CompactString;

use super::Poem;
use super::cleaning::{ChangeKind, ChangeLog, LongLines};
use super::layout::RawPoem;
use super::verse::{counted_form, lines_and_form};

/// Splits the lines into verses and finds the form; long verses are wrapped or cut.
pub fn finished(raw: RawPoem, long_lines: Option<LongLines>, log: &mut ChangeLog) -> Poem {
    let begins: Vec<usize> = (0..raw.lines.len()).filter(|&i| raw.lines[i].begins_stanza).collect();
    let n_lines = raw.lines.len();
    let texts: Vec<String> = raw.lines.into_iter().map(|line| line.text).collect();
    let (lines, form) = lines_and_form(&texts, raw.splits);
    // Where lines of the file hold several verses, stanzas are the lines.
    let stanzas = if lines.len() == n_lines { begins } else { Vec::new() };
    let mut poem = Poem { title: raw.title, lines, form, stanzas, source_line: raw.source_line, source_file: 0 };
    if let Some(long_lines) = long_lines
        && form.width().is_none()
    {
        shorten(&mut poem, long_lines, log);
    }
    poem
}

fn shorten(poem: &mut Poem, long_lines: LongLines, log: &mut ChangeLog) {
    let mut lines = Vec::with_capacity(poem.lines.len());
    let mut stanzas = Vec::with_capacity(poem.stanzas.len());
    for (i, line) in poem.lines.iter().enumerate() {
        if poem.stanzas.contains(&i) {
            stanzas.push(lines.len());
        }
        let parts = long_lines.parts(line);
        if parts.len() != 1 || parts[0] != *line {
            log.record(poem.source_line, ChangeKind::LongLines, line, &parts.join(" / "));
        }
        lines.extend(parts.into_iter().map(CompactString::from));
    }
    if lines.len() != poem.lines.len() {
        poem.form = counted_form(lines.len());
    }
    (poem.lines, poem.stanzas) = (lines, stanzas);
}
