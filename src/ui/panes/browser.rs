//! The screen of the verses: all poems of the run, the chosen one with what every character does to its score, and a
//! pinned one beside it.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::{characters, chart::bordered, page};
use crate::run::event::SamplePoem;
use crate::ui::model::browser::{Place, listed};
use crate::ui::model::state::State;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Width from which the list stands beside the poem, and its columns then.
const WIDE: u16 = 72;
const LIST: u16 = 36;
/// Width from which a pinned poem stands beside the chosen one.
const PAIR: u16 = 76;

/// Draws the screen, and says by how many rows the chosen poem is longer than its pane.
pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) -> usize {
    let split = if area.width >= WIDE {
        Layout::horizontal([Constraint::Length(LIST.max(area.width / 4)), Constraint::Fill(1)])
    } else {
        Layout::vertical([Constraint::Length((area.height / 3).max(3)), Constraint::Fill(1)])
    };
    let [list, rest] = split.areas(area);
    let poems = listed(&state.moments, &state.browser.filter);
    let place = state.browser.place(&state.moments);
    self::list(state, (&poems, place), list, buffer, theme);
    let chosen = poems.get(place).map(|(place, poem)| (place.step, *poem));
    let pinned = state.browser.pinned.as_ref().map(|(step, poem)| (*step, poem));
    match pinned {
        None => poem("poem", (chosen, state.poem_scroll), rest, buffer, theme),
        Some(_) => {
            let side_by_side = rest.width >= PAIR;
            let halves = [Constraint::Fill(1), Constraint::Fill(1)];
            let split = if side_by_side { Layout::horizontal(halves) } else { Layout::vertical(halves) };
            let [first, second] = split.areas(rest);
            // The two scroll together.
            let beyond = poem("pinned", (pinned, state.poem_scroll), first, buffer, theme);
            beyond.max(poem("poem", (chosen, state.poem_scroll), second, buffer, theme))
        }
    }
}

fn list(
    state: &State,
    (poems, place): (&[(Place, &SamplePoem)], usize),
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) {
    let filter = &state.browser.filter;
    let title = if filter.is_empty() {
        theme.pad("verses")
    } else {
        format!(" {} {} ", theme.say("with"), text::clean(filter))
    };
    let mut block =
        bordered(theme).title_top(Line::styled(text::fit(&title, text::columns(&title).min(24)), theme.strong()));
    if !poems.is_empty() {
        let counted = format!(" {} {} {} ", place + 1, theme.say("of"), poems.len());
        block = block.title_top(Line::styled(counted, theme.faint()).right_aligned());
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    if poems.is_empty() {
        let words = if filter.is_empty() { "none yet" } else { "none has it; esc shows all" };
        return theme.remark(words, inner.width).render(inner, buffer);
    }
    // The chosen one stands in the middle where it can.
    let rows = usize::from(inner.height);
    let first = place.saturating_sub(rows / 2).min(poems.len().saturating_sub(rows));
    for (y, (index, (Place { step, .. }, poem))) in (inner.y..inner.bottom()).zip(poems.iter().enumerate().skip(first))
    {
        let label = format!("{} {:>7} ", if index == place { '>' } else { ' ' }, text::count(*step));
        let score = poem.score.map_or(String::new(), |score| format!(" {}", text::probability(score)));
        let room = usize::from(inner.width).saturating_sub(label.len() + score.len());
        let words = poem.lines.first().map_or("", |line| line.text.as_str());
        let style = if index == place { theme.strong() } else { theme.plain() };
        let line = Line::from(vec![
            Span::styled(label, theme.faint()),
            Span::styled(text::fit(words, room), style),
            Span::styled(score, poem.score.map_or(theme.plain(), |score| theme.score(score))),
        ]);
        buffer.set_line(inner.x, y, &line, inner.width);
    }
}

/// A poem from row `scroll` on. Says by how many rows it is longer than the pane.
fn poem(
    title: &str,
    (shown, scroll): (Option<(u64, &SamplePoem)>, usize),
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) -> usize {
    let mut block = bordered(theme).title_top(theme.title(title));
    if let Some((step, poem)) = shown {
        let score =
            poem.score.map_or(String::new(), |score| format!(" {} {}", theme.say("score"), text::probability(score)));
        let heading = format!(" {} {}  {}{score} ", theme.say("step"), text::count(step), page::heading(poem, theme));
        let room = usize::from(area.width).saturating_sub(4 + title.len());
        block = block.title_top(
            Line::styled(text::fit(&heading, room.min(text::columns(&heading))), theme.faint()).right_aligned(),
        );
    }
    let inner = block.inner(area);
    let rows = shown.map_or(Vec::new(), |(_, poem)| rows(poem, inner, theme));
    let beyond = rows.len().saturating_sub(inner.height.into());
    if beyond > 0 {
        block = block.title_bottom(theme.caption("pgup pgdn: more").right_aligned());
    }
    block.render(area, buffer);
    for (y, line) in (inner.y..inner.bottom()).zip(rows.iter().skip(scroll.min(beyond))) {
        buffer.set_line(inner.x, y, line, inner.width);
    }
    beyond
}

/// A poem with its scores, each line with its tones above and its marks below where there is room for them, and the poem
/// of the corpus that is nearest to it.
fn rows(poem: &SamplePoem, inner: Rect, theme: Theme) -> Vec<Line<'static>> {
    let has_marks = poem.lines.iter().any(|line| !line.attributions.is_empty());
    let has_tones = poem.lines.iter().any(|line| !line.tones.is_empty());
    let with_tones = has_tones && 3 * poem.lines.len() + 1 < usize::from(inner.height);
    let with_marks = has_marks && 2 * poem.lines.len() + 1 < usize::from(inner.height);
    let room = usize::from(inner.width).saturating_sub(2 + page::SCORE);
    let rows = poem.lines.iter().flat_map(|line| {
        let mut verse = vec![Span::raw(" ")];
        verse.extend(characters::spans(line, room, theme));
        if let Some(score) = line.score {
            verse.push(Span::styled(format!(" {}", text::probability(score)), theme.score(score)));
        }
        let tones =
            with_tones.then(|| Line::styled(format!(" {}", text::fit(&characters::tones(line), room)), theme.faint()));
        let marks = with_marks.then(|| Line::from(format!(" {}", text::fit(&characters::glyphs(line), room))));
        [tones, Some(Line::from(verse)), marks]
    });
    let legend = with_marks.then(|| theme.remark("+ seems real to D, - gives it away", inner.width));
    rows.flatten().chain(legend).chain(nearest(poem, inner.width.into(), theme)).collect()
}

/// The training poem that it is closest to, with the pairs of neighbours that both share set off.
fn nearest(poem: &SamplePoem, width: usize, theme: Theme) -> Vec<Line<'static>> {
    if poem.nearest.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![Line::default(), theme.caption("nearest poem of the corpus")];
    let pairs = |line: &str| -> Vec<[char; 2]> {
        let characters: Vec<char> = line.chars().collect();
        characters.windows(2).map(|pair| [pair[0], pair[1]]).collect()
    };
    let written: Vec<[char; 2]> = poem.lines.iter().flat_map(|line| pairs(&line.text)).collect();
    rows.extend(poem.nearest.iter().map(|line| {
        let shared: Vec<bool> = pairs(line).iter().map(|pair| written.contains(pair)).collect();
        let is_shared = |place: usize| shared.get(place) == Some(&true) || (place > 0 && shared[place - 1]);
        characters::set_off(&text::fit(line, width.saturating_sub(2)), is_shared, theme.strong(), theme.faint())
    }));
    rows
}
