//! Runs as a table for people, or as JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::row::RunRow;
use super::settings;
use super::summary::RunSummary;
use crate::printable::printable;
use crate::ui::clock;

/// Between two columns.
const GAP: &str = "  ";

/// A column of the table.
struct TableColumn {
    head: &'static str,
    /// Numbers are right-aligned.
    is_number: bool,
    /// Columns are left out in this order if there is no room; 0 is never left out.
    rank: u8,
    of: fn(&RunSummary) -> String,
}

const fn column(head: &'static str, is_number: bool, rank: u8, of: fn(&RunSummary) -> String) -> TableColumn {
    TableColumn { head, is_number, rank, of }
}

/// The columns after the name.
const COLUMNS: [TableColumn; 10] = [
    column("state", false, 0, |run| run.state.name().to_string()),
    column("step", true, 0, |run| format!("{}/{}", run.step, run.total_steps)),
    column("phase", false, 4, phase),
    column("held-out", true, 0, |run| figure(run.held_out)),
    column("best", true, 5, |run| run.best_step.map_or_else(absent, |step| step.to_string())),
    column("rhyme", true, 6, |run| figure(run.figure("rhyme"))),
    column("distinct-2", true, 3, |run| figure(run.figure("distinct-2"))),
    column("trained", true, 7, |run| clock(run.trained_s as f32)),
    column("corpus", false, 2, |run| printable(&run.corpus)),
    column("started", false, 1, started),
];

/// One JSON object per run: its summary or the error, with these settings.
pub fn json(rows: &[RunRow], settings: &[String], out: &mut impl Write) -> io::Result<()> {
    for row in rows {
        serde_json::to_writer(&mut *out, &RunJson::of(row, settings))?;
        writeln!(out)?;
    }
    Ok(())
}

#[derive(Serialize)]
pub struct RunJson<'a> {
    name: &'a str,
    path: String,
    #[serde(flatten)]
    summary: Option<&'a RunSummary>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    settings: BTreeMap<&'a str, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl RunJson<'_> {
    pub fn of<'a>(row: &'a RunRow, settings: &'a [String]) -> RunJson<'a> {
        let (summary, error) = (row.summary.as_ref().ok(), row.summary.as_ref().err());
        let (path, error) = (row.path.display().to_string(), error.map(String::as_str));
        let settings = settings.iter().filter_map(|key| Some((key.as_str(), settings::json(row, key)?))).collect();
        RunJson { name: &row.name, path, summary, settings, error }
    }
}

/// A column with its texts, one for each run that can be read.
struct FilledColumn<'a> {
    head: &'a str,
    is_number: bool,
    rank: u8,
    cells: Vec<Option<String>>,
    width: usize,
}

impl<'a> FilledColumn<'a> {
    fn new(head: &'a str, is_number: bool, rank: u8, cells: Vec<Option<String>>) -> FilledColumn<'a> {
        let widths = cells.iter().flatten().map(|cell| cell.width());
        let width = widths.chain([head.len()]).max().unwrap_or(0);
        FilledColumn { head, is_number, rank, cells, width }
    }

    fn fixed(column: &TableColumn, rows: &[RunRow]) -> FilledColumn<'a> {
        let cells = rows.iter().map(|row| Some((column.of)(row.summary.as_ref().ok()?)));
        FilledColumn::new(column.head, column.is_number, column.rank, cells.collect())
    }

