//! What the last frame had room for and where the tabs are: the view measures, the state scrolls and takes clicks.

use crate::ui::model::screens::Screen;

/// Rows of a pane that scrolls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VisibleRows {
    pub shown: usize,
    pub total: usize,
}

impl VisibleRows {
    /// Rows that do not fit.
    pub fn hidden(self) -> usize {
        self.total.saturating_sub(self.shown)
    }
}

/// The row with the names of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TabRow {
    pub row: u16,
    /// The column behind each name, in the order of [`Screen::ALL`].
    pub ends: [u16; Screen::ALL.len()],
}

impl TabRow {
    /// The screen whose name is drawn at a cell.
    pub fn screen_at(&self, column: u16, row: u16) -> Option<Screen> {
        let index = self.ends.iter().position(|end| column < *end).filter(|_| row == self.row)?;
        Screen::ALL.get(index).copied()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameLayout {
    pub samples: VisibleRows,
    pub log: VisibleRows,
    pub settings: VisibleRows,
    /// Rows of the selected poem and of the help that do not fit.
    pub poem_hidden: usize,
    pub help_hidden: usize,
    pub tabs: Option<TabRow>,
}
