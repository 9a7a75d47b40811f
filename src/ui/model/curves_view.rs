//! State of the curves screen: which curves, which steps, which scale.

use crate::ui::model::action::Action;
use crate::ui::model::curve::MetricCurve;
use crate::ui::model::curves::Curves;
use crate::ui::model::window::ChartWindow;

/// Most curves on the chart besides the selected one.
const MOST_KEPT: usize = 3;

#[derive(Clone, Debug, Default)]
pub struct CurvesView {
    /// Index among the curves that hold a value.
    pub selected: usize,
    /// Names of the curves that stay beside the selected one.
    pub kept: Vec<String>,
    pub window: ChartWindow,
    pub logarithmic: bool,
    pub raw: bool,
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
        ShownCurves { curves: shown, steps: self.window.shown(whole(&named)) }
    }

    pub fn on_action(&mut self, action: Action, curves: &Curves) {
        let named = curves.named();
        let last = named.len().saturating_sub(1);
        self.selected = self.selected.min(last);
        match action {
            Action::Up => self.selected = self.selected.saturating_sub(1),
            Action::Down => self.selected = (self.selected + 1).min(last),
            Action::Select => self.keep(named.get(self.selected).map_or("", |(name, _)| name)),
            Action::Logarithm => self.logarithmic = !self.logarithmic,
            Action::Smooth => self.raw = !self.raw,
            _ => self.window.on_action(action, whole(&self.shown(curves).curves)),
        }
        self.leave_an_empty_window(curves);
    }

    /// Shows the whole run again if no curve on the chart has a value in the window.
    fn leave_an_empty_window(&mut self, curves: &Curves) {
        let ShownCurves { curves: shown, steps: (first, last) } = self.shown(curves);
        let (begin, end) = whole(&shown);
        if end < first || last < begin {
            self.window.show_all();
        }
    }

    fn keep(&mut self, name: &str) {
        if let Some(index) = self.kept.iter().position(|kept| kept == name) {
            self.kept.remove(index);
        } else if self.kept.len() < MOST_KEPT {
            self.kept.push(name.to_owned());
        }
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
        view.window.cursor = Some(100);
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
        (0..3).for_each(|_| view.on_action(Action::ZoomIn, &curves));
        (0..20).for_each(|_| view.on_action(Action::PageUp, &curves));
        assert_eq!(view.shown(&curves).steps, (0, 1_000));
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
