//! Who is at the other end of the dashboard.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// A trainer in this process; it takes commands.
    #[default]
    Trainer,
    /// The journal of a run; it takes no commands.
    Journal,
    /// A journal that is played back.
    Playback,
    /// The recorded run of the tour, which is played back with captions.
    Tour,
    /// A trained model in this process; it only moves poems along z.
    Model,
}
