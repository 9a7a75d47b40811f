//! A history of the whole run in bounded memory: when it is full, every second item is dropped.

#[derive(Clone, Debug)]
pub struct Thinned<T> {
    items: Vec<T>,
    capacity: usize,
    /// One in this many items is kept.
    stride: u64,
    /// Items that were pushed.
    n_items: u64,
}

impl<T> Thinned<T> {
    /// Keeps up to `capacity` items: evenly spread ones, and always the newest.
    pub fn new(capacity: usize) -> Thinned<T> {
        Thinned { items: Vec::new(), capacity: capacity.max(2), stride: 1, n_items: 0 }
    }

    pub fn push(&mut self, item: T) {
        // The item before was kept only because it was the newest.
        if self.n_items > 0 && !(self.n_items - 1).is_multiple_of(self.stride) {
            self.items.pop();
        }
        self.items.push(item);
        self.n_items += 1;
        if self.items.len() > self.capacity {
            let mut index = 0;
            self.items.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.stride *= 2;
        }
    }

    /// Drops the newest items for which `is_undone` holds.
    pub fn undo(&mut self, is_undone: impl Fn(&T) -> bool) {
        while self.items.last().is_some_and(&is_undone) {
            self.items.pop();
            // The items that are left lie on the stride, and so does the next one.
            self.n_items = self.items.len() as u64 * self.stride;
        }
    }

    /// Oldest first.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    pub fn into_items(self) -> Vec<T> {
        self.items
    }

    pub fn last(&self) -> Option<&T> {
        self.items.last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_evenly_spread_and_the_newest_is_kept() {
        let mut history = Thinned::new(8);
        for number in 0..1000 {
            history.push(number);
            assert!(history.items().len() <= 8);
            assert_eq!((history.items()[0], *history.last().unwrap()), (0, number));
        }
        let gaps: Vec<i32> = history.items().windows(2).map(|pair| pair[1] - pair[0]).collect();
        let (last, even) = gaps.split_last().unwrap();
        assert!(even.iter().all(|gap| *gap == even[0]) && *last <= even[0], "{gaps:?}");
    }

    #[test]
    fn undone_items_are_dropped() {
        let mut history = Thinned::new(8);
        (0..5).for_each(|number| history.push(number));
        history.undo(|number| *number > 2);
        history.push(7);
        assert_eq!(history.items(), [0, 1, 2, 7]);
    }
}
