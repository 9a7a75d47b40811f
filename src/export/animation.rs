//! Frames of the dashboard as one animated SVG for a README or a browser, drawn from the journal by the code of the
//! dashboard itself. plotters, which draws the charts, has neither animation nor text of a given width, so the elements come
//! from the crate `svg`.

use anyhow::{Result, anyhow};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::style::{Color, Modifier, Style};
use svg::node::element::{self, Animate, Group, Rectangle, Text};
use svg::{Document, Node};

use crate::run::event::Event;
use crate::run::notice::Notice;
use crate::ui::{self, DashboardState, Depth, Theme};

/// Columns and rows of the terminal in the picture.
const SIZE: (u16, u16) = (110, 34);
/// Frames of the first screen: half of them spread over pretraining, half over adversarial training.
const FRAMES: u64 = 10;
/// Seconds that a frame is shown.
const SECONDS: f64 = 1.6;
/// The screens that are shown at the end of the run, by their keys.
const LAST_SCREENS: [char; 3] = ['2', '3', '4'];
/// Pixels of a cell, and between the border and the text.
const CELL: (f64, f64) = (8.4, 17.0);
const MARGIN: f64 = 12.0;
/// Colours of the terminal in the picture.
const PAPER: &str = "#16181d";
const INK: &str = "#d7dae0";
const STYLE: &str = "text{font:14px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,\"Noto Sans Mono CJK SC\",\"Noto Sans CJK SC\",\
                     \"PingFang SC\",\"Microsoft YaHei\",monospace;white-space:pre}";

/// Cells of one style.
struct CellRun {
    column: usize,
    columns: usize,
    text: String,
    style: Style,
}

/// The animation of a run.
pub fn animation(events: &[Event]) -> Result<String> {
    let last = events.iter().map(Event::step).max().ok_or_else(|| anyhow!("the journal is empty"))?;
    let (mut state, mut next, mut frames) = (DashboardState::default(), 0, Vec::new());
    for step in frame_steps(events, last) {
        while let Some(event) = events.get(next).filter(|event| event.step() <= step) {
            // The message about the end would cover the keys.
            if !matches!(event, Event::Finished { .. } | Event::Failed { .. }) {
                state.apply(event.clone());
            }
            next += 1;
        }
        frames.push(picture(&state)?);
    }
    for key in LAST_SCREENS {
        state.on_key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE));
        frames.push(picture(&state)?);
    }
    Ok(svg(&frames))
}

/// The steps of the frames of the first screen.
fn frame_steps(events: &[Event], last: u64) -> Vec<u64> {
    let pretrain_steps = events.iter().rev().find_map(|event| match event {
        Event::Started { pretrain_steps, .. } => Some(*pretrain_steps),
        Event::Notice { step, notice: Notice::PretrainingEnded { .. } } => Some(*step),
        _ => None,
    });
    match pretrain_steps {
        Some(end @ 1..) if end < last => {
            let half = FRAMES / 2;
            let adversarial = (1..=FRAMES - half).map(|frame| end + (last - end) * frame / (FRAMES - half));
            (1..=half).map(|frame| end * frame / half).chain(adversarial).collect()
        }
        _ => (1..=FRAMES).map(|frame| last * frame / FRAMES).collect(),
    }
}

/// A frame as a terminal would show it.
fn picture(state: &DashboardState) -> Result<Buffer> {
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1))?;
    let theme = Theme { depth: Depth::Indexed, ..Theme::COLOURLESS };
    terminal.draw(|frame| {
        ui::draw(frame, state, theme);
    })?;
    Ok(terminal.backend().buffer().clone())
}

fn svg(frames: &[Buffer]) -> String {
    let (width, height) = (f64::from(SIZE.0) * CELL.0 + 2.0 * MARGIN, f64::from(SIZE.1) * CELL.1 + 2.0 * MARGIN);
    let paper = Rectangle::new().set("width", "100%").set("height", "100%").set("rx", 8).set("fill", PAPER);
    let picture = Document::new()
        .set("viewBox", (0, 0, width.round(), height.round()))
        .set("width", width.round())
        .set("height", height.round())
        .set("role", "img")
        .set("aria-label", "The dashboard of poetgan while a run trains")
        .add(element::Style::new(STYLE))
        .add(paper);
    let shown = |(index, frame)| {
        let group = rows(frame).into_iter().fold(Group::new(), Group::add);
        // A viewer that does not animate shows the last frame only.
        let visibility = if index + 1 == frames.len() { "visible" } else { "hidden" };
        group.set("visibility", visibility).add(appearance(index, frames.len()))
    };
    let picture = frames.iter().enumerate().map(shown).fold(picture, Document::add).to_string();
    // The library puts the content of an element on a line of its own. In a row of a terminal white space counts, so the
    // line breaks would be drawn; no cell holds one.
    picture.replace(">\n", ">").replace("\n<", "<") + "\n"
}

/// Shows the frame at `index` of `n` in its turn.
fn appearance(index: usize, n: usize) -> Animate {
    let (from, to) = (index as f64 / n as f64, (index + 1) as f64 / n as f64);
    let (values, times) = match index {
        0 => ("visible;hidden", format!("0;{to:.4}")),
        _ => ("hidden;visible;hidden", format!("0;{from:.4};{:.4}", to.min(0.9999))),
    };
    Animate::new()
        .set("attributeName", "visibility")
        .set("values", values)
        .set("keyTimes", times)
        .set("calcMode", "discrete")
        .set("dur", format!("{:.1}s", SECONDS * n as f64))
        .set("repeatCount", "indefinite")
}

