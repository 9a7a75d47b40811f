//! A run as one page that needs no network, no script and no other file.

use anyhow::Result;

use super::chart::{PageChart, PageLine, rounded};
use super::html::{escape, section, table};
use super::moments::spread;
use super::report::{Curves, Look, Report};
use crate::run::event::{Event, QualityFigure, SamplePoem, ScoredLine};
use crate::ui::{Curve, clock};

/// Moments whose verses are shown, at most, and poems of each.
const MOST_MOMENTS: usize = 20;
const MOST_POEMS: usize = 3;

const STYLE: &str = include_str!("page.css");

/// Forbids the browser to load anything at all.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// # Errors
/// When a chart cannot be drawn.
pub fn page(report: &Report) -> Result<String> {
    let name = escape(&report.run);
    let sections = [
        section("Curves", &curves(report)?),
        section("Verses over time", &verses(&report.verses)),
        measured(report),
        section("What happened", &events(report)),
        section("Settings", &settings(&report.settings)),
    ];
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"{POLICY}\">\n<title>{name}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n\
         {}{}</body>\n</html>\n",
        facts(report),
        sections.concat()
    ))
}

/// What the run is, and how far it has come.
fn facts(report: &Report) -> String {
    let mut facts = Vec::new();
    if let Some(started) = &report.started {
        facts.push(("corpus", started.corpus.to_string()));
        facts.push(("model", started.model.to_string()));
        let adversarial = started.total_steps.saturating_sub(started.pretrain_steps);
        facts.push((
            "schedule",
            format!("{} steps of pretraining, then {adversarial} of the adversarial phase", started.pretrain_steps),
        ));
    }
    if let Some(newest) = &report.newest {
        let (step, total, phase) = (newest.step, newest.total_steps, newest.phase.name());
        let time = clock(report.seconds as f32);
        facts.push(("step", format!("{step} of {total} ({phase}), after {time} of training")));
    }
    if let Some(loss) = report.curves.held_out.latest() {
        facts.push(("held-out loss", format!("{loss:.3} nats per token")));
    }
    let entry = |(name, text): (&str, String)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(&text));
    format!("<dl>\n{}</dl>\n", facts.into_iter().map(entry).collect::<String>())
}

fn curves(report: &Report) -> Result<String> {
    let boundary = report.started.as_ref().map(|started| started.pretrain_steps);
    let charts = charts(&report.curves, report.look.as_ref());
    let charts = charts.iter().map(|chart| chart.html(boundary)).collect::<Result<String>>()?;
    if charts.is_empty() {
        return Ok(charts);
    }
    let about = "Lines are means of the steps that share a point, bands their extremes; numbers are the newest ones, \
                 smoothed. The dotted line is where adversarial training starts.";
    Ok(format!("<p class=\"faint\">{about}</p>\n<div class=\"grid-of\">\n{charts}</div>\n"))
}

fn charts<'a>(curves: &'a Curves, look: Option<&'a Look>) -> Vec<PageChart<'a>> {
    let pair = |title, one: (&'a str, &'a Curve), two: (&'a str, &'a Curve)| PageChart {
        title,
        lines: [one, two].map(|(name, curve)| PageLine { name, curve }).into(),
        level: None,
    };
    let mut charts = vec![
        pair("Likelihood, nats per token", ("training", &curves.likelihood), ("held out", &curves.held_out)),
        pair(
            "Losses of the adversarial phase",
            ("generator", &curves.generator),
            ("discriminator", &curves.discriminator),
        ),
        pair("D's probability of being real", ("of real poems", &curves.real), ("of generated ones", &curves.fake)),
        pair("Gradient norms", ("generator", &curves.generator_norm), ("discriminator", &curves.discriminator_norm)),
    ];
    charts.extend(curves.quality.iter().map(|(name, curve)| {
        let real = look.and_then(|look| look.figures.iter().find(|figure| figure.name == *name));
        let level = real.map(|figure| ("real poems", f64::from(figure.real)));
        PageChart { title: name, lines: vec![PageLine { name: "generated poems", curve }], level }
    }));
    charts
}

fn verses(moments: &[Event]) -> String {
    let moment = |event: &&Event| {
        let Event::Sample { step, temperature, poems } = event else { return String::new() };
        let poems: String = poems.iter().take(MOST_POEMS).map(poem).collect();
        format!(
            "<div class=\"moment\">\n<h3>step {step} <small>temperature {temperature}</small></h3>\n<div \
             class=\"poems\">\n{poems}</div>\n</div>\n"
        )
    };
    let moments: String = spread(moments, MOST_MOMENTS).iter().map(moment).collect();
    if moments.is_empty() {
        return moments;
    }
    let about = "A line's number is the discriminator's probability that the line is real; its colour says the same.";
    format!("<p class=\"faint\">{about}</p>\n{moments}")
}

fn poem(poem: &SamplePoem) -> String {
    let line = |line: &ScoredLine| {
        let text = escape(&line.text);
        let Some(score) = line.score else { return format!("<p>{text}</p>\n") };
        let percent = 100.0 * score.clamp(0.0, 1.0);
        format!("<p style=\"--score:{percent:.0}%\">{text}<small>{score:.2}</small></p>\n")
    };
    let mut head = escape(&poem.form);
    head.extend(poem.score.map(|score| format!(", {score:.2}")));
    let lines: String = poem.lines.iter().map(line).collect();
    format!("<blockquote class=\"poem\"><p class=\"faint\">{head}</p>\n{lines}</blockquote>\n")
}

/// What `poetgan eval` has measured, or else what training has looked at.
fn measured(report: &Report) -> String {
    if let Some(evaluation) = &report.evaluation {
        return section("Evaluation", &evaluation.html());
    }
    let Some(Look { step, form, figures }) = &report.look else { return String::new() };
    let row =
        |figure: &QualityFigure| vec![figure.name.clone(), rounded(figure.model.into()), rounded(figure.real.into())];
    let rows: Vec<Vec<String>> = figures.iter().map(row).collect();
    let table = table(&["", "generated poems", "real poems"], &rows);
    section("Quality", &format!("<p class=\"faint\">Poems of form {}, step {step}</p>\n{table}", escape(form)))
}

fn events(report: &Report) -> String {
    if report.events.is_empty() {
        return String::new();
    }
    let entry = |event: &String| format!("<li>{}</li>\n", escape(event));
    let list: String = report.events.iter().map(entry).collect();
    let earlier = match report.n_forgotten {
        0 => String::new(),
        n => format!("<p class=\"faint\">{n} earlier events stand in log.txt of the run</p>\n"),
    };
    format!("{earlier}<ul>\n{list}</ul>\n")
}

fn settings(toml: &str) -> String {
    if toml.is_empty() {
        return String::new();
    }
    format!("<details>\n<summary>config.toml</summary>\n<pre>{}</pre>\n</details>\n", escape(toml))
}
