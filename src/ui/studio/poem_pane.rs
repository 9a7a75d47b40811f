//! The selected candidate: its numbers, and its lines with marks, tones and scores.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::exchange::StudioCandidate;
use super::pane::{StudioPane, framed};
use super::state::StudioState;
use crate::run::event::ScoredLine;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Columns of the cursor and the lock.
const MARKS: usize = 3;
/// Columns of a score: a space and `0.63`.
const SCORE: usize = 5;

pub fn draw(state: &StudioState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let poem = state.candidates.selected();
    let captions = poem.map_or_else(Vec::new, |poem| captions(state, poem, theme));
    let inner = framed(StudioPane::Lines, state.focus == StudioPane::Lines, &captions, area, buffer, theme);
    let Some(poem) = poem.filter(|_| inner.height > 1) else { return };
    let width = usize::from(inner.width);
    buffer.set_line(inner.x, inner.y, &heading(poem, width, theme), inner.width);
    let below = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    let marked = state.line.min(poem.lines.len().saturating_sub(1));
    let parts = Columns::of(poem, width);
    let mut rows = Vec::new();
    let mut row_of_marked = 0..0;
    for number in 0..poem.lines.len() {
        if poem.stanzas.contains(&number) {
            rows.push(Line::default());
        }
        let first = rows.len();
        rows.extend(parts.rows(state, poem, number, number == marked, theme));
        if number == marked {
            row_of_marked = first..rows.len();
        }
    }
    // The marked line is shown, and the beginning of the poem if both fit.
    let first = row_of_marked.end.saturating_sub(below.height.into()).min(row_of_marked.start);
    for (y, row) in (below.y..below.bottom()).zip(rows.iter().skip(first)) {
        buffer.set_line(below.x, y, row, below.width);
    }
}

/// What the marks of the lines mean, as far as there are any.
fn captions(state: &StudioState, poem: &StudioCandidate, theme: Theme) -> Vec<String> {
    let has_lock = (0..poem.lines.len()).any(|line| state.is_locked(poem, line));
    let locked = has_lock.then(|| theme.translate("* locked").to_owned());
    let group = poem.rhyme.as_ref().map(|(group, _)| text::clean(group));
    let rhyme = group.map(|group| format!("{} {group}", theme.translate("~ rhymes")));
    locked.into_iter().chain(rhyme).collect()
}

/// Form, seed, score and cost.
fn heading(poem: &StudioCandidate, width: usize, theme: Theme) -> Line<'static> {
    let mut parts = vec![format!("{} {} {}", text::clean(&poem.form), theme.translate("seed"), poem.seed)];
    parts.extend(poem.score.map(|score| format!("{} {}", theme.translate("score"), text::probability(score))));
    parts.extend(poem.cost.map(|cost| format!("{} {}", theme.translate("cost"), text::loss(cost))));
    Line::styled(text::fit(&format!(" {}", parts.join("  ")), width), theme.faint())
}

/// The columns of the parts of a line.
struct Columns {
    text: usize,
    /// 0 without tones, or if they do not fit.
    tones: usize,
}

impl Columns {
    fn of(poem: &StudioCandidate, width: usize) -> Columns {
        let widest = |of: &dyn Fn(&ScoredLine) -> String| {
            poem.lines.iter().map(|line| text::columns(&of(line))).max().unwrap_or(0)
        };
        let has_scores = poem.lines.iter().any(|line| line.score.is_some());
        // The mark of the rhyme has a column.
        let room = width.saturating_sub(MARKS + 1 + if has_scores { SCORE } else { 0 });
        let (text, tones) = (widest(&|line| text::clean(&line.text)), widest(&tones));
        let tones = if tones > 0 && text + 1 + tones <= room { tones + 1 } else { 0 };
        Columns { text: text.min(room.saturating_sub(tones)), tones }
    }

    /// The rows of a line, which is wrapped if it is too long.
    fn rows(
        &self,
        state: &StudioState,
        poem: &StudioCandidate,
        number: usize,
        is_marked: bool,
        theme: Theme,
    ) -> Vec<Line<'static>> {
        let line = &poem.lines[number];
        let cursor = if is_marked { '>' } else { ' ' };
        let lock = if state.is_locked(poem, number) { '*' } else { ' ' };
        let style = if is_marked { theme.strong() } else { Style::new() };
        let rhymes = poem.rhyme.as_ref().is_some_and(|(_, lines)| lines.contains(&number));
        let row = |(index, words): (usize, String)| {
            let words = text::fit(&words, self.text);
            if index > 0 {
                return Line::styled(format!("{}{words}", " ".repeat(MARKS)), style);
            }
            let mut spans = vec![Span::styled(format!("{cursor}{lock} {words}"), style)];
            spans.push(Span::styled(if rhymes { "~" } else { " " }, theme.faint()));
            spans.push(Span::styled(text::fit(&format!(" {}", tones(line)), self.tones), theme.faint()));
            spans.extend(
                line.score.map(|score| Span::styled(format!(" {}", text::probability(score)), theme.score(score))),
            );
            Line::from(spans)
        };
        text::wrap(&text::clean(&line.text), self.text).into_iter().enumerate().map(row).collect()
    }
}

/// The tones of the characters of a line: level, oblique, or either.
fn tones(line: &ScoredLine) -> String {
    let tone = |mark: char| match mark {
        '-' => '平',
        '/' => '仄',
        _ => '中',
    };
    line.tones.chars().map(tone).collect()
}
