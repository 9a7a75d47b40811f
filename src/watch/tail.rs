//! What is added to a journal while one looks.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::train::event::Event;
use crate::train::run_dir::{metrics_file, samples_file};

/// Bytes that are read at one look at most.
const MOST: u64 = 4 << 20;

/// A reader of both files of a journal.
pub struct Tail {
    files: [Growing; 2],
}

/// A file, and how far it has been read.
struct Growing {
    path: PathBuf,
    end: u64,
}

impl Tail {
    /// Reads on after so many bytes of both files.
    pub fn after(folder: &Path, (metrics, samples): (u64, u64)) -> Tail {
        let file = |path, end| Growing { path, end };
        Tail { files: [file(metrics_file(folder), metrics), file(samples_file(folder), samples)] }
    }

    /// The events that have come since the last look; `None` where the journal has become shorter, so that what was read
    /// is no longer true. A file that cannot be read at the moment has nothing new.
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

impl Growing {
    fn read(&mut self) -> io::Result<Option<Vec<Event>>> {
        let mut file = File::open(&self.path)?;
        let size = file.metadata()?.len();
        if size < self.end {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(self.end))?;
        file.take(MOST).read_to_end(&mut bytes)?;
        // A line whose end has not come yet is read next time.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        self.end += whole as u64;
        let lines = bytes[..whole].split(|byte| *byte == b'\n');
        Ok(Some(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn mark(step: u64) -> Event {
        Event::Mark { step, note: "here".into() }
    }

    #[test]
    fn only_whole_lines_are_read_and_each_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = File::create(metrics_file(folder.path())).unwrap();
        let mut tail = Tail::after(folder.path(), (0, 0));
        assert_eq!(tail.read(), Some(vec![]));
        let line = serde_json::to_string(&mark(1)).unwrap();
        file.write_all(&line.as_bytes()[..9]).unwrap();
        assert_eq!(tail.read(), Some(vec![]));
        file.write_all(&line.as_bytes()[9..]).unwrap();
        file.write_all(b"\n").unwrap();
        assert_eq!(tail.read(), Some(vec![mark(1)]));
        assert_eq!(tail.read(), Some(vec![]));
    }

    #[test]
    fn a_journal_that_was_cut_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let line = serde_json::to_string(&mark(1)).unwrap() + "\n";
        std::fs::write(metrics_file(folder.path()), line.repeat(3)).unwrap();
        let mut tail = Tail::after(folder.path(), (0, 0));
        assert_eq!(tail.read().unwrap().len(), 3);
        std::fs::write(metrics_file(folder.path()), line).unwrap();
        assert_eq!(tail.read(), None);
    }
}
