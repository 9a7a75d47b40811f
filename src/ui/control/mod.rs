//! What the user asks for: keys, mouse and command line become changes of the state and commands to the trainer.

pub mod input;
pub mod keys;
pub mod palette;
