//! The settings that the list shows.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use super::row::RunRow;
use crate::config::{Config, DEFAULT_PRESET};
use crate::error::UserError;
use crate::run::changes::flat;

/// All settings of a run by `section.key`.
pub fn known() -> Result<BTreeMap<String, String>> {
    Ok(flat(&Config::preset(DEFAULT_PRESET)?)?)
}

/// The settings to show: those that are asked for, then those that differ among the runs if `differing` is set.
///
/// # Errors
/// When one that is asked for does not exist.
pub fn shown(rows: &[RunRow], asked: &[String], differing: bool) -> Result<Vec<String>> {
    let known = known()?;
    let mut shown: Vec<String> = Vec::new();
    for key in asked {
        if !known.contains_key(key) {
            let advice = similar(key, known.keys()).map_or(String::new(), |other| format!("did you mean {other}? "));
            let message = format!("'{key}' is not a setting; {advice}`poetgan config` prints all with their sections");
            return Err(UserError(message).into());
        }
        if !shown.contains(key) {
            shown.push(key.clone());
        }
    }
    for key in known.into_keys().filter(|key| differing && differs(rows, key)) {
        if !shown.contains(&key) {
            shown.push(key);
        }
    }
    Ok(shown)
}

/// Whether two runs have different values.
fn differs(rows: &[RunRow], key: &str) -> bool {
    let mut values = rows.iter().filter_map(|row| row.settings.get(key));
    values.next().is_some_and(|first| values.any(|other| other != first))
}

/// The setting that a user may have meant: one of another section, or one that is spelt alike.
pub fn similar<'a>(key: &str, known: impl Iterator<Item = &'a String> + Clone) -> Option<&'a String> {
    let name = |key: &'a String| key.rsplit('.').next().unwrap_or(key);
    let own = key.rsplit('.').next().unwrap_or(key);
    let same = known.clone().find(|other| name(other) == own);
    let near = || known.map(|other| (strsim::osa_distance(key, other), other)).min();
    same.or_else(|| near().filter(|(distance, _)| *distance <= key.len() / 3).map(|(_, other)| other))
}

/// A value as a cell of a table: a text without its quotes.
pub fn cell(row: &RunRow, key: &str) -> Option<String> {
    Some(match json(row, key)? {
        Value::String(text) => text,
        value => value.to_string(),
    })
}

/// A value as JSON. TOML writes numbers, texts and lists as JSON does.
pub fn json(row: &RunRow, key: &str) -> Option<Value> {
    let value = row.settings.get(key)?;
    Some(serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(settings: &[(&str, &str)]) -> RunRow {
        let settings = settings.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        RunRow { name: "a".into(), path: "a".into(), summary: Err("not read".into()), settings }
    }

    #[test]
    fn settings_are_asked_for_or_differ() {
        let one = row(&[("training.seed", "0"), ("training.loss", "\"hinge\"")]);
        let other = row(&[("training.seed", "5"), ("training.loss", "\"hinge\"")]);
        let rows = [one, row(&[]), other];
        let keys = |asked: &[&str], differing| {
            shown(&rows, &asked.iter().map(|key| key.to_string()).collect::<Vec<_>>(), differing).unwrap()
        };
        assert_eq!(keys(&[], false), [""; 0]);
        assert_eq!(keys(&[], true), ["training.seed"]);
        assert_eq!(keys(&["training.loss", "training.seed"], true), ["training.loss", "training.seed"]);
        assert_eq!(cell(&rows[0], "training.loss").as_deref(), Some("hinge"));
        assert_eq!((json(&rows[2], "training.seed"), json(&rows[1], "training.seed")), (Some(5.into()), None));
    }

    #[test]
    fn a_wrong_name_gets_a_suggestion() {
        let error = |key: &str| shown(&[], &[key.to_string()], false).unwrap_err().to_string();
        let end = "`poetgan config` prints all with their sections";
        assert_eq!(
            error("learning_rate"),
            format!("'learning_rate' is not a setting; did you mean training.learning_rate? {end}")
        );
        assert!(error("training.lerning_rate").contains("did you mean training.learning_rate?"));
        assert_eq!(error("colour"), format!("'colour' is not a setting; {end}"));
    }
}
