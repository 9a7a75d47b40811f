//! Faults of the disk, at every change that a run makes to it.

mod tests;
