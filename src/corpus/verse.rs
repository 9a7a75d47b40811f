//! Splitting a poem into verses, and detecting its form.

use std::fmt::Display;

use compact_str::{CompactString, format_compact};

use super::Form;
use super::script::{is_han, is_kana, is_letter, is_mostly_east_asian, is_stop};

/// Characters per line and lines per poem of fixed forms.
const WIDTHS: std::ops::RangeInclusive<usize> = 3..=9;
const HEIGHTS: std::ops::RangeInclusive<usize> = 2..=16;

/// Longest form that is named by its number of lines.
const MAX_COUNTED_LINES: usize = 32;

/// The lines of a poem and its form. In a fixed form punctuation is layout and is removed; in other verse it stays. `split`
/// splits Chinese and Japanese lines of any form at their stops; lines with a couplet each are always split if that gives a fixed form.
pub fn lines_and_form(lines: &[String], split: bool) -> (Vec<CompactString>, Form) {
    if let Some(fixed) = fixed_form(lines) {
        return fixed;
    }
    let mut verses = Vec::with_capacity(lines.len());
    for line in lines {
        if split && is_mostly_east_asian(line) {
            verses.extend(clauses(line).into_iter().map(CompactString::from));
        } else {
            verses.push(line.into());
        }
    }
    let form = counted_form(verses.len());
    (verses, form)
}

/// The form of verse without a fixed one.
pub fn counted_form(n_lines: usize) -> Form {
    if n_lines <= MAX_COUNTED_LINES { Form::Lines(n_lines) } else { Form::Free }
}

/// The lines of a fixed form with punctuation: `，` after odd lines, `。` after even ones and after the last.
pub fn punctuate(lines: &[impl Display]) -> Vec<CompactString> {
    let last = lines.len().saturating_sub(1);
    let mark = |i: usize| if i % 2 == 1 || i == last { '。' } else { '，' };
    lines.iter().enumerate().map(|(i, line)| format_compact!("{line}{}", mark(i))).collect()
}

/// The parts of a Chinese text line, each with the marks that end it. Text without Chinese characters is one part.
pub fn clauses(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut ended = false;
    let mut chinese = false;
    for (i, c) in line.char_indices() {
        if is_letter(c) {
            if ended && chinese {
                // Opening quotes belong to what follows them.
                let opening = line[start..i].trim_end_matches(is_opening).len();
                parts.push(line[start..start + opening].trim());
                start += opening;
                chinese = false;
            }
            ended = false;
            chinese |= is_han(c) || is_kana(c);
        } else {
            ended |= is_stop(c) || c.is_whitespace();
        }
    }
    parts.push(line[start..].trim());
    parts
}

fn is_opening(c: char) -> bool {
    matches!(c, '“' | '‘' | '「' | '『' | '《' | '〈' | '（' | '(' | '【')
}

fn fixed_form(lines: &[String]) -> Option<(Vec<CompactString>, Form)> {
    // Most verse of other languages is ruled out here, by its first character.
    lines.first()?.trim_start_matches(|c: char| !is_letter(c)).chars().next().filter(|&c| is_han(c))?;
    let mut verses = Vec::with_capacity(lines.len());
    let mut width = None;
    for part in lines.iter().flat_map(|line| clauses(line)) {
        let verse = part.trim_matches(|c: char| !is_letter(c));
        let n_chars = verse.chars().count();
        if *width.get_or_insert(n_chars) != n_chars || !verse.chars().all(is_han) {
            return None;
        }
        verses.push(verse.into());
    }
    let form = Form::Fixed { width: width?, lines: verses.len() };
    (WIDTHS.contains(&width?) && HEIGHTS.contains(&verses.len())).then_some((verses, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str], split: bool) -> (Vec<CompactString>, String) {
        let lines: Vec<String> = lines.iter().map(|line| line.to_string()).collect();
        let (lines, form) = lines_and_form(&lines, split);
        (lines, form.to_string())
    }

    #[test]
    fn equal_chinese_lines_are_a_fixed_form() {
        let (lines, form) = read(&["床前明月光，", "疑是地上霜。", "“举头望明月；", "低头思故乡！”"], false);
        assert_eq!(form, "5x4");
        assert_eq!(lines, ["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"]);
        assert_eq!(punctuate(&lines), ["床前明月光，", "疑是地上霜。", "举头望明月，", "低头思故乡。"]);
        assert_eq!(punctuate(&lines[..3])[2], "举头望明月。");
    }

    #[test]
    fn couplets_on_a_line_are_split() {
        for line in ["白日依山尽，黄河入海流。", "白日依山尽 黄河入海流", "白日依山尽,黄河入海流."]
        {
            let (lines, form) = read(&[line, "欲穷千里目，更上一层楼。"], false);
            assert_eq!((lines[1].as_str(), form.as_str()), ("黄河入海流", "5x4"), "{line}");
        }
    }

    #[test]
    fn other_verse_keeps_its_punctuation() {
        let (lines, form) = read(&["大江东去，浪淘尽，", "千古风流人物。"], false);
        assert_eq!((lines[0].as_str(), form.as_str()), ("大江东去，浪淘尽，", "lines:2"));
        let (lines, form) = read(&["大江东去，浪淘尽，千古风流人物。“故垒西边？”人道是"], true);
        assert_eq!(lines, ["大江东去，", "浪淘尽，", "千古风流人物。", "“故垒西边？”", "人道是"]);
        assert_eq!(form, "lines:5");
        let (lines, form) = read(&["Roses are red, violets are blue. Sugar", "is sweet"], true);
        assert_eq!((lines[0].as_str(), form.as_str()), ("Roses are red, violets are blue. Sugar", "lines:2"));
    }

    #[test]
    fn fixed_forms_have_bounds() {
        assert_eq!(read(&["床前", "疑是"], false).1, "lines:2");
        assert_eq!(read(&["床前明月光"], false).1, "lines:1");
        assert_eq!(read(&["床前明月光"; 17], false).1, "lines:17");
        assert_eq!(read(&["a"; 33], false).1, "free");
        assert_eq!(read(&["床前明a光", "疑是地上霜"], false).1, "lines:2");
    }
}
