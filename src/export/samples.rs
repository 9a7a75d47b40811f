//! Samples evenly spread over a run of any length, in bounded memory.

use std::path::Path;

use anyhow::Result;

use crate::run::event::Event;
use crate::run::journal;
use crate::ui::Thinned;

/// Most sample events that are kept.
const MOST: usize = 200;

/// The sample events of a file, oldest first, the newest among them.
pub fn spread_samples(samples: &Path) -> Result<Vec<Event>> {
    let mut kept = Thinned::new(MOST);
    let is_sample = |event: &Event| matches!(event, Event::Sample { .. });
    journal::read(samples)?.filter(is_sample).for_each(|event| kept.push(event));
    Ok(kept.into_items())
}

/// At most `most` of `items`, evenly spread, with the first and the last.
pub fn spread<T>(items: &[T], most: usize) -> Vec<&T> {
    let n = items.len().min(most);
    (0..n).map(|i| &items[i * (items.len() - 1) / (n - 1).max(1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_spread_evenly() {
        let items: Vec<usize> = (0..101).collect();
        assert_eq!(spread(&items, 5), [&0, &25, &50, &75, &100]);
        assert_eq!(spread(&items[..3], 5), [&0, &1, &2]);
        assert!(spread(&items[..0], 5).is_empty());
        assert_eq!(spread(&items[..1], 5), [&0]);
    }
}
