//! The screen of the noise vector: one poem, moved along one direction of z, with what changes marked.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{characters, chart::bordered};
use crate::run::event::{REACH, SamplePoem};
use crate::ui::model::latent::Latent;
use crate::ui::model::state::{Connection, State};
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Columns of a bar with its label.
const BAR: usize = 26;

pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let place = state.latent;
    let inner = framed(state, area, buffer, theme);
    let line = state.line.as_ref().filter(|line| {
        let seed = line.poems.first().map(|(_, poem)| poem.seed);
        line.direction == place.direction && seed == Some(place.seed)
    });
    let Some(line) = line else {
        let words = match state.connection {
            Connection::Trainer => "asked for; the training answers after its step",
            _ => "only the dashboard of the training itself can ask for it",
        };
        return theme.remark(words, inner.width).render(inner, buffer);
    };
    let poem_at = |amount: f32| line.poems.iter().find(|(other, _)| *other == amount).map(|(_, poem)| poem);
    let (Some(origin), Some(poem)) = (poem_at(0.0), poem_at(REACH[place.place])) else { return };
    let verses = verses(origin, poem, inner.width.into(), theme);
    let bars: Vec<Line> =
        line.poems.iter().map(|(amount, poem)| bar((*amount, poem), origin, place, inner.width, theme)).collect();
    let stands_still = line.poems.iter().all(|(_, poem)| changed(origin, poem) == 0.0);
    let hint =
        stands_still.then(|| theme.remark("this direction changes nothing yet; up and down: others", inner.width));
    let rows = verses.len() + 1 + bars.len();
    let shown: Vec<Line> = if rows > usize::from(inner.height) {
        // A low screen has the bar of the place only.
        verses.into_iter().chain(bars.into_iter().nth(place.place)).collect()
    } else {
        verses.into_iter().chain([hint.unwrap_or_default()]).chain(bars).collect()
    };
    for (y, row) in (inner.y..inner.bottom()).zip(&shown) {
        buffer.set_line(inner.x, y, row, inner.width);
    }
    let below = (inner.y + rows as u16 + 1).min(inner.bottom());
    all(&line.poems, origin, Rect { y: below, height: inner.bottom() - below, ..inner }, buffer, theme);
}

/// The border with what is shown, and the area within.
fn framed(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) -> Rect {
    let place = state.latent;
    let of = state.line.as_ref().map_or(String::new(), |line| format!(" {} {}", theme.say("of"), line.of));
    let (seed, amount) = (place.seed, REACH[place.place]);
    let heading = format!(" {} {seed}  z[{}]{of} {amount:+.0} ", theme.say("seed"), place.direction);
    let (title, heading) = (theme.title("a direction of the noise"), Line::styled(heading, theme.faint()));
    let mut block = bordered(theme);
    // Where there is no room for both, the keys below say what this is.
    if title.width() + heading.width() + 3 <= area.width.into() {
        block = block.title_top(title);
    }
    let block = block.title_top(heading.right_aligned());
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

/// All poems of the line side by side, where there is room for every one of them.
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
        for (y, line) in (y + 1..).zip(verses(origin, poem, width.into(), theme)) {
            buffer.set_line(x, y, &line, width);
        }
    }
}

/// The poem, with the characters that differ from the one in the middle set off.
fn verses(origin: &SamplePoem, poem: &SamplePoem, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let line = |(index, line): (usize, &crate::run::event::ScoredLine)| {
        let before: Vec<char> = origin.lines.get(index).map_or(Vec::new(), |line| line.text.chars().collect());
        let characters: Vec<char> = line.text.chars().collect();
        let differs = |place: usize| before.get(place) != characters.get(place);
        characters::set_off(&text::fit(&line.text, width.saturating_sub(2)), differs, theme.alert(), theme.plain())
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

/// How much of the poem changes at a place of the line.
fn bar(
    (amount, poem): (f32, &SamplePoem),
    origin: &SamplePoem,
    place: Latent,
    width: u16,
    theme: Theme,
) -> Line<'static> {
    let share = changed(origin, poem);
    let is_here = amount == REACH[place.place];
    let mark = if is_here { '>' } else { ' ' };
    let style = if is_here { theme.strong() } else { theme.faint() };
    let done = (share.clamp(0.0, 1.0) * 20.0).round() as usize;
    let mut words = format!(" {:>3.0} %", 100.0 * share);
    let meaning = format!(" {}", theme.say("of it changes"));
    if BAR + words.len() + text::columns(&meaning) <= width.into() {
        words += &meaning;
    }
    Line::from(vec![
        Span::styled(format!(" {mark} {amount:+.0} "), style),
        Span::styled("━".repeat(done), theme.gradient()),
        Span::styled("─".repeat(20 - done), theme.faint()),
        Span::styled(words, style),
    ])
}
