//! The lines of a file from the last to the first, so that only the end of a long file is read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are read at once.
const CHUNK: u64 = 1 << 18;
/// Bytes of the longest line that is kept. A longer one is no event, and comes back empty.
const LONGEST: usize = 16 << 20;

pub struct Lines {
    file: File,
    /// Start of the part of the file that has been read.
    begin: u64,
    /// The part of it that has not been searched for line ends.
    rest: Vec<u8>,
    /// Parts of the present line behind `rest`, the last one first.
    behind: Vec<Vec<u8>>,
    /// Their bytes, also if there were too many to keep.
    behind_bytes: usize,
}

impl Lines {
    pub fn open(path: &Path) -> io::Result<Lines> {
        let mut file = File::open(path)?;
        let begin = file.seek(SeekFrom::End(0))?;
        Ok(Lines { file, begin, rest: Vec::new(), behind: Vec::new(), behind_bytes: 0 })
    }

    /// The line before the last one that was returned, without its end; `None` at the beginning of the file.
    pub fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') {
                let first = self.rest.split_off(end + 1);
                self.rest.truncate(end);
                return Ok(Some(self.joined(first)));
            }
            let first = std::mem::take(&mut self.rest);
            if self.begin == 0 {
                let is_line = first.len() + self.behind_bytes > 0;
                return Ok(is_line.then(|| self.joined(first)));
            }
            self.behind_bytes += first.len();
            self.behind.push(first);
            if self.behind_bytes > LONGEST {
                self.behind.clear();
            }
            self.read_more()?;
        }
    }

    /// The line that begins with `first`.
    fn joined(&mut self, first: Vec<u8>) -> Vec<u8> {
        let (behind, bytes) = (std::mem::take(&mut self.behind), std::mem::take(&mut self.behind_bytes));
        if first.len() + bytes > LONGEST {
            return Vec::new();
        }
        let mut line = first;
        behind.iter().rev().for_each(|part| line.extend_from_slice(part));
        line
    }

    /// Reads the chunk before.
    fn read_more(&mut self) -> io::Result<()> {
        let length = CHUNK.min(self.begin);
        self.begin -= length;
        self.file.seek(SeekFrom::Start(self.begin))?;
        self.rest.resize(length as usize, 0);
        self.file.read_exact(&mut self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn lines(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, text).unwrap();
        let mut lines = Lines::open(&path).unwrap();
        let next = || lines.next().unwrap().map(|line| String::from_utf8(line).unwrap());
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn lines_come_from_the_last_to_the_first() {
        assert_eq!(lines("a\nb\n\nc"), ["c", "", "b", "a"]);
        assert_eq!(lines("春\n秋\n"), ["", "秋", "春"]);
        assert!(lines("").is_empty());
    }

    #[test]
    fn the_beginning_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "x\n".repeat(CHUNK as usize)).unwrap();
        let mut lines = Lines::open(&path).unwrap();
        (0..1000).for_each(|_| drop(lines.next().unwrap().unwrap()));
        assert_eq!((lines.begin, lines.rest.len()), (CHUNK, CHUNK as usize - 1 - 2 * 998 - 2));
    }

    /// Such a line would take a quarter of an hour if every chunk were put before all the others.
    #[test]
    fn a_line_of_a_gigabyte_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "event\n").unwrap();
        // A hole in the file takes no room on the disk.
        File::options().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
        let mut lines = Lines::open(&path).unwrap();
        assert_eq!(lines.next().unwrap(), Some(Vec::new()));
        assert_eq!(lines.next().unwrap(), Some(b"event".to_vec()));
    }

    #[test]
    fn lines_across_chunks_are_whole() {
        let text: Vec<String> = (0..9).map(|i| i.to_string().repeat(CHUNK as usize / 3 * i)).collect();
        let mut found = lines(&text.join("\n"));
        found.reverse();
        // The first line is empty, so nothing is left of it.
        assert_eq!(found, text[1..]);
    }
}
