//! Numbers and foreign text as the screen shows them: rounded so that digits change slowly, and measured in terminal
//! columns so that Chinese is aligned.

pub mod notices;
mod studio_words;
pub mod words;

use ratatui::{buffer::CellWidth, style::Style, text::Span};
use words::Lang;

use crate::printable;

/// For a number that does not exist.
const ABSENT: &str = "-";

/// Width of `text` in columns, as ratatui lays it out.
pub fn columns(text: &str) -> usize {
    Span::raw(text).styled_graphemes(Style::new()).map(|grapheme| usize::from(grapheme.symbol.cell_width())).sum()
}

/// `text` in exactly `width` columns: padded with spaces, or cut between two characters and ended with `..`.
pub fn fit(text: &str, width: usize) -> String {
    let mark = if columns(text) <= width { "" } else { &".."[..width.min(2)] };
    let room = width - mark.len();
    let mut fitted = String::new();
    let mut used = 0;
    for grapheme in Span::raw(text).styled_graphemes(Style::new()) {
        let n_columns = usize::from(grapheme.symbol.cell_width());
        if used + n_columns > room {
            break;
        }
        // A grapheme of width 0 would end up in the right half of a wide one before it.
        if n_columns == 0 {
            continue;
        }
        fitted.push_str(grapheme.symbol);
        used += n_columns;
    }
    fitted.push_str(mark);
    fitted.push_str(&" ".repeat(room - used));
    fitted
}

/// `text` in rows of at most `width` columns, broken between words and between wide characters, or within a word that is
/// longer than a row. Spaces at the breaks are dropped. At least one row, but none if `width` is 0.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let (mut rows, mut row, mut used) = (Vec::new(), String::new(), 0);
    for word in words(text) {
        if used > 0 && used + columns(word.trim_end()) > width {
            rows.push(std::mem::take(&mut row));
            used = 0;
        }
        for grapheme in Span::raw(&word).styled_graphemes(Style::new()) {
            let n_columns = usize::from(grapheme.symbol.cell_width());
            if used > 0 && used + n_columns > width && grapheme.symbol != " " {
                rows.push(std::mem::take(&mut row));
                used = 0;
            }
            row.push_str(grapheme.symbol);
            used += n_columns;
        }
    }
    rows.push(row);
    let trimmed = rows.into_iter().map(|row| row.trim_end().to_owned());
    if width == 0 { Vec::new() } else { trimmed.collect() }
}

/// The pieces of a text that are not broken: words with the spaces after them, and single wide characters with their
/// punctuation.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut before) = (Vec::new(), String::new(), "");
    let span = Span::raw(text);
    for grapheme in span.styled_graphemes(Style::new()) {
        let symbol = grapheme.symbol;
        let belongs = "，。、：；！？）」』》".contains(symbol) || (!before.is_empty() && "（「『《".contains(before));
        let is_wide = |symbol: &str| symbol.cell_width() > 1;
        if symbol != " " && (before == " " || (!belongs && (is_wide(before) || is_wide(symbol)))) {
            words.push(std::mem::take(&mut word));
        }
        word.push_str(symbol);
        before = symbol;
    }
    words.push(word);
    words
}

/// `text` at the right end of `width` columns, if it fits.
pub fn right(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(columns(text))) + text
}

