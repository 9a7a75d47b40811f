//! Files that are either whole or not there, also after a crash or a power cut.

use crate::run::{disk, retry};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes a new file and makes its bytes reach the disk.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = disk::create(path)?;
    disk::write(&mut file, bytes)?;
    disk::sync(&file)
}

/// Replaces a file in one step: a reader sees the old bytes or the new ones. A link stays, and what it leads to is
/// replaced; what is no file, such as a pipe, is written to.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let path = target.as_path();
    if path.exists() && !path.is_file() {
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    let temporary = beside(path);
    put_in_place(write_durably(&temporary, bytes), &temporary, path)
}

/// A file too large for memory, written piece by piece beside its place until `finish` puts it there in one step.
pub struct Growing {
    file: BufWriter<File>,
    temporary: PathBuf,
    path: PathBuf,
}

impl Growing {
    pub fn create(path: &Path) -> io::Result<Growing> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let temporary = beside(&path);
        Ok(Growing { file: BufWriter::new(File::create(&temporary)?), temporary, path })
    }

    pub fn finish(mut self) -> io::Result<()> {
        let written = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        put_in_place(written, &self.temporary, &self.path)
    }
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        // After `finish` there is no such file; an error here leaves a temporary file and nothing worse.
        let _ = retry::remove_file(&self.temporary);
    }
}

/// Why no file can be written to `path`, as far as that can be told before it is written.
pub fn unwritable(path: &Path) -> Option<&'static str> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match () {
        () if path.is_dir() => Some("it is a folder"),
        () if !folder.is_dir() => Some("its folder does not exist"),
        () => None,
    }
}

/// Where a file is written before it is put in its place.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    path.with_file_name(name)
}

fn put_in_place(written: io::Result<()>, temporary: &Path, path: &Path) -> io::Result<()> {
    let placed = written.and_then(|()| disk::rename(temporary, path));
    if placed.is_err() {
        // The first error is the one to report.
        let _ = disk::remove_file(temporary);
        return placed;
    }
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Syncs the names in a folder to disk. Only Unix has and needs this.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        disk::sync(&File::open(path)?)?;
    }
    Ok(())
}

/// How many more folders of the size of `folder` fit on its disk; `None` where that is unknown.
#[cfg(unix)]
pub fn room_for(folder: &Path) -> Option<u64> {
    let sizes = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()));
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.saturating_mul(disk.f_frsize).checked_div(sizes.sum())
}

#[cfg(not(unix))]
pub fn room_for(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let names = || fs::read_dir(folder.path()).unwrap().count();
        let mut given_up = Growing::create(&path).unwrap();
        given_up.write_all(b"half").unwrap();
        assert_eq!(names(), 2);
        drop(given_up);
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names()), ("old", 1));
        let mut whole = Growing::create(&path).unwrap();
        whole.write_all(b"new").unwrap();
        whole.finish().unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names()), ("new", 1));
    }
}
