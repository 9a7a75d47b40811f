//! The rows on top: the run, its progress, its speed.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use crate::ui::model::alarms::alarms;
use crate::ui::model::run_model::Status;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;
use crate::ui::text::notices;
use crate::ui::text::words::Lang;

pub const HEIGHT: u16 = 3;

/// Width below which labels are shortened.
const NARROW: u16 = 72;

/// Columns below which the name of the run is left out.
const MIN_NAME: usize = 6;

/// Draws three rows. `with_losses`: the last one shows the losses, for screens without charts.
pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme, with_losses: bool) {
    let rows: Vec<Rect> = area.rows().collect();
    let [first, second, third] = rows[..] else { return };
    name_and_step(state, first, buffer, theme);
    progress(state, second, buffer, theme);
    if let Some(rows) = alarm(state, usize::from(area.width).saturating_sub(1), theme) {
        // A long one covers the progress.
        let places = if rows.len() > 1 { vec![second, third] } else { vec![third] };
        for (place, row) in places.into_iter().zip(rows) {
            let row = text::fit(&format!(" {row}"), place.width.into());
            Line::styled(row, theme.alert()).render(place, buffer);
        }
        return;
    }
    let numbers = if with_losses { losses(state, area.width, theme) } else { numbers(state, theme) };
    in_a_row(numbers, third, buffer, theme);
}

/// The most severe alarm and, if its rows have room, how many others the log screen lists.
fn alarm(state: &DashboardState, width: usize, theme: Theme) -> Option<Vec<String>> {
    let alarms = alarms(state.shown());
    let (first, others) = alarms.split_first()?;
    let first = first.text(theme.lang);
    let alone = text::wrap(&first, width);
    let more = others.len();
    let ends = [format!("  (+{more}, {} 6)", theme.translate("see screen")), format!("  (+{more})")];
    let longer = ends.iter().filter(|_| more > 0).map(|end| text::wrap(&format!("{first}{end}"), width));
    Some(longer.into_iter().find(|rows| rows.len() == alone.len()).unwrap_or(alone))
}

/// Draws one row with the corpus and the model.
pub fn describe(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let (corpus, model) =
        (notices::corpus(&state.shown().run.corpus, theme.lang), notices::model(&state.shown().run.model, theme.lang));
    let (corpus, model) = (text::clean(&corpus), text::clean(&model));
    let line = text::fit(
        &format!(" {} {corpus}    {} {model}", theme.translate("corpus"), theme.translate("model")),
        area.width.into(),
    );
    Line::styled(line, theme.faint()).render(area, buffer);
}

/// Draws one row with the name of a model.
pub fn name(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let name = text::clean(&state.shown().run.name);
    let brand = Span::styled(" poetgan  ", theme.strong());
    let room = usize::from(area.width).saturating_sub(brand.width());
    Line::from(vec![brand, Span::styled(text::fit(&name, room), theme.plain())]).render(area, buffer);
}

fn name_and_step(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let step = state.shown().latest.as_ref().map_or(String::new(), |record| {
        let total = record.total_steps.max(state.shown().run.total_steps);
        let word = if area.width < NARROW { String::new() } else { format!("{} ", theme.translate("step")) };
        // As wide as the last step, so that the line does not move.
        let total = text::count(total);
        format!(
            "{word}{:>width$} {of} {total} ",
            text::count(record.step),
            of = theme.translate("of"),
            width = total.len()
        )
    });
    let (status, style) = status(state, theme);
    let name = text::clean(&state.shown().run.name);
    let brand = if area.width < NARROW { " " } else { " poetgan  " };
    let fixed = text::columns(brand) + 2 + text::columns(&status) + 2 + text::columns(&step);
    let room = usize::from(area.width).saturating_sub(fixed);
    // A name of a letter and two dots is useless.
    let room = if room < text::columns(&name).min(MIN_NAME) { 0 } else { room };
    let name = text::fit(&name, text::columns(&name).min(room));
    let gap = if name.is_empty() { "" } else { "  " };
    let left = vec![
        Span::styled(brand, theme.strong()),
        Span::styled(format!("{name}{gap}"), theme.plain()),
        Span::styled(status, style),
    ];
    let width = (text::columns(&step) as u16).min(area.width);
    Line::from(left).render(Rect { width: area.width - width, ..area }, buffer);
    buffer.set_string(area.right() - width, area.y, text::fit(&step, width.into()), theme.plain());
}

fn status(state: &DashboardState, theme: Theme) -> (String, Style) {
    let phase = match state.shown().warm_up() {
        Some((done, steps)) => format!("{} {done}/{steps}", theme.translate("D warm-up")),
        None => theme.translate(state.shown().phase().map_or("starting", |phase| phase.name())).to_owned(),
    };
    let comma = if theme.lang == Lang::Zh { "，" } else { ", " };
    let with = |word: &str| format!("{phase}{comma}{}", theme.translate(word));
    match &state.shown().status {
        Status::Starting | Status::Running | Status::Paused if state.is_idle => {
            (with("no process is training"), theme.alert())
        }
        Status::Starting => (theme.translate("starting").to_owned(), theme.faint()),
        Status::Running => (phase, theme.strong()),
        Status::Pausing => (with("pausing"), theme.alert()),
        Status::Paused => (with("paused"), theme.alert()),
        Status::Resuming => (with("resuming"), theme.alert()),
        Status::Stopping => (with("stopping"), theme.alert()),
        Status::Finished(_) => (theme.translate(state.shown().ending()).to_owned(), theme.strong()),
        Status::Failed(_) => (theme.translate("failed").to_owned(), theme.alert()),
    }
}