/// `text` that is safe for a terminal: control characters become spaces, and punctuation of ambiguous width becomes
/// ASCII.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{2018}' | '\u{2019}' => cleaned.push('\''),
            '\u{201c}' | '\u{201d}' => cleaned.push('"'),
            '\u{2026}' => cleaned.push_str("..."),
            '\u{2013}' | '\u{2014}' => cleaned.push('-'),
            '\u{00b7}' => cleaned.push('.'),
            _ => cleaned.extend(printable::shown(character)),
        }
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// The last part of a path.
pub fn file_name(path: &str) -> &str {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A loss or a norm with two decimals, fewer when it is large: `4.97`, `-0.31`, `123`.
pub fn loss(value: impl Into<f64>) -> String {
    let value = value.into();
    match value.abs() {
        size if !size.is_finite() => "NaN".to_owned(),
        size if size < 99.995 => format!("{value:.2}"),
        size if size < 99_999.5 => format!("{value:.0}"),
        _ => format!("{value:.0e}"),
    }
}

/// Any number, short: a loss as `loss` has it, small ones with their power of ten.
pub fn number(value: f64) -> String {
    match value.abs() {
        size if size > 0.0 && size < 0.01 => format!("{value:.1e}"),
        size if size < 1.0 => format!("{value:.3}"),
        _ => loss(value),
    }
}

pub fn optional_loss(value: Option<impl Into<f64>>) -> String {
    value.map_or(ABSENT.to_owned(), loss)
}

/// A probability with two decimals.
pub fn probability(value: f32) -> String {
    if value.is_finite() { format!("{:.2}", value.clamp(0.0, 1.0)) } else { " NaN".to_owned() }
}

/// A temperature with the decimals that it has: `1.0`, `0.75`.
pub fn temperature(value: f32) -> String {
    let text = format!("{value:.2}");
    text.strip_suffix('0').unwrap_or(&text).to_owned()
}

/// The shortest form of a number, to three decimals: `5e-4`, `0.04`, `2`.
pub fn shortest(value: f32) -> String {
    if value != 0.0 && value.abs() < 0.01 {
        return format!("{value:.1e}").replace(".0e", "e");
    }
    format!("{value:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A whole number with thousands separators: `8,800`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of bytes: `850 kB`, `512 MB`, `3.2 GB`.
pub fn bytes(number: u64) -> String {
    let [kilo, mega, giga] = [10, 20, 30].map(|power| number as f64 / (1u64 << power) as f64);
    match number {
        0..0x10_0000 => format!("{kilo:.0} kB"),
        0x10_0000..0x4000_0000 => format!("{mega:.0} MB"),
        _ => format!("{giga:.1} GB"),
    }
}

/// A rate with two significant digits, since more would flicker: `850`, `8.5k`, `12k`.
pub fn rate(value: f64) -> String {
    match value {
        _ if !value.is_finite() => ABSENT.to_owned(),
        _ if value < 9.95 => format!("{value:.1}"),
        _ if value < 99.5 => format!("{value:.0}"),
        _ if value < 995.0 => format!("{:.0}", (value / 10.0).round() * 10.0),
        _ if value < 9_950.0 => format!("{:.1}k", value / 1e3),
        _ if value < 999_500.0 => format!("{:.0}k", value / 1e3),
        _ => format!("{:.1}M", value / 1e6),
    }
}

/// Seconds as a clock: `0:07`, `12:40`, `1:05:00`.
pub fn clock(seconds: f32) -> String {
    if !seconds.is_finite() {
        return ABSENT.to_owned();
    }
    let seconds = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Remaining seconds, coarse enough to change slowly.
pub fn remaining(seconds: f32, lang: Lang) -> String {
    let [h, min, s] = match lang {
        Lang::En => [" h", " min", " s"],
        Lang::Zh => [" 时", " 分", " 秒"],
    };
    if !seconds.is_finite() {
        return ABSENT.to_owned();
    }
    let seconds = seconds.max(0.0) as u64;
    match seconds {
        0..55 => format!("{}{s}", seconds.div_ceil(5) * 5),
        55..570 => {
            let tens = seconds.div_ceil(10);
            format!("{}{min} {:02}{s}", tens / 6, tens % 6 * 10)
        }
        570..5_400 => format!("{}{min}", (seconds + 30) / 60),
        _ => {
            let minutes = (seconds + 150) / 300 * 5;
            format!("{}{h} {:02}{min}", minutes / 60, minutes % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_break_between_words() {
        assert_eq!(wrap("the dog barks", 8), ["the dog", "barks"]);
        assert_eq!(wrap("the dog barks", 7), ["the dog", "barks"]);
        assert_eq!(wrap("a barking dog", 4), ["a", "bark", "ing", "dog"]);
        assert_eq!(wrap("床前明月光 疑是", 5), ["床前", "明月", "光 疑", "是"]);
        assert_eq!(wrap("loss 损失（留出），最低", 9), ["loss 损失", "（留", "出），最", "低"]);
        assert_eq!(wrap("春春\u{301}春", 4), ["春春\u{301}", "春"], "an accent stays with its letter");
        assert_eq!((wrap("", 5), wrap("a", 0)), (vec![String::new()], vec![]));
    }

    #[test]
    fn numbers_are_short() {
        for (value, typed) in
            [(5e-4, "5e-4"), (1.5e-5, "1.5e-5"), (0.04, "0.04"), (2.0, "2"), (100.0, "100"), (0.0, "0")]
        {
            assert_eq!(shortest(value), typed);
        }
        assert_eq!([1.0, 0.75, 10.0, 0.05].map(temperature), ["1.0", "0.75", "10.0", "0.05"]);
    }

    #[test]
    fn fitted_text_has_the_width_and_no_half_character() {
        for (text, width, expected) in [
            ("春眠不觉晓", 12, "春眠不觉晓  "),
            ("春眠不觉晓", 10, "春眠不觉晓"),
            ("春眠不觉晓", 9, "春眠不.. "),
            ("春眠不觉晓", 8, "春眠不.."),
            ("春眠", 3, ".. ".trim_end()),
            ("春", 1, "."),
            ("spring", 6, "spring"),
            ("spring", 4, "sp.."),
            ("a\u{301}bc", 5, "a\u{301}bc  "),
            ("春\u{d7cb}眠", 4, "春眠"),
            ("", 2, "  "),
            ("x", 0, ""),
        ] {
            let fitted = fit(text, width);
            assert_eq!(columns(&fitted), width, "{text} in {width}");
            assert_eq!(fitted.trim_end(), expected.trim_end(), "{text} in {width}");
        }
    }

    #[test]
    fn cleaned_text_has_no_control_and_no_ambiguous_punctuation() {
        assert_eq!(clean("\u{1b}[31mred\t\u{202e}and\u{7}\r"), " [31mred and");
        assert_eq!(clean("“thou\u{2019}rt” — so…"), "\"thou'rt\" - so...");
    }

    #[test]
    fn numbers_are_rounded() {
        assert_eq!([4.968, -0.314, 1234.5, 2.5e9].map(loss), ["4.97", "-0.31", "1234", "2e9"].map(str::to_owned));
        assert_eq!(loss(f64::NAN), "NaN");
        assert_eq!([0.0001, 0.7254, 0.0, 12.0].map(number), ["1.0e-4", "0.725", "0.000", "12.00"].map(str::to_owned));
        assert_eq!([0, 999, 8_800, 1_234_567].map(count), ["0", "999", "8,800", "1,234,567"].map(str::to_owned));
        assert_eq!(
            [7.34, 850.1, 8_512.0, 12_345.0, 2e6].map(rate),
            ["7.3", "850", "8.5k", "12k", "2.0M"].map(str::to_owned)
        );
        let sizes = [870_400, 512 << 20, 3_435_973_837].map(bytes);
        assert_eq!(sizes, ["850 kB", "512 MB", "3.2 GB"].map(str::to_owned));
        assert_eq!([0.62, 1.7, -1.0].map(probability), ["0.62", "1.00", "0.00"].map(str::to_owned));
    }

    #[test]
    fn times_are_clocks_and_estimates_are_coarse() {
        assert_eq!([7.9, 760.0, 3900.0].map(clock), ["0:07", "12:40", "1:05:00"].map(str::to_owned));
        assert_eq!(
            [3.0, 61.0, 459.0, 900.0, 7_800.0].map(|seconds| remaining(seconds, Lang::En)),
            ["5 s", "1 min 10 s", "7 min 40 s", "15 min", "2 h 10 min"].map(str::to_owned)
        );
        assert_eq!(remaining(459.0, Lang::Zh), "7 分 40 秒");
        assert_eq!([remaining(f32::NAN, Lang::En), clock(f32::INFINITY)], [ABSENT, ABSENT]);
    }

    #[test]
    fn the_file_name_is_the_last_part_of_a_path() {
        assert_eq!(["runs/tang", "runs/tang/", "tang", ""].map(file_name), ["tang", "tang", "tang", ""]);
    }
}
