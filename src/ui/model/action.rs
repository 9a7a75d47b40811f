//! What a key or a palette command means.

use crate::ui::model::screens::Screen;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    PauseOrResume,
    Stop,
    /// As `Stop`, but the second time does not ask.
    Interrupt,
    Help,
    /// Shows or hides the load of the machine.
    System,
    /// Closes what is open.
    Close,
    Turn,
    SampleNow,
    CheckpointNow,
    Note,
    Rollback,
    Freeze,
    Palette,
    Mouse,
    Suspend,
    NextChapter,
    PreviousChapter,
    Earlier,
    Later,
    /// In a replay: faster.
    Warmer,
    /// In a replay: slower.
    Cooler,
    Show(Screen),
    NextScreen,
    PreviousScreen,
    Up,
    Down,
    Left,
    Right,
    /// All directions of z back to 0.
    Reset,
    NextForm,
    PageUp,
    PageDown,
    PoemUp,
    PoemDown,
    Select,
    Filter,
    ZoomIn,
    ZoomOut,
    Window,
    Logarithm,
    Smooth,
    /// Steps or time on the axis.
    Axis,
}
