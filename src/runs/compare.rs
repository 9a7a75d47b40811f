//! Two runs side by side.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::row::RunRow;
use super::summary::RunSummary;
use super::table::{RunJson, absent, aligned, figure, phase, started};
use crate::error::UserError;
use crate::lang::{self, Lang};
use crate::printable::{self, printable};
use crate::ui::clock;

pub struct RunPair<'a> {
    rows: [&'a RunRow; 2],
    summaries: [&'a RunSummary; 2],
    /// The settings that differ.
    settings: BTreeMap<String, [String; 2]>,
}

impl RunPair<'_> {
    pub fn new<'a>(one: &'a RunRow, other: &'a RunRow) -> Result<RunPair<'a>, UserError> {
        let summaries = [summary(one)?, summary(other)?];
        // Both have all keys: what a file leaves out has a default.
        let pair =
            |(key, left): (&String, &String)| Some((key.clone(), [left.clone(), other.settings.get(key)?.clone()]));
        let settings = one.settings.iter().filter_map(pair).filter(|(_, [left, right])| left != right).collect();
        Ok(RunPair { rows: [one, other], summaries, settings })
    }

    /// One object: both runs as in the list, and the settings that differ.
    pub fn json(&self, out: &mut impl Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct RunPairJson<'a> {
            runs: [RunJson<'a>; 2],
            settings: &'a BTreeMap<String, [String; 2]>,
        }
        let comparison = RunPairJson { runs: self.rows.map(|row| RunJson::of(row, &[])), settings: &self.settings };
        writeln!(out, "{}", printable::json(&comparison)?)
    }

    /// The figures, then the settings.
    pub fn text(&self, lang: Lang, out: &mut impl Write) -> io::Result<()> {
        let name = |row: &RunRow| printable(&row.name);
        let mut lines = vec![(String::new(), self.rows.map(name))];
        lines.extend(self.figures(lang));
        let n_figures = lines.len();
        lines.extend(self.settings.iter().map(|(key, values)| (key.clone(), values.clone())));
        let width = |texts: &mut dyn Iterator<Item = &str>| texts.map(UnicodeWidthStr::width).max().unwrap_or(0);
        let of_names = width(&mut lines.iter().map(|(name, _)| name.as_str()));
        let of_values = width(&mut lines.iter().map(|(_, [left, _])| left.as_str()));
        for (place, (name, [left, right])) in lines.iter().enumerate() {
            if place == n_figures {
                writeln!(out, "\n{}", lang.pick("settings that differ:", "不同的设置："))?;
            }
            let (name, left) = (aligned(name, of_names, false), aligned(left, of_values, false));
            writeln!(out, "{}", format!("{name}  {left}  {right}").trim_end())?;
        }
        if self.settings.is_empty() {
            writeln!(out, "\n{}", lang.pick("same settings", "设置相同"))
        } else {
            Ok(())
        }
    }

    fn figures(&self, lang: Lang) -> Vec<(String, [String; 2])> {
        let both = |name: &str, of: &dyn Fn(&RunSummary) -> String| (lang::message(lang, name), self.summaries.map(of));
        let mut lines = vec![
            both("state", &|run| lang::message(lang, run.state.name())),
            both("step", &|run| format!("{}/{}", run.step, run.total_steps)),
            both("phase", &|run| phase(run, lang)),
            both("held-out", &|run| figure(run.held_out)),
            both("best", &|run| run.best_step.map_or_else(absent, |step| step.to_string())),
        ];
        let mut names: Vec<&str> = Vec::new();
        for figure in self.summaries.iter().flat_map(|run| &run.figures) {
            if !names.contains(&figure.name.as_str()) {
                names.push(&figure.name);
            }
        }
        lines.extend(names.into_iter().map(|name| both(&printable(name), &|run| figure(run.figure(name)))));
        lines.extend([
            both("trained", &|run| clock(run.trained_s as f32)),
            both("corpus", &|run| printable(&run.corpus)),
            both("started", &started),
        ]);
        lines
    }
}

/// The summary of a run that is compared.
fn summary(row: &RunRow) -> Result<&RunSummary, UserError> {
    let unknown =
        |reason: &String| UserError(format!("{}: {reason}; name two runs that can be read", row.path.display()));
    row.summary.as_ref().map_err(unknown)
}
