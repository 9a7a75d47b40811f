//! The window of a chart: which part of its axis is shown, and the cursor in it.

use crate::ui::model::action::Action;

/// Length of the window on the latest values.
const RECENT: u64 = 1_000;
/// The smallest window.
const SMALLEST: u64 = 10;
/// The cursor moves by this fraction of the window.
const STRIDE: u64 = 50;

#[derive(Clone, Copy, Debug, Default)]
pub struct ChartWindow {
    /// First and last place that are shown; all where there are none.
    range: Option<(u64, u64)>,
    /// The latest places are followed.
    pub recent: bool,
    pub cursor: Option<u64>,
}

impl ChartWindow {
    /// The first and the last place that are shown of the `whole` axis.
    pub fn shown(&self, whole: (u64, u64)) -> (u64, u64) {
        match self.range {
            Some(range) => range,
            None if self.recent => (whole.1.saturating_sub(RECENT).max(whole.0), whole.1),
            None => whole,
        }
    }

    pub fn on_action(&mut self, action: Action, whole: (u64, u64)) {
        match action {
            Action::Left | Action::Right => self.move_cursor(action == Action::Right, whole),
            Action::ZoomIn | Action::ZoomOut => self.zoom(action == Action::ZoomIn, whole),
            Action::PageUp | Action::PageDown => self.pan(action == Action::PageDown, whole),
            Action::Window => (self.recent, self.range) = (!self.recent, None),
            _ => {}
        }
    }

    /// Shows the whole axis.
    pub fn show_all(&mut self) {
        (self.range, self.recent) = (None, false);
    }

    fn move_cursor(&mut self, later: bool, whole: (u64, u64)) {
        let (first, last) = self.shown(whole);
        let stride = ((last - first) / STRIDE).max(1);
        let cursor = self.cursor.unwrap_or(last);
        let moved = if later { cursor.saturating_add(stride) } else { cursor.saturating_sub(stride) };
        self.cursor = Some(moved.clamp(first, last));
    }

    /// Halves or doubles the window around the cursor, or around its end.
    fn zoom(&mut self, closer: bool, whole: (u64, u64)) {
        let (first, last) = self.shown(whole);
        let (begin, end) = whole;
        let width = if closer { ((last - first) / 2).max(SMALLEST) } else { (last - first).saturating_mul(2) };
        if width >= end - begin {
            return self.show_all();
        }
        let centre = self.cursor.filter(|cursor| (first..=last).contains(cursor)).unwrap_or(last);
        let from = centre.saturating_sub(width / 2).clamp(begin, end - width);
        self.range = Some((from, from + width));
    }

    fn pan(&mut self, later: bool, whole: (u64, u64)) {
        let (first, last) = self.shown(whole);
        let (begin, end) = whole;
        let width = last - first;
        if width >= end - begin {
            return;
        }
        let half = (width / 2).max(1);
        let from = if later { first.saturating_add(half) } else { first.saturating_sub(half) };
        let from = from.clamp(begin, end - width);
        self.range = Some((from, from + width));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: (u64, u64) = (0, 8_000);

    #[test]
    fn zoom_and_pan_stay_within_the_run() {
        let mut window = ChartWindow::default();
        assert_eq!(window.shown(WHOLE), WHOLE);
        window.on_action(Action::ZoomIn, WHOLE);
        assert_eq!(window.shown(WHOLE), (4_000, 8_000));
        window.on_action(Action::PageUp, WHOLE);
        assert_eq!(window.shown(WHOLE), (2_000, 6_000));
        (0..5).for_each(|_| window.on_action(Action::PageUp, WHOLE));
        assert_eq!(window.shown(WHOLE), (0, 4_000));
        (0..20).for_each(|_| window.on_action(Action::ZoomIn, WHOLE));
        let (first, last) = window.shown(WHOLE);
        assert!(last - first == SMALLEST);
        (0..20).for_each(|_| window.on_action(Action::ZoomOut, WHOLE));
        assert_eq!(window.shown(WHOLE), WHOLE);
        window.on_action(Action::Window, WHOLE);
        assert_eq!(window.shown(WHOLE), (7_000, 8_000));
    }

    #[test]
    fn the_cursor_moves_within_the_window() {
        let mut window = ChartWindow::default();
        window.on_action(Action::Left, WHOLE);
        assert_eq!(window.cursor, Some(7_840));
        (0..100).for_each(|_| window.on_action(Action::Left, WHOLE));
        assert_eq!(window.cursor, Some(0));
    }
}
