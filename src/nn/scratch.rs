//! Scratch memory for intermediate results, pooled per thread: fresh memory would have to be cleared each time.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

thread_local! {
    static POOL: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// A piece is not used for requests that are smaller than it by more than this factor.
const WASTE: usize = 4;

/// Memory with arbitrary contents from the pool; it returns to the pool of the thread that drops it.
pub struct Scratch {
    memory: Vec<f32>,
    len: usize,
}

impl Scratch {
    pub fn new(len: usize) -> Scratch {
        let piece = POOL.with_borrow_mut(|pool| {
            let place = pool.partition_point(|piece| piece.len() < len);
            match pool.get(place) {
                Some(piece) if piece.len() <= WASTE * len.max(1) => Some(pool.remove(place)),
                Some(_) => None,
                // All are too small; the smallest is freed for one that is not.
                None => {
                    pool.drain(..pool.len().min(1));
                    None
                }
            }
        });
        let memory = piece.unwrap_or_else(|| vec![0.0; len]);
        Scratch { memory, len }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let memory = std::mem::take(&mut self.memory);
        // A thread that ends has no pool any more, and memory of its own needs none.
        let _ = POOL.try_with(|pool| {
            let mut pool = pool.borrow_mut();
            let place = pool.partition_point(|piece| piece.len() < memory.len());
            pool.insert(place, memory);
        });
    }
}

impl Deref for Scratch {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.memory[..self.len]
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.memory[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again() {
        let address = |len| Scratch::new(len).as_ptr();
        let first = address(1000);
        assert_eq!((address(1000), address(900)), (first, first));
        assert_ne!(address(10), first);
        let both = (Scratch::new(10), Scratch::new(2000));
        assert_eq!((both.0.len(), both.1.len()), (10, 2000));
        assert_ne!(both.0.as_ptr(), both.1.as_ptr());
    }
}
