//! Adversarial training as such: the discriminator's scores of real and of generated poems as two histograms, back to back; who is
//! winning; and how it came to that.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use crate::run::event::{BINS, Turn};
use crate::ui::model::score_history::{Moment, Shares, standing};
use crate::ui::model::state::State;
use crate::ui::panes::chart::bordered;
use crate::ui::term::theme::Theme;
use crate::ui::text;

const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Columns of the steps of the ridge.
const STEP: usize = 8;

/// Columns of the smallest ridge that stands beside the histograms, and of the gap between them.
const SMALL_RIDGE: u16 = 14;

/// Both histograms with a small ridge beside them where there is room for it, and the tug of war below them.
pub fn draw_with_ridge(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    draw(state, area, buffer, theme, true);
}

/// Both histograms, and the tug of war below them.
pub fn draw_alone(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    draw(state, area, buffer, theme, false);
}

fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme, with_ridge: bool) {
    let block = bordered(theme).title_top(title(state, area.width.saturating_sub(2).into(), theme));
    let inner = block.inner(area);
    block.render(area, buffer);
    let Some(now) = &state.rivalry.now else {
        return theme.remark("adversarial training has not started", inner.width).render(inner, buffer);
    };
    let tug = inner.height >= 5;
    let height = inner.height - u16::from(tug);
    let bars = inner.width.saturating_sub(SMALL_RIDGE) / BINS as u16 * BINS as u16;
    let bars = if with_ridge && bars > 0 { bars } else { inner.width };
    histograms(now, Rect { height, width: bars, ..inner }, buffer, theme);
    if bars < inner.width {
        let beside = Rect { x: inner.x + bars + 1, width: inner.width - bars - 1, height, ..inner };
        moments(state, beside, 0, buffer, theme);
    }
    if tug {
        tug_of_war(state, Rect { y: inner.bottom() - 1, height: 1, ..inner }, buffer, theme);
    }
}

/// The name of the pane and the means, as far as there is room for them.
fn title(state: &State, width: usize, theme: Theme) -> Line<'static> {
    let (Some(record), Some(overlap)) = (&state.latest, state.rivalry.overlap()) else {
        return theme.title("D's scores");
    };
    let mean = |value: Option<f32>| value.map_or("-".to_owned(), text::probability);
    let build = |name: &str, words: [&str; 2], with_overlap: bool| {
        let mut spans = vec![
            Span::styled(theme.pad(name), theme.strong()),
            Span::styled(format!("{} {} ", theme.say(words[0]), mean(record.d_real)), theme.real()),
            Span::styled(format!("{} {} ", theme.say(words[1]), mean(record.d_fake)), theme.fake()),
        ];
        if with_overlap {
            spans.push(Span::styled(format!("{} {overlap:.2} ", theme.say("overlap")), theme.faint()));
        }
        Line::from(spans)
    };
    let candidates = [
        build("D's scores", ["real", "written"], true),
        build("D", ["real", "fake"], true),
        build("D's scores", ["real", "written"], false),
        build("D", ["R", "F"], true),
        build("D", ["real", "fake"], false),
        build("D", ["R", "F"], false),
    ];
    candidates.into_iter().find(|line| line.width() <= width).unwrap_or_default()
}

/// Real poems stand upright, generated ones hang below; left is what the discriminator takes for written.
fn histograms(now: &Moment, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let per_bin = usize::from(area.width) / BINS;
    if per_bin == 0 || area.height < 2 {
        return;
    }
    let margin = (usize::from(area.width) - per_bin * BINS) / 2;
    let upper = area.height / 2;
    let lower = area.height - upper;
    let most = now.real.iter().chain(&now.fake).copied().fold(f32::MIN_POSITIVE, f32::max);
    for bin in 0..BINS {
        let x = area.x + (margin + bin * per_bin) as u16;
        let up = (now.real[bin] / most * f32::from(upper) * 8.0).round() as usize;
        for row in 0..upper {
            let glyph = EIGHTHS[up.saturating_sub(8 * usize::from(row)).min(8)];
            put(buffer, (x, area.y + upper - 1 - row), glyph, per_bin, theme.real());
        }
        // There are no blocks that hang in eighths; halves will do.
        let down = (now.fake[bin] / most * f32::from(lower) * 2.0).round() as usize;
        for row in 0..lower {
            let glyph = [' ', '▀', '█'][down.saturating_sub(2 * usize::from(row)).min(2)];
            put(buffer, (x, area.y + upper + row), glyph, per_bin, theme.fake());
        }
    }
}

