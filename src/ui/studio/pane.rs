//! The panes of the screen, and the frame that they share.

use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use crate::ui::panes::chart::bordered;
use crate::ui::term::theme::Theme;

/// A pane that the keys may apply to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StudioPane {
    #[default]
    Form,
    Poems,
    Lines,
    Axes,
}

impl StudioPane {
    pub const ALL: [StudioPane; 4] = [StudioPane::Form, StudioPane::Poems, StudioPane::Lines, StudioPane::Axes];

    pub fn name(self) -> &'static str {
        match self {
            StudioPane::Form => "constraints",
            StudioPane::Poems => "candidates",
            StudioPane::Lines => "poem",
            StudioPane::Axes => "axes",
        }
    }

    /// The pane after this one, or before it.
    pub fn next(self, forward: bool) -> StudioPane {
        let place = StudioPane::ALL.iter().position(|pane| *pane == self).unwrap_or(0);
        StudioPane::ALL[(place + if forward { 1 } else { 3 }) % 4]
    }
}

/// Draws the border of a pane with its title, and captions at its lower end; returns what is within.
pub fn framed(
    pane: StudioPane,
    has_focus: bool,
    captions: &[String],
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) -> Rect {
    let name = theme.translate(pane.name());
    let title = if has_focus {
        Line::styled(format!(" > {name} "), theme.chosen())
    } else {
        Line::styled(format!(" {name} "), theme.strong())
    };
    let mut block = bordered(theme).title_top(title);
    for caption in captions {
        block = block.title_bottom(Line::styled(format!(" {caption} "), theme.faint()));
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

/// The first of `count` rows to show in `height` ones, so that `selected` is among them.
pub fn first_row(selected: usize, count: usize, height: u16) -> usize {
    let height = usize::from(height);
    selected.saturating_sub(height / 2).min(count.saturating_sub(height))
}