fn progress(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let share = state.shown().latest.as_ref().map_or(0.0, |record| record.progress);
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let elapsed = state
        .shown()
        .elapsed()
        .map_or(String::new(), |elapsed| format!("{} {}", text::clock(elapsed), theme.translate("elapsed")));
    let left = state.shown().eta().map_or(String::new(), |eta| {
        let (time, left) = (text::remaining(eta, theme.lang), theme.translate("left"));
        if theme.lang == Lang::Zh { format!("{left} {time}") } else { format!("{time} {left}") }
    });
    // Fixed widths, so that the bar does not change with the digits.
    let times = match area.width {
        NARROW.. => format!("{} {} ", text::right(&elapsed, 16), text::right(&left, 17)),
        _ => format!("{} ", text::right(&left, 17)),
    };
    let label = format!(" {:>5.1} %{times}", 100.0 * share);
    let width = usize::from(area.width).saturating_sub(text::columns(&label) + 1);
    let (done, open) = bar(share, width);
    let line = vec![
        Span::raw(" "),
        Span::styled(done, theme.real()),
        Span::styled(open, theme.faint()),
        Span::styled(label, theme.plain()),
    ];
    Line::from(line).render(area, buffer);
}

/// The filled and the empty part of a bar of `width` columns, to the half column.
pub fn bar(share: f32, width: usize) -> (String, String) {
    let halves = (share.clamp(0.0, 1.0) * 2.0 * width as f32).round() as usize;
    let mut done = "━".repeat(halves / 2);
    if halves % 2 == 1 {
        done.push('╸');
    }
    (done, "─".repeat(width - halves.div_ceil(2)))
}

/// A number with its label.
struct LabelledNumber {
    label: &'static str,
    value: String,
    style: Style,
}

fn numbers(state: &DashboardState, theme: Theme) -> Vec<LabelledNumber> {
    let (model, mut numbers) = (state.shown(), Vec::new());
    if let Some(record) = &model.latest {
        let speed = model.curves.tokens_per_s.smoothed().unwrap_or(f64::NAN);
        numbers.push(("tok/s", format!("{:>4}", text::rate(speed))));
        numbers.push(("lr", format!("{:.1e}", record.learning_rate)));
        numbers.extend(record.beta.map(|beta| ("beta", text::loss(beta))));
    }
    if let Some(held) = &model.held_out {
        numbers.push(("held-out", text::loss(held.loss)));
        numbers.push(("best", text::loss(held.best)));
    }
    numbers.push(("temperature", text::temperature(state.temperature())));
    numbers.into_iter().map(|(label, value)| LabelledNumber { label, value, style: theme.plain() }).collect()
}

fn losses(state: &DashboardState, width: u16, theme: Theme) -> Vec<LabelledNumber> {
    let curves = &state.shown().curves;
    let [real, fake] = if width < NARROW { ["real", "fake"] } else { ["D(real)", "D(fake)"] };
    let all = [
        ("G", &curves.generator, theme.generator()),
        ("D", &curves.discriminator, theme.discriminator()),
        (real, &curves.d_real, theme.real()),
        (fake, &curves.d_fake, theme.fake()),
        ("loss", &curves.likelihood, theme.likelihood()),
        ("held-out", &curves.held_out, theme.held_out()),
    ];
    let known = all.into_iter().filter_map(|(label, curve, style)| {
        Some(LabelledNumber { label, value: text::loss(curve.smoothed()?), style })
    });
    known.collect()
}

/// Draws as many numbers as fit in a row, with wider gaps on a wide screen.
fn in_a_row(numbers: Vec<LabelledNumber>, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let gap = if area.width < 120 { 2 } else { 5 };
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    for LabelledNumber { label, value, style } in numbers {
        let label = theme.translate(label);
        let width = text::columns(label) + 1 + value.len();
        if used + width > area.width.into() {
            break;
        }
        used += width + gap;
        spans.push(Span::styled(format!("{label} "), theme.faint()));
        spans.push(Span::styled(value, style));
        spans.push(Span::raw(" ".repeat(gap)));
    }
    Line::from(spans).render(area, buffer);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_has_its_width_and_halves() {
        for (share, width, expected) in
            [(0.0, 3, "───"), (0.5, 3, "━╸─"), (1.0, 3, "━━━"), (0.4, 5, "━━───"), (1.0, 0, "")]
        {
            let (done, open) = bar(share, width);
            assert_eq!(done + &open, expected);
        }
    }
}
