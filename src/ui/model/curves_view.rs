//! State of the curves screen: which curves, which steps, which scale.

use crate::ui::model::action::Action;
use crate::ui::model::curve::MetricCurve;
use crate::ui::model::curves::Curves;

/// Steps of the window on the latest ones.
const RECENT: u64 = 1_000;
/// Most curves on the chart besides the selected one.
const MOST_KEPT: usize = 3;
/// The smallest window, in steps.
const SMALLEST: u64 = 10;
/// The cursor moves by this fraction of the window.
const STRIDE: u64 = 50;

#[derive(Clone, Debug, Default)]
pub struct CurvesView {
    /// Index among the curves that hold a value.
    pub selected: usize,
    /// Names of the curves that stay beside the selected one.
    pub kept: Vec<String>,
    /// First and last step that are shown; the whole run where there are none.
    pub range: Option<(u64, u64)>,
    /// The latest steps are followed.
    pub recent: bool,
    pub logarithmic: bool,
    pub raw: bool,
    pub cursor: Option<u64>,
}

/// The curves on the chart, the selected one first, and the first and last step that are shown.
pub struct ShownCurves<'a> {
    pub curves: Vec<(&'a str, &'a MetricCurve)>,
    pub steps: (u64, u64),
}

/// First and last step of some curves.
fn whole(curves: &[(&str, &MetricCurve)]) -> (u64, u64) {
    let first = curves.iter().filter_map(|(_, curve)| curve.points().first()).map(|point| point.first).min();
    let last = curves.iter().filter_map(|(_, curve)| curve.points().last()).map(|point| point.last).max();
    (first.unwrap_or(0), last.unwrap_or(0))
}

