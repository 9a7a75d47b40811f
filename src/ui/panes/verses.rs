//! The newest poems and those before them, with what the discriminator thinks of every line.

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
    page::{self, GAP, Item, Page, Row, SCORE},
};
use crate::ui::model::state::{Room, State, Verses};
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Draws the pane and says how many rows of verses it showed, of how many. `with_notice`: the border holds the newest
/// notice, for screens without a pane for them.
pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme, with_notice: bool) -> Room {
    let mut block = bordered(theme);
    let width = usize::from(area.width.saturating_sub(2));
    if with_notice && let Some(notice) = notices::newest(state, width, theme) {
        block = block.title_bottom(notice);
    }
    let mut inner = block.inner(area);
    // A margin of one column on either side.
    inner.x += 1;
    inner.width = inner.width.saturating_sub(2);
    let Some(newest) = state.verses.front() else {
        block.title_top(theme.title("verses")).render(area, buffer);
        theme.remark("none yet", inner.width).render(inner, buffer);
        return Room::default();
    };
    let page = Page::set(&state.verses, inner.width.into(), theme);
    let rows = Room { shown: inner.height.into(), total: page.rows.len(), ..Room::default() };
    let first = state.scroll.min(rows.total.saturating_sub(rows.shown));
    for title in titles(newest, first, rows, page.has_scores, width, theme) {
        block = block.title_top(title);
    }
    block.render(area, buffer);
    for (y, row) in (inner.y..inner.bottom()).zip(page.rows.iter().skip(first)) {
        let line = match row {
            Row::Moment(verses) => Line::styled(text::fit(&moment(verses, theme), inner.width.into()), theme.faint()),
            Row::Lines(items) => items.iter().flat_map(|item| spans(*item, &page, theme)).collect(),
        };
        buffer.set_line(inner.x, y, &line, inner.width);
    }
    rows
}

fn moment(verses: &Verses, theme: Theme) -> String {
    let (step, temperature) = (theme.say("step"), theme.say("temperature"));
    format!("{step} {}  {temperature} {}", text::count(verses.step), text::temperature(verses.temperature))
}

/// The name of the pane and, as far as there is room, the moment of the newest verses, the place among all rows, and
/// what the bars mean.
fn titles(
    newest: &Verses,
    first: usize,
    rows: Room,
    has_scores: bool,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let name = vec![
        Span::styled(theme.pad("verses"), theme.strong()),
        Span::styled(moment(newest, theme) + " ", theme.faint()),
    ];
    let mut titles = vec![Line::from(name)];
    if rows.total > rows.shown {
        let last = (first + rows.shown).min(rows.total);
        titles.push(Line::raw(format!(" {}-{last} {} {} ", first + 1, theme.say("of"), rows.total)));
    }
    if has_scores {
        titles.push(Line::raw(theme.pad("bars: how real D finds each line")));
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

/// One column of a row, written over its full width so that nothing of older verses can stay behind.
fn spans(item: Item, page: &Page, theme: Theme) -> Vec<Span<'static>> {
    let fitted = |words: &str| vec![Span::styled(text::fit(words, page.text_width), theme.faint())];
    let (mut spans, score) = match item {
        Item::Heading(poem) => (fitted(&page::heading(poem, theme)), poem.score),
        Item::Line(line) => (characters::spans(line, page.text_width, theme), line.score),
        Item::Marks(line) => (fitted(&characters::glyphs(line)), None),
        Item::Nothing => (fitted(""), None),
    };
    let bar_room = if page.bar_width > 0 { page.bar_width + 1 } else { 0 };
    match score {
        Some(score) => {
            let style = theme.score(score);
            if matches!(item, Item::Line(..)) && bar_room > 0 && score.is_finite() {
                let (done, open) = bar(score, page.bar_width);
                spans.extend([Span::raw(" "), Span::styled(done, style), Span::styled(open, theme.faint())]);
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
