//! The standard output, by its name in errors.

use std::io::{self, ErrorKind, StdoutLock, Write};

/// The standard output. An error of it says so: the context of a command names only what could not be written.
pub struct StandardOutput(pub StdoutLock<'static>);

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(named)
    }
}

/// The kind stays, since an interrupted write is repeated and a closed pipe is no failure.
fn named(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::BrokenPipe => error,
        kind => io::Error::new(kind, format!("standard output: {error}")),
    }
}
