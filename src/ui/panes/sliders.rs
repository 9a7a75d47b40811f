//! A slider for each direction of z, with the words at both ends of those that hold themes.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::run::event::{AxisWords, REACH};
use crate::ui::model::latent::{LatentTraversal, LatentView};
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Sliders that are shown of a model without themes.
const WITHOUT_THEMES: usize = 6;
/// Columns of a slider, and of what is left of it and between its parts.
pub const SLIDER: usize = 2 * REACH.len() - 1;
const NUMBER: usize = 6;
const MARGINS: usize = NUMBER + SLIDER + 4;
/// Most words of an end.
const WORDS: usize = 6;

/// Rows of the sliders.
pub fn rows(traversal: &LatentTraversal) -> u16 {
    let n_themes = traversal.axes.len();
    (if n_themes == 0 { WITHOUT_THEMES } else { n_themes }).min(traversal.n_directions) as u16
}

/// Draws as many sliders as there is room for, with the selected one among them.
pub fn draw(view: &LatentView, traversal: &LatentTraversal, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let n_rows = usize::from(area.height);
    let last = traversal.n_directions.saturating_sub(n_rows);
    let first = view.direction.saturating_sub(n_rows / 2).min(last);
    let room = usize::from(area.width).saturating_sub(MARGINS) / 2;
    let shown = first..(first + n_rows).min(traversal.n_directions);
    let names: Vec<[String; 2]> =
        shown.clone().map(|direction| names(traversal.axes.get(direction), room, theme)).collect();
    let width = names.iter().flatten().map(|name| text::columns(name)).max().unwrap_or(0);
    for ((y, direction), [negative, positive]) in (area.y..area.bottom()).zip(shown).zip(names) {
        let is_selected = direction == view.direction;
        let (cursor, style) = if is_selected { ('>', theme.strong()) } else { (' ', theme.faint()) };
        let number = format!(" {cursor} {direction:>2} ");
        let mut spans = vec![Span::styled(number + &text::right(&negative, width) + " ", style)];
        spans.extend(slider(2 * view.position_of(direction), style, theme));
        spans.push(Span::styled(format!(" {positive}"), style));
        buffer.set_line(area.x, y, &Line::from(spans), area.width);
    }
}

/// The words at both ends, as many as fit into `room` columns.
pub fn names(axis: Option<&AxisWords>, room: usize, theme: Theme) -> [String; 2] {
    let Some(axis) = axis.filter(|axis| !axis.positive.is_empty() || !axis.negative.is_empty()) else {
        let noise = text::fit(theme.translate("noise"), room.min(text::columns(theme.translate("noise"))));
        return [noise, String::new()];
    };
    let fits = |ends: &[String; 2]| ends.iter().all(|end| text::columns(end) <= room);
    (1..=WORDS).rev().map(|n| axis.ends(n)).find(fits).unwrap_or_else(|| axis.ends(1).map(|end| text::fit(&end, room)))
}

/// A mark at one of the columns of the slider, and how far it is from the middle. Every second column is at an amount of
/// [`REACH`].
pub fn slider(mark: usize, style: Style, theme: Theme) -> Vec<Span<'static>> {
    let middle = SLIDER / 2;
    let part = |from: usize, to: usize| {
        let glyph = |column: usize| if (mark.min(middle)..=mark.max(middle)).contains(&column) { '━' } else { '─' };
        Span::styled((from..to).map(glyph).collect::<String>(), theme.faint())
    };
    vec![part(0, mark), Span::styled("●", style), part(mark + 1, SLIDER)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slider_shows_where_it_is_and_where_the_middle_is() {
        let drawn = |position: usize| -> String {
            let spans = slider(2 * position, Style::new(), Theme::COLOURLESS);
            spans.iter().map(|span| span.content.as_ref()).collect()
        };
        assert_eq!(drawn(4), "────────●────────");
        assert_eq!(drawn(6), "────────━━━━●────");
        assert_eq!(drawn(0), "●━━━━━━━━────────");
    }

    #[test]
    fn names_have_as_many_words_as_fit() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let axis = AxisWords { negative: words("moon star cloud"), positive: words("war king") };
        let names = |room| names(Some(&axis), room, Theme::COLOURLESS);
        assert_eq!(names(20), ["moon star cloud", "war king"]);
        assert_eq!(names(10), ["moon star", "war king"]);
        assert_eq!(names(3), ["m..", "war"]);
        assert_eq!(super::names(None, 20, Theme::COLOURLESS), ["noise", ""]);
    }
}
