//! What the page of a run tells, gathered from its journal in bounded memory.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Reader;
use super::evaluation::Evaluation;
use super::page::page;
use crate::run::event::{CorpusSummary, Event, ModelSummary, QualityFigure, StepRecord};
use crate::run::files::write_atomically;
use crate::run::journal;
use crate::ui::Curve;

/// Most events that the page lists in words.
const MOST_EVENTS: usize = 500;

/// The first event of the newest process.
pub struct Started {
    pub corpus: CorpusSummary,
    pub model: ModelSummary,
    pub total_steps: u64,
    pub pretrain_steps: u64,
}

/// The latest look at fresh poems.
pub struct Look {
    pub step: u64,
    pub form: String,
    pub figures: Vec<QualityFigure>,
}

/// The numbers that are drawn.
#[derive(Default)]
pub struct Curves {
    pub likelihood: Curve,
    pub held_out: Curve,
    pub generator: Curve,
    pub discriminator: Curve,
    pub real: Curve,
    pub fake: Curve,
    pub generator_norm: Curve,
    pub discriminator_norm: Curve,
    /// By the names of the figures.
    pub quality: Vec<(String, Curve)>,
}

pub struct Report {
    path: PathBuf,
    /// The run directory.
    pub run: String,
    pub started: Option<Started>,
    pub newest: Option<StepRecord>,
    pub seconds: f64,
    pub curves: Curves,
    pub look: Option<Look>,
    /// What happened, in words.
    pub events: VecDeque<String>,
    /// Earlier events, for which there was no room.
    pub n_forgotten: u64,
    /// Verses with their steps.
    pub verses: Vec<Event>,
    pub evaluation: Option<Evaluation>,
    /// All settings as TOML; empty where they are not known.
    pub settings: String,
}

impl Report {
    /// Reads what stands beside the journal.
    pub fn open(run: &Path, folder: &Path) -> Result<Report> {
        Ok(Report {
            path: folder.join("report.html"),
            run: run.display().to_string(),
            started: None,
            newest: None,
            seconds: 0.0,
            curves: Curves::default(),
            look: None,
            events: VecDeque::new(),
            n_forgotten: 0,
            verses: Vec::new(),
            evaluation: Evaluation::read(&run.join("eval.json"))?,
            // The journal of a run from before there was this file, or of one that was copied in part, has them too.
            settings: fs::read_to_string(run.join("config.toml")).unwrap_or_default(),
        })
    }

    fn list(&mut self, event: &Event) {
        if self.events.len() == MOST_EVENTS {
            self.events.pop_front();
            self.n_forgotten += 1;
        }
        self.events.extend(journal::in_words(event));
    }
}

impl Reader for Report {
    fn hear(&mut self, event: &Event, seconds: f64) -> io::Result<()> {
        self.seconds = seconds;
        match event {
            Event::Step(record) => {
                self.curves.step(record);
                self.newest = Some(record.clone());
            }
            Event::HeldOut { step, loss, .. } => self.curves.held_out.push(*step, Some(*loss)),
            Event::Quality { step, form, figures } => {
                self.curves.quality(*step, figures);
                self.look = Some(Look { step: *step, form: form.clone(), figures: figures.clone() });
            }
            Event::Sample { .. } => self.verses.push(event.clone()),
            Event::Started { corpus, model, total_steps, pretrain_steps, settings, .. } => {
                let (total_steps, pretrain_steps) = (*total_steps, *pretrain_steps);
                let (corpus, model) = (corpus.clone(), model.clone());
                self.started = Some(Started { corpus, model, total_steps, pretrain_steps });
                if self.settings.is_empty() {
                    self.settings = settings.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
                }
                self.list(event);
            }
            Event::Notice { .. }
            | Event::Changed { .. }
            | Event::Note { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::Finished { .. }
            | Event::Failed { .. } => self.list(event),
            // There are too many of them to be read, and what they tell stands in the step.
            Event::Turn { .. } | Event::Checkpoint { .. } | Event::Latent { .. } => {}
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<PathBuf>> {
        let page = page(&self).map_err(io::Error::other)?;
        write_atomically(&self.path, page.as_bytes())?;
        Ok(vec![self.path])
    }
}

impl Curves {
    fn step(&mut self, record: &StepRecord) {
        for (curve, value) in [
            (&mut self.likelihood, record.likelihood_loss),
            (&mut self.generator, record.generator_loss),
            (&mut self.discriminator, record.discriminator_loss),
            (&mut self.real, record.d_real),
            (&mut self.fake, record.d_fake),
            (&mut self.generator_norm, record.generator_grad_norm),
            (&mut self.discriminator_norm, record.discriminator_grad_norm),
        ] {
            curve.push(record.step, value);
        }
    }

    fn quality(&mut self, step: u64, figures: &[QualityFigure]) {
        for figure in figures {
            let known = self.quality.iter().position(|(name, _)| *name == figure.name);
            let place = known.unwrap_or_else(|| {
                self.quality.push((figure.name.clone(), Curve::default()));
                self.quality.len() - 1
            });
            self.quality[place].1.push(step, Some(figure.model));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_is_told_in_bounded_memory() {
        let folder = tempfile::tempdir().unwrap();
        let mut report = Report::open(folder.path(), folder.path()).unwrap();
        for step in 1..=20_000 {
            report.hear(&Event::Note { step, note: "x".to_string() }, 0.0).unwrap();
            report.hear(&Event::HeldOut { step, loss: 1.0, forms: Vec::new() }, 0.0).unwrap();
        }
        assert_eq!((report.events.len(), report.n_forgotten), (MOST_EVENTS, 19_500));
        assert_eq!(report.events[MOST_EVENTS - 1], "step 20000  x");
        assert!(report.curves.held_out.points().len() < 4000);
    }
}
