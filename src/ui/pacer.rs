//! When the dashboard draws a frame.

use std::time::{Duration, Instant};

/// At most ten frames a second, except in reply to a key: more would only load the connection and the processor.
const FRAME: Duration = Duration::from_millis(100);
/// A frame is drawn at least this often, since it shows clocks.
const CLOCK: Duration = Duration::from_secs(1);

/// Decides when a frame is due.
pub(super) struct Pacer {
    last_frame: Option<Instant>,
    last_tick: Instant,
    /// Something has changed since the last frame.
    stale: bool,
}

impl Pacer {
    pub(super) fn new() -> Pacer {
        Pacer { last_frame: None, last_tick: Instant::now(), stale: true }
    }

    /// Seconds since the last call.
    pub(super) fn seconds(&mut self) -> f32 {
        let now = Instant::now();
        (now - std::mem::replace(&mut self.last_tick, now)).as_secs_f32()
    }

    /// Ignores the time since the last tick.
    pub(super) fn skip(&mut self) {
        self.last_tick = Instant::now();
    }

    pub(super) fn is_due(&mut self, has_news: bool) -> bool {
        self.stale |= has_news;
        let Some(age) = self.last_frame.map(|frame| frame.elapsed()) else { return true };
        age >= CLOCK || (self.stale && age >= FRAME)
    }

    pub(super) fn draw_now(&mut self) {
        self.last_frame = None;
    }

    pub(super) fn drawn(&mut self) {
        self.last_frame = Some(Instant::now());
        self.stale = false;
    }
}
