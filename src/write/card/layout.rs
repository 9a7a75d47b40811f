//! Where the texts of a card stand.

use unicode_width::UnicodeWidthStr;

use crate::write::upright::cells;

/// Space around the texts, and between the title and the poem.
const MARGIN: f64 = 64.0;
const BELOW_TITLE: f64 = 52.0;
const TITLE: f64 = 15.0;
/// Side of the seal.
pub const SEAL: f64 = 56.0;
/// Lines: size of the letters, distance of two lines, and the least width of the text.
const LETTER: f64 = 25.0;
const LEADING: f64 = 42.0;
const LEAST_WIDTH: f64 = 460.0;
/// Columns: size of the characters, their distance, and that of two columns.
const CHARACTER: f64 = 34.0;
const CHARACTER_STEP: f64 = 42.0;
const COLUMN_STEP: f64 = 66.0;
const LEAST_HEIGHT: f64 = 190.0;
/// Share of a line or column that separates two stanzas.
const STANZA: f64 = 0.6;
/// Mean width of a letter, and the height of the baseline, as shares of the size.
const LETTER_WIDTH: f64 = 0.57;
const BASELINE: f64 = 0.86;
/// Widest line; the letters of a poem with longer ones are smaller.
const MOST_WIDTH: f64 = 1200.0;

/// A text of the card; `x` and `y` are those of its baseline.
pub struct PlacedText {
    pub x: f64,
    pub y: f64,
    pub size: f64,
    pub text: String,
    /// `start` or `middle`.
    pub anchor: &'static str,
    pub is_title: bool,
}

/// The size of a card, its texts, and the left upper corner of its seal.
pub struct CardLayout {
    pub width: f64,
    pub height: f64,
    pub texts: Vec<PlacedText>,
    pub seal: (f64, f64),
}

impl CardLayout {
    /// Lines one below the other, and the seal at the end.
    pub fn horizontal(lines: &[&str], title: &str) -> CardLayout {
        let widest = lines.iter().map(|line| line.width()).max().unwrap_or(0) as f64 * LETTER_WIDTH * LETTER;
        let scale = (MOST_WIDTH / widest.max(1.0)).min(1.0);
        let width = (2.0 * MARGIN + (widest * scale).max(LEAST_WIDTH)).round();
        let mut texts = vec![title_text(title)];
        let mut y = MARGIN + TITLE + BELOW_TITLE;
        for line in lines {
            if line.is_empty() {
                y += STANZA * LEADING * scale;
                continue;
            }
            let size = LETTER * scale;
            texts.push(PlacedText {
                x: MARGIN,
                y: y.round(),
                size,
                text: line.to_string(),
                anchor: "start",
                is_title: false,
            });
            y += LEADING * scale;
        }
        let seal = (width - MARGIN - SEAL, (y - LEADING / 2.0).round());
        CardLayout { width, height: seal.1 + SEAL + MARGIN, texts, seal }
    }

    /// Columns from right to left, and the seal below the place of the next one.
    pub fn upright(lines: &[&str], title: &str) -> CardLayout {
        let columns: Vec<Vec<String>> = lines.iter().map(|line| cells(without_end(line))).collect();
        let steps: f64 = columns.iter().map(|column| if column.is_empty() { STANZA } else { 1.0 }).sum();
        let n_cells = columns.iter().map(Vec::len).max().unwrap_or(0);
        let text_height = (n_cells as f64 * CHARACTER_STEP + CHARACTER - CHARACTER_STEP).max(LEAST_HEIGHT);
        let width = (2.0 * MARGIN + SEAL + steps * COLUMN_STEP).round();
        let top = MARGIN + TITLE + BELOW_TITLE - 24.0;
        let mut texts = vec![title_text(title)];
        let mut x = width - MARGIN - CHARACTER / 2.0;
        for column in columns {
            if column.is_empty() {
                x -= STANZA * COLUMN_STEP;
                continue;
            }
            for (row, cell) in column.into_iter().enumerate() {
                // Where fonts put these marks into the left lower corner, vertical text has them in the right upper one.
                let shift = if "，。、".contains(&cell) { 0.55 * CHARACTER } else { 0.0 };
                let y = top + row as f64 * CHARACTER_STEP + BASELINE * CHARACTER - shift;
                texts.push(PlacedText {
                    x: (x + shift).round(),
                    y: y.round(),
                    size: CHARACTER,
                    text: cell,
                    anchor: "middle",
                    is_title: false,
                });
            }
            x -= COLUMN_STEP;
        }
        let height = top + text_height + MARGIN;
        CardLayout { width, height, texts, seal: (MARGIN, height - MARGIN - SEAL) }
    }
}

fn title_text(title: &str) -> PlacedText {
    PlacedText {
        x: MARGIN,
        y: MARGIN + TITLE / 2.0,
        size: TITLE,
        text: title.to_string(),
        anchor: "start",
        is_title: true,
    }
}

/// The end of a column is a stop by itself.
fn without_end(line: &str) -> &str {
    line.trim_end_matches(['，', '。', '；', '、', ',', '.', ';'])
}
