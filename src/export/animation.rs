//! Frames of the dashboard as one animated SVG, drawn by the dashboard's own code from a run's journal: a picture that
//! plays in a README or a browser.

use std::fmt::Write;

use anyhow::{Result, anyhow};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, CellWidth};
use ratatui::style::{Color, Modifier, Style};

use crate::run::event::Event;
use crate::ui::{self, Depth, State, Theme};

/// Columns and rows of the terminal in the picture.
const SIZE: (u16, u16) = (110, 34);
/// Frames of the first screen: half of them evenly spread over pretraining, the others over adversarial training.
const FRAMES: u64 = 10;
/// Seconds that a frame is shown.
const SECONDS: f32 = 1.6;
/// The screens that are shown at the end of the run, by their keys.
const LAST_SCREENS: [char; 3] = ['2', '3', '4'];
/// Pixels of a cell, and between the border and the text.
const CELL: (f32, f32) = (8.4, 17.0);
const MARGIN: f32 = 12.0;
/// Colours of the terminal in the picture.
const PAPER: &str = "#16181d";
const INK: &str = "#d7dae0";

/// Cells of one style.
struct Run {
    column: usize,
    columns: usize,
    text: String,
    style: Style,
}

/// The picture of a run that these events tell of.
pub fn animation(events: &[Event]) -> Result<String> {
    let last = events.iter().map(Event::step).max().ok_or_else(|| anyhow!("the journal is empty"))?;
    let (mut state, mut next, mut frames) = (State::default(), 0, Vec::new());
    for step in moments(events, last) {
        while let Some(event) = events.get(next).filter(|event| event.step() <= step) {
            // The end of the run would cover the keys.
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
fn moments(events: &[Event], last: u64) -> Vec<u64> {
    let warmup = events.iter().rev().find_map(|event| match event {
        Event::Started { pretrain_steps, .. } => Some(*pretrain_steps),
        _ => None,
    });
    match warmup {
        Some(end @ 1..) if end < last => {
            let half = FRAMES / 2;
            let adversarial = (1..=FRAMES - half).map(|frame| end + (last - end) * frame / (FRAMES - half));
            (1..=half).map(|frame| end * frame / half).chain(adversarial).collect()
        }
        _ => (1..=FRAMES).map(|frame| last * frame / FRAMES).collect(),
    }
}

/// What the terminal would show.
fn picture(state: &State) -> Result<Buffer> {
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1))?;
    let theme = Theme { depth: Depth::Indexed, ..Theme::COLOURLESS };
    terminal.draw(|frame| {
        ui::draw(frame, state, theme);
    })?;
    Ok(terminal.backend().buffer().clone())
}

fn svg(frames: &[Buffer]) -> String {
    let (width, height) = (f32::from(SIZE.0) * CELL.0 + 2.0 * MARGIN, f32::from(SIZE.1) * CELL.1 + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\" aria-label=\"The dashboard of poetgan while a run trains\">\n\
         <style>text{{font:14px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,\"Noto Sans Mono CJK SC\",\
         \"Noto Sans CJK SC\",\"PingFang SC\",\"Microsoft YaHei\",monospace;white-space:pre}}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n"
    );
    let whole = SECONDS * frames.len() as f32;
    for (index, frame) in frames.iter().enumerate() {
        // A viewer that does not animate shows the last frame only.
        let (from, to) = (index as f32 / frames.len() as f32, (index + 1) as f32 / frames.len() as f32);
        let hidden = if index + 1 == frames.len() { "visible" } else { "hidden" };
        let (values, times) = match index {
            0 => ("visible;hidden".to_owned(), format!("0;{to:.4}")),
            _ => ("hidden;visible;hidden".to_owned(), format!("0;{from:.4};{:.4}", to.min(0.9999))),
        };
        let _ = writeln!(
            svg,
            "<g visibility=\"{hidden}\"><animate attributeName=\"visibility\" values=\"{values}\" keyTimes=\"{times}\" \
             calcMode=\"discrete\" dur=\"{whole:.1}s\" repeatCount=\"indefinite\"/>"
        );
        rows(frame, &mut svg);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

/// Every run of cells as a text of its exact width, so that a font of other proportions does no harm.
fn rows(frame: &Buffer, svg: &mut String) {
    for row in 0..frame.area.height {
        let y = MARGIN + (f32::from(row) + 0.75) * CELL.1;
        for Run { column, columns, text, style } in runs(frame, row) {
            let (x, length) = (MARGIN + column as f32 * CELL.0, columns as f32 * CELL.0);
            let weight = if style.add_modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
            let is_reversed = style.add_modifier.contains(Modifier::REVERSED);
            let colour = colour(style.fg);
            let ink = if is_reversed { PAPER } else { colour.as_str() };
            if is_reversed {
                let top = MARGIN + f32::from(row) * CELL.1;
                let _ = write!(
                    svg,
                    "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{length:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>",
                    CELL.1
                );
            }
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" fill=\"{ink}\"{weight}>{}</text>",
                escaped(&text)
            );
        }
    }
}

/// The cells of a row, those of one style together; without the blanks between them.
fn runs(frame: &Buffer, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
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
            _ => runs.push(Run { column: place, columns: columns.into(), text: cell.symbol().to_owned(), style }),
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

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{Phase, SamplePoem, ScoredLine, StepRecord};

    #[test]
    fn frames_hold_what_the_dashboard_shows_and_are_well_formed() {
        let line = ScoredLine {
            text: "春眠<不>&觉晓".into(),
            score: Some(0.5),
            attributions: Vec::new(),
            tones: String::new(),
        };
        let poem = SamplePoem { form: "7x4".into(), seed: 1, lines: vec![line], score: None, nearest: Vec::new() };
        let mut events: Vec<Event> =
            (1..=20).map(|step| Event::Step(StepRecord::new(step, Phase::Pretraining, 0.1))).collect();
        events.push(Event::Sample { step: 20, temperature: 1.0, poems: vec![poem] });
        let svg = animation(&events).unwrap();
        assert!(svg.contains("春眠&lt;不&gt;&amp;觉晓") && !svg.contains("<不>"));
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
            corpus: Default::default(),
            model: Default::default(),
            step: 0,
            total_steps: 0,
            pretrain_steps,
            settings: Vec::new(),
            runtime_settings: Vec::new(),
        };
        assert_eq!(moments(&[started(1000)], 1100), [200, 400, 600, 800, 1000, 1020, 1040, 1060, 1080, 1100]);
        assert_eq!(moments(&[started(0)], 100)[..2], [10, 20]);
        assert_eq!(moments(&[started(1000)], 500)[9], 500);
    }

    #[test]
    fn colours_are_those_of_256() {
        assert_eq!(colour(Some(Color::Indexed(166))), "#d75f00");
        assert_eq!(colour(Some(Color::Indexed(245))), "#8a8a8a");
        assert_eq!(colour(None), INK);
    }
}
