//! The journal of a run: one JSON object per line, samples in `samples.jsonl`, everything else in `metrics.jsonl`; and
//! `log.txt` for people, with every event but steps and samples.

use crate::error::UserError;
use crate::printable::{self, printable};
use crate::run::disk;
use crate::run::event::{Event, QualityFigure, journal_stride};
use crate::run::lock::is_in_place;
use crate::run::run_dir::{RunDir, metrics_file, samples_file};
use serde::Deserialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Writes events as they happen. A line reaches the system in one write, so a killed process loses none.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    metrics: File,
    samples: File,
    log: File,
    /// The newest step, if it lies between those of a long run that are written.
    passed_over: Option<Event>,
    /// Whether the journal tells of the checkpoint that the run resumes from.
    pub tells_checkpoint: bool,
}

/// A journal that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {cause}", path.display())]
pub struct JournalError {
    path: PathBuf,
    action: &'static str,
    cause: io::Error,
}

impl Journal {
    /// Opens the journal of a run that resumes from the checkpoint of `step`. Events of later steps are cut off: those steps
    /// will be done again, and the journal holds each step once. Without a checkpoint it begins anew.
    pub fn open(run: &RunDir, step: Option<u64>) -> Result<Journal, JournalError> {
        let open =
            |path: PathBuf| cut(&path, step).map_err(|cause| JournalError { path, action: "open the journal", cause });
        let path = run.log_file();
        let log = File::options().append(true).create(true).open(&path);
        let log = log.map_err(|cause| JournalError { path, action: "open the log", cause })?;
        let folder = run.path().to_path_buf();
        let ((metrics, tells_checkpoint), (samples, _)) = (open(run.metrics_file())?, open(run.samples_file())?);
        Ok(Journal { folder, metrics, samples, log, passed_over: None, tells_checkpoint })
    }

    /// Writes the event. Of the steps of a long run only some are written, and those that another event follows or that were
    /// undone.
    ///
    /// # Errors
    /// A disk that is full or fails.
    pub fn append(&mut self, event: &Event) -> io::Result<()> {
        let passed_over = self.passed_over.take();
        match event {
            Event::Step(record) if !record.undone && !record.step.is_multiple_of(journal_stride(record.step)) => {
                self.passed_over = Some(event.clone());
                return Ok(());
            }
            Event::Step(_) => {}
            _ => passed_over.iter().try_for_each(|step| self.write(step))?,
        }
        self.write(event)
    }