    /// The column of a setting, which is never left out.
    fn setting(key: &'a str, rows: &[RunRow]) -> FilledColumn<'a> {
        let cells: Vec<Option<String>> =
            rows.iter().map(|row| settings::cell(row, key).map(|cell| printable(&cell))).collect();
        let is_number = cells.iter().flatten().all(|cell| cell.parse::<f64>().is_ok());
        FilledColumn::new(key, is_number, 0, cells)
    }
}

/// One line per run, with a column for each of these settings. If `columns` of a terminal do not suffice, the least important
/// columns are left out and named below.
pub fn text(rows: &[RunRow], settings: &[String], columns: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    let name = |row: &RunRow| printable(&row.name);
    let of_names = rows.iter().map(|row| name(row).width()).max().unwrap_or(0).max("name".len());
    let fixed = COLUMNS.iter().map(|column| FilledColumn::fixed(column, rows));
    let mut shown: Vec<FilledColumn> =
        fixed.chain(settings.iter().map(|key| FilledColumn::setting(key, rows))).collect();
    let mut left_out = Vec::new();
    let width = |shown: &[FilledColumn]| of_names + shown.iter().map(|column| GAP.len() + column.width).sum::<usize>();
    while columns.is_some_and(|columns| width(&shown) > columns) {
        let least = shown.iter().enumerate().filter(|(_, column)| column.rank > 0);
        let Some((place, _)) = least.min_by_key(|(_, column)| column.rank) else { break };
        left_out.push(shown.remove(place).head);
    }
    let heads = shown.iter().map(|column| aligned(column.head, column.width, column.is_number));
    writeln!(out, "{}", joined(aligned("name", of_names, false), heads))?;
    for (place, row) in rows.iter().enumerate() {
        let name = aligned(&name(row), of_names, false);
        match &row.summary {
            Ok(_) => {
                let cell = |column: &FilledColumn| {
                    let cell = column.cells.get(place).cloned().flatten().unwrap_or_else(absent);
                    aligned(&cell, column.width, column.is_number)
                };
                writeln!(out, "{}", joined(name, shown.iter().map(cell)))?;
            }
            Err(reason) => writeln!(out, "{name}{GAP}{}", printable(reason))?,
        }
    }
    if !left_out.is_empty() {
        writeln!(out, "(columns left out: {}; --json has all)", left_out.join(", "))?;
    }
    Ok(())
}

pub fn phase(run: &RunSummary) -> String {
    run.phase.map_or_else(absent, |phase| phase.name().to_string())
}

/// In local time.
pub fn started(run: &RunSummary) -> String {
    let local = |time: Timestamp| time.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
    run.started.map_or_else(absent, local)
}

pub fn figure(value: Option<f32>) -> String {
    value.map_or_else(absent, |value| format!("{value:.3}"))
}

pub fn absent() -> String {
    "-".to_string()
}

pub fn aligned(text: &str, width: usize, is_number: bool) -> String {
    let space = " ".repeat(width.saturating_sub(text.width()));
    if is_number { space + text } else { text.to_string() + &space }
}

fn joined(name: String, cells: impl Iterator<Item = String>) -> String {
    let line: Vec<String> = std::iter::once(name).chain(cells).collect();
    line.join(GAP).trim_end().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::run::event::Phase;
    use crate::runs::summary::RunStatus;

    fn rows() -> [RunRow; 2] {
        let summary = RunSummary {
            state: RunStatus::Stopped,
            step: 20,
            total_steps: 60,
            phase: Some(Phase::Pretraining),
            held_out: Some(4.9336),
            best_step: Some(20),
            figures: Vec::new(),
            trained_s: 3725.0,
            corpus: "corpora/唐\u{1b}.txt".to_string(),
            started: None,
            config: Config::preset("tiny").unwrap(),
        };
        let settings = [("training.loss".to_string(), "\"hinge\"".to_string())];
        let row = |name: &str, summary| {
            let (name, path) = (name.to_string(), name.into());
            RunRow { name, path, summary, settings: settings.clone().into() }
        };
        [row("唐诗", Ok(summary)), row("other", Err("not a run".to_string()))]
    }

    fn shown(columns: Option<usize>) -> String {
        let mut out = Vec::new();
        text(&rows(), &[], columns, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_aligned() {
        let expected = "\
name   state     step  phase        held-out  best  rhyme  distinct-2  trained  corpus           started
唐诗   stopped  20/60  pretraining     4.934    20      -           -  1:02:05  corpora/唐 .txt  -
other  not a run
";
        assert_eq!(shown(None), expected);
        assert_eq!(shown(Some(105)), expected);
    }

    #[test]
    fn settings_are_columns_that_are_never_left_out() {
        let mut out = Vec::new();
        text(&rows(), &["training.loss".to_string()], Some(54), &mut out).unwrap();
        let expected = "\
name   state     step  held-out  training.loss
唐诗   stopped  20/60     4.934  hinge
other  not a run
(columns left out: started, corpus, distinct-2, phase, best, rhyme, trained; --json has all)
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_narrow_terminal_gets_the_important_columns() {
        let expected = "\
name   state     step  held-out  best  rhyme  trained
唐诗   stopped  20/60     4.934    20      -  1:02:05
other  not a run
(columns left out: started, corpus, distinct-2, phase; --json has all)
";
        assert_eq!(shown(Some(54)), expected);
        assert!(shown(Some(1)).starts_with("name   state     step  held-out\n"), "{}", shown(Some(1)));
    }

    #[test]
    fn json_has_the_summary_or_the_error() {
        let mut out = Vec::new();
        json(&rows(), &["training.loss".to_string()], &mut out).unwrap();
        let lines: Vec<serde_json::Value> =
            out.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!((lines.len(), &lines[0]["state"], &lines[0]["step"]), (2, &"stopped".into(), &20.into()));
        assert_eq!((&lines[0]["phase"], lines[0].get("error")), (&"pretraining".into(), None));
        assert_eq!(lines[0]["settings"], serde_json::json!({"training.loss": "hinge"}));
        assert_eq!((&lines[1]["error"], lines[1].get("step")), (&"not a run".into(), None));
    }
}
