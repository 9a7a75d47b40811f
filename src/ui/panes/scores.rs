//! The discriminator's scores: histograms of real and generated poems back to back, their AUC, and their history.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use crate::run::event::{BINS, Turn};
use crate::ui::model::curve::MetricCurve;
use crate::ui::model::score_history::{ScoreHistograms, Shares, balance};
use crate::ui::model::state::DashboardState;
use crate::ui::panes::chart::bordered;
use crate::ui::term::theme::Theme;
use crate::ui::text;

const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Columns of the steps of the history.
const STEP: usize = 8;

/// Columns of the narrowest history beside the histograms, with the gap.
const MIN_HISTORY: u16 = 14;

/// Both histograms with their history beside them, if there is room, and the balance of D and G below.
pub fn draw_with_history(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    draw(state, area, buffer, theme, true);
}

/// Both histograms, and the balance of D and G below.
pub fn draw_alone(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    draw(state, area, buffer, theme, false);
}

fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme, with_history: bool) {
    let block = bordered(theme).title_top(title(state, area.width.saturating_sub(2).into(), theme));
    let inner = block.inner(area);
    block.render(area, buffer);
    let Some(now) = &state.shown().scores.now else {
        return theme.remark("adversarial training has not started", inner.width).render(inner, buffer);
    };
    let has_balance = inner.height >= 5;
    let height = inner.height - u16::from(has_balance);
    let bars = inner.width.saturating_sub(MIN_HISTORY) / BINS as u16 * BINS as u16;
    let bars = if with_history && bars > 0 { bars } else { inner.width };
    histograms(now, Rect { height, width: bars, ..inner }, buffer, theme);
    if bars < inner.width {
        let beside = Rect { x: inner.x + bars + 1, width: inner.width - bars - 1, height, ..inner };
        history_rows(state, beside, 0, buffer, theme);
    }
    if has_balance {
        balance_bar(state, Rect { y: inner.bottom() - 1, height: 1, ..inner }, buffer, theme);
    }
}

/// The title and the mean scores, as far as there is room.
fn title(state: &DashboardState, width: usize, theme: Theme) -> Line<'static> {
    let Some(overlap) = state.shown().scores.overlap() else { return theme.title("D's scores") };
    // As in the header, which shows them where there is no room for the histograms.
    let mean = |curve: &MetricCurve| curve.newest().map_or("-".to_owned(), |value| text::probability(value as f32));
    let curves = &state.shown().curves;
    let build = |name: &str, words: [&str; 2], with_overlap: bool| {
        let mut spans = vec![
            Span::styled(theme.padded(name), theme.strong()),
            Span::styled(format!("{} {} ", theme.translate(words[0]), mean(&curves.d_real)), theme.real()),
            Span::styled(format!("{} {} ", theme.translate(words[1]), mean(&curves.d_fake)), theme.fake()),
        ];
        if with_overlap {
            spans.push(Span::styled(format!("{} {overlap:.2} ", theme.translate("overlap")), theme.faint()));
        }
        Line::from(spans)
    };
    let candidates = [
        build("D's scores", ["D(real)", "D(fake)"], true),
        build("scores", ["D(real)", "D(fake)"], true),
        build("D's scores", ["D(real)", "D(fake)"], false),
        build("D", ["real", "fake"], true),
        build("scores", ["D(real)", "D(fake)"], false),
        build("D", ["real", "fake"], false),
        build("D", ["R", "F"], false),
    ];
    candidates.into_iter().find(|line| line.width() <= width).unwrap_or_default()
}

/// Real poems upwards, generated ones downwards; scores rise from left (fake) to right (real).
fn histograms(now: &ScoreHistograms, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let per_bin = usize::from(area.width) / BINS;
    if per_bin == 0 || area.height < 2 {
        return;
    }
    let margin = (usize::from(area.width) - per_bin * BINS) / 2;
    let upper = area.height / 2;
    let lower = area.height - upper;
    let highest = now.real.iter().chain(&now.fake).copied().fold(f32::MIN_POSITIVE, f32::max);
    for bin in 0..BINS {
        let x = area.x + (margin + bin * per_bin) as u16;
        let up = (now.real[bin] / highest * f32::from(upper) * 8.0).round() as usize;
        for row in 0..upper {
            let glyph = EIGHTHS[up.saturating_sub(8 * usize::from(row)).min(8)];
            put(buffer, Position::new(x, area.y + upper - 1 - row), Bar { glyph, width: per_bin }, theme.real());
        }
        // There are no upper blocks in eighths, so these are in halves.
        let down = (now.fake[bin] / highest * f32::from(lower) * 2.0).round() as usize;
        for row in 0..lower {
            let glyph = [' ', '▀', '█'][down.saturating_sub(2 * usize::from(row)).min(2)];
            put(buffer, Position::new(x, area.y + upper + row), Bar { glyph, width: per_bin }, theme.fake());
        }
    }
}

