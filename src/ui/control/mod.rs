//! Input of the user: keys, mouse and palette become changes of the state and commands to the trainer.

pub mod comparison;
pub mod input;
pub mod keys;
pub mod palette;
mod scrolling;
