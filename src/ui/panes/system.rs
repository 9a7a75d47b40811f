//! The load of the machine and of the process that trains, above the screen.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use super::header::bar;
use super::help::clear;
use crate::ui::model::system::SystemSample;
use crate::ui::term::theme::Theme;
use crate::ui::text;

const WIDTH: u16 = 40;
/// Columns of a label, and of a core with its number and its use.
const LABEL: usize = 12;
const CORE: usize = 18;
/// Columns of the bar of a core.
const BAR: usize = 8;

/// Draws the pane into the upper right corner of `area`.
pub fn draw(sample: Option<&SystemSample>, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let rows = sample.map_or_else(|| vec![theme.remark("measuring", WIDTH - 2)], |sample| rows(sample, theme));
    let (width, height) = (WIDTH.min(area.width), (rows.len() as u16 + 2).min(area.height));
    let place = Rect { x: area.right() - width, y: area.y, width, height };
    clear(place, buffer);
    let block =
        bordered(theme).title_top(theme.title("system")).title_bottom(theme.caption("u closes").right_aligned());
    let inner = block.inner(place);
    block.render(place, buffer);
    for (y, row) in (inner.y..inner.bottom()).zip(rows) {
        buffer.set_line(inner.x, y, &row, inner.width);
    }
}

/// The process and the memory first: a low terminal cuts off the cores. What the system does not tell has no row.
fn rows(sample: &SystemSample, theme: Theme) -> Vec<Line<'static>> {
    let row = |label: &str, value: String| {
        let label = format!(" {}", text::fit(theme.translate(label), LABEL));
        Line::from(vec![Span::styled(label, theme.faint()), Span::styled(value, theme.plain())])
    };
    let mut rows = Vec::new();
    if let Some(process) = &sample.process {
        rows.push(row("process", process.id.to_string()));
        rows.push(row("processor", format!("{:.0} %", process.cpu)));
        rows.push(row("memory", text::bytes(process.memory)));
        rows.extend(process.threads.map(|threads| row("threads", threads.to_string())));
    }
    let memory = |(used, total)| format!("{} / {}", text::bytes(used), text::bytes(total));
    rows.extend(sample.memory.map(|both| row("all memory", memory(both))));
    rows.extend(sample.temperature.map(|degrees| row("warmest", format!("{degrees:.0} C"))));
    let cores: Vec<(usize, f32)> = sample.cores.iter().copied().enumerate().collect();
    rows.extend(
        cores.chunks(2).map(|pair| Line::from(pair.iter().flat_map(|core| spans(*core, theme)).collect::<Vec<_>>())),
    );
    rows
}

/// The number of a core, its use as a bar and in per cent.
fn spans((number, used): (usize, f32), theme: Theme) -> [Span<'static>; 4] {
    let (done, open) = bar(used / 100.0, BAR);
    let label = format!("{number:>4} ");
    let value = text::fit(&format!("{used:>4.0}%"), CORE - BAR - label.len());
    [
        Span::styled(label, theme.faint()),
        Span::styled(done, theme.real()),
        Span::styled(open, theme.faint()),
        Span::raw(value),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::model::system::ProcessSample;

    fn text(sample: Option<&SystemSample>, width: u16, height: u16) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        draw(sample, area, &mut buffer, Theme::COLOURLESS);
        let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..height).map(|y| row(y).replace(['│', '╭', '╮', '╰', '╯'], "").trim().to_owned()).collect()
    }

    #[test]
    fn it_shows_what_the_system_tells_and_nothing_else() {
        let process = ProcessSample { id: 42, cpu: 187.4, memory: 512 << 20, threads: Some(9) };
        let sample = SystemSample {
            cores: vec![100.0, 0.0, 50.0],
            memory: Some((3 << 30, 16 << 30)),
            temperature: Some(61.2),
            process: Some(process),
        };
        let shown = text(Some(&sample), 40, 12);
        let expected = [
            "process     42",
            "processor   187 %",
            "memory      512 MB",
            "threads     9",
            "all memory  3.0 GB / 16.0 GB",
            "warmest     61 C",
            "0 ━━━━━━━━ 100%   1 ────────   0%",
            "2 ━━━━────  50%",
        ];
        assert_eq!(shown[1..9], expected);
        let shown = text(Some(&SystemSample::default()), 40, 5);
        assert!(shown[1].contains("u closes") && shown[2].is_empty(), "{shown:?}");
        assert!(text(None, 40, 5)[1].starts_with("measuring"));
        // A low terminal cuts it off.
        assert!(text(Some(&sample), 20, 3)[1].starts_with("process"));
    }
}
