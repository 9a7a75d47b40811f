//! What is kept of the events of a journal, in memory that does not grow with it: evenly spread points of the curves, and
//! the newest of all other events.

use std::collections::{BTreeMap, VecDeque};
use std::mem::{Discriminant, discriminant};

use crate::run::event::Event;
use crate::ui::Thinned;
use crate::ui::model::log::LogEntry;

/// Most held-out losses, and most quality checks. A chart has fewer columns.
const MOST: usize = 2_000;
/// Bytes in the journal of the events of each other kind.
const BYTES: usize = 1 << 19;

/// An event, and its place in the journal.
type Placed = (u64, Event);

pub struct Kept {
    read: u64,
    /// The first event tells what the run began with.
    first: Option<Placed>,
    /// Steps and poems, of which the reader passes only as many as are to be kept.
    passed: Vec<Placed>,
    held_out: Thinned<Placed>,
    /// The lowest held-out loss, and its event.
    lowest: Option<(f32, Placed)>,
    quality: Thinned<Placed>,
    others: Vec<Newest>,
    /// Events of the log that were dropped.
    pub left_out: u64,
}

/// The newest events of one kind.
struct Newest {
    kind: Discriminant<Event>,
    /// With the bytes of each.
    events: VecDeque<(Placed, usize)>,
    bytes: usize,
}

impl Kept {
    pub fn new() -> Kept {
        let [held_out, quality] = [MOST, MOST].map(Thinned::new);
        let (first, lowest) = (None, None);
        Kept { read: 0, first, passed: Vec::new(), held_out, lowest, quality, others: Vec::new(), left_out: 0 }
    }

    /// Adds the next event of the journal, which has `bytes` there.
    pub fn push(&mut self, event: Event, bytes: usize) {
        let place = self.read;
        self.read += 1;
        if place == 0 {
            self.first = Some((place, event.clone()));
        }
        match event {
            Event::Step(_) | Event::Sample { .. } | Event::Latent { .. } => self.passed.push((place, event)),
            Event::HeldOut { loss, .. } => {
                if self.lowest.as_ref().is_none_or(|(lowest, _)| loss < *lowest) {
                    self.lowest = Some((loss, (place, event.clone())));
                }
                self.held_out.push((place, event));
            }
            Event::Quality { .. } => self.quality.push((place, event)),
            _ => self.keep_newest((place, event), bytes),
        }
    }

    fn keep_newest(&mut self, placed: Placed, bytes: usize) {
        let dropped = self.newest(&placed.1).push(placed, bytes);
        // The first event of the run is kept all the same.
        let shown = dropped.iter().filter(|(place, event)| *place > 0 && LogEntry::of(event).is_some());
        self.left_out += shown.count() as u64;
    }

    fn newest(&mut self, event: &Event) -> &mut Newest {
        let kind = discriminant(event);
        let at = self.others.iter().position(|newest| newest.kind == kind).unwrap_or_else(|| {
            self.others.push(Newest { kind, events: VecDeque::new(), bytes: 0 });
            self.others.len() - 1
        });
        &mut self.others[at]
    }

    /// The events in the order of the journal.
    pub fn into_events(self) -> Vec<Event> {
        let lowest = self.lowest.map(|(_, placed)| placed);
        let others = self.others.into_iter().flat_map(|newest| newest.events).map(|(placed, _)| placed);
        let curves = self.passed.into_iter().chain(self.held_out.into_items()).chain(self.quality.into_items());
        let all: BTreeMap<u64, Event> = self.first.into_iter().chain(lowest).chain(curves).chain(others).collect();
        all.into_values().collect()
    }
}

impl Newest {
    /// Adds an event; returns those that were dropped for it.
    fn push(&mut self, placed: Placed, bytes: usize) -> Vec<Placed> {
        self.events.push_back((placed, bytes));
        self.bytes += bytes;
        let mut dropped = Vec::new();
        while self.bytes > BYTES && self.events.len() > 1 {
            let Some((placed, bytes)) = self.events.pop_front() else { break };
            self.bytes -= bytes;
            dropped.push(placed);
        }
        dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held_out(step: u64, loss: f32) -> Event {
        Event::HeldOut { step, loss, forms: Vec::new() }
    }

    fn note(step: u64) -> Event {
        Event::Note { step, note: "here".into() }
    }

    #[test]
    fn curves_keep_both_ends_and_the_lowest_loss() {
        let mut kept = Kept::new();
        let loss = |step| if step == 70_001 { 0.5 } else { 1.0 + step as f32 };
        (1..=100_000).for_each(|step| kept.push(held_out(step, loss(step)), 100));
        let events = kept.into_events();
        assert!(events.len() <= MOST + 2, "{}", events.len());
        assert_eq!((&events[0], events.last()), (&held_out(1, 2.0), Some(&held_out(100_000, 100_001.0))));
        assert!(events.contains(&held_out(70_001, 0.5)));
        assert!(events.is_sorted_by_key(Event::step));
    }

    #[test]
    fn of_other_events_the_newest_of_every_kind_are_kept() {
        let mut kept = Kept::new();
        kept.push(note(0), 100);
        kept.push(Event::Paused { step: 0 }, 100);
        let n = 10 * BYTES as u64 / 100;
        (1..=n).for_each(|step| kept.push(note(step), 100));
        assert_eq!(kept.left_out, n - BYTES as u64 / 100);
        let events = kept.into_events();
        assert_eq!(events.len(), BYTES / 100 + 2);
        assert_eq!((&events[..2], events.last()), (&[note(0), Event::Paused { step: 0 }][..], Some(&note(n))));
        // One that is larger than the bound is kept while it is the newest.
        let mut kept = Kept::new();
        (0..3).for_each(|step| kept.push(note(step), 2 * BYTES));
        assert_eq!(kept.into_events(), [note(0), note(2)]);
    }
}
