//! The screen of the noise vector: one poem, moved along one direction of z, with what changes marked.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{characters, chart::bordered};
use crate::{
    train::event::{REACH, SamplePoem},
    ui::{
        state::{Connection, State},
        text,
        theme::Theme,
    },
};

pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let place = state.latent;
    let heading = format!(" {} {}  z[{}] {:+.0} ", theme.say("seed"), place.seed, place.direction, REACH[place.place]);
    let mut block = bordered(theme).title_top(theme.title("a direction of the noise"));
    block = block.title_top(Line::styled(heading, theme.faint()).right_aligned());
    let inner = block.inner(area);
    block.render(area, buffer);
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
    let shares = line.poems.iter().map(|(amount, poem)| (*amount, changed(origin, poem)));
    let rows = verses(origin, poem, inner.width.into(), theme).into_iter().chain([Line::default()]);
    let rows = rows.chain(shares.map(|(amount, share)| bar(amount, share, amount == REACH[place.place], theme)));
    for (y, row) in (inner.y..inner.bottom()).zip(rows) {
        buffer.set_line(inner.x, y, &row, inner.width);
    }
}

/// The poem, with the characters that differ from the one in the middle set off.
fn verses(origin: &SamplePoem, poem: &SamplePoem, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let line = |(index, line): (usize, &crate::train::event::ScoredLine)| {
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
fn bar(amount: f32, share: f32, is_here: bool, theme: Theme) -> Line<'static> {
    let mark = if is_here { '>' } else { ' ' };
    let style = if is_here { theme.strong() } else { theme.faint() };
    let done = (share.clamp(0.0, 1.0) * 20.0).round() as usize;
    Line::from(vec![
        Span::styled(format!(" {mark} {amount:+.0} "), style),
        Span::styled("━".repeat(done), theme.gradient()),
        Span::styled("─".repeat(20 - done), theme.faint()),
        Span::styled(format!(" {:>3.0} % {}", 100.0 * share, theme.say("of it changes")), style),
    ])
}
