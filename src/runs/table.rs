//! Runs as a table for people, or as JSON.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::Row;
use super::facts::Facts;
use crate::ui::clock;

/// Between two columns.
const GAP: &str = "  ";

/// A column of the table.
struct Column {
    head: &'static str,
    /// Numbers stand at the right.
    is_number: bool,
    /// How readily it is left out where there is no room: the least first, 0 never.
    rank: u8,
    of: fn(&Facts) -> String,
}

const fn column(head: &'static str, is_number: bool, rank: u8, of: fn(&Facts) -> String) -> Column {
    Column { head, is_number, rank, of }
}

/// After the name.
const COLUMNS: [Column; 10] = [
    column("state", false, 0, |facts| facts.state.name().to_string()),
    column("step", true, 0, |facts| format!("{}/{}", facts.step, facts.total_steps)),
    column("phase", false, 4, phase),
    column("held-out", true, 0, |facts| figure(facts.held_out)),
    column("best", true, 5, |facts| facts.best_step.map_or_else(absent, |step| step.to_string())),
    column("rhyme", true, 6, |facts| figure(facts.figure("rhyme"))),
    column("distinct-2", true, 3, |facts| figure(facts.figure("distinct-2"))),
    column("trained", true, 7, |facts| clock(facts.trained_s as f32)),
    column("corpus", false, 2, |facts| printable(&facts.corpus)),
    column("started", false, 1, started),
];

/// One JSON object a run: its facts, or the error that keeps them.
pub fn json(rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    for row in rows {
        serde_json::to_writer(&mut *out, &Json::of(row))?;
        writeln!(out)?;
    }
    Ok(())
}

#[derive(Serialize)]
pub struct Json<'a> {
    name: &'a str,
    path: String,
    #[serde(flatten)]
    facts: Option<&'a Facts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl Json<'_> {
    pub fn of(row: &Row) -> Json<'_> {
        let (facts, error) = (row.facts.as_ref().ok(), row.facts.as_ref().err());
        Json { name: &row.name, path: row.path.display().to_string(), facts, error: error.map(String::as_str) }
    }
}

/// A line a run. On a terminal of `columns` that is too narrow, the columns that matter least are left out, and named
/// below.
pub fn text(rows: &[Row], columns: Option<usize>, out: &mut impl Write) -> io::Result<()> {
    let name = |row: &Row| printable(&row.name);
    let of_names = rows.iter().map(|row| name(row).width()).max().unwrap_or(0).max("name".len());
    let widths = COLUMNS.each_ref().map(|column| {
        let cells = rows.iter().filter_map(|row| Some((column.of)(row.facts.as_ref().ok()?).width()));
        cells.chain([column.head.len()]).max().unwrap_or(0)
    });
    let mut shown: Vec<(&Column, usize)> = COLUMNS.iter().zip(widths).collect();
    let mut left_out = Vec::new();
    let width = |shown: &[(&Column, usize)]| of_names + shown.iter().map(|(_, width)| GAP.len() + width).sum::<usize>();
    while columns.is_some_and(|columns| width(&shown) > columns) {
        let least = shown.iter().enumerate().filter(|(_, (column, _))| column.rank > 0);
        let Some((place, _)) = least.min_by_key(|(_, (column, _))| column.rank) else { break };
        left_out.push(shown.remove(place).0.head);
    }
    let heads = shown.iter().map(|(column, width)| aligned(column.head, *width, column.is_number));
    writeln!(out, "{}", joined(aligned("name", of_names, false), heads))?;
    for row in rows {
        let name = aligned(&name(row), of_names, false);
        match &row.facts {
            Ok(facts) => {
                let cell = |(column, width): &(&Column, usize)| aligned(&(column.of)(facts), *width, column.is_number);
                writeln!(out, "{}", joined(name, shown.iter().map(cell)))?;
            }
            Err(reason) => writeln!(out, "{name}{GAP}{}", printable(reason))?,
        }
    }
    if !left_out.is_empty() {
        writeln!(out, "(for want of room without {}; --json has all)", left_out.join(", "))?;
    }
    Ok(())
}

pub fn phase(facts: &Facts) -> String {
    facts.phase.map_or_else(absent, |phase| phase.name().to_string())
}

/// In the time of this place.
pub fn started(facts: &Facts) -> String {
    let local = |time: Timestamp| time.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
    facts.started.map_or_else(absent, local)
}

pub fn figure(value: Option<f32>) -> String {
    value.map_or_else(absent, |value| format!("{value:.3}"))
}

pub fn absent() -> String {
    "-".to_string()
}

/// Foreign text without what would upset a terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
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
    use crate::runs::facts::State;

    fn rows() -> [Row; 2] {
        let facts = Facts {
            state: State::Stopped,
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
        let row = |name: &str, facts| Row { name: name.to_string(), path: name.into(), facts };
        [row("唐诗", Ok(facts)), row("other", Err("is no run".to_string()))]
    }

    fn told(columns: Option<usize>) -> String {
        let mut out = Vec::new();
        text(&rows(), columns, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_stand_below_each_other() {
        let expected = "\
name   state     step  phase    held-out  best  rhyme  distinct-2  trained  corpus           started
唐诗   stopped  20/60  pretraining   4.934    20      -           -  1:02:05  corpora/唐 .txt  -
other  is no run
";
        assert_eq!(told(None), expected);
        assert_eq!(told(Some(101)), expected);
    }

    #[test]
    fn a_narrow_terminal_gets_what_matters_most() {
        let expected = "\
name   state     step  held-out  best  rhyme  trained
唐诗   stopped  20/60     4.934    20      -  1:02:05
other  is no run
(for want of room without started, corpus, distinct-2, phase; --json has all)
";
        assert_eq!(told(Some(54)), expected);
        assert!(told(Some(1)).starts_with("name   state     step  held-out\n"), "{}", told(Some(1)));
    }

    #[test]
    fn machines_get_everything_or_the_error() {
        let mut out = Vec::new();
        json(&rows(), &mut out).unwrap();
        let lines: Vec<serde_json::Value> =
            out.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!((lines.len(), &lines[0]["state"], &lines[0]["step"]), (2, &"stopped".into(), &20.into()));
        assert_eq!((&lines[0]["phase"], lines[0].get("error")), (&"pretraining".into(), None));
        assert_eq!((&lines[1]["error"], lines[1].get("step")), (&"is no run".into(), None));
    }
}
