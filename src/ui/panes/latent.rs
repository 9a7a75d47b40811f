//! The latent screen: one poem moved along one direction of z, with the changed characters highlighted, and a slider for
//! every direction.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{characters, chart::bordered, sliders};
use crate::run::event::{REACH, SamplePoem, ScoredLine};
use crate::ui::model::connection::Connection;
use crate::ui::model::latent::LatentTraversal;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Columns of a bar with its label, without and with the meaning of its number.
const BAR: usize = 26;
const SHORT_BAR: usize = 32;
/// Columns between the poem and the bars beside it.
const GAP: usize = 4;

pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let inner = framed(state, area, buffer, theme);
    let traversal = state.shown().traversal.as_ref();
    let Some(traversal) = traversal else { return waiting(state, inner, buffer, theme) };
    let used = if traversal.answers(&state.latent.wanted()) {
        poem_and_bars(state, traversal, inner, buffer, theme)
    } else {
        waiting(state, inner, buffer, theme);
        // The place of the poem that was shown before, so that the sliders do not move.
        rows_of(traversal, inner)
    };
    let sliders_from = (inner.y + used + 1).min(inner.bottom());
    let below = Rect { y: sliders_from, height: inner.bottom() - sliders_from, ..inner };
    let (all_height, fits) = height_of_all(&traversal.poems, below);
    let room = if fits { below.height - all_height } else { below.height };
    let rows = sliders::rows(traversal).min(room.saturating_sub(u16::from(fits)));
    sliders::draw(&state.latent, traversal, Rect { height: rows, ..below }, buffer, theme);
    if fits && traversal.answers(&state.latent.wanted()) {
        all(&traversal.poems, Rect { y: below.y + rows + 1, height: all_height, ..below }, buffer, theme);
    }
}

/// What is shown until the poems have come.
fn waiting(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let words = match state.connection {
        Connection::Trainer if state.stays_open() => "training has ended; see poetgan explore",
        Connection::Trainer => "requested; computed after this step",
        Connection::Model => "requested",
        Connection::Journal | Connection::Playback | Connection::Tour => "only the training process can compute it",
    };
    theme.remark(words, area.width).render(area, buffer);
}

/// How the poem and the bars share the screen.
#[derive(Clone, Copy, PartialEq)]
enum Arrangement {
    /// The bars are right of the poem, from this column on.
    Beside(u16),
    Below,
    /// A low screen has no room for bars.
    PoemAlone,
}

fn arrangement(traversal: &LatentTraversal, area: Rect) -> Arrangement {
    let lines = traversal.poems.iter().flat_map(|(_, poem)| &poem.lines);
    let poem = lines.map(|line| text::columns(&line.text)).max().unwrap_or(0) + GAP;
    let n_rows = n_rows(&traversal.poems);
    let n_bars = traversal.poems.len() as u16;
    // Below the poem and the bars there are a blank row and at least one slider.
    if poem + SHORT_BAR <= area.width.into() && n_rows.max(n_bars) + 2 <= area.height {
        Arrangement::Beside(poem as u16)
    } else if n_rows + 1 + n_bars + 2 <= area.height {
        Arrangement::Below
    } else {
        Arrangement::PoemAlone
    }
}

/// Rows of the longest poem, with the blank rows between its stanzas.
fn n_rows(poems: &[(f32, SamplePoem)]) -> u16 {
    poems.iter().map(|(_, poem)| poem.lines.len() + gaps(poem).count()).max().unwrap_or(0) as u16
}

/// The lines that a blank row is above.
fn gaps(poem: &SamplePoem) -> impl Iterator<Item = usize> + '_ {
    poem.stanzas.iter().copied().filter(|&line| line > 0 && line < poem.lines.len())
}

/// The rows of the poem and its bars.
fn rows_of(traversal: &LatentTraversal, area: Rect) -> u16 {
    let (n_rows, n_bars) = (n_rows(&traversal.poems), traversal.poems.len() as u16);
    match arrangement(traversal, area) {
        Arrangement::Beside(_) => n_rows.max(n_bars),
        Arrangement::Below => n_rows + 1 + n_bars,
        // At least one slider is shown.
        Arrangement::PoemAlone => n_rows.min(area.height.saturating_sub(2)),
    }
}

