//! A run as one HTML page that needs no network, no script and no other file.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::commands::RunCommands;
use super::curves::curves;
use super::exporter::Exporter;
use super::html::{about, either, escape, section};
use super::measured::measured;
use super::poems;
use super::report::RunReport;
use super::themes::RunThemes;
use crate::run::event::Event;
use crate::run::files::write_atomically;
use crate::ui::{Lang, clock, corpus_text, file_name, model_text, translate};

const STYLE: &str = include_str!("page.css");

/// Forbids the browser to load anything.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Events that are shown at once; earlier ones are folded away.
const NEWEST_EVENTS: usize = 12;

/// Writes the page at the end of the journal.
pub struct HtmlPage {
    run: PathBuf,
    path: PathBuf,
    report: RunReport,
    commands: RunCommands,
}

impl HtmlPage {
    pub fn open(run: &Path, folder: &Path, lang: Lang) -> Result<HtmlPage> {
        let (report, commands) = (RunReport::open(run, lang)?, RunCommands::open(run)?);
        Ok(HtmlPage { run: run.to_path_buf(), path: folder.join("report.html"), report, commands })
    }
}

impl Exporter for HtmlPage {
    fn on_event(&mut self, event: &Event, seconds: f64) -> io::Result<()> {
        self.report.on_event(event, seconds);
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<PathBuf>> {
        let page = page(&self.report, &self.commands, &RunThemes::of(&self.run)).map_err(io::Error::other)?;
        write_atomically(&self.path, page.as_bytes())?;
        Ok(vec![self.path])
    }
}

/// # Errors
/// When a chart cannot be drawn.
fn page(report: &RunReport, commands: &RunCommands, themes: &RunThemes) -> Result<String> {
    let (name, lang) = (escape(file_name(&report.run)), report.lang);
    let sections = [
        poems::newest(&report.samples, lang),
        measured(report),
        themes.html(lang),
        section(either(lang, "Curves", "曲线"), &curves(report)?),
        poems::over_time(&report.samples, lang),
        section(either(lang, "Commands", "命令"), &commands.html(report)),
        section(either(lang, "Events", "事件"), &events(report)),
        section(either(lang, "Settings", "设置"), &settings(&report.settings)),
    ];
    let language = either(lang, "en", "zh-Hans");
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"{POLICY}\">\n<title>{name} - poetgan</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n\
         {}{}</body>\n</html>\n",
        summary(report),
        sections.concat()
    ))
}

/// Corpus, models and progress of the run.
fn summary(report: &RunReport) -> String {
    let lang = report.lang;
    let mut entries = Vec::new();
    if let Some(started) = &report.started {
        entries.push((either(lang, "corpus", "语料"), corpus_text(&started.corpus, lang)));
        entries.push((either(lang, "model", "模型"), model_text(&started.model, lang)));
        let (pretraining, adversarial) =
            (started.pretrain_steps, started.total_steps.saturating_sub(started.pretrain_steps));
        let schedule = match lang {
            Lang::En => format!("{pretraining} steps of pretraining, then {adversarial} of adversarial training"),
            Lang::Zh => format!("预训练 {pretraining} 步，然后对抗训练 {adversarial} 步"),
        };
        entries.push((either(lang, "schedule", "训练计划"), schedule));
    }
    if let Some(newest) = &report.newest {
        let (step, total, phase) = (newest.step, newest.total_steps, translate(lang, newest.phase.name()));
        let time = clock(report.seconds as f32);
        let progress = match lang {
            Lang::En => format!("{step} of {total} ({phase}), after {time} of training"),
            Lang::Zh => format!("第 {step} 步，共 {total} 步（{phase}），已训练 {time}"),
        };
        entries.push((either(lang, "step", "进度"), progress));
    }
    if let Some(loss) = report.curves.held_out.latest() {
        let unit = either(lang, "nats per token", "奈特每词元");
        entries.push((either(lang, "held-out loss", "留出损失"), format!("{loss:.3} {unit}")));
    }
    let entry = |(name, text): (&str, String)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(&text));
    format!("<dl>\n{}</dl>\n", entries.into_iter().map(entry).collect::<String>())
}

fn events(report: &RunReport) -> String {
    if report.events.is_empty() {
        return String::new();
    }
    let entries: Vec<String> = report.events.iter().map(|event| format!("<li>{}</li>\n", escape(event))).collect();
    let (earlier, newest) = entries.split_at(entries.len().saturating_sub(NEWEST_EVENTS));
    let mut html = match (report.n_dropped, report.lang) {
        (0, _) => String::new(),
        (n, Lang::En) => about(&format!("{n} events before these are in log.txt of the run.")),
        (n, Lang::Zh) => about(&format!("在此之前的 {n} 个事件见运行目录中的 log.txt。")),
    };
    if !earlier.is_empty() {
        let title = match report.lang {
            Lang::En => format!("{} earlier events", earlier.len()),
            Lang::Zh => format!("较早的 {} 个事件", earlier.len()),
        };
        html += &format!("<details>\n<summary>{title}</summary>\n<ul>\n{}</ul>\n</details>\n", earlier.concat());
    }
    html + &format!("<ul>\n{}</ul>\n", newest.concat())
}

fn settings(toml: &str) -> String {
    if toml.is_empty() {
        return String::new();
    }
    format!("<details>\n<summary>config.toml</summary>\n<pre>{}</pre>\n</details>\n", escape(toml))
}