fn put(buffer: &mut Buffer, (x, y): (u16, u16), glyph: char, times: usize, style: Style) {
    if glyph != ' ' {
        buffer.set_string(x, y, glyph.to_string().repeat(times), style);
    }
}

/// A rope between the two: the mark stands at D's end when it always tells real poems from generated ones, at G's when it
/// never does.
pub fn tug_of_war(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let Some(apart) = state.rivalry.tells_apart() else { return };
    if let Some(turn) = turn(state, theme) {
        let words = text::fit(&turn, area.width.into());
        buffer.set_line(area.x, area.y, &Line::styled(words, theme.strong()), area.width);
        return;
    }
    let share = ((1.0 - apart) * 2.0).clamp(0.0, 1.0);
    let words = format!(" {}", theme.say(standing(apart)));
    // The number is D's: how often it finds a real poem more real than a generated one.
    let with_number = usize::from(area.width).saturating_sub(9);
    let rope_room = with_number.saturating_sub(text::columns(&words));
    let (rope, words) = if rope_room >= 12 { (rope_room, words) } else { (with_number, String::new()) };
    if rope < 3 {
        return;
    }
    let mark = (share * (rope - 1) as f32).round() as usize;
    let line = Line::from(vec![
        Span::styled(format!("D {apart:.2} "), theme.discriminator()),
        Span::styled("━".repeat(mark), theme.discriminator()),
        Span::styled("●", theme.strong()),
        Span::styled("━".repeat(rope - 1 - mark), theme.generator()),
        Span::styled(" G", theme.generator()),
        Span::styled(words, theme.faint()),
    ]);
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// What the latest turn did, while adversarial training is taken turn by turn: also the last one of a step, until the next step.
fn turn(state: &State, theme: Theme) -> Option<String> {
    let (step, turn) = state.turn.as_ref().filter(|(step, _)| *step >= state.now())?;
    let step = text::count(*step);
    Some(match turn {
        Turn::Discriminator { number, loss, real, fake } => {
            let [word, real_word, fake_word] = ["loss", "real", "written"].map(|word| theme.say(word));
            let loss = text::loss(*loss);
            format!(" {step} D{number}: {word} {loss} {real_word} {real:.2} {fake_word} {fake:.2}")
        }
        Turn::Generator { loss } => format!(" {step} G: {} {}", theme.say("loss"), text::loss(*loss)),
    })
}

/// How the histograms went on: a row a moment, the newest at the bottom.
pub fn ridge(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let block = bordered(theme).title_top(theme.title("D's scores over time"));
    let inner = block.inner(area);
    block.render(area, buffer);
    moments(state, inner, STEP, buffer, theme);
}

/// The moments of the ridge in an area, after `label` columns with their steps.
fn moments(state: &State, area: Rect, label: usize, buffer: &mut Buffer, theme: Theme) {
    let room = (usize::from(area.width).saturating_sub(label + 1) / 2).min(BINS);
    let moments = state.rivalry.ridge.items();
    let shown = moments.len().min(area.height.into());
    if shown == 0 || room < 6 {
        return theme.remark("adversarial training has not started", area.width).render(area, buffer);
    }
    for (y, row) in (area.y..area.bottom()).zip(0..shown) {
        // Evenly spread, with the first and the newest among them.
        let moment = &moments[if shown > 1 { row * (moments.len() - 1) / (shown - 1) } else { moments.len() - 1 }];
        let step = if label > 0 { text::right(&text::count(moment.step), label) + " " } else { String::new() };
        let line = Line::from(vec![
            Span::styled(step, theme.faint()),
            Span::styled(profile(&moment.real, room), theme.real()),
            Span::raw(" "),
            Span::styled(profile(&moment.fake, room), theme.fake()),
        ]);
        buffer.set_line(area.x, y, &line, area.width);
    }
}

/// A histogram in one row, in `width` columns.
fn profile(shares: &Shares, width: usize) -> String {
    let column = |column: usize| {
        let (first, last) = (column * BINS / width, ((column + 1) * BINS / width).max(column * BINS / width + 1));
        shares[first..last.min(BINS)].iter().sum::<f32>()
    };
    let columns: Vec<f32> = (0..width).map(column).collect();
    let most = columns.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    columns.iter().map(|share| EIGHTHS[((share / most * 8.0).round() as usize).min(8)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_shows_where_the_poems_are() {
        let mut shares = [0.0; BINS];
        (shares[0], shares[19]) = (0.25, 0.5);
        let row = profile(&shares, 20);
        assert_eq!((row.chars().next(), row.chars().nth(19), row.chars().nth(10)), (Some('▄'), Some('█'), Some(' ')));
        assert_eq!(profile(&shares, 10).chars().count(), 10);
    }
}
