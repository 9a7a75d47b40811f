//! The report as text of at most 80 columns or so.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::account::Account;
use super::histogram::bars;
use super::words::Words;
use crate::corpus::{LineCounts, MIN_POEMS, Reading};
use crate::lang;
use crate::printable::printable;

/// Forms and files that are listed.
const LISTED: usize = 6;
/// Lines of the first poem that are shown.
const SHOWN: usize = 8;

pub fn write(account: &Account, words: Words, out: &mut impl Write) -> io::Result<()> {
    files(&account.reading, words, out)?;
    file_lines(&account.reading.lines, words, out)?;
    poems(account, words, out)?;
    forms(account, words, out)?;
    text_changes(account, words, out)?;
    if account.poems > 0 {
        picture(words.pick("lines per poem", "每首行数"), &account.heights, out)?;
        picture(words.pick("characters per line", "每行字数"), &account.widths, out)?;
        first(&account.reading, words, out)?;
    }
    if account.poems > 0 && account.poems < MIN_POEMS {
        let advice = lang::message(words.lang, account.reading.layout().0.how_to_add());
        let n = account.poems;
        let too_few = words.lang.pick(
            format!("{n} too few to train on; at least {MIN_POEMS}: {advice}"),
            format!("{n} 首太少，不能训练；至少需要 {MIN_POEMS} 首：{advice}"),
        );
        writeln!(out, "\n{too_few}")?;
    }
    Ok(())
}

fn files(reading: &Reading, words: Words, out: &mut impl Write) -> io::Result<()> {
    let (layout, why) = reading.layout();
    if let [file] = &reading.files[..] {
        writeln!(out, "{}", printable(&file.path.display().to_string()))?;
    } else {
        several_files(reading, words, out)?;
    }
    for (why, count) in &reading.not_read {
        writeln!(out, "  {}{count} {}", words.pick("not read: ", "未读："), words.not_read(*why))?;
    }
    let colon = words.pick(": ", "：");
    writeln!(out, "{}{colon}{}", words.pick("layout", "版式"), words.layout(layout))?;
    writeln!(out, "  {}{colon}{}", words.pick("because", "依据"), lang::message(words.lang, why))?;
    writeln!(out, "{}{colon}{}", words.pick("encoding", "编码"), words.list(&reading.encoding()))
}

fn several_files(reading: &Reading, words: Words, out: &mut impl Write) -> io::Result<()> {
    let all = reading.files.len();
    let read = reading.files.iter().filter(|file| file.problem.is_none()).count();
    writeln!(
        out,
        "{}",
        words.lang.pick(format!("{all} files, {read} read"), format!("共 {all} 个文件，已读 {read} 个"))
    )?;
    for problem in reading.files.iter().filter_map(|file| file.problem.as_deref()).take(LISTED) {
        writeln!(out, "  {}{}", words.pick("left out: ", "未采用："), printable(&lang::message(words.lang, problem)))?;
    }
    let mut layouts = BTreeMap::<_, usize>::new();
    for file in reading.files.iter().filter(|file| file.problem.is_none()) {
        *layouts.entry(file.layout).or_default() += 1;
    }
    for (layout, count) in layouts.iter().filter(|_| layouts.len() > 1) {
        writeln!(out, "  {count} {} {}", words.pick("as", "个，按"), words.layout(*layout))?;
    }
    let encodings = reading.encodings();
    for (encoding, count) in encodings.iter().filter(|_| encodings.len() > 1) {
        writeln!(out, "  {count} {} {encoding}", words.pick("in", "个，编码"))?;
    }
    Ok(())
}

/// The lines of the files, and what they are.
fn file_lines(lines: &LineCounts, words: Words, out: &mut impl Write) -> io::Result<()> {
    let (total, verses, blank, marks) = (lines.total, lines.verses, lines.blank, lines.marks.values().sum::<usize>());
    // In layouts such as JSON a line is not a verse, a title or blank.
    let is_known = total == verses + blank + marks;
    let text = if is_known {
        words.lang.pick(
            format!("lines in the file: {total} ({verses} with verses, {blank} blank, {marks} titles and separators)"),
            format!("文件共 {total} 行：诗句 {verses} 行，空行 {blank} 行，标题与分隔 {marks} 行"),
        )
    } else {
        words
            .lang
            .pick(format!("lines in the file: {total} ({blank} blank)"), format!("文件共 {total} 行：空行 {blank} 行"))
    };
    writeln!(out, "{text}")
}

