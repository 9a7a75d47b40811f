//! Verses of some moments, evenly spread over a run of any length, in bounded memory.

use std::path::Path;

use anyhow::Result;

use crate::train::event::Event;
use crate::train::journal;

/// Most moments that are kept.
pub const MOST: usize = 200;

/// Every moment at first; whenever there are too many, every other one goes, and from then on twice as many are passed
/// over. The newest one is kept in any case.
#[derive(Default)]
pub struct Moments {
    kept: Vec<(u64, Event)>,
    newest: Option<(u64, Event)>,
    /// Moments so far.
    seen: usize,
    /// One of 2^`sparseness` is kept.
    sparseness: u32,
}

impl Moments {
    pub fn read(samples: &Path) -> Result<Moments> {
        let mut moments = Moments::default();
        for event in journal::read(samples)? {
            if let Event::Sample { step, .. } = event {
                moments.push(step, event);
            }
        }
        Ok(moments)
    }

    /// The moments with their steps, the earliest first.
    pub fn into_events(self) -> Vec<(u64, Event)> {
        let mut events = self.kept;
        events.extend(self.newest);
        events
    }

    fn push(&mut self, step: u64, event: Event) {
        // The one before was kept for being the newest; it stays if its turn has come.
        let before = self.newest.replace((step, event));
        if self.seen > 0 && (self.seen - 1).is_multiple_of(1 << self.sparseness) {
            self.kept.extend(before);
        }
        self.seen += 1;
        if self.kept.len() >= MOST {
            let mut stays = false;
            self.kept.retain(|_| {
                stays = !stays;
                stays
            });
            self.sparseness += 1;
        }
    }
}

/// At most `most` of `items`, evenly spread, the first and the last among them.
pub fn spread<T>(items: &[T], most: usize) -> Vec<&T> {
    let n = items.len().min(most);
    (0..n).map(|i| &items[i * (items.len() - 1) / (n - 1).max(1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(n: u64) -> Vec<u64> {
        let mut moments = Moments::default();
        for step in 0..n {
            moments.push(step, Event::Sample { step, temperature: 1.0, poems: Vec::new() });
        }
        moments.into_events().into_iter().map(|(step, _)| step).collect()
    }

    #[test]
    fn a_short_run_keeps_all_moments() {
        assert_eq!(steps(MOST as u64), (0..MOST as u64).collect::<Vec<_>>());
        assert!(steps(0).is_empty());
    }

    #[test]
    fn a_long_run_keeps_evenly_spread_moments_and_the_newest() {
        for n in [201, 399, 1000, 12_345] {
            let steps = steps(n);
            assert!(steps.len() <= MOST && steps.len() >= MOST / 2, "{n}: {}", steps.len());
            assert_eq!((steps[0], steps[steps.len() - 1]), (0, n - 1));
            let gaps: Vec<u64> = steps.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(gaps[..gaps.len() - 1].iter().all(|gap| *gap == gaps[0]), "{n}: {gaps:?}");
        }
    }

    #[test]
    fn items_are_spread_evenly() {
        let items: Vec<usize> = (0..101).collect();
        assert_eq!(spread(&items, 5), [&0, &25, &50, &75, &100]);
        assert_eq!(spread(&items[..3], 5), [&0, &1, &2]);
        assert!(spread(&items[..0], 5).is_empty());
        assert_eq!(spread(&items[..1], 5), [&0]);
    }
}
