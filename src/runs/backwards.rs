//! The lines of a file from the last to the first, so that only the end of a long file is read.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are read at once.
const CHUNK: u64 = 1 << 18;

pub struct Lines {
    file: File,
    /// Start of the part of the file that has been read.
    begin: u64,
    /// The part of it that has not been returned yet.
    rest: Vec<u8>,
}

impl Lines {
    pub fn open(path: &Path) -> io::Result<Lines> {
        let mut file = File::open(path)?;
        let begin = file.seek(SeekFrom::End(0))?;
        Ok(Lines { file, begin, rest: Vec::new() })
    }

    /// The line before the last one that was returned, without its end; `None` at the beginning of the file.
    pub fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        // The bytes behind `unseen` hold no line end.
        let mut unseen = self.rest.len();
        loop {
            if let Some(end) = self.rest[..unseen].iter().rposition(|byte| *byte == b'\n') {
                let line = self.rest.split_off(end + 1);
                self.rest.truncate(end);
                return Ok(Some(line));
            }
            if self.begin == 0 {
                let line = std::mem::take(&mut self.rest);
                return Ok((!line.is_empty()).then_some(line));
            }
            unseen = self.read_more()?;
        }
    }

    /// Reads the chunk before and returns its length.
    fn read_more(&mut self) -> io::Result<usize> {
        let length = CHUNK.min(self.begin);
        self.begin -= length;
        self.file.seek(SeekFrom::Start(self.begin))?;
        let mut chunk = vec![0; length as usize];
        self.file.read_exact(&mut chunk)?;
        chunk.append(&mut self.rest);
        self.rest = chunk;
        Ok(length as usize)
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

    #[test]
    fn lines_across_chunks_are_whole() {
        let text: Vec<String> = (0..9).map(|i| i.to_string().repeat(CHUNK as usize / 3 * i)).collect();
        let mut found = lines(&text.join("\n"));
        found.reverse();
        // The first line is empty, so nothing is left of it.
        assert_eq!(found, text[1..]);
    }
}
