//! The standard output, by its name in errors.

use std::io::{self, ErrorKind, StdoutLock, Write};

use crate::printable::Printing;

/// The standard output. An error of it says so: the context of a command names only what could not be written.
struct StandardOutput(StdoutLock<'static>);

/// The standard output, without anything that would steer a terminal; `has_colour` is whether the command colours its text.
pub fn standard_output(has_colour: bool) -> impl Write {
    Printing::new(of_program(), has_colour)
}

/// The standard output for text that holds nothing of a user or a file: completion scripts, whose tabs count.
pub fn of_program() -> impl Write {
    StandardOutput(io::stdout().lock())
}

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
