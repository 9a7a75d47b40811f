//! From a cleaned poem of a file to a poem of the corpus: verses, form and stanzas.

use super::Poem;
use super::cleaning::{ChangeKind, ChangeLog, LongLines};
use super::layout::RawPoem;
use super::verse::{lines_and_form, punctuate};

/// Splits the lines into verses and finds the form; long verses are wrapped or cut.
pub fn finished(raw: RawPoem, long_lines: Option<LongLines>, log: &mut ChangeLog) -> Poem {
    let begins: Vec<usize> = (0..raw.lines.len()).filter(|&i| raw.lines[i].begins_stanza).collect();
    let n_lines = raw.lines.len();
    let texts: Vec<String> = raw.lines.into_iter().map(|line| line.text).collect();
    let (lines, form) = lines_and_form(&texts, raw.splits);
    // Where lines of the file hold several verses, stanzas are the lines.
    let stanzas = if lines.len() == n_lines { begins } else { Vec::new() };
    let mut poem = Poem { title: raw.title, lines, form, stanzas, source_line: raw.source_line, source_file: 0 };
    if let Some(long_lines) = long_lines {
        shorten(&mut poem, long_lines, log);
    }
    poem
}

/// Wraps or cuts the long lines; the form follows from those that are left.
fn shorten(poem: &mut Poem, long_lines: LongLines, log: &mut ChangeLog) {
    let mut lines = Vec::with_capacity(poem.lines.len());
    let mut stanzas = Vec::with_capacity(poem.stanzas.len());
    // Where each of the lines ends.
    let mut ends = Vec::with_capacity(poem.lines.len());
    for (i, line) in poem.lines.iter().enumerate() {
        if poem.stanzas.contains(&i) {
            stanzas.push(lines.len());
        }
        let parts = long_lines.parts(line);
        if parts.len() != 1 || parts[0] != *line {
            log.record(poem.source_line, ChangeKind::LongLines, line, &parts.join(" / "));
        }
        lines.extend(parts);
        ends.push(lines.len() - 1);
    }
    if lines.iter().eq(&poem.lines) {
        return;
    }
    let was_fixed = poem.form.width().is_some();
    let (mut verses, form) = lines_and_form(&lines, false);
    if was_fixed && form.width().is_none() {
        // Its punctuation was layout, and is now text. The limit holds for it as well.
        for (end, marked) in ends.into_iter().zip(punctuate(&poem.lines)) {
            let has_room = verses[end].chars().count() < long_lines.most();
            verses[end].extend(marked.chars().last().filter(|_| has_room));
        }
    }
    poem.stanzas = if verses.len() == lines.len() { stanzas } else { Vec::new() };
    (poem.lines, poem.form) = (verses, form);
}

#[cfg(test)]
mod tests {
    use super::super::layout::RawLine;
    use super::*;

    fn read(lines: &[&str], long_lines: LongLines) -> (Vec<String>, String, usize) {
        let line = |text: &&str| RawLine { text: text.to_string(), number: 1, begins_stanza: false };
        let raw = RawPoem { lines: lines.iter().map(line).collect(), ..RawPoem::default() };
        let mut log = ChangeLog::default();
        let poem = finished(raw, Some(long_lines), &mut log);
        (poem.text(), poem.form.to_string(), log.counts.get(&ChangeKind::LongLines).copied().unwrap_or(0))
    }

    #[test]
    fn regular_verse_is_cut_and_wrapped_as_well() {
        let poem = ["白日依山尽远方，黄河入海流不息。", "欲穷千里目更高，更上一层楼望远。"];
        let cut = read(&poem, LongLines::Cut(5));
        assert_eq!((cut.1.as_str(), cut.2, cut.0[3].as_str()), ("5x4", 4, "更上一层楼"));
        let wrapped = read(&poem, LongLines::Wrap(4));
        assert_eq!(
            (wrapped.1.as_str(), wrapped.2, &wrapped.0[..3]),
            ("lines:8", 4, &["白日依山", "尽远方，", "黄河入海"].map(String::from)[..])
        );
        let even = read(&["白日依山尽远", "黄河入海流不"], LongLines::Wrap(3));
        assert_eq!((even.1.as_str(), even.0[3].as_str()), ("3x4", "海流不"));
        assert_eq!(read(&poem, LongLines::Cut(2)).0, ["白日", "黄河", "欲穷", "更上"]);
        // A couplet on a line is two verses, neither of which is long.
        assert_eq!(read(&poem, LongLines::Cut(7)), read(&poem, LongLines::Wrap(7)));
        assert_eq!(read(&poem, LongLines::Cut(7)).1, "7x4");
    }
}
