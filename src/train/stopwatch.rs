//! A stopwatch that ignores suspended time (Ctrl-Z, SIGSTOP).

use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Time between two readings of the clock.
const BEAT: Duration = Duration::from_millis(100);
/// Longer intervals count as a suspension; on a busy machine a thread waits for less.
const LONGEST: Duration = Duration::from_secs(1);

/// The system does not report a suspension, so a thread reads the clock all the time: only a suspension of the whole
/// process makes it miss readings.
static STOPWATCH: LazyLock<Mutex<Stopwatch>> = LazyLock::new(|| {
    let watch = || {
        loop {
            thread::sleep(BEAT);
            now();
        }
    };
    // Without the thread long steps count as short ones, which affects only what is shown.
    let _ = thread::Builder::new().name("clock".to_string()).spawn(watch);
    Mutex::new(Stopwatch { total: Duration::ZERO, last_reading: Instant::now() })
});

struct Stopwatch {
    total: Duration,
    last_reading: Instant,
}

impl Stopwatch {
    /// The first reading after a suspension leaves it out.
    fn until(&mut self, now: Instant) -> Duration {
        self.total += now.saturating_duration_since(self.last_reading).min(LONGEST);
        self.last_reading = self.last_reading.max(now);
        self.total
    }
}

/// Time since the first call, without suspended time.
pub fn now() -> Duration {
    STOPWATCH.lock().unwrap_or_else(PoisonError::into_inner).until(Instant::now())
}

/// Time since an earlier [`now`].
pub fn since(then: Duration) -> Duration {
    now().saturating_sub(then)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspended_time_does_not_count() {
        let begun = Instant::now();
        let mut stopwatch = Stopwatch { total: Duration::ZERO, last_reading: begun };
        let after = |ms| begun + Duration::from_millis(ms);
        assert_eq!(stopwatch.until(after(100)), Duration::from_millis(100));
        assert_eq!(stopwatch.until(after(350)), Duration::from_millis(350));
        // Two threads can come in the other order than they have last_reading.
        assert_eq!(stopwatch.until(after(300)), Duration::from_millis(350));
        assert_eq!(stopwatch.until(after(600_000)), Duration::from_millis(350) + LONGEST);
        assert_eq!(stopwatch.until(after(600_100)), Duration::from_millis(450) + LONGEST);
    }

    #[test]
    fn a_long_step_counts() {
        let begun = now();
        thread::sleep(LONGEST + BEAT);
        assert!(since(begun) >= LONGEST + BEAT);
    }
}
