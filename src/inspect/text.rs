//! The report as text of at most 80 columns or so.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::account::Account;
use super::histogram::bars;
use super::words::Words;
use crate::corpus::{LineCounts, MIN_POEMS, Reading};

/// Forms and files that are listed.
const LISTED: usize = 6;
/// Lines of the first poem that are shown.
const SHOWN: usize = 8;

pub fn write(account: &Account, words: Words, out: &mut impl Write) -> io::Result<()> {
    files(&account.reading, words, out)?;
    poems(account, words, out)?;
    text_changes(account, words, out)?;
    if account.poems > 0 {
        picture(words.pick("lines per poem", "每首行数"), &account.heights, out)?;
        picture(words.pick("characters per line", "每行字数"), &account.widths, out)?;
        first(&account.reading, words, out)?;
    }
    if account.poems > 0 && account.poems < MIN_POEMS {
        let advice = words.how_to_add(account.reading.layout().0);
        let too_few = words.pick("too few to train on; at least", "太少，不能训练；至少需要");
        writeln!(out, "\n{} {too_few} {MIN_POEMS}: {advice}", account.poems)?;
    }
    Ok(())
}

fn files(reading: &Reading, words: Words, out: &mut impl Write) -> io::Result<()> {
    let (layout, why) = reading.layout();
    if let [file] = &reading.files[..] {
        writeln!(out, "{}", file.path.display())?;
    } else {
        let read = reading.files.iter().filter(|file| file.problem.is_none()).count();
        writeln!(
            out,
            "{} {}, {read} {}",
            reading.files.len(),
            words.pick("files", "个文件"),
            words.pick("read", "已读")
        )?;
        for file in reading.files.iter().filter(|file| file.problem.is_some()).take(LISTED) {
            let problem = file.problem.as_deref().unwrap_or_default();
            writeln!(out, "  {} {problem}", words.pick("left out:", "未采用："))?;
        }
        let mut layouts = BTreeMap::<_, usize>::new();
        for file in reading.files.iter().filter(|file| file.problem.is_none()) {
            *layouts.entry(file.layout).or_default() += 1;
        }
        for (layout, count) in layouts.iter().filter(|_| layouts.len() > 1) {
            let (reads_as, what) = (words.pick("as", "按"), words.layout(*layout));
            writeln!(out, "  {count} {reads_as} {} ({what})", layout.name())?;
        }
    }
    writeln!(out, "{}: {} ({})", words.pick("layout", "版式"), layout.name(), words.layout(layout))?;
    writeln!(out, "  {}: {}", words.pick("because", "依据"), words.reason(why))?;
    writeln!(out, "{}: {}", words.pick("encoding", "编码"), reading.encoding())
}

/// The lines of the files, and what they are.
fn file_lines(lines: &LineCounts, words: Words, out: &mut impl Write) -> io::Result<()> {
    let marks: usize = lines.marks.values().sum();
    let (verses, blank) = (words.pick("with verses", "行有诗句"), words.pick("blank", "空行"));
    let (between, total) =
        (words.pick("titles and separators", "标题与分隔行"), words.pick("lines in the file", "文件行数"));
    // In layouts such as JSON a line is not a verse, a title or blank.
    let is_known = lines.total == lines.verses + lines.blank + marks;
    let others = if is_known { format!(", {marks} {between}") } else { String::new() };
    let verses = if is_known { format!("{} {verses}, ", lines.verses) } else { String::new() };
    writeln!(out, "{total}: {} ({verses}{} {blank}{others})", lines.total, lines.blank)
}

fn poems(account: &Account, words: Words, out: &mut impl Write) -> io::Result<()> {
    let reading = &account.reading;
    file_lines(&reading.lines, words, out)?;
    writeln!(out, "{}: {}", words.pick("poems found", "找到的诗"), reading.found)?;
    for (why, count) in &reading.left_out {
        writeln!(out, "  - {count:>7} {}", words.left_out(*why))?;
    }
    writeln!(out, "  - {:>7} {}", reading.duplicates, words.pick("exact duplicates", "完全重复"))?;
    let of_these = words.pick("lines", "行");
    writeln!(
        out,
        "  = {:>7} {}, {} {of_these}",
        account.poems,
        words.pick("poems to learn from", "首可用于训练"),
        account.lines
    )?;
    let near = words.pick("share half of their lines with an earlier one", "首与前面某首有一半诗句相同");
    writeln!(out, "    {:>7} {near}", reading.near_duplicates)?;
    if account.poems >= MIN_POEMS {
        let held_out = words.pick("are held out of training, to measure it", "首留出，用于评测而不训练");
        writeln!(out, "    {:>7} {held_out}", account.held_out)?;
    }
    if account.left_out.total() > 0 && account.poems >= MIN_POEMS {
        let rare =
            words.pick("hold tokens too rare for the vocabulary, and are left out", "首含词表之外的罕见词元，不采用");
        writeln!(out, "    {:>7} {rare}", account.left_out.total())?;
    }
    if reading.with_stanzas > 0 {
        writeln!(out, "    {:>7} {}", reading.with_stanzas, words.pick("have stanzas", "首分节"))?;
    }
    let forms: Vec<String> = account.forms.iter().take(LISTED).map(|(form, count)| format!("{form} {count}")).collect();
    let more = account.forms.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(", {more} {}", words.pick("more", "种其他")) } else { String::new() };
    writeln!(out, "{}: {}{more}", words.pick("forms", "体裁"), forms.join(", "))
}

fn text_changes(account: &Account, words: Words, out: &mut impl Write) -> io::Result<()> {
    let reading = &account.reading;
    for (kind, count) in &reading.changes {
        writeln!(out, "{}: {count} {}", words.pick("changed lines", "改动行"), words.change(*kind))?;
    }
    for (warning, count) in &reading.warnings {
        let percent = 100.0 * *count as f64 / account.poems.max(1) as f64;
        writeln!(out, "{}: {count} ({percent:.1} %) {}", words.pick("warning", "警告"), words.warning(*warning))?;
    }
    Ok(())
}

fn picture(title: &str, counts: &BTreeMap<usize, usize>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{title}")?;
    for bar in bars(counts) {
        writeln!(out, "{:>9} {:>8} {}", bar.label, bar.count, "#".repeat(bar.columns))?;
    }
    Ok(())
}

fn first(reading: &Reading, words: Words, out: &mut impl Write) -> io::Result<()> {
    let Some(poem) = &reading.first else { return Ok(()) };
    let place = words.pick("first poem, from line", "第一首，始于行");
    writeln!(out, "\n{place} {}: {}", poem.source_line, poem.title.as_deref().unwrap_or_default())?;
    for (i, line) in poem.lines.iter().take(SHOWN).enumerate() {
        if poem.stanzas.contains(&i) {
            writeln!(out)?;
        }
        writeln!(out, "  {line}")?;
    }
    let more = poem.lines.len().saturating_sub(SHOWN);
    if more > 0 { writeln!(out, "  ... {more} {}", words.pick("more lines", "行")) } else { Ok(()) }
}
