//! Two runs side by side.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::Row;
use super::facts::Facts;
use super::table::{Json, absent, aligned, figure, phase, printable, started};
use crate::error::UserError;
use crate::run::changes::flat;
use crate::ui::clock;

pub struct Both<'a> {
    rows: [&'a Row; 2],
    facts: [&'a Facts; 2],
    /// The settings that differ.
    settings: BTreeMap<String, [String; 2]>,
}

impl Both<'_> {
    pub fn new<'a>(one: &'a Row, other: &'a Row) -> Result<Both<'a>> {
        let facts = [facts(one)?, facts(other)?];
        let (left, right) = (flat(&facts[0].config)?, flat(&facts[1].config)?);
        // Both hold all keys, since what a file leaves out has a default.
        let pair = |(key, left): (String, String)| Some((key.clone(), [left, right.get(&key)?.clone()]));
        let settings = left.into_iter().filter_map(pair).filter(|(_, [left, right])| left != right).collect();
        Ok(Both { rows: [one, other], facts, settings })
    }

    /// One object: both runs as in the list, and the settings that differ.
    pub fn json(&self, out: &mut impl Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Comparison<'a> {
            runs: [Json<'a>; 2],
            settings: &'a BTreeMap<String, [String; 2]>,
        }
        let comparison = Comparison { runs: self.rows.map(Json::of), settings: &self.settings };
        serde_json::to_writer(&mut *out, &comparison)?;
        writeln!(out)
    }

    /// The figures, then the settings.
    pub fn text(&self, out: &mut impl Write) -> io::Result<()> {
        let name = |row: &Row| printable(&row.name);
        let mut lines = vec![(String::new(), self.rows.map(name))];
        lines.extend(self.figures());
        let n_figures = lines.len();
        lines.extend(self.settings.iter().map(|(key, values)| (key.clone(), values.clone())));
        let width = |texts: &mut dyn Iterator<Item = &str>| texts.map(UnicodeWidthStr::width).max().unwrap_or(0);
        let of_names = width(&mut lines.iter().map(|(name, _)| name.as_str()));
        let of_values = width(&mut lines.iter().map(|(_, [left, _])| left.as_str()));
        for (place, (name, [left, right])) in lines.iter().enumerate() {
            if place == n_figures {
                writeln!(out, "\nsettings that differ:")?;
            }
            let (name, left) = (aligned(name, of_names, false), aligned(left, of_values, false));
            writeln!(out, "{}", format!("{name}  {left}  {right}").trim_end())?;
        }
        if self.settings.is_empty() { writeln!(out, "\nthe same settings") } else { Ok(()) }
    }

    fn figures(&self) -> Vec<(String, [String; 2])> {
        let both = |name: &str, of: &dyn Fn(&Facts) -> String| (name.to_string(), self.facts.map(of));
        let mut lines = vec![
            both("state", &|facts| facts.state.name().to_string()),
            both("step", &|facts| format!("{}/{}", facts.step, facts.total_steps)),
            both("phase", &phase),
            both("held-out", &|facts| figure(facts.held_out)),
            both("best", &|facts| facts.best_step.map_or_else(absent, |step| step.to_string())),
        ];
        let mut names: Vec<&str> = Vec::new();
        for figure in self.facts.iter().flat_map(|facts| &facts.figures) {
            if !names.contains(&figure.name.as_str()) {
                names.push(&figure.name);
            }
        }
        lines.extend(names.into_iter().map(|name| both(name, &|facts| figure(facts.figure(name)))));
        lines.extend([
            both("trained", &|facts| clock(facts.trained_s as f32)),
            both("corpus", &|facts| printable(&facts.corpus)),
            both("started", &started),
        ]);
        lines
    }
}

/// What is compared has to be known.
fn facts(row: &Row) -> Result<&Facts, UserError> {
    let unknown = |reason: &String| {
        UserError(format!("{}: {reason}; name two runs that poetgan runs can tell of", row.path.display()))
    };
    row.facts.as_ref().map_err(unknown)
}
