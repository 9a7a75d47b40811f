//! What every character of a line does to the discriminator's score, as colour and as glyphs.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::run::event::ScoredLine;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Changes of the logit, in nats, from which a mark counts as slight and as strong.
const SLIGHT: f32 = 0.05;
const STRONG: f32 = 0.25;

/// The text of a line in `width` columns, each character in the colour of its mark.
pub fn spans(line: &ScoredLine, width: usize, theme: Theme) -> Vec<Span<'static>> {
    let fitted = text::fit(&line.text, width);
    let is_cut = !fitted.starts_with(line.text.trim_end());
    if line.attributions.len() != line.text.chars().count() || is_cut {
        return vec![Span::styled(fitted, theme.plain())];
    }
    let padding = fitted[line.text.trim_end().len()..].to_owned();
    let mut spans =
        runs(line.text.trim_end().chars().zip(line.attributions.iter().map(|mark| theme.mark(strength(*mark)))));
    spans.push(Span::raw(padding));
    spans
}

/// Characters with their styles, those of one style together.
fn runs(characters: impl Iterator<Item = (char, Style)>) -> Vec<Span<'static>> {
    let mut spans: Vec<Span> = Vec::new();
    for (character, style) in characters {
        match spans.last_mut() {
            // A character without a width of its own belongs to the one before it.
            Some(last) if last.style == style || text::columns(character.encode_utf8(&mut [0; 4])) == 0 => {
                last.content.to_mut().push(character);
            }
            _ => spans.push(Span::styled(character.to_string(), style)),
        }
    }
    spans
}

/// A row of glyphs below the characters of a line.
pub fn glyphs(line: &ScoredLine) -> String {
    if line.attributions.len() != line.text.chars().count() {
        return String::new();
    }
    let glyph = |mark: f32| match strength(mark) {
        -2 => '=',
        -1 => '-',
        1 => '+',
        2 => '#',
        _ => '.',
    };
    let mark = |(character, mark): (char, &f32)| {
        let columns = text::columns(character.encode_utf8(&mut [0; 4]));
        let glyph = if character.is_whitespace() { ' ' } else { glyph(*mark) };
        glyph.to_string().repeat(columns)
    };
    line.text.chars().zip(&line.attributions).map(mark).collect()
}

/// A row of tones above the characters of a line.
pub fn tones(line: &ScoredLine) -> String {
    let columns = |character: char| text::columns(character.encode_utf8(&mut [0; 4]));
    let pairs = line.text.chars().zip(line.tones.chars());
    pairs.map(|(character, tone)| format!("{tone:<width$}", width = columns(character))).collect()
}

/// A line in which the characters at some places are set off from the others.
pub fn set_off(line: &str, is_set_off: impl Fn(usize) -> bool, special: Style, usual: Style) -> Line<'static> {
    let style = |place: usize| if is_set_off(place) { special } else { usual };
    let characters = line.trim_end().chars().enumerate().map(|(place, character)| (character, style(place)));
    std::iter::once(Span::raw(" ")).chain(runs(characters)).collect()
}

/// From -2 (gives the poem away) to 2 (makes it look real).
fn strength(mark: f32) -> i8 {
    let size = match mark.abs() {
        size if size >= STRONG => 2,
        size if size >= SLIGHT => 1,
        _ => 0,
    };
    if mark < 0.0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::term::theme::Depth;

    fn line(text: &str, marks: &[f32]) -> ScoredLine {
        ScoredLine { text: text.into(), score: None, attributions: marks.to_vec(), tones: String::new() }
    }

    #[test]
    fn glyphs_stand_below_their_characters() {
        assert_eq!(glyphs(&line("春眠不觉晓", &[0.3, 0.1, 0.0, -0.1, -0.3])), "##++..--==");
        assert_eq!(glyphs(&line("to be", &[0.3, 0.3, 0.3, -0.1, f32::NAN])), "## -.");
        assert_eq!(glyphs(&line("春", &[])), "");
    }

    #[test]
    fn spans_hold_the_text_and_its_width() {
        let theme = Theme { depth: Depth::Indexed, ..Theme::COLOURLESS };
        for (text, marks, width) in [("春眠", &[0.3, -0.3][..], 6), ("春眠", &[0.3, -0.3], 3), ("春眠", &[0.1], 4)]
        {
            let spans = spans(&line(text, marks), width, theme);
            let whole: String = spans.iter().map(|span| span.content.as_ref()).collect();
            assert_eq!(whole, text::fit(text, width));
        }
        let coloured = spans(&line("春眠", &[0.3, -0.3]), 4, theme);
        assert_ne!(coloured[0].style, coloured[1].style);
    }
}
