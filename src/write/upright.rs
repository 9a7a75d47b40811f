//! Verse from top to bottom: the cells of a column, and columns as text.

use unicode_width::UnicodeWidthStr;

use crate::corpus::script::{attaches, is_han, is_kana, is_letter};

/// The blank of full width; with ordinary ones columns would not be aligned in proportional fonts.
const BLANK: &str = "\u{3000}";
/// Columns of a terminal that a cell and the gap beside it take.
const CELL: usize = 2;
const GAP: usize = 2;

/// Marks with another form in vertical text.
const MARKS: [(char, char); 27] = [
    ('(', '︵'),
    (')', '︶'),
    ('（', '︵'),
    ('）', '︶'),
    ('〔', '︹'),
    ('〕', '︺'),
    ('【', '︻'),
    ('】', '︼'),
    ('《', '︽'),
    ('》', '︾'),
    ('〈', '︿'),
    ('〉', '﹀'),
    ('「', '﹁'),
    ('」', '﹂'),
    ('『', '﹃'),
    ('』', '﹄'),
    ('“', '﹁'),
    ('”', '﹂'),
    ('‘', '﹃'),
    ('’', '﹄'),
    ('—', '︱'),
    ('―', '︱'),
    ('─', '︱'),
    ('ー', '︱'),
    ('…', '︙'),
    ('·', '・'),
    ('：', '︓'),
];

/// Whether most letters of `text` are of a script that is also written from top to bottom: Chinese, Japanese or Korean.
pub fn is_upright(text: &str) -> bool {
    let is_hangul = |c: char| matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}');
    let letters = text.chars().filter(|&c| is_letter(c)).count();
    letters > 0 && 2 * text.chars().filter(|&c| is_han(c) || is_kana(c) || is_hangul(c)).count() > letters
}

/// A line as the cells of a column: characters of full width, with marks in their vertical forms.
pub fn cells(line: &str) -> Vec<String> {
    let mut cells: Vec<String> = Vec::new();
    for c in line.chars() {
        match cells.last_mut() {
            Some(last) if attaches(c) => last.push(c),
            _ => cells.push(upright(c).to_string()),
        }
    }
    cells
}

fn upright(c: char) -> char {
    if let Some((_, mark)) = MARKS.iter().find(|(mark, _)| *mark == c) {
        return *mark;
    }
    match c {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// The lines as columns from right to left. Those that do not fit into `width` columns of a terminal continue in a block
/// below, with an empty line between. An empty line is an empty column.
pub fn columns(lines: &[&str], width: usize) -> String {
    let columns: Vec<Vec<String>> = lines.iter().map(|line| cells(line)).collect();
    let n_fitting = ((width + GAP) / (CELL + GAP)).max(1);
    // Reading begins at the right edge, so the blocks share it.
    let n_widest = columns.len().min(n_fitting);
    let blocks = columns.chunks(n_fitting).map(|block| block_text(block, n_widest - block.len()));
    blocks.collect::<Vec<_>>().join("\n")
}

/// The columns of a block, with as many empty ones to the left.
fn block_text(columns: &[Vec<String>], n_empty: usize) -> String {
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let row = |row: usize| {
        let cells = columns.iter().rev().map(|column| column.get(row).map_or(BLANK.to_string(), padded));
        let cells: Vec<String> = std::iter::repeat_n(BLANK.to_string(), n_empty).chain(cells).collect();
        cells.join(BLANK).trim_end().to_string() + "\n"
    };
    (0..rows).map(row).collect()
}

fn padded(cell: &String) -> String {
    format!("{cell}{}", " ".repeat(CELL.saturating_sub(cell.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_from_right_to_left() {
        assert_eq!(columns(&["床前，", "疑是。"], 80), "疑　床\n是　前\n。　，\n");
        assert_eq!(columns(&["床前", "", "疑"], 80), "疑　　　床\n　　　　前\n", "a stanza");
    }

    #[test]
    fn what_does_not_fit_continues_below() {
        assert_eq!(columns(&["一", "二", "三"], 6), "二　一\n\n　　三\n");
        let lines = ["春"; 21];
        let text = columns(&lines, 80);
        assert!(text.lines().all(|line| line.width() <= 80) && text.lines().count() == 3, "{text}");
        assert_eq!(columns(&["一", "二"], 1), "一\n\n二\n", "narrower than a column");
    }

    #[test]
    fn marks_stand_upright_and_letters_are_wide() {
        assert_eq!(cells("「月」—A 1").concat(), "﹁月﹂︱Ａ　１");
        assert_eq!(cells("か\u{3099}月"), ["か\u{3099}", "月"], "a mark belongs to its character");
    }

    #[test]
    fn scripts_are_told_apart() {
        assert!(is_upright("床前明月光") && is_upright("いろはにほへと") && is_upright("나 보기가 역겨워"));
        assert!(!is_upright("Shall I compare thee") && !is_upright("") && !is_upright("月 moon"));
    }
}