fn poems(account: &Account, words: Words, out: &mut impl Write) -> io::Result<()> {
    let (reading, found) = (&account.reading, account.reading.found);
    writeln!(out, "{}", words.lang.pick(format!("poems found: {found}"), format!("找到的诗：{found} 首")))?;
    for (why, count) in &reading.left_out {
        writeln!(out, "  - {count:>7} {}", words.left_out(*why))?;
    }
    writeln!(out, "  - {:>7} {}", reading.duplicates, words.pick("exact duplicates", "首完全重复"))?;
    let lines = account.lines;
    let kept = words.lang.pick(format!("poems to learn from, {lines} lines"), format!("首可用于训练，共 {lines} 行"));
    writeln!(out, "  = {:>7} {kept}", account.poems)?;
    let rows = [
        (true, reading.near_duplicates, "share half of their lines with an earlier one", "首与前面某首有一半诗句相同"),
        (
            account.poems >= MIN_POEMS,
            account.held_out,
            "are held out of training, to measure it",
            "首留出，只用于评测，不用于训练",
        ),
        (
            account.poems >= MIN_POEMS && account.left_out.total() > 0,
            account.left_out.total(),
            "hold tokens too rare for the vocabulary, and are left out",
            "首含词表之外的罕见词元，未采用",
        ),
        (reading.with_stanzas > 0, reading.with_stanzas, "have stanzas", "首分节"),
    ];
    let shown = rows.into_iter().filter(|(is_shown, ..)| *is_shown);
    shown
        .map(|(_, count, english, chinese)| (count, words.pick(english, chinese)))
        .try_for_each(|(count, text)| writeln!(out, "    {count:>7} {text}"))
}

fn forms(account: &Account, words: Words, out: &mut impl Write) -> io::Result<()> {
    let form =
        |(form, count): &(String, usize)| words.lang.pick(format!("{form} {count}"), format!("{form} {count} 首"));
    let mut forms: Vec<String> = account.forms.iter().take(LISTED).map(form).collect();
    let more = account.forms.len().saturating_sub(LISTED);
    forms.extend((more > 0).then(|| words.lang.pick(format!("{more} more"), format!("另有 {more} 种"))));
    let [title, comma] = words.lang.pick(["forms: ", ", "], ["体裁：", "，"]);
    writeln!(out, "{title}{}", forms.join(comma))
}

fn text_changes(account: &Account, words: Words, out: &mut impl Write) -> io::Result<()> {
    let reading = &account.reading;
    for (kind, count) in &reading.changes {
        let change = words.change(*kind);
        let text = words.lang.pick(format!("changed lines: {count} {change}"), format!("改动：{count} 行，{change}"));
        writeln!(out, "{text}")?;
    }
    for (warning, count) in &reading.warnings {
        let percent = 100.0 * *count as f64 / account.poems.max(1) as f64;
        let warning = words.warning(*warning);
        let text = words.lang.pick(
            format!("warning: {count} ({percent:.1} %) {warning}"),
            format!("警告：{count} 首（{percent:.1} %）{warning}"),
        );
        writeln!(out, "{text}")?;
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
    let (line, title) = (poem.source_line, poem.title.as_deref().unwrap_or_default());
    let place =
        words.lang.pick(format!("first poem, from line {line}: {title}"), format!("第一首，始于第 {line} 行：{title}"));
    writeln!(out, "\n{place}")?;
    for (i, line) in poem.lines.iter().take(SHOWN).enumerate() {
        if poem.stanzas.contains(&i) {
            writeln!(out)?;
        }
        writeln!(out, "  {line}")?;
    }
    let more = poem.lines.len().saturating_sub(SHOWN);
    let rest = words.lang.pick(format!("  ... {more} more lines"), format!("  ……另有 {more} 行"));
    if more > 0 { writeln!(out, "{rest}") } else { Ok(()) }
}
