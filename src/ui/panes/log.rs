//! The log screen: alarms, everything that happened, and the settings of the run.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use crate::ui::model::alarms::alarms;
use crate::ui::model::layout::VisibleRows;
use crate::ui::model::log::Logged;
use crate::ui::model::run_model::RunInfo;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;
use crate::ui::text::notices;

/// Width from which log and settings are side by side.
const WIDE: u16 = 100;
/// Height below which a narrow screen has room for the log only.
const MIN_FOR_BOTH: u16 = 14;
/// Columns of the step before each entry.
const LABEL: usize = 12;

/// The rows that the panes of the screen show.
#[derive(Default)]
pub struct LogLayout {
    pub log: VisibleRows,
    pub settings: VisibleRows,
}

pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) -> LogLayout {
    let alarms = alarms(state.shown());
    let width = usize::from(area.width).saturating_sub(1);
    // A single alarm is shown by the header.
    let listed = alarms.iter().filter(|_| alarms.len() > 1);
    let rows: Vec<String> = listed.flat_map(|alarm| text::wrap(&alarm.text(theme.lang), width)).collect();
    let [top, area] = Layout::vertical([Constraint::Max(rows.len() as u16), Constraint::Fill(1)]).areas(area);
    for (area, row) in top.rows().zip(rows) {
        Line::styled(text::fit(&format!(" {row}"), area.width.into()), theme.alert()).render(area, buffer);
    }
    if area.width < WIDE && area.height < MIN_FOR_BOTH {
        return LogLayout { log: log(state, area, buffer, theme), ..LogLayout::default() };
    }
    let split = if area.width >= WIDE {
        Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)])
    } else {
        Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)])
    };
    let [left, right] = split.areas(area);
    LogLayout { settings: settings(state, right, buffer, theme), log: log(state, left, buffer, theme) }
}

fn log(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) -> VisibleRows {
    let block = bordered(theme).title_top(theme.title("log"));
    let inner = block.inner(area);
    let (model, width) = (state.shown(), usize::from(inner.width));
    let entries = model.log.iter().flat_map(|entry| entry_rows(entry, width, theme));
    let lines: Vec<Line> = left_out(model.left_out, theme).into_iter().chain(entries).collect();
    let rows = VisibleRows { shown: inner.height.into(), total: lines.len() };
    let last = lines.len().saturating_sub(state.log_back.min(rows.hidden()));
    let first = last.saturating_sub(rows.shown);
    let position = format!(" {}-{last} {} {} ", first + 1, theme.translate("of"), lines.len());
    let position = Line::styled(position, theme.faint()).right_aligned();
    if rows.hidden() > 0 { block.title_top(position) } else { block }.render(area, buffer);
    for (y, line) in (inner.y..inner.bottom()).zip(&lines[first..last]) {
        buffer.set_line(inner.x, y, line, inner.width);
    }
    rows
}

/// How many earlier events are not shown, if there are any.
fn left_out(events: u64, theme: Theme) -> Option<Line<'static>> {
    let count = text::count(events);
    let told = theme.lang.pick(format!("{count} earlier events: log.txt"), format!("更早的 {count} 个事件：log.txt"));
    (events > 0).then(|| Line::styled(format!("{}{told}", " ".repeat(LABEL)), theme.faint()))
}

/// An entry in as many rows as it needs.
fn entry_rows(logged: &Logged, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let rows = text::wrap(&logged.entry.text(theme.lang), width.saturating_sub(LABEL + 1));
    let line = |(index, row): (usize, String)| {
        let label = if index == 0 { format!(" {:>9}  ", text::count(logged.step)) } else { " ".repeat(LABEL) };
        Line::from(vec![Span::styled(label, theme.faint()), Span::raw(row)])
    };
    rows.into_iter().enumerate().map(line).collect()
}

fn settings(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) -> VisibleRows {
    let block = bordered(theme).title_top(theme.title("settings at the start"));
    let inner = block.inner(area);
    block.render(area, buffer);
    let lines = settings_rows(&state.shown().run, theme);
    for (y, line) in (inner.y..inner.bottom()).zip(lines.iter().skip(state.settings_scroll)) {
        let is_heading = line.starts_with(['[', '#']);
        let style = if is_heading { theme.faint() } else { theme.plain() };
        let line = text::fit(&text::clean(line), usize::from(inner.width).saturating_sub(1));
        buffer.set_line(inner.x + 1, y, &Line::styled(line, style), inner.width.saturating_sub(1));
    }
    VisibleRows { shown: inner.height.into(), total: lines.len() }
}

/// Corpus and model, then the settings under the headings of their sections, as in the file.
fn settings_rows(run: &RunInfo, theme: Theme) -> Vec<String> {
    let (corpus, model) = (notices::corpus(&run.corpus, theme.lang), notices::model(&run.model, theme.lang));
    let mut rows =
        vec![format!("# {}: {corpus}", theme.translate("corpus")), format!("# {}: {model}", theme.translate("model"))];
    let mut current = "";
    for (path, value) in &run.settings {
        let (section, key) = path.rsplit_once('.').unwrap_or(("", path));
        if section != current {
            rows.extend([String::new(), format!("[{section}]")]);
            current = section;
        }
        rows.push(format!("{key} = {value}"));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_stand_under_their_sections() {
        let setting = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let settings = [("model.width", "256"), ("model.layers", "4"), ("training.seed", "0")].map(setting).to_vec();
        let rows = settings_rows(&RunInfo { settings, ..RunInfo::default() }, Theme::COLOURLESS);
        assert_eq!(rows[2..], ["", "[model]", "width = 256", "layers = 4", "", "[training]", "seed = 0"]);
    }
}
