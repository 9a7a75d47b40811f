//! The newest samples and older ones, with the discriminator's score of every line.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{
    characters,
    chart::bordered,
    header::bar,
    notices,
    page::{self, GAP, Item, Page, PageRow, SCORE},
};
use crate::ui::model::layout::{FrameLayout, VisibleRows};
use crate::ui::model::run_model::SampleSet;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Draws the pane. `with_notice`: its border shows the newest notice, for screens without a pane for notices.
pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme, with_notice: bool) -> FrameLayout {
    let mut block = bordered(theme);
    let width = usize::from(area.width.saturating_sub(2));
    if with_notice && let Some(notice) = notices::newest(state, width, theme) {
        block = block.title_bottom(notice);
    }
    let mut inner = block.inner(area);
    // A margin of one column on either side.
    inner.x += 1;
    inner.width = inner.width.saturating_sub(2);
    let samples = &state.shown().samples;
    let Some(newest) = samples.front() else {
        block.title_top(theme.title("samples")).render(area, buffer);
        theme.remark("no samples yet", inner.width).render(inner, buffer);
        return FrameLayout::default();
    };
    let page = Page::new(samples, inner.width.into(), theme);
    let rows = VisibleRows { shown: inner.height.into(), total: page.rows.len() };
    let first = state.scroll.min(rows.hidden());
    for title in (Titles { newest, first, rows, has_scores: page.has_scores }).fitting(width, theme) {
        block = block.title_top(title);
    }
    block.render(area, buffer);
    for (y, row) in (inner.y..inner.bottom()).zip(page.rows.iter().skip(first)) {
        let line = match row {
            PageRow::Heading(set) => Line::styled(text::fit(&heading(set, theme), inner.width.into()), theme.faint()),
            PageRow::Items(items) => items.iter().flat_map(|item| spans(*item, &page, theme)).collect(),
        };
        buffer.set_line(inner.x, y, &line, inner.width);
    }
    FrameLayout { samples: rows, ..FrameLayout::default() }
}

fn heading(set: &SampleSet, theme: Theme) -> String {
    let (step, temperature) = (theme.translate("step"), theme.translate("temperature"));
    format!("{step} {}  {temperature} {}", text::count(set.step), text::temperature(set.temperature))
}

/// The contents of the titles of the pane.
struct Titles<'a> {
    newest: &'a SampleSet,
    /// First row that is shown.
    first: usize,
    rows: VisibleRows,
    has_scores: bool,
}

impl Titles<'_> {
    /// The name of the pane with the step of the newest samples, the position among all rows, and what the bars mean, as
    /// far as there is room.
    fn fitting(&self, width: usize, theme: Theme) -> Vec<Line<'static>> {
        let name = vec![
            Span::styled(theme.padded("samples"), theme.strong()),
            Span::styled(heading(self.newest, theme) + " ", theme.faint()),
        ];
        let mut titles = vec![Line::from(name)];
        let VisibleRows { shown, total } = self.rows;
        if self.rows.hidden() > 0 {
            let last = (self.first + shown).min(total);
            titles.push(Line::raw(format!(" {}-{last} {} {total} ", self.first + 1, theme.translate("of"))));
        }
        if self.has_scores {
            titles.push(Line::raw(theme.padded("bars: D's score of each line")));
        }
        let mut used = 0;
        titles.retain(|title| {
            used += title.width() + 1;
            used <= width
        });
        let right = titles.iter_mut().skip(1);
        right.for_each(|title| *title = std::mem::take(title).style(theme.faint()).right_aligned());
        titles
    }
}

/// One column of a row, padded to its full width so that nothing of an older frame remains.
fn spans(item: Item, page: &Page, theme: Theme) -> Vec<Span<'static>> {
    let fitted = |words: &str| vec![Span::styled(text::fit(words, page.text_width), theme.faint())];
    let (mut spans, score) = match item {
        Item::Heading(poem) => (fitted(&page::heading(poem, theme)), poem.score),
        Item::Line(line) => (characters::spans(line, page.text_width, theme), line.score),
        Item::Attributions(line) => (fitted(&characters::glyphs(line)), None),
        Item::Nothing => (fitted(""), None),
    };
    let bar_room = if page.bar_width > 0 { page.bar_width + 1 } else { 0 };
    match score {
        Some(score) => {
            let style = theme.score(score);
            if matches!(item, Item::Line(..)) && bar_room > 0 && score.is_finite() {
                let (filled, empty) = bar(score, page.bar_width);
                spans.extend([Span::raw(" "), Span::styled(filled, style), Span::styled(empty, theme.faint())]);
            } else {
                spans.push(Span::raw(" ".repeat(bar_room)));
            }
            spans.push(Span::styled(format!(" {}", text::probability(score)), style));
        }
        None if page.has_scores => spans.push(Span::raw(" ".repeat(bar_room + SCORE))),
        None => {}
    }
    spans.push(Span::raw(" ".repeat(GAP)));
    spans
}