    fn write(&mut self, event: &Event) -> io::Result<()> {
        let line = printable::json(event)? + "\n";
        let file = if matches!(event, Event::Sample { .. } | Event::Latent { .. }) {
            &mut self.samples
        } else {
            &mut self.metrics
        };
        disk::write(file, line.as_bytes())?;
        match in_words(event) {
            Some(line) => disk::write(&mut self.log, format!("{}\n", printable(&line)).as_bytes()),
            None => Ok(()),
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Syncs all lines to disk. Called before a checkpoint is written, so that not even a power cut leaves a checkpoint
    /// that is ahead of its journal.
    ///
    /// # Errors
    /// A disk that fails, or a file that was removed or replaced: its lines would be lost.
    pub fn sync(&self) -> Result<(), JournalError> {
        for (file, path) in [(&self.metrics, metrics_file(&self.folder)), (&self.samples, samples_file(&self.folder))] {
            let gone = || io::Error::other("it was removed or replaced while the run was trained");
            let found = if is_in_place(file, &path) { Ok(()) } else { Err(gone()) };
            let synced = found.and_then(|()| disk::sync(file));
            synced.map_err(|cause| JournalError { path, action: "keep the journal", cause })?;
        }
        Ok(())
    }
}

/// The line of an event in the log, in English. Events of steps that are done again after a crash stand there twice: the
/// log covers all processes of a run.
pub fn in_words(event: &Event) -> Option<String> {
    Some(match event {
        Event::Step(_) | Event::Sample { .. } | Event::Latent { .. } | Event::Turn { .. } => return None,
        Event::Started { corpus, model, step, total_steps, .. } => {
            format!("step {step}  started; {corpus}; {model}; {total_steps} steps in all")
        }
        Event::HeldOut { step, loss, forms } => {
            let forms: Vec<String> = forms.iter().map(|(form, loss)| format!("{form} {loss:.3}")).collect();
            format!("step {step}  held-out {loss:.3} nats per token ({})", forms.join(", "))
        }
        Event::Quality { step, form, figures } => {
            let figures: Vec<String> = figures.iter().map(QualityFigure::to_string).collect();
            format!("step {step}  {form}: {}", figures.join(", "))
        }
        Event::Checkpoint { step, path, .. } => format!("step {step}  checkpoint {path}"),
        Event::Notice { step, notice } => format!("step {step}  {notice}"),
        Event::Changed { step, setting, from, to } => format!("step {step}  {}: {from} -> {to}", setting.name()),
        Event::Note { step, note } => format!("step {step}  note: {note}"),
        Event::Paused { step } => format!("step {step}  paused"),
        Event::Resumed { step } => format!("step {step}  resumed"),
        Event::Finished { step, reason } => format!("step {step}  finished: {reason}"),
        Event::Failed { step, message } => format!("step {step}  failed: {message}"),
    })
}

/// The events of a journal file. Lines that are no event (torn by a crash, or of a newer program) are passed over, and
/// so is the rest of the file where it cannot be read.
pub fn read(path: &Path) -> Result<impl Iterator<Item = Event> + use<>, JournalError> {
    let file = File::open(path).map_err(|cause| JournalError { path: path.to_path_buf(), action: "read", cause })?;
    let lines = BufReader::new(file).split(b'\n').map_while(Result::ok);
    Ok(lines.filter_map(|line| serde_json::from_slice(&line).ok()))
}

/// The error for a journal without readable events.
pub fn silent(path: &Path) -> UserError {
    UserError(format!("{}: the journal has no readable events; choose another run, or train this one", path.display()))
}

/// The beginning of the line of a checkpoint.
const CHECKPOINT: &[u8] = br#"{"event":"checkpoint""#;

/// Cuts the file before the first event after `step` and before a torn last line; returns it for appending, and whether
/// it has the event of the checkpoint of `step`.
fn cut(path: &Path, step: Option<u64>) -> io::Result<(File, bool)> {
    #[derive(Deserialize)]
    struct Place {
        step: u64,
    }
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
    let mut reader = BufReader::new(&file);
    let (mut kept, mut line, mut tells_checkpoint) = (0, Vec::new(), false);
    while reader.read_until(b'\n', &mut line)? > 0 {
        let place = serde_json::from_slice(&line).ok().map(|place: Place| place.step);
        tells_checkpoint |= line.starts_with(CHECKPOINT) && place == step;
        if place > step || line.last() != Some(&b'\n') {
            break;
        }
        kept += line.len() as u64;
        line.clear();
    }
    disk::set_len(&file, kept)?;
    // Windows does not cut a file that is open for appending, so that is another handle.
    Ok((File::options().append(true).open(path)?, tells_checkpoint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{Phase, StepRecord};
    use std::fs;
    use std::io::Write;

    fn notice(step: u64) -> Event {
        Event::Note { step, note: format!("春 {step}") }
    }

    fn sample(step: u64) -> Event {
        Event::Sample { step, temperature: 0.9, poems: Vec::new() }
    }

    fn journal(step: u64) -> (tempfile::TempDir, RunDir) {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::open(&folder.path().join("run")).unwrap();
        let mut journal = Journal::open(&run, None).unwrap();
        for step in 1..=step {
            journal.append(&notice(step)).unwrap();
            journal.append(&sample(step)).unwrap();
        }
        journal.sync().unwrap();
        (folder, run)
    }

    #[test]
    fn samples_have_a_file_of_their_own() {
        let (_folder, run) = journal(2);
        assert_eq!(read(&run.metrics_file()).unwrap().collect::<Vec<_>>(), [notice(1), notice(2)]);
        assert_eq!(read(&run.samples_file()).unwrap().collect::<Vec<_>>(), [sample(1), sample(2)]);
    }

    #[test]
    fn the_log_tells_what_happened_in_words() {
        let (_folder, run) = journal(2);
        assert_eq!(fs::read_to_string(run.log_file()).unwrap(), "step 1  note: 春 1\nstep 2  note: 春 2\n");
    }

    #[test]
    fn going_on_from_a_step_forgets_what_came_after() {
        let (_folder, run) = journal(5);
        let mut journal = Journal::open(&run, Some(3)).unwrap();
        journal.append(&notice(4)).unwrap();
        let steps: Vec<_> = read(&run.metrics_file()).unwrap().collect();
        assert_eq!(steps, [notice(1), notice(2), notice(3), notice(4)]);
        assert_eq!(read(&run.samples_file()).unwrap().count(), 3);
    }

    #[test]
    fn the_journal_of_a_long_run_grows_slowly_and_tells_the_steps_of_all_other_events() {
        let step = |step| Event::Step(StepRecord::new(step, Phase::Pretraining, 0.001));
        let write = |journal: &mut Journal, steps: std::ops::RangeInclusive<u64>| {
            for number in steps {
                journal.append(&step(number)).unwrap();
                if number % 777 == 0 {
                    journal.append(&notice(number)).unwrap();
                }
            }
        };
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::open(&folder.path().join("run")).unwrap();
        write(&mut Journal::open(&run, None).unwrap(), 1..=100_000);
        let events: Vec<Event> = read(&run.metrics_file()).unwrap().collect();
        let steps: Vec<u64> = events.iter().filter(|event| matches!(event, Event::Step(_))).map(Event::step).collect();
        assert!(steps.is_sorted_by(|a, b| a < b) && steps[..20_000] == (1..=20_000).collect::<Vec<_>>());
        let n_notices = 100_000 / 777;
        // 20,000, half of the next 20,000, a quarter of 40,000, an eighth of 20,000, and steps of notices.
        let expected = 20_000 + 10_000 + 10_000 + 2_500;
        assert!((expected..=expected + n_notices).contains(&steps.len()), "{}", steps.len());
        let pairs = events.windows(2).filter(|pair| matches!(pair[1], Event::Note { .. }));
        assert_eq!(pairs.clone().count(), n_notices);
        assert!(pairs.into_iter().all(|pair| matches!(pair[0], Event::Step(_)) && pair[0].step() == pair[1].step()));
        // A run that resumes from a step between two that are written goes on as if nothing had been.
        let whole = fs::read(run.metrics_file()).unwrap();
        write(&mut Journal::open(&run, Some(77_777)).unwrap(), 77_778..=100_000);
        assert!(fs::read(run.metrics_file()).unwrap() == whole);
    }

    #[test]
    fn an_undone_step_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::open(&folder.path().join("run")).unwrap();
        let mut journal = Journal::open(&run, None).unwrap();
        let step =
            |step, undone| Event::Step(StepRecord { undone, ..StepRecord::new(step, Phase::Pretraining, 0.001) });
        [step(50_001, true), step(50_002, false), step(50_003, false)]
            .iter()
            .for_each(|step| journal.append(step).unwrap());
        assert_eq!(read(&run.metrics_file()).unwrap().collect::<Vec<_>>(), [step(50_001, true)]);
    }

    #[test]
    fn a_torn_last_line_is_passed_over_and_cut() {
        let (_folder, run) = journal(3);
        let file = File::options().write(true).open(run.metrics_file()).unwrap();
        file.set_len(fs::metadata(run.metrics_file()).unwrap().len() - 5).unwrap();
        assert_eq!(read(&run.metrics_file()).unwrap().count(), 2);
        Journal::open(&run, Some(9)).unwrap().append(&notice(3)).unwrap();
        assert_eq!(read(&run.metrics_file()).unwrap().count(), 3);
    }

    #[test]
    fn lines_of_an_older_program_are_read() {
        let line = r#"{"event":"latent","step":3,"direction":2,"of":32,"poems":[]}"#;
        let old = Event::Latent {
            step: 3,
            direction: 2,
            of: 32,
            poems: Vec::new(),
            form: 0,
            moved: Vec::new(),
            axes: Vec::new(),
        };
        assert_eq!(serde_json::from_str::<Event>(line).unwrap(), old);
    }

    #[test]
    fn lines_of_a_newer_program_are_kept_and_passed_over() {
        let (_folder, run) = journal(1);
        let mut file = File::options().append(true).open(run.metrics_file()).unwrap();
        file.write_all(b"{\"event\":\"from_the_future\",\"step\":1}\n").unwrap();
        Journal::open(&run, Some(1)).unwrap().append(&notice(2)).unwrap();
        assert_eq!(read(&run.metrics_file()).unwrap().collect::<Vec<_>>(), [notice(1), notice(2)]);
        assert!(fs::read_to_string(run.metrics_file()).unwrap().contains("from_the_future"));
    }
}
