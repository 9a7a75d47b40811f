//! The samples screen: all poems of the run, the selected one with its attributions, and a pinned one beside it.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::{characters, chart::bordered, page};
use crate::run::event::SamplePoem;
use crate::ui::model::browser::{PoemPosition, listed};
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Width from which the list is beside the poem, and its columns then.
const WIDE: u16 = 72;
const LIST: u16 = 36;
/// Height below which a narrow screen shows two poems without the list.
const LOW: u16 = 12;
/// Width from which a pinned poem is beside the selected one.
const PAIR: u16 = 76;

/// Draws the screen and returns how many rows of the selected poem do not fit.
pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) -> usize {
    let split = if area.width >= WIDE {
        Layout::horizontal([Constraint::Length(LIST.max(area.width / 4)), Constraint::Fill(1)])
    } else {
        // A low screen with a pinned poem has no room for the list.
        let has_list = area.height >= LOW || state.browser.pinned.is_none();
        let rows = if has_list { (area.height / 3).max(3) } else { 0 };
        Layout::vertical([Constraint::Length(rows), Constraint::Fill(1)])
    };
    let [list, rest] = split.areas(area);
    let history = &state.shown().sample_history;
    let poems = listed(history, &state.browser.filter);
    let selected = state.browser.index(history);
    draw_list(&PoemList { poems: &poems, selected, filter: &state.browser.filter }, list, buffer, theme);
    let at = |&(position, poem): &(PoemPosition, _)| ShownPoem { step: position.step, poem };
    let selected = PoemPane { title: "poem", shown: poems.get(selected).map(at), scroll: state.poem_scroll };
    let Some((step, pinned)) = &state.browser.pinned else { return selected.draw(rest, buffer, theme) };
    let halves = [Constraint::Fill(1), Constraint::Fill(1)];
    let split = if rest.width >= PAIR { Layout::horizontal(halves) } else { Layout::vertical(halves) };
    let [first, second] = split.areas(rest);
    let pinned = ShownPoem { step: *step, poem: pinned };
    // Both scroll together.
    let pinned = PoemPane { title: "pinned", shown: Some(pinned), scroll: state.poem_scroll };
    pinned.draw(first, buffer, theme).max(selected.draw(second, buffer, theme))
}

/// The poems that match the filter.
struct PoemList<'a> {
    poems: &'a [(PoemPosition, &'a SamplePoem)],
    /// Index of the selected one.
    selected: usize,
    filter: &'a str,
}

fn draw_list(list: &PoemList, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let PoemList { poems, selected, filter } = *list;
    let title = if filter.is_empty() {
        theme.padded("samples")
    } else {
        format!(" {} {} ", theme.translate("with"), text::clean(filter))
    };
    let mut block =
        bordered(theme).title_top(Line::styled(text::fit(&title, text::columns(&title).min(24)), theme.strong()));
    if !poems.is_empty() {
        let counted = format!(" {} {} {} ", selected + 1, theme.translate("of"), poems.len());
        block = block.title_top(Line::styled(counted, theme.faint()).right_aligned());
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    if poems.is_empty() {
        let words = if filter.is_empty() { "no samples yet" } else { "no match; esc clears the filter" };
        return theme.remark(words, inner.width).render(inner, buffer);
    }
    // The selected poem is in the middle if possible.
    let rows = usize::from(inner.height);
    let first = selected.saturating_sub(rows / 2).min(poems.len().saturating_sub(rows));
    for (y, (index, (position, poem))) in (inner.y..inner.bottom()).zip(poems.iter().enumerate().skip(first)) {
        let line = list_row(position.step, poem, index == selected, inner.width.into(), theme);
        buffer.set_line(inner.x, y, &line, inner.width);
    }
}

fn list_row(step: u64, poem: &SamplePoem, is_selected: bool, width: usize, theme: Theme) -> Line<'static> {
    let label = format!("{} {:>7} ", if is_selected { '>' } else { ' ' }, text::count(step));
    let score = poem.score.map_or(String::new(), |score| format!(" {}", text::probability(score)));
    let room = width.saturating_sub(label.len() + score.len());
    let words = poem.lines.first().map_or("", |line| line.text.as_str());
    let style = if is_selected { theme.strong() } else { theme.plain() };
    Line::from(vec![
        Span::styled(label, theme.faint()),
        Span::styled(text::fit(words, room), style),
        Span::styled(score, poem.score.map_or(theme.plain(), |score| theme.score(score))),
    ])
}

/// A poem and the step at which it was sampled.
#[derive(Clone, Copy)]
struct ShownPoem<'a> {
    step: u64,
    poem: &'a SamplePoem,
}

