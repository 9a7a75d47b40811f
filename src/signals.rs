//! What Ctrl-C and its kin do: the first asks for a clean end, the second ends at once.

use signal_hook::consts::{SIGINT, SIGTERM};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// What a shell expects of a process that Ctrl-C has ended.
pub const INTERRUPTED: i32 = 130;

#[cfg(unix)]
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
#[cfg(unix)]
const HANGUP: Option<i32> = Some(signal_hook::consts::SIGHUP);
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];
#[cfg(not(unix))]
const HANGUP: Option<i32> = None;

/// Time between a second signal and the moment that somebody notices.
const GLANCE: Duration = Duration::from_millis(50);
/// A terminal that hangs must not keep the process alive.
const PATIENCE: Duration = Duration::from_millis(500);

/// Watches for signals from now on. The flag becomes true at the first one: finish the step, write a checkpoint, end
/// with 0. At the second one `restore` (which gives the terminal back; it runs on a thread of its own) is called and
/// the process ends with 130.
pub fn watch(restore: impl Fn() + Send + 'static) -> io::Result<Arc<AtomicBool>> {
    let (stop, again) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    for signal in SIGNALS {
        let (stop, again, hung_up) = (Arc::clone(&stop), Arc::clone(&again), AtomicBool::new(false));
        let note = move || {
            // A terminal that goes away may say so twice, to its session and to its foreground; nobody is impatient then.
            if Some(signal) == HANGUP && hung_up.swap(true, Ordering::SeqCst) {
                return;
            }
            if stop.swap(true, Ordering::SeqCst) {
                again.store(true, Ordering::SeqCst);
            }
        };
        // SAFETY: the handler only touches three atomics, which is allowed at any moment.
        unsafe { signal_hook::low_level::register(signal, note) }?;
    }
    // To restore a terminal takes locks and system calls that a signal handler may not use, so a thread does it.
    std::thread::Builder::new().name("signals".to_string()).spawn(move || {
        while !again.load(Ordering::SeqCst) {
            std::thread::sleep(GLANCE);
        }
        end(restore);
    })?;
    Ok(stop)
}

fn end(restore: impl Fn() + Send + 'static) {
    let (done, restored) = mpsc::channel();
    let spawned = std::thread::Builder::new().spawn(move || {
        restore();
        // Nobody listens any more when the patience is at its end.
        let _ = done.send(());
    });
    if spawned.is_ok() {
        let _ = restored.recv_timeout(PATIENCE);
    }
    // Without the destructors of a normal exit: one of them could wait for a thread that is busy.
    signal_hook::low_level::exit(INTERRUPTED);
}
