//! The lock of a run directory: only one process trains a run, and it notices when the folder is no longer there.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::disk;
use super::run_error::{RunError, failed};

pub const LOCK: &str = "run.lock";

/// Tries to take the lock, and the pause between them: `is_training` holds it for microseconds.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(10);

/// A lock that is held. The file holds the id of the process, and in its second line that of the run.
#[derive(Debug)]
pub struct RunLock {
    file: File,
    path: PathBuf,
    /// `None` for a run that has none yet.
    pub id: Option<String>,
}

impl RunLock {
    /// Takes the lock of the run in the folder `run`. The system drops it when the process ends, however it ends.
    ///
    /// # Errors
    /// Another process holds the lock, or the file cannot be opened or written.
    pub fn take(run: &Path) -> Result<RunLock, RunError> {
        let path = run.join(LOCK);
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(failed(&path, "open the lock"))?;
        let mut tried = file.try_lock();
        for _ in 1..TRIES {
            if !matches!(tried, Err(TryLockError::WouldBlock)) {
                break;
            }
            thread::sleep(PAUSE);
            tried = file.try_lock();
        }
        match tried {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = holder(run).map_or_else(String::new, |pid| format!(" (pid {pid})"));
                return Err(RunError::Locked { path: run.to_path_buf(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(failed(&path, "lock")(error)),
        }
        let id = fs::read_to_string(&path).ok().and_then(|text| Some(text.lines().nth(1)?.to_string()));
        let lock = RunLock { file, path, id: id.filter(|id| !id.is_empty()) };
        lock.write()?;
        Ok(lock)
    }

    /// Writes the id of a run that has none yet, and returns it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_id(&mut self, id: String) -> Result<String, RunError> {
        self.id = Some(id.clone());
        self.write().map(|()| id)
    }

    fn write(&self) -> Result<(), RunError> {
        let text = format!("{}\n{}\n", std::process::id(), self.id.as_deref().unwrap_or_default());
        let written = disk::set_len(&self.file, 0).and_then(|()| rewind_and_write(&self.file, text.as_bytes()));
        written.map_err(failed(&self.path, "write"))
    }

    /// Whether the file is still where it was opened.
    pub fn is_in_place(&self) -> bool {
        is_in_place(&self.file, &self.path)
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child process may have inherited it for a moment. An error has no reader.
        let _ = self.file.unlock();
    }
}

fn rewind_and_write(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    io::Seek::rewind(&mut file)?;
    disk::write(file, bytes)
}

/// Whether `path` still leads to the open `file`.
#[cfg(unix)]
pub fn is_in_place(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (open, found) = (file.metadata().map(place), fs::metadata(path).map(place));
    matches!((open, found), (Ok(open), Ok(found)) if open == found)
}

/// Other systems keep the folder of an open file in its place.
#[cfg(not(unix))]
pub fn is_in_place(_: &File, path: &Path) -> bool {
    path.exists()
}

/// An id for a new run, 16 hexadecimal digits. It tells runs apart and decides nothing.
pub fn new_id() -> String {
    let now = Timestamp::now().as_nanosecond();
    let digest = Sha256::digest(format!("{now} {}", std::process::id()));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a process trains the run in `path`. There is no way to ask for a lock without taking one that works on every
/// system (`/proc/locks` does not on all file systems, nor for other containers, and a pid may be another process's by
/// now). So this takes a shared lock for an instant, and `take_lock` is patient with those who do.
pub fn is_training(path: &Path) -> io::Result<bool> {
    let file = match File::open(path.join(LOCK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The id of the process that trains the run in `path`, where that can be read.
pub fn trainer(path: &Path) -> Option<u32> {
    is_training(path).ok().filter(|training| *training)?;
    holder(path)
}

/// The id of the process that the lock names.
fn holder(run: &Path) -> Option<u32> {
    fs::read_to_string(run.join(LOCK)).ok()?.lines().next()?.trim().parse().ok()
}
