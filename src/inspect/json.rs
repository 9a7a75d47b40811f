//! The report as one JSON object.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::account::Account;
use crate::printable;

/// The name of a kind as in JSON.
pub fn name(kind: &impl Serialize) -> String {
    serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(String::from)).unwrap_or_default()
}

pub fn write(account: &Account, out: &mut impl Write) -> io::Result<()> {
    let reading = &account.reading;
    let files: Vec<Value> = reading
        .files
        .iter()
        .map(|file| {
            let path = file.path.display().to_string();
            match &file.problem {
                Some(problem) => json!({"path": path, "problem": problem}),
                None => json!({"path": path, "layout": file.layout.name(), "why": file.why,
                               "encoding": file.encoding, "poems": file.poems}),
            }
        })
        .collect();
    let (layout, why) = reading.layout();
    let first = reading.first.as_ref().map(|poem| {
        json!({"title": poem.title, "lines": poem.lines, "form": poem.form.to_string(), "stanzas": poem.stanzas,
               "source_line": poem.source_line})
    });
    let report = json!({
        "layout": layout.name(), "why": why, "encoding": reading.encoding(), "bytes": account.bytes,
        "sha256": account.sha256, "files": files, "not_read": counts(&reading.not_read),
        "found": reading.found, "poems": account.poems, "duplicates": reading.duplicates,
        "left_out": counts(&reading.left_out), "near_duplicates": reading.near_duplicates,
        "with_stanzas": reading.with_stanzas, "held_out": account.held_out,
        "not_writable": account.left_out, "lines": account.lines,
        "file_lines": {"total": reading.lines.total, "blank": reading.lines.blank, "verses": reading.lines.verses,
                       "between_poems": reading.lines.marks.values().sum::<usize>()},
        "forms": account.forms.iter().cloned().collect::<BTreeMap<_, _>>(),
        "changes": counts(&reading.changes), "warnings": counts(&reading.warnings),
        "lines_per_poem": numbers(&account.heights), "characters_per_line": numbers(&account.widths),
        "first": first,
    });
    writeln!(out, "{}", printable::json(&report)?)
}

fn counts<K: Serialize>(counts: &BTreeMap<K, usize>) -> Map<String, Value> {
    counts.iter().map(|(kind, count)| (name(kind), Value::from(*count))).collect()
}

fn numbers(counts: &BTreeMap<usize, usize>) -> Map<String, Value> {
    counts.iter().map(|(number, count)| (number.to_string(), Value::from(*count))).collect()
}