impl CurvesView {
    pub fn shown<'a>(&self, curves: &'a Curves) -> ShownCurves<'a> {
        let named = curves.named();
        let selected = named.get(self.selected.min(named.len().saturating_sub(1))).copied();
        let kept = named.iter().filter(|(name, _)| self.kept.iter().any(|kept| kept == name));
        let mut shown: Vec<(&str, &MetricCurve)> = selected.into_iter().collect();
        shown.extend(kept.filter(|(name, _)| selected.is_none_or(|(selected, _)| selected != *name)));
        let (first, last) = whole(&named);
        let steps = match self.range {
            Some(range) => range,
            None if self.recent => (last.saturating_sub(RECENT).max(first), last),
            None => (first, last),
        };
        ShownCurves { curves: shown, steps }
    }

    pub fn on_action(&mut self, action: Action, curves: &Curves) {
        let named = curves.named();
        let last = named.len().saturating_sub(1);
        self.selected = self.selected.min(last);
        match action {
            Action::Up => self.selected = self.selected.saturating_sub(1),
            Action::Down => self.selected = (self.selected + 1).min(last),
            Action::Select => self.keep(named.get(self.selected).map_or("", |(name, _)| name)),
            Action::Left | Action::Right => self.move_cursor(action == Action::Right, curves),
            Action::ZoomIn | Action::ZoomOut => self.zoom(action == Action::ZoomIn, curves),
            Action::PageUp | Action::PageDown => self.pan(action == Action::PageDown, curves),
            Action::Window => (self.recent, self.range) = (!self.recent, None),
            Action::Logarithm => self.logarithmic = !self.logarithmic,
            Action::Smooth => self.raw = !self.raw,
            _ => {}
        }
        self.leave_an_empty_window(curves);
    }

    /// Shows the whole run again if no curve on the chart has a value in the window.
    fn leave_an_empty_window(&mut self, curves: &Curves) {
        let ShownCurves { curves: shown, steps: (first, last) } = self.shown(curves);
        let (begin, end) = whole(&shown);
        if self.range.is_some() && (end < first || last < begin) {
            self.range = None;
        }
    }

    fn keep(&mut self, name: &str) {
        if let Some(index) = self.kept.iter().position(|kept| kept == name) {
            self.kept.remove(index);
        } else if self.kept.len() < MOST_KEPT {
            self.kept.push(name.to_owned());
        }
    }

    fn move_cursor(&mut self, later: bool, curves: &Curves) {
        let (first, last) = self.shown(curves).steps;
        let stride = ((last - first) / STRIDE).max(1);
        let cursor = self.cursor.unwrap_or(last);
        let moved = if later { cursor.saturating_add(stride) } else { cursor.saturating_sub(stride) };
        self.cursor = Some(moved.clamp(first, last));
    }

    /// Halves or doubles the window around the cursor, or around its end.
    fn zoom(&mut self, closer: bool, curves: &Curves) {
        let ShownCurves { curves: shown, steps: (first, last) } = self.shown(curves);
        let (begin, end) = whole(&shown);
        let width = if closer { ((last - first) / 2).max(SMALLEST) } else { (last - first).saturating_mul(2) };
        if width >= end - begin {
            (self.range, self.recent) = (None, false);
            return;
        }
        let centre = self.cursor.filter(|cursor| (first..=last).contains(cursor)).unwrap_or(last);
        let from = centre.saturating_sub(width / 2).clamp(begin, end - width);
        self.range = Some((from, from + width));
    }

    fn pan(&mut self, later: bool, curves: &Curves) {
        let ShownCurves { curves: shown, steps: (first, last) } = self.shown(curves);
        let (begin, end) = whole(&shown);
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

    fn curves() -> Curves {
        let mut curves = Curves::default();
        for step in 0..=8_000 {
            curves.likelihood.push(step, Some(5.0));
            curves.tokens_per_s.push(step, Some(1.0));
        }
        curves
    }

    #[test]
    fn zoom_and_pan_stay_within_the_run() {
        let (curves, mut view) = (curves(), CurvesView::default());
        let steps = |view: &CurvesView| view.shown(&curves).steps;
        assert_eq!(steps(&view), (0, 8_000));
        view.on_action(Action::ZoomIn, &curves);
        assert_eq!(steps(&view), (4_000, 8_000));
        view.on_action(Action::PageUp, &curves);
        assert_eq!(steps(&view), (2_000, 6_000));
        (0..5).for_each(|_| view.on_action(Action::PageUp, &curves));
        assert_eq!(steps(&view), (0, 4_000));
        (0..20).for_each(|_| view.on_action(Action::ZoomIn, &curves));
        let (first, last) = steps(&view);
        assert!(last - first == SMALLEST);
        (0..20).for_each(|_| view.on_action(Action::ZoomOut, &curves));
        assert_eq!(steps(&view), (0, 8_000));
        view.on_action(Action::Window, &curves);
        assert_eq!(steps(&view), (7_000, 8_000));
    }

    #[test]
    fn the_cursor_moves_within_the_window() {
        let (curves, mut view) = (curves(), CurvesView::default());
        view.on_action(Action::Left, &curves);
        assert_eq!(view.cursor, Some(7_840));
        (0..100).for_each(|_| view.on_action(Action::Left, &curves));
        assert_eq!(view.cursor, Some(0));
    }

    #[test]
    fn a_kept_curve_stays_when_another_is_selected() {
        let (curves, mut view) = (curves(), CurvesView::default());
        view.on_action(Action::Select, &curves);
        view.on_action(Action::Down, &curves);
        let names: Vec<&str> = view.shown(&curves).curves.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["tokens per second", "likelihood loss"]);
        view.on_action(Action::Down, &curves);
        assert_eq!(view.selected, 1, "there are two curves only");
    }

    /// Likelihood from the first step on, losses of the adversarial phase from step 6,001 on.
    fn two_phases() -> Curves {
        let mut curves = curves();
        (6_001..=8_000).for_each(|step| curves.discriminator.push(step, Some(1.0)));
        curves
    }

    #[test]
    fn zoom_and_pan_stay_where_the_curve_has_values() {
        let (curves, mut view) = (two_phases(), CurvesView::default());
        let names: Vec<&str> = curves.named().iter().map(|(name, _)| *name).collect();
        view.selected = names.iter().position(|name| *name == "D loss").unwrap();
        view.cursor = Some(100);
        for action in [Action::ZoomIn, Action::PageUp, Action::PageUp, Action::ZoomIn, Action::PageUp] {
            view.on_action(action, &curves);
            let (first, last) = view.shown(&curves).steps;
            assert!(last >= 6_001 && first <= 8_000, "{action:?}: {first} to {last}");
        }
    }

    #[test]
    fn a_window_without_values_of_a_newly_selected_curve_is_left() {
        let (curves, mut view) = (two_phases(), CurvesView::default());
        let names: Vec<&str> = curves.named().iter().map(|(name, _)| *name).collect();
        view.selected = names.iter().position(|name| *name == "likelihood loss").unwrap();
        view.range = Some((0, 1_000));
        while names[view.selected] != "D loss" {
            let action = if names[view.selected..].contains(&"D loss") { Action::Down } else { Action::Up };
            view.on_action(action, &curves);
        }
        assert_eq!(view.shown(&curves).steps, (0, 8_000));
    }

    #[test]
    fn nothing_panics_before_the_first_step() {
        let (curves, mut view) = (Curves::default(), CurvesView::default());
        for action in [Action::Down, Action::Select, Action::Left, Action::ZoomIn, Action::ZoomOut, Action::PageUp] {
            view.on_action(action, &curves);
        }
        assert!(view.shown(&curves).curves.is_empty());
    }
}
