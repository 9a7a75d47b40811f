//! The events of a run so far, in bounded memory. Of a long journal only every n-th step is parsed, since curves keep no
//! more.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result};

use super::kept::Kept;
use crate::run::event::Event;
use crate::run::run_dir::{metrics_file, samples_file};

/// Bytes of steps, and of samples, that are parsed.
const PARSED: u64 = 12 << 20;
/// Bytes at the end of a file of which every line is parsed.
const NEWEST: u64 = 1 << 20;
const BUFFER: usize = 1 << 18;
/// The beginnings of the lines that come with every step or hold poems: of these only every n-th is parsed.
const COMMON: [&[u8]; 3] = [b"{\"event\":\"step\"", b"{\"event\":\"sample\"", b"{\"event\":\"latent\""];

pub struct Past {
    pub events: Vec<Event>,
    /// Earlier events of the log that are not among them.
    pub left_out: u64,
    pub ends: JournalEnds,
}

/// How far both files of a journal have been read, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JournalEnds {
    pub metrics: u64,
    pub samples: u64,
}

impl Past {
    /// Reads the journal of the run in `folder`, which may have no samples yet.
    pub fn read(folder: &Path) -> Result<Past> {
        let path = metrics_file(folder);
        let (metrics, metrics_end) = events(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let samples = events(&samples_file(folder)).ok();
        let (samples, samples_end) = samples.map_or((Vec::new(), 0), |(samples, end)| (samples.into_events(), end));
        let (left_out, ends) = (metrics.left_out, JournalEnds { metrics: metrics_end, samples: samples_end });
        Ok(Past { events: merged(metrics.into_events(), samples), left_out, ends })
    }
}

/// The events of a file, and where its last whole line ends.
fn events(path: &Path) -> io::Result<(Kept, u64)> {
    let mut file = File::open(path)?;
    let size = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let stride = size / PARSED + 1;
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let (mut kept, mut line, mut end, mut n_common) = (Kept::new(), Vec::new(), 0, 0u64);
    while reader.read_until(b'\n', &mut line)? > 0 {
        if line.last() != Some(&b'\n') {
            break;
        }
        end += line.len() as u64;
        let is_common = COMMON.iter().any(|begin| line.starts_with(begin));
        n_common += u64::from(is_common);
        if !is_common || n_common.is_multiple_of(stride) || size.saturating_sub(end) < NEWEST {
            // A line that cannot be parsed is of a newer program.
            serde_json::from_slice(&line).into_iter().for_each(|event| kept.push(event, line.len()));
        }
        line.clear();
    }
    Ok((kept, end))
}

/// Both files in the order of steps; within a step in the order of the file, samples last.
fn merged(metrics: Vec<Event>, samples: Vec<Event>) -> Vec<Event> {
    let mut merged = Vec::with_capacity(metrics.len() + samples.len());
    let mut samples = samples.into_iter().peekable();
    for event in metrics {
        while let Some(sample) = samples.next_if(|sample| sample.step() < event.step()) {
            merged.push(sample);
        }
        merged.push(event);
    }
    merged.extend(samples);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{Phase, StepRecord};
    use std::io::Write;

    fn step(step: u64) -> Event {
        Event::Step(StepRecord::new(step, Phase::Pretraining, 0.001))
    }

    fn write(path: &Path, events: impl Iterator<Item = Event>) {
        let mut file = io::BufWriter::new(File::create(path).unwrap());
        for event in events {
            serde_json::to_writer(&mut file, &event).unwrap();
            file.write_all(b"\n").unwrap();
        }
        file.flush().unwrap();
    }

    #[test]
    fn both_files_are_merged_by_step() {
        let folder = tempfile::tempdir().unwrap();
        write(&metrics_file(folder.path()), (1..=4).map(step));
        let sample = |step| Event::Sample { step, temperature: 1.0, poems: Vec::new() };
        write(&samples_file(folder.path()), [0, 2, 9].into_iter().map(sample));
        let past = Past::read(folder.path()).unwrap();
        assert_eq!(past.events, [sample(0), step(1), step(2), sample(2), step(3), step(4), sample(9)]);
        let size = |path: &Path| std::fs::metadata(path).unwrap().len();
        let (metrics, samples) = (metrics_file(folder.path()), samples_file(folder.path()));
        assert_eq!(past.ends, JournalEnds { metrics: size(&metrics), samples: size(&samples) });
    }

    #[test]
    fn of_a_long_journal_only_steps_are_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let note = |step| Event::Note { step, note: "here".into() };
        let events = (1..=150_000).flat_map(|number| [Some(step(number)), (number == 777).then(|| note(777))]);
        write(&metrics_file(folder.path()), events.flatten());
        let past = Past::read(folder.path()).unwrap();
        assert!(past.events.len() < 60_000, "{}", past.events.len());
        assert!(past.events.contains(&note(777)));
        assert!(past.events.ends_with(&(149_000..=150_000).map(step).collect::<Vec<_>>()));
    }

    #[test]
    fn an_unfinished_line_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        write(&metrics_file(folder.path()), (1..=2).map(step));
        let mut file = File::options().append(true).open(metrics_file(folder.path())).unwrap();
        file.write_all(b"{\"event\":\"st").unwrap();
        let past = Past::read(folder.path()).unwrap();
        assert_eq!(past.events.len(), 2);
        assert_eq!(past.ends.metrics, file.metadata().unwrap().len() - 12);
    }
}
