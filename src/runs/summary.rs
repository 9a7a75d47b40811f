//! The summary of a run.

use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::backwards::Lines;
use crate::config::Config;
use crate::run::changes::Saved;
use crate::run::checkpoint::{Pointer, newest_state};
use crate::run::event::{Event, Phase, QualityFigure, StepRecord};
use crate::run::lock::is_training;
use crate::run::run_dir::{RunError, begun, metrics_file};

/// Whether a run is training, and how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// A process is training it.
    Training,
    /// All steps are done.
    Finished,
    /// Its last process failed.
    Failed,
    /// It can be resumed.
    Stopped,
}

impl RunStatus {
    pub fn name(self) -> &'static str {
        match self {
            RunStatus::Training => "training",
            RunStatus::Finished => "finished",
            RunStatus::Failed => "failed",
            RunStatus::Stopped => "stopped",
        }
    }
}

#[derive(Serialize)]
pub struct RunSummary {
    pub state: RunStatus,
    pub step: u64,
    pub total_steps: u64,
    /// Of the newest step.
    pub phase: Option<Phase>,
    /// The newest held-out loss, nats per token.
    pub held_out: Option<f32>,
    pub best_step: Option<u64>,
    /// The figures of the newest quality check.
    pub figures: Vec<QualityFigure>,
    /// Seconds of training over all processes, pauses left out.
    pub trained_s: f64,
    pub corpus: String,
    pub started: Option<Timestamp>,
    #[serde(skip)]
    pub config: Config,
}

impl RunSummary {
    /// The newest value of a quality figure.
    pub fn figure(&self, name: &str) -> Option<f32> {
        self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.model)
    }
}

/// Reads the run in `path`, or returns in a few words why it cannot be read.
pub fn read(path: &Path) -> Result<RunSummary, String> {
    let is_training = is_training(path).map_err(|error| format!("its lock cannot be read: {error}"))?;
    let saved = match Saved::read(path).map_err(|error| short(&error))? {
        Some(saved) => saved,
        None if is_training => return Err("is being set up".to_string()),
        None if path.join("checkpoints").is_dir() => return Err("is damaged: config.toml is missing".to_string()),
        None => return Err("not a run".to_string()),
    };
    let newest = newest_state(path);
    let (checkpoint, before_s) = newest.map_or((0, 0.0), |state| (state.step, state.elapsed_s));
    let end = JournalEnd::read(&metrics_file(path)).map_err(|error| format!("its journal: {error}"))?;
    let step = end.newest.as_ref().map_or(checkpoint, |record| record.step);
    let total_steps = saved.config.training.total_steps();
    Ok(RunSummary {
        state: match end.has_failed {
            _ if is_training => RunStatus::Training,
            _ if step >= total_steps => RunStatus::Finished,
            true => RunStatus::Failed,
            false => RunStatus::Stopped,
        },
        step,
        total_steps,
        phase: end.newest.as_ref().map(|record| record.phase),
        held_out: end.held_out,
        best_step: Pointer::Best.step(path),
        trained_s: end.newest.as_ref().map_or(before_s, |record| f64::from(record.elapsed_s)),
        figures: end.figures,
        corpus: saved.corpus["path"].as_str().unwrap_or_default().to_string(),
        started: begun(path),
        config: saved.config,
    })
}

/// The error without its advice: nothing was asked of this run.
fn short(error: &RunError) -> String {
    match error {
        RunError::Damaged { what, message, .. } => format!("is damaged: {what}: {message}"),
        RunError::Description(error) => format!("is damaged: {error}"),
        error => error.to_string(),
    }
}

/// The newest events of a journal.
#[derive(Default)]
struct JournalEnd {
    newest: Option<StepRecord>,
    has_failed: bool,
    held_out: Option<f32>,
    figures: Vec<QualityFigure>,
}

/// The beginning of the line of a step.
const STEP: &[u8] = br#"{"event":"step","#;

impl JournalEnd {
    /// Reads backwards from the end until everything is known.
    fn read(metrics: &Path) -> io::Result<JournalEnd> {
        let mut end = JournalEnd::default();
        if !fs::exists(metrics)? {
            return Ok(end);
        }
        let mut lines = Lines::open(metrics)?;
        // Whether the event that says how the last process ended has been read.
        let mut is_ending_known = false;
        while let Some(line) = lines.next()? {
            if end.newest.is_some() && end.held_out.is_some() && !end.figures.is_empty() {
                break;
            }
            // Without held-out poems the whole journal is read; this keeps it fast.
            if end.newest.is_some() && line.starts_with(STEP) {
                continue;
            }
            let Ok(event) = serde_json::from_slice(&line) else { continue };
            match event {
                Event::Failed { .. } => end.has_failed |= !is_ending_known,
                Event::HeldOut { loss, .. } => end.held_out = end.held_out.or(Some(loss)),
                Event::Quality { figures, .. } if end.figures.is_empty() => end.figures = figures,
                Event::Step(record) => end.newest = end.newest.or(Some(record)),
                Event::Started { .. } | Event::Finished { .. } => {}
                _ => continue,
            }
            is_ending_known = true;
        }
        Ok(end)
    }
}
