//! The latent screen: one poem moved along one direction of z, with the changed characters highlighted.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{characters, chart::bordered};
use crate::run::event::{REACH, SamplePoem, ScoredLine};
use crate::ui::model::connection::Connection;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Columns of a bar with its label.
const BAR: usize = 26;

pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let view = state.latent;
    let inner = framed(state, area, buffer, theme);
    let traversal = state.shown().traversal.as_ref().filter(|traversal| {
        let seed = traversal.poems.first().map(|(_, poem)| poem.seed);
        traversal.direction == view.direction && seed == Some(view.seed)
    });
    let Some(traversal) = traversal else {
        let words = match state.connection {
            Connection::Trainer => "requested; computed after this step",
            _ => "only the training process can compute it",
        };
        return theme.remark(words, inner.width).render(inner, buffer);
    };
    let poem_at = |amount: f32| traversal.poems.iter().find(|(other, _)| *other == amount).map(|(_, poem)| poem);
    let (Some(origin), Some(poem)) = (poem_at(0.0), poem_at(REACH[view.position])) else { return };
    let lines = lines(origin, poem, inner.width.into(), theme);
    let bar = |(amount, poem): &(f32, SamplePoem)| {
        let is_selected = *amount == REACH[view.position];
        AmountBar { amount: *amount, share: changed(origin, poem), is_selected }.line(inner.width, theme)
    };
    let bars: Vec<Line> = traversal.poems.iter().map(bar).collect();
    let is_constant = traversal.poems.iter().all(|(_, poem)| changed(origin, poem) == 0.0);
    let hint = is_constant.then(|| theme.remark("this direction changes nothing; up and down: others", inner.width));
    let rows = lines.len() + 1 + bars.len();
    let shown: Vec<Line> = if rows > usize::from(inner.height) {
        // A low screen has room for the bar of the selected amount only.
        lines.into_iter().chain(bars.into_iter().nth(view.position)).collect()
    } else {
        lines.into_iter().chain([hint.unwrap_or_default()]).chain(bars).collect()
    };
    for (y, row) in (inner.y..inner.bottom()).zip(&shown) {
        buffer.set_line(inner.x, y, row, inner.width);
    }
    let below = (inner.y + rows as u16 + 1).min(inner.bottom());
    all(&traversal.poems, origin, Rect { y: below, height: inner.bottom() - below, ..inner }, buffer, theme);
}

/// Draws the border and returns the area within.
fn framed(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) -> Rect {
    let view = state.latent;
    let of = state
        .shown()
        .traversal
        .as_ref()
        .map_or(String::new(), |traversal| format!(" {} {}", theme.translate("of"), traversal.n_directions));
    let (seed, amount) = (view.seed, REACH[view.position]);
    let heading = format!(" {} {seed}  z[{}]{of} {amount:+.0} ", theme.translate("seed"), view.direction);
    let (title, heading) = (theme.title("direction of z"), Line::styled(heading, theme.faint()));
    let mut block = bordered(theme);
    // Without room for both, the title is left out.
    if title.width() + heading.width() + 3 <= area.width.into() {
        block = block.title_top(title);
    }
    let block = block.title_top(heading.right_aligned());
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

/// All poems of the traversal side by side, if there is room for every one of them.
fn all(poems: &[(f32, SamplePoem)], origin: &SamplePoem, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let lines = || poems.iter().flat_map(|(_, poem)| &poem.lines);
    let width = lines().map(|line| text::columns(&line.text)).max().unwrap_or(0).max(4) as u16 + 4;
    let height = poems.iter().map(|(_, poem)| poem.lines.len()).max().unwrap_or(0) as u16 + 2;
    let (columns, rows) = (area.width / width, area.height / height);
    if usize::from(columns) * usize::from(rows) < poems.len() {
        return;
    }
    for (index, (amount, poem)) in poems.iter().enumerate() {
        let (column, row) = (index as u16 % columns, index as u16 / columns);
        let (x, y) = (area.x + column * width, area.y + row * height);
        buffer.set_line(x, y, &Line::styled(format!(" {amount:+.0}"), theme.faint()), width);
        for (y, line) in (y + 1..).zip(self::lines(origin, poem, width.into(), theme)) {
            buffer.set_line(x, y, &line, width);
        }
    }
}

/// The lines of a poem, with the characters that differ from `origin` highlighted.
fn lines(origin: &SamplePoem, poem: &SamplePoem, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let line = |(index, line): (usize, &ScoredLine)| {
        let before: Vec<char> = origin.lines.get(index).map_or(Vec::new(), |line| line.text.chars().collect());
        let characters: Vec<char> = line.text.chars().collect();
        let differs = |index: usize| before.get(index) != characters.get(index);
        characters::highlighted(&text::fit(&line.text, width.saturating_sub(2)), differs, theme.alert(), theme.plain())
    };
    poem.lines.iter().enumerate().map(line).collect()
}

/// The share of characters that differ.
fn changed(origin: &SamplePoem, poem: &SamplePoem) -> f32 {
    let characters =
        |poem: &SamplePoem| -> Vec<char> { poem.lines.iter().flat_map(|line| line.text.chars()).collect() };
    let (origin, poem) = (characters(origin), characters(poem));
    let same = origin.iter().zip(&poem).filter(|(a, b)| a == b).count();
    1.0 - same as f32 / origin.len().max(poem.len()).max(1) as f32
}

/// How much of the poem changes at one amount.
struct AmountBar {
    amount: f32,
    /// Share of the characters that differ.
    share: f32,
    is_selected: bool,
}

impl AmountBar {
    fn line(&self, width: u16, theme: Theme) -> Line<'static> {
        let cursor = if self.is_selected { '>' } else { ' ' };
        let style = if self.is_selected { theme.strong() } else { theme.faint() };
        let filled = (self.share.clamp(0.0, 1.0) * 20.0).round() as usize;
        let mut words = format!(" {:>3.0} %", 100.0 * self.share);
        let meaning = format!(" {}", theme.translate("of characters change"));
        if BAR + words.len() + text::columns(&meaning) <= width.into() {
            words += &meaning;
        }
        Line::from(vec![
            Span::styled(format!(" {cursor} {:+.0} ", self.amount), style),
            Span::styled("━".repeat(filled), theme.gradient()),
            Span::styled("─".repeat(20 - filled), theme.faint()),
            Span::styled(words, style),
        ])
    }
}
