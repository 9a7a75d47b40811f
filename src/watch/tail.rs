//! The events that are appended to a journal.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::past::JournalEnds;
use crate::run::event::Event;
use crate::run::run_dir::{metrics_file, samples_file};

/// Most bytes that are read at once.
const MAX_READ: u64 = 4 << 20;

/// Follows both files of a journal.
pub struct JournalTail {
    files: [FollowedFile; 2],
}

/// Bytes before the read position that must not change: they hold figures of a step, which no other run has.
const MEMORY: u64 = 256;

/// A file, and how far it has been read.
struct FollowedFile {
    path: PathBuf,
    end: u64,
    /// The last bytes before that end.
    last: Vec<u8>,
}

impl JournalTail {
    /// Continues after the part of both files that has been read.
    pub fn after(folder: &Path, ends: JournalEnds) -> JournalTail {
        let file = |path: PathBuf, end| {
            let last = File::open(&path).and_then(|file| before(file, end)).unwrap_or_default();
            FollowedFile { path, end, last }
        };
        JournalTail { files: [file(metrics_file(folder), ends.metrics), file(samples_file(folder), ends.samples)] }
    }

    /// The events since the last call; `None` if the part that was read has changed, since the run was restarted or went
    /// back to a checkpoint. A file that cannot be read counts as unchanged.
    pub fn read(&mut self) -> Option<Vec<Event>> {
        let mut events = Vec::new();
        for file in &mut self.files {
            if let Ok(added) = file.read() {
                events.extend(added?);
            }
        }
        events.sort_by_key(Event::step);
        Some(events)
    }
}

impl FollowedFile {
    fn read(&mut self) -> io::Result<Option<Vec<Event>>> {
        let file = File::open(&self.path)?;
        let is_shorter = file.metadata()?.len() < self.end;
        if is_shorter || before(file.try_clone()?, self.end)? != self.last {
            return Ok(None);
        }
        // The file is now positioned behind the bytes that were compared.
        let mut bytes = Vec::new();
        file.take(MAX_READ).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == MAX_READ && !bytes.contains(&b'\n') {
            // No event is that long; what is left of the line is passed over with it.
            self.end += MAX_READ;
            self.last = bytes.split_off(bytes.len() - MEMORY as usize);
            return Ok(Some(Vec::new()));
        }
        // An unfinished line is read next time.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        self.end += whole as u64;
        self.last.extend(&bytes[..whole]);
        self.last.drain(..self.last.len().saturating_sub(MEMORY as usize));
        let lines = bytes[..whole].split(|byte| *byte == b'\n');
        Ok(Some(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()))
    }
}

/// The last bytes of a file before `end`; the file is then positioned there.
fn before(mut file: File, end: u64) -> io::Result<Vec<u8>> {
    let length = end.min(MEMORY);
    file.seek(SeekFrom::Start(end - length))?;
    let mut bytes = vec![0; length as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn note(step: u64) -> Event {
        Event::Note { step, note: "here".into() }
    }

    #[test]
    fn whole_lines_are_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = File::create(metrics_file(folder.path())).unwrap();
        let mut tail = JournalTail::after(folder.path(), JournalEnds::default());
        assert_eq!(tail.read(), Some(vec![]));
        let line = serde_json::to_string(&note(1)).unwrap();
        file.write_all(&line.as_bytes()[..9]).unwrap();
        assert_eq!(tail.read(), Some(vec![]));
        file.write_all(&line.as_bytes()[9..]).unwrap();
        file.write_all(b"\n").unwrap();
        assert_eq!(tail.read(), Some(vec![note(1)]));
        assert_eq!(tail.read(), Some(vec![]));
    }

    #[test]
    fn a_journal_that_was_cut_is_detected() {
        let folder = tempfile::tempdir().unwrap();
        let line = serde_json::to_string(&note(1)).unwrap() + "\n";
        std::fs::write(metrics_file(folder.path()), line.repeat(3)).unwrap();
        let mut tail = JournalTail::after(folder.path(), JournalEnds::default());
        assert_eq!(tail.read().unwrap().len(), 3);
        std::fs::write(metrics_file(folder.path()), line).unwrap();
        assert_eq!(tail.read(), None);
    }

    #[test]
    fn another_run_under_the_same_name_is_detected_although_its_journal_is_longer() {
        let folder = tempfile::tempdir().unwrap();
        let lines = |from: u64, to: u64| -> String {
            (from..to).map(|step| serde_json::to_string(&note(step)).unwrap() + "\n").collect()
        };
        std::fs::write(metrics_file(folder.path()), lines(1, 40)).unwrap();
        let mut tail = JournalTail::after(folder.path(), JournalEnds::default());
        assert_eq!(tail.read().unwrap().len(), 39);
        let mut later =
            JournalTail::after(folder.path(), JournalEnds { metrics: lines(1, 20).len() as u64, samples: 0 });
        assert_eq!(later.read().unwrap().len(), 20, "it starts behind what was read");
        std::fs::write(metrics_file(folder.path()), lines(1, 50)).unwrap();
        assert_eq!((tail.read().unwrap().len(), later.read().unwrap().len()), (10, 10), "the same run goes on");
        std::fs::write(metrics_file(folder.path()), lines(100, 300)).unwrap();
        assert_eq!((tail.read(), later.read()), (None, None));
    }
}
