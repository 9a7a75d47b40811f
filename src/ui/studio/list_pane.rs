//! The candidates, the best first, one in each row, and why there are no more.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::exchange::StudioCandidate;
use super::pane::{StudioPane, first_row, framed};
use super::state::StudioState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Columns of a score.
const SCORE: usize = 4;

pub fn draw(state: &StudioState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let has_focus = state.focus == StudioPane::Poems;
    let captions: Vec<String> =
        (!state.kept.is_empty()).then(|| theme.translate("+ kept").to_owned()).into_iter().collect();
    let inner = framed(StudioPane::Poems, has_focus, &captions, area, buffer, theme);
    let poems = state.candidates.poems();
    let why: Vec<String> = state.candidates.refused.iter().flat_map(|why| lines_of(why, inner.width)).collect();
    let room = inner.height.saturating_sub(if poems.is_empty() { 0 } else { why.len() as u16 }).max(1);
    let first = first_row(state.candidates.place(), poems.len(), room);
    let seeds = poems.iter().map(|poem| poem.seed.to_string().len()).max().unwrap_or(1);
    let shown = poems.iter().enumerate().skip(first).take(room.into());
    let mut rows: Vec<Line> =
        shown.map(|(place, poem)| row(state, place, poem, seeds, inner.width.into(), theme)).collect();
    rows.extend(why.into_iter().map(|row| Line::styled(row, theme.alert())));
    if rows.is_empty() {
        let words = if state.candidates.is_written { "no poems" } else { "writing" };
        rows.push(theme.remark(words, inner.width));
    }
    for (y, row) in (inner.y..inner.bottom()).zip(&rows) {
        buffer.set_line(inner.x, y, row, inner.width);
    }
}

fn lines_of(why: &str, width: u16) -> Vec<String> {
    let rows = text::wrap(&text::clean(why), usize::from(width).saturating_sub(2));
    rows.into_iter().map(|row| format!(" {row}")).collect()
}

/// Score, mark, seed and the text of a candidate in one row.
fn row<'a>(
    state: &StudioState,
    place: usize,
    poem: &StudioCandidate,
    seeds: usize,
    width: usize,
    theme: Theme,
) -> Line<'a> {
    let is_selected = place == state.candidates.place();
    let (cursor, style) = if is_selected { ('>', theme.strong()) } else { (' ', Style::new()) };
    let score = poem.score.map_or_else(|| "-".to_owned(), text::probability);
    let kept = if state.is_kept(poem) { '+' } else { ' ' };
    let seed = format!(" {:>seeds$} ", poem.seed);
    let room = width.saturating_sub(2 + SCORE + 1 + seed.len());
    let lines: Vec<&str> = poem.lines.iter().map(|line| line.text.as_str()).collect();
    Line::from(vec![
        Span::styled(format!("{cursor} "), style),
        Span::styled(text::right(&score, SCORE), poem.score.map_or(theme.faint(), |score| theme.score(score))),
        Span::styled(format!("{kept}{seed}"), theme.faint()),
        Span::styled(text::fit(&text::clean(&lines.join(" / ")), room), style),
    ])
}
