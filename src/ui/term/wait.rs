//! Waiting for the keyboard without reading it, so that a terminal that has gone away is noticed.

use std::io;
#[cfg(unix)]
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

#[cfg(unix)]
use rustix::{
    event::{FdSetElement, Timespec, fd_set_insert, fd_set_num_elements, select},
    io::{Errno, ioctl_fionread},
};

/// Waits until the terminal on standard input has something to read, for at most this long.
///
/// # Errors
/// [`io::ErrorKind::BrokenPipe`] when the terminal has gone away; other errors of the system.
#[cfg(unix)]
pub fn wait_for_input(wait: Duration) -> io::Result<()> {
    is_readable(rustix::stdio::stdin(), wait).map(|_| ())
}

/// As above. A console of Windows does not go away before its processes.
#[cfg(not(unix))]
pub fn wait_for_input(wait: Duration) -> io::Result<()> {
    crossterm::event::poll(wait).map(|_| ())
}

/// Whether there is something to read, after waiting for it for at most this long. With `select`, since `poll` of macOS
/// refuses terminals.
#[cfg(unix)]
fn is_readable(terminal: BorrowedFd<'_>, wait: Duration) -> io::Result<bool> {
    let number = terminal.as_raw_fd();
    let mut readable = vec![FdSetElement::default(); fd_set_num_elements(1, number + 1)];
    fd_set_insert(&mut readable, number);
    let wait = Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: wait.subsec_nanos().into() };
    // SAFETY: the set holds one descriptor, which is borrowed and so stays open during the call.
    match unsafe { select(number + 1, Some(&mut readable), None, None, Some(&wait)) } {
        // Nothing came, or a signal, such as that of another size.
        Ok(0) | Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
        // `select` has no word for a terminal that has hung up: it is ready to be read, but holds no byte.
        Ok(_) if !matches!(ioctl_fionread(terminal), Ok(1..)) => {
            Err(io::Error::new(io::ErrorKind::BrokenPipe, "the terminal has gone away"))
        }
        Ok(_) => Ok(true),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs::File;
    use std::io::{BufRead, BufReader, Write};
    use std::os::fd::AsFd;
    use std::time::Instant;

    use portable_pty::{MasterPty, PtySize, native_pty_system};
    use rustix::fs::{Mode, OFlags};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// A pseudo-terminal that hands over whole lines: the end of the user, and that of the program.
    fn pseudo_terminal() -> (Box<dyn MasterPty + Send>, File) {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let program = rustix::fs::open(pair.master.tty_name().unwrap(), flags, Mode::empty()).unwrap();
        (pair.master, program.into())
    }

    #[test]
    fn what_is_typed_is_noticed_and_left_to_be_read() {
        let (user, program) = pseudo_terminal();
        let mut keyboard = user.take_writer().unwrap();
        let begin = Instant::now();
        assert!(!is_readable(program.as_fd(), Duration::from_millis(30)).unwrap());
        assert!(begin.elapsed() >= Duration::from_millis(30), "it waits");
        keyboard.write_all(b"q\n").unwrap();
        assert!(is_readable(program.as_fd(), LONG).unwrap());
        assert!(is_readable(program.as_fd(), Duration::ZERO).unwrap());
        let mut line = String::new();
        BufReader::new(&program).read_line(&mut line).unwrap();
        assert_eq!(line, "q\n");
        assert!(!is_readable(program.as_fd(), Duration::ZERO).unwrap());
    }

    #[test]
    fn what_is_typed_ends_the_wait() {
        let (user, program) = pseudo_terminal();
        let mut keyboard = user.take_writer().unwrap();
        let typist = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            keyboard.write_all(b"q\n").unwrap();
            keyboard
        });
        let begin = Instant::now();
        assert!(is_readable(program.as_fd(), LONG).unwrap());
        assert!(begin.elapsed() < LONG / 2);
        typist.join().unwrap();
    }

    #[test]
    fn a_terminal_that_has_hung_up_is_an_error() {
        let (user, program) = pseudo_terminal();
        drop(user);
        let error = is_readable(program.as_fd(), LONG).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    /// The set of `select` must have room for the descriptor; that of the C library ends at 1024.
    #[test]
    fn a_descriptor_beyond_a_thousand_is_waited_for() {
        let (user, program) = pseudo_terminal();
        let mut keyboard = user.take_writer().unwrap();
        // A limit below this number is an error here, not a pass.
        let program = rustix::io::fcntl_dupfd_cloexec(&program, 1100).unwrap();
        assert!(program.as_raw_fd() >= 1100);
        assert!(!is_readable(program.as_fd(), Duration::ZERO).unwrap());
        keyboard.write_all(b"q\n").unwrap();
        assert!(is_readable(program.as_fd(), LONG).unwrap());
    }
}
