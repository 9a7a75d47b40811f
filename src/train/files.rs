//! Files that are either whole or not there, also after a crash or a power cut.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes a new file and makes its bytes reach the disk.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Replaces a file in one step: a reader sees the old bytes or the new ones. A link stays, and what it leads to is
/// replaced; what is no file, such as a pipe, is written to.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let path = target.as_path();
    if path.exists() && !path.is_file() {
        return File::options().write(true).open(path)?.write_all(bytes);
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".new");
    let temporary = path.with_file_name(name);
    let written = write_durably(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error matters; what is left over harms nobody.
        let _ = fs::remove_file(&temporary);
        return written;
    }
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Makes the names in a folder reach the disk. Only Unix knows this, and only there is it needed.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

/// How many more folders of the size of `folder` its disk has room for; `None` where that cannot be found out.
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