struct PoemPane<'a> {
    title: &'static str,
    shown: Option<ShownPoem<'a>>,
    /// First row of the poem that is drawn.
    scroll: usize,
}

impl PoemPane<'_> {
    /// Draws the poem and returns how many of its rows do not fit.
    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> usize {
        let mut block = bordered(theme).title_top(theme.title(self.title));
        if let Some(shown) = &self.shown {
            let room = usize::from(area.width).saturating_sub(4 + self.title.len());
            let heading = shown.heading(room, theme);
            block = block.title_top(Line::styled(heading, theme.faint()).right_aligned());
        }
        let inner = block.inner(area);
        let rows = self.shown.map_or(Vec::new(), |shown| rows(shown.poem, inner, theme));
        let hidden = rows.len().saturating_sub(inner.height.into());
        if hidden > 0 {
            block = block.title_bottom(theme.caption("pgup pgdn: more").right_aligned());
        }
        block.render(area, buffer);
        for (y, line) in (inner.y..inner.bottom()).zip(rows.iter().skip(self.scroll.min(hidden))) {
            buffer.set_line(inner.x, y, line, inner.width);
        }
        hidden
    }
}

impl ShownPoem<'_> {
    /// The score, with the step, the form and the seed as far as there is room.
    fn heading(&self, room: usize, theme: Theme) -> String {
        let score = self.poem.score.map(|score| format!("{} {}", theme.translate("score"), text::probability(score)));
        let step = format!("{} {}", theme.translate("step"), text::count(self.step));
        let poem = page::heading(self.poem, theme);
        let parts: Vec<String> = [step, poem].into_iter().chain(score).collect();
        let heading = |from: usize| format!(" {} ", parts[from..].join("  "));
        let fits = |heading: &String| text::columns(heading) <= room;
        (0..parts.len()).map(heading).find(fits).unwrap_or_default()
    }
}

/// A poem with its scores and blank rows between stanzas, each line with its tones above and its attributions below if there is room, and the nearest
/// poem of the corpus.
fn rows(poem: &SamplePoem, inner: Rect, theme: Theme) -> Vec<Line<'static>> {
    let has_attributions = poem.lines.iter().any(|line| !line.attributions.is_empty());
    let has_tones = poem.lines.iter().any(|line| !line.tones.is_empty());
    let with_tones = has_tones && 3 * poem.lines.len() + 1 < usize::from(inner.height);
    let with_attributions = has_attributions && 2 * poem.lines.len() + 1 < usize::from(inner.height);
    let room = usize::from(inner.width).saturating_sub(2 + page::SCORE);
    let rows = poem.lines.iter().enumerate().flat_map(|(number, line)| {
        let gap = poem.stanzas.contains(&number).then(Line::default);
        let mut spans = vec![Span::raw(" ")];
        spans.extend(characters::spans(line, room, theme));
        if let Some(score) = line.score {
            spans.push(Span::styled(format!(" {}", text::probability(score)), theme.score(score)));
        }
        let tones =
            with_tones.then(|| Line::styled(format!(" {}", text::fit(&characters::tones(line), room)), theme.faint()));
        let attributions =
            with_attributions.then(|| Line::from(format!(" {}", text::fit(&characters::glyphs(line), room))));
        [gap, tones, Some(Line::from(spans)), attributions]
    });
    let legend = with_attributions.then(|| theme.remark("+ raises the score, - lowers it", inner.width));
    rows.flatten().chain(legend).chain(nearest(poem, inner.width.into(), theme)).collect()
}

/// The nearest training poem, with the bigrams that both share highlighted.
fn nearest(poem: &SamplePoem, width: usize, theme: Theme) -> Vec<Line<'static>> {
    if poem.nearest.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![Line::default(), theme.caption("nearest poem of the corpus")];
    let pairs = |line: &str| -> Vec<[char; 2]> {
        let characters: Vec<char> = line.chars().collect();
        characters.windows(2).map(|pair| [pair[0], pair[1]]).collect()
    };
    let generated: Vec<[char; 2]> = poem.lines.iter().flat_map(|line| pairs(&line.text)).collect();
    rows.extend(poem.nearest.iter().map(|line| {
        let shared: Vec<bool> = pairs(line).iter().map(|pair| generated.contains(pair)).collect();
        let is_shared = |index: usize| shared.get(index) == Some(&true) || (index > 0 && shared[index - 1]);
        characters::highlighted(&text::fit(line, width.saturating_sub(2)), is_shared, theme.strong(), theme.faint())
    }));
    rows
}