/// Every run of cells as a text of its exact width, so that it is aligned in any font.
fn rows(frame: &Buffer) -> Vec<Box<dyn Node>> {
    let mut nodes: Vec<Box<dyn Node>> = Vec::new();
    for row in 0..frame.area.height {
        let top = MARGIN + f64::from(row) * CELL.1;
        for CellRun { column, columns, text, style } in runs(frame, row) {
            let (x, length) = (tenth(MARGIN + column as f64 * CELL.0), tenth(columns as f64 * CELL.0));
            let is_reversed = style.add_modifier.contains(Modifier::REVERSED);
            let colour = colour(style.fg);
            if is_reversed {
                let block = Rectangle::new().set("x", x).set("y", tenth(top));
                let block = block.set("width", length).set("height", CELL.1).set("fill", colour.as_str());
                nodes.push(block.into());
            }
            let place = Text::new(text).set("x", x).set("y", tenth(top + 0.75 * CELL.1)).set("textLength", length);
            let mut text = place.set("fill", if is_reversed { PAPER } else { colour.as_str() });
            if style.add_modifier.contains(Modifier::BOLD) {
                text = text.set("font-weight", "bold");
            }
            nodes.push(text.into());
        }
    }
    nodes
}

/// Pixels to the tenth.
fn tenth(pixels: f64) -> f64 {
    (10.0 * pixels).round() / 10.0
}

/// The cells of a row, grouped by style, without blanks.
fn runs(frame: &Buffer, row: u16) -> Vec<CellRun> {
    let mut runs: Vec<CellRun> = Vec::new();
    let mut column = 0;
    while column < frame.area.width {
        let cell = &frame[(column, row)];
        let columns = cell.symbol().cell_width().max(1);
        let (place, style) = (usize::from(column), cell.style());
        column += columns;
        let is_blank = cell.symbol() == " " && !style.add_modifier.contains(Modifier::REVERSED);
        match runs.last_mut() {
            _ if is_blank => {}
            Some(run) if run.style == style && run.column + run.columns == place => {
                run.text.push_str(cell.symbol());
                run.columns += usize::from(columns);
            }
            _ => runs.push(CellRun { column: place, columns: columns.into(), text: cell.symbol().to_owned(), style }),
        }
    }
    runs
}

/// The colours that the theme uses, as terminals show them: six levels of red, green and blue, and greys.
fn colour(colour: Option<Color>) -> String {
    match colour {
        Some(Color::Indexed(index @ 16..=231)) => {
            let level = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
            let index = index - 16;
            format!("#{:02x}{:02x}{:02x}", level(index / 36), level(index / 6 % 6), level(index % 6))
        }
        Some(Color::Indexed(index @ 232..)) => {
            let grey = 8 + 10 * (index - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
        Some(Color::Rgb(red, green, blue)) => format!("#{red:02x}{green:02x}{blue:02x}"),
        _ => INK.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{Phase, SamplePoem, ScoredLine, StepRecord};

    #[test]
    fn frames_show_the_dashboard_and_are_well_formed() {
        let line = ScoredLine {
            text: "春眠<不>&觉晓".into(),
            score: Some(0.5),
            attributions: Vec::new(),
            tones: String::new(),
        };
        let poem = SamplePoem {
            form: "7x4".into(),
            seed: 1,
            lines: vec![line],
            score: None,
            nearest: Vec::new(),
            stanzas: Vec::new(),
        };
        let mut events: Vec<Event> =
            (1..=20).map(|step| Event::Step(StepRecord::new(step, Phase::Pretraining, 0.1))).collect();
        events.push(Event::Sample { step: 20, temperature: 1.0, poems: vec![poem] });
        let svg = animation(&events).unwrap();
        assert!(svg.contains(">春眠&lt;不&gt;&amp;觉晓</text>") && !svg.contains("<不>"));
        assert!(!svg.contains(">\n<text") && !svg.trim_end().contains('\n'), "line breaks would be drawn");
        assert_eq!(svg.matches("<g ").count(), FRAMES as usize + LAST_SCREENS.len());
        for tag in ["g", "text", "svg"] {
            let opened = svg.matches(&format!("<{tag} ")).count();
            assert_eq!(opened, svg.matches(&format!("</{tag}>")).count(), "{tag}");
        }
        assert!(animation(&[]).is_err());
    }

    #[test]
    fn half_of_the_frames_show_adversarial_training() {
        let started = |pretrain_steps| Event::Started {
            run: String::new(),
            run_id: String::new(),
            corpus: Default::default(),
            model: Default::default(),
            step: 0,
            total_steps: 0,
            pretrain_steps,
            settings: Vec::new(),
            runtime_settings: Vec::new(),
        };
        assert_eq!(frame_steps(&[started(1000)], 1100), [200, 400, 600, 800, 1000, 1020, 1040, 1060, 1080, 1100]);
        assert_eq!(frame_steps(&[started(0)], 100)[..2], [10, 20]);
        assert_eq!(frame_steps(&[started(1000)], 500)[9], 500);
    }

    #[test]
    fn colours_are_those_of_256() {
        assert_eq!(colour(Some(Color::Indexed(166))), "#d75f00");
        assert_eq!(colour(Some(Color::Indexed(245))), "#8a8a8a");
        assert_eq!(colour(None), INK);
    }
}
