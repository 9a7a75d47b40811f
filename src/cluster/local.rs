//! Ranks that are threads of one process, for tests.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Ranks;
use super::link::{Link, Transfer};

/// `size` ranks, and what interrupts each of them.
pub fn ranks(size: usize) -> Vec<(Ranks, Arc<AtomicBool>)> {
    // Messages go around a ring, so that each rank receives from one other.
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..size).map(|_| channel()).unzip();
    receivers
        .into_iter()
        .enumerate()
        .map(|(rank, own)| of_rank(rank, senders[(rank + 1) % size].clone(), own, size))
        .collect()
}

fn of_rank(rank: usize, next: Sender<Vec<u32>>, own: Receiver<Vec<u32>>, size: usize) -> (Ranks, Arc<AtomicBool>) {
    let (requests, taken) = channel();
    let (give, received) = channel();
    let thread = std::thread::spawn(move || {
        for request in taken {
            match request {
                Transfer::Send { to, words } => {
                    assert_eq!(to, (rank + 1) % size);
                    let _ = next.send(words);
                }
                Transfer::Receive { from } => {
                    assert_eq!((from + 1) % size, rank);
                    let Ok(words) = own.recv() else { return };
                    let _ = give.send(words);
                }
            }
        }
    });
    let interrupted = Arc::new(AtomicBool::new(false));
    let link = Link::new(requests, received, thread, Arc::clone(&interrupted), Duration::from_millis(100));
    (Ranks { rank, size, threads: size, link: Some(Mutex::new(link)) }, interrupted)
}
