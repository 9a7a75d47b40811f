//! Plays events back, as the controls of the dashboard say.

use std::time::{Duration, Instant};

use crate::run::event::Event;
use crate::ui::DashboardState;

/// Longest time that counts between two updates: what the process was suspended does not.
const MAX_PAUSE: Duration = Duration::from_secs(1);

pub struct Player {
    events: Vec<Event>,
    /// Earlier events of the log that are not among them.
    left_out: u64,
    /// Index of the first event that is not shown yet.
    next: usize,
    /// The part of a step that is left over, and the step that is shown.
    carried: f32,
    shown: u64,
    clock: Instant,
}

impl Player {
    /// `events` in the order of their steps.
    pub fn new(events: Vec<Event>, left_out: u64) -> Player {
        Player { events, left_out, next: 0, carried: 0.0, shown: 0, clock: Instant::now() }
    }

    /// The step of the last event.
    pub fn last(&self) -> u64 {
        self.events.iter().map(Event::step).max().unwrap_or(0)
    }

    /// Advances the playback of the state and applies the events that it has come to. Returns whether anything changed.
    pub fn update(&mut self, state: &mut DashboardState) -> bool {
        let seconds = std::mem::replace(&mut self.clock, Instant::now()).elapsed().min(MAX_PAUSE).as_secs_f32();
        let Some(playback) = &mut state.playback else { return false };
        let step = playback.advance(seconds, &mut self.carried);
        if step < self.shown {
            state.restart();
            state.leave_out(self.left_out);
            self.next = 0;
        }
        let before = self.next;
        while let Some(event) = self.events.get(self.next).filter(|event| event.step() <= step) {
            state.apply(event.clone());
            self.next += 1;
        }
        let moved = step != std::mem::replace(&mut self.shown, step);
        moved || self.next != before
    }
}
