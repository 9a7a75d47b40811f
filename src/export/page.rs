//! A run as one HTML page that needs no network, no script and no other file.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::chart::{PageChart, PageLine, rounded};
use super::exporter::Exporter;
use super::html::{escape, section, table};
use super::report::{LatestQuality, RunReport};
use super::samples::spread;
use crate::run::event::{Event, QualityFigure, SamplePoem, ScoredLine};
use crate::run::files::write_atomically;
use crate::ui::{Curves, MetricCurve, clock};

/// Most sample sets that are shown, and most poems of each.
const MAX_SETS: usize = 20;
const MAX_POEMS: usize = 3;

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
    let name = escape(&report.run);
    let sections = [
        section("Curves", &curves(report)?),
        section("Samples over time", &samples(&report.samples)),
        measured(report),
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
    let about = "Lines are means over the steps of a point, bands their extremes; numbers are the smoothed latest values. \
                 The dotted line is the start of adversarial training.";
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

fn samples(events: &[Event]) -> String {
    let set = |event: &&Event| {
        let Event::Sample { step, temperature, poems } = event else { return String::new() };
        let poems: String = poems.iter().take(MAX_POEMS).map(poem).collect();
        format!(
            "<div class=\"moment\">\n<h3>step {step} <small>temperature {temperature}</small></h3>\n<div \
             class=\"poems\">\n{poems}</div>\n</div>\n"
        )
    };
    let sets: String = spread(events, MAX_SETS).iter().map(set).collect();
    if sets.is_empty() {
        return sets;
    }
    let about = "A line's number is the discriminator's probability that the line is real; its colour says the same.";
    format!("<p class=\"faint\">{about}</p>\n{sets}")
}

fn poem(poem: &SamplePoem) -> String {
    let line = |(number, line): (usize, &ScoredLine)| {
        let begin = if poem.stanzas.contains(&number) { "<br>" } else { "" };
        let text = format!("{begin}{}", escape(&line.text));
        let Some(score) = line.score else { return format!("<p>{text}</p>\n") };
        let percent = 100.0 * score.clamp(0.0, 1.0);
        format!("<p style=\"--score:{percent:.0}%\">{text}<small>{score:.2}</small></p>\n")
    };
    let mut head = escape(&poem.form);
    head.extend(poem.score.map(|score| format!(", {score:.2}")));
    let lines: String = poem.lines.iter().enumerate().map(line).collect();
    format!("<blockquote class=\"poem\"><p class=\"faint\">{head}</p>\n{lines}</blockquote>\n")
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
