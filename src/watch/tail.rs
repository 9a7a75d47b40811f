//! What is added to a journal while one looks.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::run::event::Event;
use crate::run::run_dir::{metrics_file, samples_file};

/// Bytes that are read at one look at most.
const MOST: u64 = 4 << 20;

/// A reader of both files of a journal.
pub struct Tail {
    files: [Growing; 2],
}

/// Bytes before the end of what was read that must still be there: the end of a step's line holds figures that no other
/// run has.
const MEMORY: u64 = 256;

/// A file, and how far it has been read.
struct Growing {
    path: PathBuf,
    end: u64,
    /// The last bytes before that end.
    last: Vec<u8>,
}

impl Tail {
    /// Reads on after so many bytes of both files.
    pub fn after(folder: &Path, (metrics, samples): (u64, u64)) -> Tail {
        let file = |path: PathBuf, end| {
            let last = File::open(&path).and_then(|file| before(file, end)).unwrap_or_default();
            Growing { path, end, last }
        };
        Tail { files: [file(metrics_file(folder), metrics), file(samples_file(folder), samples)] }
    }

    /// The events that have come since the last look; `None` where the journal no longer begins with what was read, since
    /// the run was begun anew or has gone back to a checkpoint. A file that cannot be read at the moment has nothing new.
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
        let file = File::open(&self.path)?;
        let is_shorter = file.metadata()?.len() < self.end;
        if is_shorter || before(file.try_clone()?, self.end)? != self.last {
            return Ok(None);
        }
        // What follows the bytes that were compared.
        let mut bytes = Vec::new();
        file.take(MOST).read_to_end(&mut bytes)?;
        // A line whose end has not come yet is read next time.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        self.end += whole as u64;
        self.last.extend(&bytes[..whole]);
        self.last.drain(..self.last.len().saturating_sub(MEMORY as usize));
        let lines = bytes[..whole].split(|byte| *byte == b'\n');
        Ok(Some(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()))
    }
}

/// The last bytes of a file before `end`, at which it then stands.
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

    fn mark(step: u64) -> Event {
        Event::Note { step, note: "here".into() }
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

    #[test]
    fn another_run_under_the_same_name_is_noticed_though_its_journal_is_longer() {
        let folder = tempfile::tempdir().unwrap();
        let lines = |from: u64, to: u64| -> String {
            (from..to).map(|step| serde_json::to_string(&mark(step)).unwrap() + "\n").collect()
        };
        std::fs::write(metrics_file(folder.path()), lines(1, 40)).unwrap();
        let mut tail = Tail::after(folder.path(), (0, 0));
        assert_eq!(tail.read().unwrap().len(), 39);
        let mut later = Tail::after(folder.path(), (lines(1, 20).len() as u64, 0));
        assert_eq!(later.read().unwrap().len(), 20, "it is told how much is known already");
        std::fs::write(metrics_file(folder.path()), lines(1, 50)).unwrap();
        assert_eq!((tail.read().unwrap().len(), later.read().unwrap().len()), (10, 10), "the same run goes on");
        std::fs::write(metrics_file(folder.path()), lines(100, 300)).unwrap();
        assert_eq!((tail.read(), later.read()), (None, None));
    }
}
