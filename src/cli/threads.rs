//! How many threads compute.

use std::collections::BTreeSet;
use std::fs;
use std::thread::available_parallelism;

use crate::error::UserError;
use crate::nn;

/// What a thread of the common pool takes for its stack, in bytes, with what belongs to it.
const STACK: usize = 3 << 20;

/// Starts them.
pub fn start() -> Result<(), UserError> {
    let told = |error| format!("cannot start the threads to compute with: {error}; ask for fewer with --threads N");
    has_room().and_then(|()| nn::threads::start()).map_err(|error| UserError(told(error)))
}

/// Whether all stacks have room at once. Where memory ends while a new thread asks for its second stack, the one for
/// signals, the standard library ends the process, and no error comes back; so this is asked before the first starts.
fn has_room() -> Result<(), String> {
    let threads = std::env::var("RAYON_NUM_THREADS").ok().and_then(|value| value.parse().ok()).unwrap_or_else(cores);
    let bytes = threads.saturating_mul(STACK + nn::threads::LANE_STACK);
    // Nothing is written there, so it costs no memory; it goes back at once.
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(bytes).map_err(|_| format!("{threads} of them need {} MB for their stacks", bytes >> 20))
}

/// What the user wants, else what `RAYON_NUM_THREADS` says (`None`), else one thread per core.
pub fn choose(wanted: Option<usize>) -> Option<usize> {
    let environment = std::env::var("RAYON_NUM_THREADS").is_ok_and(|value| value.parse().is_ok_and(|n: usize| n > 0));
    match wanted {
        Some(threads) => Some(threads),
        None if environment => None,
        None => Some(cores()),
    }
}

/// Cores of this machine that this process may use. The second thread of a core only gets in the way of the first in
/// a matrix product, so those are not counted where the system tells them apart (Linux does).
fn cores() -> usize {
    let threads = available_parallelism().map_or(1, usize::from);
    let siblings: BTreeSet<String> = (0..)
        .map(|cpu| format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"))
        .map_while(|path| fs::read_to_string(path).ok())
        .collect();
    if siblings.is_empty() { threads } else { threads.min(siblings.len()) }
}
