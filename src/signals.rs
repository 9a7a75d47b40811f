//! Handling of SIGINT, SIGTERM and SIGHUP: the first one asks for a clean stop, the second one exits immediately. SIGQUIT
//! restores the terminal and then does what it does by default. A signal that the process was started to ignore, as by
//! `nohup` or in the background of a script, stays ignored.

use signal_hook::consts::{SIGINT, SIGTERM};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// Exit code of a process ended by SIGINT, by the convention of shells.
pub const INTERRUPTED: i32 = 130;

#[cfg(unix)]
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
#[cfg(unix)]
const HANGUP: Option<i32> = Some(signal_hook::consts::SIGHUP);
#[cfg(unix)]
const QUIT: Option<i32> = Some(signal_hook::consts::SIGQUIT);
#[cfg(not(unix))]
const QUIT: Option<i32> = None;
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];
#[cfg(not(unix))]
const HANGUP: Option<i32> = None;

/// Interval at which the second signal is polled.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// Timeout for restoring the terminal, since it may hang.
const RESTORE_TIMEOUT: Duration = Duration::from_millis(500);

/// Installs the signal handlers. The returned flag is set by the first signal: the caller should finish its step and stop.
/// The second signal calls `restore` on a thread of its own, to restore the terminal, and exits the process with 130.
///
/// # Errors
/// Handlers or a thread that the system refuses.
pub fn watch(restore: impl Fn() + Send + 'static) -> io::Result<Arc<AtomicBool>> {
    let (stop, again) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let quit = Arc::new(AtomicBool::new(false));
    if let Some(signal) = QUIT.filter(|&signal| !is_ignored(signal)) {
        signal_hook::flag::register(signal, Arc::clone(&quit))?;
    }
    for signal in SIGNALS.into_iter().filter(|&signal| !is_ignored(signal)) {
        let (stop, again, hung_up) = (Arc::clone(&stop), Arc::clone(&again), AtomicBool::new(false));
        let note = move || {
            // A closing terminal may send SIGHUP twice, to its session and to its foreground group; that is one request.
            if Some(signal) == HANGUP && hung_up.swap(true, Ordering::SeqCst) {
                return;
            }
            if stop.swap(true, Ordering::SeqCst) {
                again.store(true, Ordering::SeqCst);
            }
        };
        // SAFETY: the handler only accesses three atomics, which is async-signal-safe.
        unsafe { signal_hook::low_level::register(signal, note) }?;
    }
    // Restoring a terminal takes locks and system calls that are not async-signal-safe, so a thread does it.
    std::thread::Builder::new().name("signals".to_string()).spawn(move || {
        while !again.load(Ordering::SeqCst) && !quit.load(Ordering::SeqCst) {
            std::thread::sleep(POLL_INTERVAL);
        }
        with_timeout(restore);
        if let Some(signal) = QUIT.filter(|_| quit.load(Ordering::SeqCst)) {
            // It ends the process; if it cannot, the next line does.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
        // Without the destructors of a normal exit, since one of them could wait for a busy thread.
        signal_hook::low_level::exit(INTERRUPTED);
    })?;
    Ok(stop)
}

/// Calls `restore` and waits for it, at most for [`RESTORE_TIMEOUT`].
fn with_timeout(restore: impl Fn() + Send + 'static) {
    let (done, restored) = mpsc::channel();
    let spawned = std::thread::Builder::new().spawn(move || {
        restore();
        // After the timeout there is no receiver.
        let _ = done.send(());
    });
    if spawned.is_ok() {
        let _ = restored.recv_timeout(RESTORE_TIMEOUT);
    }
}

/// Whether the process was started to ignore the signal.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    // SAFETY: without a new action `sigaction` only writes the present one, into a value of its own type; all zeros is one.
    unsafe {
        let mut present: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut present) == 0 && present.sa_sigaction == libc::SIG_IGN
    }
}

#[cfg(not(unix))]
fn is_ignored(_: i32) -> bool {
    false
}
