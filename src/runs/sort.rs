//! The order of the list.

use std::cmp::Ordering;

use anyhow::Result;

use super::row::RunRow;
use super::settings;
use crate::error::UserError;
use crate::run::event::QualityFigure;

/// What runs can be sorted by besides their settings and the figures of their poems.
const COLUMNS: [&str; 9] = ["name", "state", "step", "phase", "held-out", "best", "trained", "corpus", "started"];

/// What a run has at a key.
#[derive(Debug, PartialEq)]
enum SortValue {
    Number(f64),
    Text(String),
}

/// Sorts the runs by a column or a setting, from low to high or reversed. Those that have no such value come last.
///
/// # Errors
/// When there is no such key.
pub fn sort(rows: &mut [RunRow], key: &str, reverse: bool) -> Result<()> {
    let known = settings::known()?;
    let keys = [COLUMNS.as_slice(), &QualityFigure::NAMES].concat();
    if !keys.contains(&key) && !known.contains_key(key) {
        let names: Vec<String> = keys.iter().map(ToString::to_string).collect();
        let similar = settings::similar(key, names.iter().chain(known.keys()));
        let advice = similar.map_or(String::new(), |other| format!("; did you mean {other}?"));
        let message =
            format!("cannot sort by '{key}'{advice}; write {}, or a setting such as training.seed", keys.join(", "));
        return Err(UserError(message).into());
    }
    rows.sort_by(|one, other| match (value(one, key), value(other, key)) {
        (Some(one), Some(other)) if reverse => compared(&other, &one),
        (Some(one), Some(other)) => compared(&one, &other),
        (one, other) => one.is_none().cmp(&other.is_none()),
    });
    Ok(())
}

/// Numbers come before texts.
fn compared(one: &SortValue, other: &SortValue) -> Ordering {
    match (one, other) {
        (SortValue::Number(one), SortValue::Number(other)) => one.total_cmp(other),
        (SortValue::Text(one), SortValue::Text(other)) => one.cmp(other),
        (SortValue::Number(_), SortValue::Text(_)) => Ordering::Less,
        (SortValue::Text(_), SortValue::Number(_)) => Ordering::Greater,
    }
}

fn value(row: &RunRow, key: &str) -> Option<SortValue> {
    let text = |text: &str| Some(SortValue::Text(text.to_string()));
    if key == "name" {
        return text(&row.name);
    }
    let run = row.summary.as_ref().ok()?;
    let number = match key {
        "state" => return text(run.state.name()),
        "phase" => return text(run.phase?.name()),
        "corpus" => return text(&run.corpus),
        "step" => run.step as f64,
        "held-out" => run.held_out?.into(),
        "best" => run.best_step? as f64,
        "trained" => run.trained_s,
        "started" => run.started?.as_second() as f64,
        key if QualityFigure::NAMES.contains(&key) => run.figure(key)?.into(),
        key => {
            let value = settings::cell(row, key)?;
            return Some(value.parse().map_or_else(|_| SortValue::Text(value), SortValue::Number));
        }
    };
    Some(SortValue::Number(number))
}
