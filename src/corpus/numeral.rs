//! Numbers before a poem or a line: `12.`, `(12)`, `XII.`, `十二、`, `（十二）`, `其十二`, `⑫`.

use super::script::is_han;

const OPENING: [char; 6] = ['(', '（', '[', '【', '〔', '［'];
const CLOSING: [char; 6] = [')', '）', ']', '】', '〕', '］'];
/// Signs between a number and the text behind it.
const SIGNS: [char; 8] = ['.', '、', '．', ':', '：', '|', ' ', '\u{3000}'];
/// First character, last character and first number of runs of numbers in circles, in brackets and with a point.
const ENCLOSED: [(char, char, u64); 7] =
    [('①', '⑳', 1), ('⑴', '⒇', 1), ('⒈', '⒛', 1), ('㈠', '㈩', 1), ('㊀', '㊉', 1), ('㉑', '㉟', 21), ('㊱', '㊿', 36)];

/// The number that a line begins with, and the text behind it; `None` without either.
pub fn before(line: &str) -> Option<(u64, &str)> {
    let line = line.trim_start();
    let (number, rest) = arabic(line).or_else(|| enclosed(line)).or_else(|| chinese(line)).or_else(|| roman(line))?;
    (!rest.trim().is_empty()).then_some((number, rest))
}

fn arabic(line: &str) -> Option<(u64, &str)> {
    let line = line.trim_start_matches(OPENING);
    let end = line.find(|c: char| !c.is_ascii_digit())?;
    let number = line[..end].parse().ok()?;
    let rest = behind(&line[end..]);
    (rest.len() < line.len() - end || rest.starts_with(is_han)).then_some((number, rest))
}

fn enclosed(line: &str) -> Option<(u64, &str)> {
    let first = line.chars().next()?;
    let (begin, _, from) = ENCLOSED.iter().find(|(begin, end, _)| (*begin..=*end).contains(&first))?;
    Some((from + u64::from(u32::from(first) - u32::from(*begin)), behind(&line[first.len_utf8()..])))
}

fn chinese(line: &str) -> Option<(u64, &str)> {
    let line = line.trim_start_matches(OPENING).trim_start_matches(['其', '第']);
    let end = line.find(|c: char| !"〇零一二三四五六七八九十百".contains(c))?;
    let after = line[end..].strip_prefix('首').unwrap_or(&line[end..]);
    let rest = behind(after);
    (end > 0 && rest.len() < after.len()).then(|| (chinese_value(&line[..end]), rest))
}

fn chinese_value(numeral: &str) -> u64 {
    let (mut value, mut digit) = (0, 0);
    for c in numeral.chars() {
        match c {
            '十' | '百' => {
                value += digit.max(1) * if c == '十' { 10 } else { 100 };
                digit = 0;
            }
            _ => digit = digit * 10 + "零一二三四五六七八九".chars().position(|d| d == c).unwrap_or(0) as u64,
        }
    }
    value + digit
}

/// A Roman numeral in capitals needs a sign behind it, since `I` is a word.
fn roman(line: &str) -> Option<(u64, &str)> {
    let line = line.trim_start_matches(OPENING);
    let end = line.find(|c: char| !"IVXLCDM".contains(c)).filter(|&end| end > 0)?;
    let rest = line[end..].strip_prefix(['.', ')', ':', ']'])?;
    let value = |c: char| [1, 5, 10, 50, 100, 500, 1000]["IVXLCDM".find(c).unwrap_or(0)];
    let (mut number, mut next): (u64, u64) = (0, 0);
    for c in line[..end].chars().rev() {
        // A smaller numeral before a larger one is subtracted.
        number = if value(c) < next { number.saturating_sub(value(c)) } else { number + value(c) };
        next = value(c);
    }
    Some((number, behind(rest)))
}

fn behind(rest: &str) -> &str {
    rest.trim_start_matches(|c: char| SIGNS.contains(&c) || CLOSING.contains(&c) || c == '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_of_every_kind_are_read() {
        for (line, number) in [
            ("12. a", 12),
            ("(12) a", 12),
            ("12床a", 12),
            ("XIV. a", 14),
            ("二十一、a", 21),
            ("（一百零三）a", 103),
            ("其十 a", 10),
            ("第二首：a", 2),
            ("⑫a", 12),
            ("㊱ a", 36),
        ] {
            let (found, rest) = before(line).unwrap();
            assert_eq!((found, rest.trim_start_matches('床')), (number, "a"), "{line}");
        }
        for line in ["I am", "一片冰心", "其中有信", "12", "XII.", "3ravens", "I.", "Mild and"] {
            assert_eq!(before(line), None, "{line}");
        }
    }
}
