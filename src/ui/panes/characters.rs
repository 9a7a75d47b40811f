//! Attributions of the characters of a line to the discriminator's score, as colours and as glyphs.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use crate::run::event::ScoredLine;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Changes of the logit, in nats, from which an attribution counts as slight and as strong.
const SLIGHT: f32 = 0.05;
const STRONG: f32 = 0.25;

/// The text of a line in `width` columns, each character in the colour of its attribution.
pub fn spans(line: &ScoredLine, width: usize, theme: Theme) -> Vec<Span<'static>> {
    let fitted = text::fit(&line.text, width);
    let is_cut = !fitted.starts_with(line.text.trim_end());
    if line.attributions.len() != line.text.chars().count() || is_cut {
        return vec![Span::styled(fitted, theme.plain())];
    }
    let padding = fitted[line.text.trim_end().len()..].to_owned();
    let styles = line.attributions.iter().map(|attribution| theme.attribution(strength(*attribution)));
    let mut spans = runs(line.text.trim_end().chars().zip(styles));
    spans.push(Span::raw(padding));
    spans
}

/// Characters with their styles, those of one style together.
fn runs(characters: impl Iterator<Item = (char, Style)>) -> Vec<Span<'static>> {
    let mut spans: Vec<Span> = Vec::new();
    for (character, style) in characters {
        match spans.last_mut() {
            // A character of width 0 belongs to the one before it.
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
    let glyph = |attribution: f32| match strength(attribution) {
        -2 => '=',
        -1 => '-',
        1 => '+',
        2 => '#',
        _ => '.',
    };
    let cell = |(character, attribution): (char, &f32)| {
        let columns = text::columns(character.encode_utf8(&mut [0; 4]));
        let glyph = if character.is_whitespace() { ' ' } else { glyph(*attribution) };
        glyph.to_string().repeat(columns)
    };
    line.text.chars().zip(&line.attributions).map(cell).collect()
}

/// A row of tones above the characters of a line.
pub fn tones(line: &ScoredLine) -> String {
    let columns = |character: char| text::columns(character.encode_utf8(&mut [0; 4]));
    let pairs = line.text.chars().zip(line.tones.chars());
    pairs.map(|(character, tone)| format!("{tone:<width$}", width = columns(character))).collect()
}

/// A line in which the characters at some indices have another style than the rest.
pub fn highlighted(line: &str, is_highlighted: impl Fn(usize) -> bool, highlight: Style, rest: Style) -> Line<'static> {
    let style = |index: usize| if is_highlighted(index) { highlight } else { rest };
    let characters = line.trim_end().chars().enumerate().map(|(index, character)| (character, style(index)));
    std::iter::once(Span::raw(" ")).chain(runs(characters)).collect()
}

/// From -2 (lowers the score) to 2 (raises it).
fn strength(attribution: f32) -> i8 {
    let size = match attribution.abs() {
        size if size >= STRONG => 2,
        size if size >= SLIGHT => 1,
        _ => 0,
    };
    if attribution < 0.0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::term::theme::Depth;

    fn line(text: &str, attributions: &[f32]) -> ScoredLine {
        ScoredLine { text: text.into(), score: None, attributions: attributions.to_vec(), tones: String::new() }
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
        for (text, attributions, width) in
            [("春眠", &[0.3, -0.3][..], 6), ("春眠", &[0.3, -0.3], 3), ("春眠", &[0.1], 4)]
        {
            let spans = spans(&line(text, attributions), width, theme);
            let whole: String = spans.iter().map(|span| span.content.as_ref()).collect();
            assert_eq!(whole, text::fit(text, width));
        }
        let coloured = spans(&line("春眠", &[0.3, -0.3]), 4, theme);
        assert_ne!(coloured[0].style, coloured[1].style);
    }
}
