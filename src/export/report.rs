//! The contents of the HTML page of a run, folded from its journal in bounded memory.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::evaluation::EvalTables;
use super::events::event_text;
use crate::run::event::{CorpusSummary, Event, ModelSummary, QualityFigure, StepRecord};
use crate::run::notice::Notice;
use crate::ui::{Curves, Lang};

/// Most events that the page lists.
const MAX_EVENTS: usize = 500;

/// The first event of the newest process.
pub struct Started {
    pub corpus: CorpusSummary,
    pub model: ModelSummary,
    pub total_steps: u64,
    pub pretrain_steps: u64,
}

/// The latest quality check.
pub struct LatestQuality {
    pub step: u64,
    pub form: String,
    pub figures: Vec<QualityFigure>,
}

pub struct RunReport {
    /// The run directory.
    pub run: String,
    /// The language of the page.
    pub lang: Lang,
    pub started: Option<Started>,
    pub newest: Option<StepRecord>,
    pub seconds: f64,
    pub curves: Curves,
    pub quality: Option<LatestQuality>,
    /// The listed events, in words.
    pub events: VecDeque<String>,
    /// Number of earlier events that were dropped.
    pub n_dropped: u64,
    /// Settings were changed while the run trained.
    pub is_changed: bool,
    /// Sample events.
    pub samples: Vec<Event>,
    pub evaluation: Option<EvalTables>,
    /// All settings as TOML; empty if unknown.
    pub settings: String,
}

impl RunReport {
    /// An empty report, with the files that lie beside the journal.
    pub fn open(run: &Path, lang: Lang) -> Result<RunReport> {
        Ok(RunReport {
            run: run.display().to_string(),
            lang,
            started: None,
            newest: None,
            seconds: 0.0,
            curves: Curves::default(),
            quality: None,
            events: VecDeque::new(),
            n_dropped: 0,
            is_changed: false,
            samples: Vec::new(),
            evaluation: EvalTables::read(&run.join("eval.json"))?,
            // Without the file, the settings of the started event are used.
            settings: fs::read_to_string(run.join("config.toml")).unwrap_or_default(),
        })
    }

    fn list(&mut self, event: &Event) {
        let Some(text) = event_text(event, self.lang) else { return };
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
            self.n_dropped += 1;
        }
        self.events.push_back(text);
    }

    /// Adds an event; `seconds` is the training time up to it.
    pub fn on_event(&mut self, event: &Event, seconds: f64) {
        self.seconds = seconds;
        if let (Event::Notice { step, notice }, Some(started)) = (event, &mut self.started)
            && let Notice::PretrainingEnded { total_steps, .. } = notice
        {
            (started.pretrain_steps, started.total_steps) = (*step, *total_steps);
        }
        match event {
            Event::Step(record) => {
                self.curves.step(record);
                self.newest = Some(record.clone());
            }
            Event::HeldOut { step, loss, .. } => self.curves.held_out.push(*step, Some(*loss)),
            Event::Quality { step, form, figures } => {
                self.curves.quality(*step, figures);
                self.quality = Some(LatestQuality { step: *step, form: form.clone(), figures: figures.clone() });
            }
            Event::Sample { .. } => self.samples.push(event.clone()),
            Event::Started { corpus, model, total_steps, pretrain_steps, settings, .. } => {
                let (total_steps, pretrain_steps) = (*total_steps, *pretrain_steps);
                let (corpus, model) = (corpus.clone(), model.clone());
                self.started = Some(Started { corpus, model, total_steps, pretrain_steps });
                if self.settings.is_empty() {
                    self.settings = settings.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
                }
            }
            Event::Changed { .. } => self.is_changed = true,
            _ => {}
        }
        self.list(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let mut report = RunReport::open(folder.path(), Lang::En).unwrap();
        for step in 1..=20_000 {
            report.on_event(&Event::Note { step, note: "x".to_string() }, 0.0);
            report.on_event(&Event::HeldOut { step, loss: 1.0, forms: Vec::new() }, 0.0);
        }
        assert_eq!((report.events.len(), report.n_dropped), (MAX_EVENTS, 19_500));
        assert_eq!(report.events[MAX_EVENTS - 1], "step 20000  note: x");
        assert!(report.curves.held_out.points().len() < 4000);
    }
}
