//! A run as one HTML page that needs no network, no script and no other file.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::chart::{PageChart, PageLine, rounded};
use super::exporter::Exporter;
use super::html::{escape, section, table};
use super::poems;
use super::report::{LatestQuality, RunReport};
use crate::run::event::{Event, QualityFigure};
use crate::run::files::write_atomically;
use crate::ui::{Curves, MetricCurve, clock, file_name};

const STYLE: &str = include_str!("page.css");

/// Forbids the browser to load anything.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Writes the page at the end of the journal.
pub struct HtmlPage {
    path: PathBuf,
    report: RunReport,
}

impl HtmlPage {
    pub fn open(run: &Path, folder: &Path) -> Result<HtmlPage> {
        Ok(HtmlPage { path: folder.join("report.html"), report: RunReport::open(run)? })
    }
}

impl Exporter for HtmlPage {
    fn on_event(&mut self, event: &Event, seconds: f64) -> io::Result<()> {
        self.report.on_event(event, seconds);
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<PathBuf>> {
        let page = page(&self.report).map_err(io::Error::other)?;
        write_atomically(&self.path, page.as_bytes())?;
        Ok(vec![self.path])
    }
}

/// # Errors
/// When a chart cannot be drawn.
fn page(report: &RunReport) -> Result<String> {
    let name = escape(file_name(&report.run));
    let sections = [
        poems::newest(&report.samples),
        measured(report),
        section("Curves", &curves(report)?),
        poems::over_time(&report.samples),
        section("Commands", &commands(report)),
        section("Events", &events(report)),
        section("Settings", &settings(&report.settings)),
    ];
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"{POLICY}\">\n<title>{name}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n\
         {}{}</body>\n</html>\n",
        summary(report),
        sections.concat()
    ))
}

/// Corpus, models and progress of the run.
fn summary(report: &RunReport) -> String {
    let mut entries = Vec::new();
    if let Some(started) = &report.started {
        entries.push(("corpus", started.corpus.to_string()));
        entries.push(("model", started.model.to_string()));
        let adversarial = started.total_steps.saturating_sub(started.pretrain_steps);
        entries.push((
            "schedule",
            format!("{} steps of pretraining, then {adversarial} of adversarial training", started.pretrain_steps),
        ));
    }
    if let Some(newest) = &report.newest {
        let (step, total, phase) = (newest.step, newest.total_steps, newest.phase.name());
        let time = clock(report.seconds as f32);
        entries.push(("step", format!("{step} of {total} ({phase}), after {time} of training")));
    }
    if let Some(loss) = report.curves.held_out.latest() {
        entries.push(("held-out loss", format!("{loss:.3} nats per token")));
    }
    let entry = |(name, text): (&str, String)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(&text));
    format!("<dl>\n{}</dl>\n", entries.into_iter().map(entry).collect::<String>())
}

fn curves(report: &RunReport) -> Result<String> {
    let boundary = report.started.as_ref().map(|started| started.pretrain_steps);
    let charts = charts(&report.curves, report.quality.as_ref());
    let charts = charts.iter().map(|chart| chart.html(boundary)).collect::<Result<String>>()?;
    if charts.is_empty() {
        return Ok(charts);
    }
    let about = "Lines are means over the steps of a point, bands their extremes. Numbers are the latest values, \
                 smoothed for curves with a value at every step. The dotted line is the start of adversarial training.";
    Ok(format!("<p class=\"faint\">{about}</p>\n<div class=\"grid-of\">\n{charts}</div>\n"))
}

fn charts<'a>(curves: &'a Curves, quality: Option<&'a LatestQuality>) -> Vec<PageChart<'a>> {
    let pair = |title, one: (&'a str, &'a MetricCurve), two: (&'a str, &'a MetricCurve)| PageChart {
        title,
        lines: [one, two].map(|(name, curve)| PageLine { name, curve }).into(),
        level: None,
    };
    let mut charts = vec![
        pair("Likelihood loss, nats per token", ("training", &curves.likelihood), ("held out", &curves.held_out)),
        pair("Adversarial losses", ("generator", &curves.generator), ("discriminator", &curves.discriminator)),
        pair("D's probability of being real", ("D(real)", &curves.d_real), ("D(fake)", &curves.d_fake)),
        pair(
            "Gradient norms",
            ("generator", &curves.generator_gradient),
            ("discriminator", &curves.discriminator_gradient),
        ),
    ];
    charts.extend(curves.quality.iter().map(|(name, curve)| {
        let real = quality.and_then(|quality| quality.figures.iter().find(|figure| figure.name == *name));
        let level = real.map(|figure| ("real poems", f64::from(figure.real)));
        PageChart { title: name, lines: vec![PageLine { name: "generated poems", curve }], level }
    }));
    charts
}

/// The tables of `poetgan eval`, or else the latest quality check.
fn measured(report: &RunReport) -> String {
    if let Some(evaluation) = &report.evaluation {
        return section("Evaluation", &evaluation.html());
    }
    let Some(LatestQuality { step, form, figures }) = &report.quality else { return String::new() };
    let row =
        |figure: &QualityFigure| vec![figure.name.clone(), rounded(figure.model.into()), rounded(figure.real.into())];
    let rows: Vec<Vec<String>> = figures.iter().map(row).collect();
    let table = table(&["", "generated poems", "real poems"], &rows);
    section("Quality", &format!("<p class=\"faint\">Poems of form {}, step {step}</p>\n{table}", escape(form)))
}

/// The commands that use the run, or train another one with its settings.
fn commands(report: &RunReport) -> String {
    let (run, corpus) = (&report.run, report.started.as_ref().map_or("FILE", |started| started.corpus.path.as_str()));
    let commands = [
        format!("poetgan write --model {run}"),
        format!("poetgan eval --model {run}"),
        format!("poetgan train {corpus} --config {run}/config.toml --run NAME"),
    ];
    format!("<pre>{}</pre>\n", escape(&commands.join("\n")))
}

fn events(report: &RunReport) -> String {
    if report.events.is_empty() {
        return String::new();
    }
    let entry = |event: &String| format!("<li>{}</li>\n", escape(event));
    let list: String = report.events.iter().map(entry).collect();
    let earlier = match report.n_dropped {
        0 => String::new(),
        n => format!("<p class=\"faint\">{n} earlier events are in log.txt of the run</p>\n"),
    };
    format!("{earlier}<ul>\n{list}</ul>\n")
}

fn settings(toml: &str) -> String {
    if toml.is_empty() {
        return String::new();
    }
    format!("<details>\n<summary>config.toml</summary>\n<pre>{}</pre>\n</details>\n", escape(toml))
}
