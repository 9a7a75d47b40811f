//! How a reader of events ended.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The trainer has ended or sent its last event; its thread can be joined.
    Finished,
    /// The user stopped a second time: exit at once, do not wait for the trainer.
    Abandoned,
}
