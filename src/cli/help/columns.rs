//! Text in two columns of a terminal, where a Chinese character is two columns wide.

use unicode_width::UnicodeWidthStr;

use crate::ui::wrap;

/// Between both columns, and before the first.
const GAP: usize = 2;

/// Every entry with its text beside it. Names wider than `most` have lines of their own.
pub fn rows(entries: &[(String, String)], most: usize, width: usize) -> String {
    let widths = entries.iter().map(|(name, _)| name.width());
    let name_width = widths.filter(|name| *name <= most).max().unwrap_or(0);
    let column = GAP + name_width + GAP;
    entries.iter().map(|(name, text)| row(name, text, column, width)).collect()
}

fn row(name: &str, text: &str, column: usize, width: usize) -> String {
    if text.is_empty() {
        return format!("{:GAP$}{name}\n", "");
    }
    let text = indented(text, column, width);
    match (column - 2 * GAP).checked_sub(name.width()) {
        Some(rest) => format!("{:GAP$}{name}{:rest$}{:GAP$}{}", "", "", "", &text[column..]),
        None => format!("{:GAP$}{name}\n{text}", ""),
    }
}

/// The lines of `text`, broken so that they fit between `indent` and `width`, with line ends.
pub fn indented(text: &str, indent: usize, width: usize) -> String {
    let width = width.saturating_sub(indent).max(GAP);
    text.lines().flat_map(|line| broken(line, width)).map(|line| format!("{:indent$}{line}\n", "")).collect()
}

/// The line in rows. What stands in square brackets is kept together where it fits.
fn broken(line: &str, width: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for (place, part) in line.split(" [").enumerate() {
        let part = if place > 0 { format!("[{part}") } else { part.to_string() };
        match rows.last_mut() {
            Some(row) if row.width() + 1 + part.width() <= width => *row += &format!(" {part}"),
            _ => rows.extend(wrap(&part, width)),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_kept_together() {
        assert_eq!(indented("春眠不觉晓 [默认：1]", 2, 18), "  春眠不觉晓\n  [默认：1]\n");
        assert_eq!(indented("春眠 [默认：1]", 0, 14), "春眠 [默认：1]\n");
    }

    #[test]
    fn columns_are_those_of_the_terminal() {
        let entries = [("-a", "春眠不觉晓，处处闻啼鸟"), ("春眠不觉晓", "a"), ("-b", "")];
        let entries = entries.map(|(name, text)| (name.to_string(), text.to_string()));
        let expected = "  -a  春眠不觉晓，处\n      处闻啼鸟\n  春眠不觉晓\n      a\n  -b\n";
        assert_eq!(rows(&entries, 4, 20), expected);
        assert!(expected.lines().all(|line| line.width() <= 20));
    }
}