/// Draws the poem at the selected position and a bar for each position; returns the rows that they take.
fn poem_and_bars(
    state: &DashboardState,
    traversal: &LatentTraversal,
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) -> u16 {
    let used = rows_of(traversal, area);
    let selected = REACH[state.latent.position()];
    let poem_at = |amount: f32| traversal.poems.iter().find(|(other, _)| *other == amount).map(|(_, poem)| poem);
    let (Some(origin), Some(poem)) = (poem_at(0.0), poem_at(selected)) else { return used };
    let place = arrangement(traversal, area);
    let (left, top) = match place {
        Arrangement::Beside(left) => (left, 0),
        _ => (0, n_rows(&traversal.poems) + 1),
    };
    let bars = Rect {
        x: area.x + left,
        y: area.y + top,
        width: area.width - left,
        height: area.height - top.min(area.height),
    };
    let poem_height = if place == Arrangement::PoemAlone { used } else { area.height };
    let lines = lines(origin, poem, area.width.into(), theme);
    for (y, line) in (area.y..area.y + poem_height).zip(&lines) {
        buffer.set_line(area.x, y, line, area.width);
    }
    if place == Arrangement::PoemAlone {
        return used;
    }
    let bar = |(amount, poem): &(f32, SamplePoem)| {
        let is_selected = *amount == selected;
        AmountBar { amount: *amount, share: changed(origin, poem), is_selected }.line(bars.width, theme)
    };
    for (y, bar) in (bars.y..bars.bottom()).zip(traversal.poems.iter().map(bar)) {
        buffer.set_line(bars.x, y, &bar, bars.width);
    }
    let is_constant = traversal.poems.iter().all(|(_, poem)| changed(origin, poem) == 0.0);
    if is_constant {
        let row = Rect { y: area.y + used, height: 1, ..area }.intersection(area);
        theme.remark("this direction changes nothing; up and down: others", row.width).render(row, buffer);
    }
    used
}

/// Draws the border and returns the area within.
fn framed(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) -> Rect {
    let view = &state.latent;
    let traversal = state.shown().traversal.as_ref();
    let of =
        traversal.map_or(String::new(), |traversal| format!(" {} {}", theme.translate("of"), traversal.n_directions));
    let form = traversal.and_then(|traversal| traversal.poems.first()).map_or("", |(_, poem)| &poem.form);
    let (seed, amount) = (view.seed, REACH[view.position()]);
    let heading = format!(" {form}  {} {seed}  z[{}]{of} {amount:+.0} ", theme.translate("seed"), view.direction);
    let (title, heading) = (theme.title("directions of z"), Line::styled(heading, theme.faint()));
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

/// Columns and rows of each poem where they are shown side by side.
fn cell(poems: &[(f32, SamplePoem)]) -> (u16, u16) {
    let lines = poems.iter().flat_map(|(_, poem)| &poem.lines);
    let width = lines.map(|line| text::columns(&line.text)).max().unwrap_or(0).max(4) as u16 + 4;
    (width, n_rows(poems) + 2)
}

/// Rows of all poems side by side, and whether there is room for every one of them and at least three sliders.
fn height_of_all(poems: &[(f32, SamplePoem)], area: Rect) -> (u16, bool) {
    let (width, height) = cell(poems);
    let columns = area.width / width;
    if columns == 0 {
        return (0, false);
    }
    // The last row has nothing below it.
    let rows = (poems.len() as u16).div_ceil(columns) * height - 1;
    (rows, rows + 4 <= area.height)
}

/// All poems of the traversal side by side.
fn all(poems: &[(f32, SamplePoem)], area: Rect, buffer: &mut Buffer, theme: Theme) {
    let Some((_, origin)) = poems.iter().find(|(amount, _)| *amount == 0.0) else { return };
    let (width, height) = cell(poems);
    let columns = (area.width / width).max(1);
    for (index, (amount, poem)) in poems.iter().enumerate() {
        let (column, row) = (index as u16 % columns, index as u16 / columns);
        let (x, y) = (area.x + column * width, area.y + row * height);
        buffer.set_line(x, y, &Line::styled(format!(" {amount:+.0}"), theme.faint()), width);
        for (y, line) in (y + 1..area.bottom()).zip(self::lines(origin, poem, width.into(), theme)) {
            buffer.set_line(x, y, &line, width);
        }
    }
}

/// The rows of a poem, with the characters that differ from `origin` highlighted.
fn lines(origin: &SamplePoem, poem: &SamplePoem, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let line = |(index, line): (usize, &ScoredLine)| {
        let before: Vec<char> = origin.lines.get(index).map_or(Vec::new(), |line| line.text.chars().collect());
        let characters: Vec<char> = line.text.chars().collect();
        let differs = |index: usize| before.get(index) != characters.get(index);
        let fit = text::fit(&line.text, width.saturating_sub(2));
        let row = characters::highlighted(&fit, differs, theme.alert(), theme.plain());
        let gap = gaps(poem).any(|first| first == index).then(Line::default);
        gap.into_iter().chain([row])
    };
    poem.lines.iter().enumerate().flat_map(line).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stanzas_have_a_blank_row_between_them() {
        let line =
            |text: &str| ScoredLine { text: text.into(), score: None, attributions: Vec::new(), tones: String::new() };
        let poem = SamplePoem {
            form: "free".into(),
            seed: 1,
            lines: ["a", "b", "c"].map(line).to_vec(),
            score: None,
            nearest: Vec::new(),
            stanzas: vec![2, 9],
        };
        let rows: Vec<String> = lines(&poem, &poem, 40, Theme::COLOURLESS).iter().map(|row| row.to_string()).collect();
        assert_eq!(rows.iter().map(|row| row.trim()).collect::<Vec<_>>(), ["a", "b", "", "c"]);
        assert_eq!(n_rows(&[(0.0, poem)]), 4);
    }
}
