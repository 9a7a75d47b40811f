//! Time as the process lives it: what it was stopped for (Ctrl-Z, SIGSTOP) did not happen.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Time between two looks at the clock.
const BEAT: Duration = Duration::from_millis(100);
/// Longer ones are taken for a stop; a busy machine lets a thread wait for less.
const LONGEST: Duration = Duration::from_secs(1);

/// The system tells nobody that a process was stopped, so a thread looks at the clock all the time: nothing but a stop
/// of the whole process makes it miss its looks.
static LIVED: LazyLock<Mutex<Lived>> = LazyLock::new(|| {
    let look = || {
        loop {
            thread::sleep(BEAT);
            now();
        }
    };
    // Where no thread can be had, long steps count as short ones; nothing but what is shown depends on that.
    let _ = thread::Builder::new().name("clock".to_string()).spawn(look);
    Mutex::new(Lived { so_far: Duration::ZERO, looked: Instant::now() })
});

struct Lived {
    so_far: Duration,
    looked: Instant,
}

impl Lived {
    /// Whoever looks first after a stop takes it out.
    fn until(&mut self, now: Instant) -> Duration {
        self.so_far += now.saturating_duration_since(self.looked).min(LONGEST);
        self.looked = self.looked.max(now);
        self.so_far
    }
}

/// Time that the process has lived since somebody first asked.
pub fn now() -> Duration {
    LIVED.lock().unwrap_or_else(PoisonError::into_inner).until(Instant::now())
}

/// Time lived since an earlier [`now`].
pub fn since(then: Duration) -> Duration {
    now().saturating_sub(then)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_no_time_and_looks_are() {
        let begun = Instant::now();
        let mut lived = Lived { so_far: Duration::ZERO, looked: begun };
        let after = |ms| begun + Duration::from_millis(ms);
        assert_eq!(lived.until(after(100)), Duration::from_millis(100));
        assert_eq!(lived.until(after(350)), Duration::from_millis(350));
        // Two threads can come in the other order than they have looked.
        assert_eq!(lived.until(after(300)), Duration::from_millis(350));
        assert_eq!(lived.until(after(600_000)), Duration::from_millis(350) + LONGEST);
        assert_eq!(lived.until(after(600_100)), Duration::from_millis(450) + LONGEST);
    }

    #[test]
    fn a_long_step_is_lived_through() {
        let begun = now();
        thread::sleep(LONGEST + BEAT);
        assert!(since(begun) >= LONGEST + BEAT);
    }
}
