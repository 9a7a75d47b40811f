//! Changes of the disk. Whatever a run writes goes through here, so that tests can let every single one fail, or be the last
//! thing that a process does.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::retry;

/// As `File::create`.
pub fn create(path: &Path) -> io::Result<File> {
    point()?;
    File::create(path)
}

/// As `Write::write_all`. A failure leaves half of the bytes.
pub fn write(mut file: impl Write, bytes: &[u8]) -> io::Result<()> {
    if let Err(error) = point() {
        file.write_all(&bytes[..bytes.len() / 2])?;
        return Err(error);
    }
    file.write_all(bytes)
}

/// Makes the bytes of a file reach the disk.
pub fn sync(file: &File) -> io::Result<()> {
    point()?;
    file.sync_all()
}

/// As `File::set_len`.
pub fn set_len(file: &File, length: u64) -> io::Result<()> {
    point()?;
    file.set_len(length)
}

/// As `std::fs::create_dir_all`.
pub fn create_dir_all(path: &Path) -> io::Result<()> {
    point()?;
    fs::create_dir_all(path)
}

/// As `std::fs::rename`, patiently.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    point()?;
    retry::rename(from, to)
}

/// As `std::fs::remove_file`, patiently.
pub fn remove_file(path: &Path) -> io::Result<()> {
    point()?;
    retry::remove_file(path)
}

/// As `std::fs::remove_dir_all`, patiently. A failure may leave some of the files.
pub fn remove_dir_all(path: &Path) -> io::Result<()> {
    if let Err(error) = point() {
        if let Some(Ok(first)) = fs::read_dir(path).ok().and_then(|mut entries| entries.next()) {
            let _ = retry::remove_file(&first.path());
        }
        return Err(error);
    }
    retry::remove_dir_all(path)
}

#[cfg(not(test))]
fn point() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
use faults::point;

/// Faults of the disk, for the thread that asks for one.
#[cfg(test)]
pub mod faults {
    use std::cell::Cell;
    use std::io;

    /// What happens at a change.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub enum Fault {
        /// It fails, and later ones succeed, as on a disk that is full for a moment.
        Once,
        /// It and all later ones fail: for the disk, the process has ended.
        End,
    }

    thread_local! {
        static CHANGES: Cell<u64> = const { Cell::new(0) };
        static PLAN: Cell<Option<(u64, Fault)>> = const { Cell::new(None) };
    }

    /// Lets the change number `at`, from 0, fail.
    pub fn plan(at: u64, fault: Fault) {
        CHANGES.set(0);
        PLAN.set(Some((at, fault)));
    }

    /// Ends the faults, and returns the number of changes since they were planned.
    pub fn end() -> u64 {
        PLAN.set(None);
        CHANGES.replace(0)
    }

    pub fn point() -> io::Result<()> {
        let number = CHANGES.replace(CHANGES.get() + 1);
        let fails = |(at, fault)| if fault == Fault::Once { number == at } else { number >= at };
        if PLAN.get().is_some_and(fails) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}