/// A row of one bar of a histogram.
struct Bar {
    glyph: char,
    width: usize,
}

/// Writes a row of a bar, unless it is blank.
fn put(buffer: &mut Buffer, position: Position, bar: Bar, style: Style) {
    if bar.glyph != ' ' {
        buffer.set_string(position.x, position.y, bar.glyph.to_string().repeat(bar.width), style);
    }
}

/// The balance of D and G: the mark is at D's end for an AUC of 1, at G's for 0.5 or less. While training is taken turn by
/// turn, the latest turn instead.
pub fn balance_bar(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let Some(auc) = state.shown().scores.auc() else { return };
    if let Some(turn) = turn(state, theme) {
        let words = text::fit(&turn, area.width.into());
        buffer.set_line(area.x, area.y, &Line::styled(words, theme.strong()), area.width);
        return;
    }
    let share = ((1.0 - auc) * 2.0).clamp(0.0, 1.0);
    let words = format!(" {}", theme.translate(balance(auc)));
    let with_number = usize::from(area.width).saturating_sub(9);
    let beside_words = with_number.saturating_sub(text::columns(&words));
    let (width, words) = if beside_words >= 12 { (beside_words, words) } else { (with_number, String::new()) };
    if width < 3 {
        return;
    }
    let mark = (share * (width - 1) as f32).round() as usize;
    let line = Line::from(vec![
        Span::styled(format!("D {auc:.2} "), theme.discriminator()),
        Span::styled("━".repeat(mark), theme.discriminator()),
        Span::styled("●", theme.strong()),
        Span::styled("━".repeat(width - 1 - mark), theme.generator()),
        Span::styled(" G", theme.generator()),
        Span::styled(words, theme.faint()),
    ]);
    buffer.set_line(area.x, area.y, &line, area.width);
}

/// The latest turn, while adversarial training is taken turn by turn; the last one of a step until the next step.
fn turn(state: &DashboardState, theme: Theme) -> Option<String> {
    let (step, turn) = state.shown().turn.as_ref().filter(|(step, _)| *step >= state.shown().now())?;
    let step = text::count(*step);
    Some(match turn {
        Turn::Discriminator { number, loss, real, fake } => {
            let (word, loss) = (theme.translate("loss"), text::loss(*loss));
            format!(" {step} D{number}: {word} {loss} D(real) {real:.2} D(fake) {fake:.2}")
        }
        Turn::Generator { loss } => format!(" {step} G: {} {}", theme.translate("loss"), text::loss(*loss)),
    })
}

/// The history of both histograms, one row each, the newest at the bottom.
pub fn history(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let block = bordered(theme).title_top(theme.title("D's scores over time"));
    let inner = block.inner(area);
    block.render(area, buffer);
    history_rows(state, inner, STEP, buffer, theme);
}

/// The rows of the history, after `label` columns with their steps.
fn history_rows(state: &DashboardState, area: Rect, label: usize, buffer: &mut Buffer, theme: Theme) {
    let room = (usize::from(area.width).saturating_sub(label + 1) / 2).min(BINS);
    let history = state.shown().scores.history.items();
    let shown = history.len().min(area.height.into());
    if shown == 0 || room < 6 {
        return theme.remark("adversarial training has not started", area.width).render(area, buffer);
    }
    for (y, row) in (area.y..area.bottom()).zip(0..shown) {
        // Evenly spread, with the first and the newest.
        let histograms = &history[if shown > 1 { row * (history.len() - 1) / (shown - 1) } else { history.len() - 1 }];
        let step = if label > 0 { text::right(&text::count(histograms.step), label) + " " } else { String::new() };
        let line = Line::from(vec![
            Span::styled(step, theme.faint()),
            Span::styled(profile(&histograms.real, room), theme.real()),
            Span::raw(" "),
            Span::styled(profile(&histograms.fake, room), theme.fake()),
        ]);
        buffer.set_line(area.x, y, &line, area.width);
    }
}

/// A histogram in one row of `width` columns.
fn profile(shares: &Shares, width: usize) -> String {
    let column = |column: usize| {
        let (first, last) = (column * BINS / width, ((column + 1) * BINS / width).max(column * BINS / width + 1));
        shares[first..last.min(BINS)].iter().sum::<f32>()
    };
    let columns: Vec<f32> = (0..width).map(column).collect();
    let highest = columns.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    columns.iter().map(|share| EIGHTHS[((share / highest * 8.0).round() as usize).min(8)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_shows_the_shares() {
        let mut shares = [0.0; BINS];
        (shares[0], shares[19]) = (0.25, 0.5);
        let row = profile(&shares, 20);
        assert_eq!((row.chars().next(), row.chars().nth(19), row.chars().nth(10)), (Some('▄'), Some('█'), Some(' ')));
        assert_eq!(profile(&shares, 10).chars().count(), 10);
    }
}
