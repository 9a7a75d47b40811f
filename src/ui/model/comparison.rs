//! Several runs side by side: the same number of each, over steps or over the time of training.

use crate::run::event::Event;
use crate::ui::model::action::Action;
use crate::ui::model::curve::MetricCurve;
use crate::ui::model::run_model::RunModel;
use crate::ui::model::window::ChartWindow;

/// Places of the axis of time in a second.
pub const PER_SECOND: u64 = 10;

/// A run among others.
#[derive(Debug)]
pub struct ComparedRun {
    pub name: String,
    pub model: RunModel,
    /// Seconds of training at each step.
    elapsed: MetricCurve,
    /// No process trains it.
    pub is_idle: bool,
}

/// What the horizontal axis shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartAxis {
    #[default]
    Steps,
    Time,
}

#[derive(Debug)]
pub struct RunComparison {
    pub runs: Vec<ComparedRun>,
    /// Name of the number that is shown; the first one if no run has it.
    selected: String,
    pub axis: ChartAxis,
    pub window: ChartWindow,
    pub logarithmic: bool,
    pub raw: bool,
    pub help: bool,
    pub help_scroll: usize,
    /// Rows of the help that did not fit into the last frame.
    pub help_hidden: usize,
    pub has_quit: bool,
    pub suspend: bool,
    pub needs_repaint: bool,
}

impl ComparedRun {
    pub fn new(name: String) -> ComparedRun {
        ComparedRun { name, model: RunModel::default(), elapsed: MetricCurve::default(), is_idle: false }
    }

    pub fn apply(&mut self, event: Event) {
        if let Event::Step(record) = &event {
            self.elapsed.push(record.step, Some(record.elapsed_s));
        }
        self.model.apply(event);
    }

    /// Forgets the run, which is about to be read again.
    pub fn restart(&mut self) {
        (self.model, self.elapsed) = (RunModel::default(), MetricCurve::default());
    }

    /// The number of that name.
    pub fn curve(&self, name: &str) -> Option<&MetricCurve> {
        let named = self.model.curves.named();
        named.into_iter().find(|(other, _)| *other == name).map(|(_, curve)| curve)
    }

    /// Where a step lies on the axis.
    fn place(&self, step: u64, axis: ChartAxis) -> u64 {
        match axis {
            ChartAxis::Steps => step,
            ChartAxis::Time => (self.elapsed.at(step).unwrap_or(0.0) * PER_SECOND as f64).round() as u64,
        }
    }
}

impl RunComparison {
    pub fn new(names: impl IntoIterator<Item = String>) -> RunComparison {
        RunComparison {
            runs: names.into_iter().map(ComparedRun::new).collect(),
            selected: String::new(),
            axis: ChartAxis::default(),
            window: ChartWindow::default(),
            logarithmic: false,
            raw: false,
            help: false,
            help_scroll: 0,
            help_hidden: 0,
            has_quit: false,
            suspend: false,
            needs_repaint: false,
        }
    }

    /// The names of the numbers that any of the runs has, in the order of the curves screen.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for run in &self.runs {
            let mut after = 0;
            for (name, _) in run.model.curves.named() {
                after = 1 + names.iter().position(|other| *other == name).unwrap_or_else(|| {
                    names.insert(after, name);
                    after
                });
            }
        }
        names
    }

    /// Index of the number that is shown.
    pub fn selected(&self, names: &[&str]) -> usize {
        names.iter().position(|name| *name == self.selected).unwrap_or(0)
    }

    /// The curve of each run over the axis.
    pub fn curves(&self, name: &str) -> Vec<MetricCurve> {
        let curve = |run: &ComparedRun| {
            let curve = run.curve(name).cloned().unwrap_or_default();
            if self.axis == ChartAxis::Steps { curve } else { curve.moved(|step| run.place(step, self.axis)) }
        };
        self.runs.iter().map(curve).collect()
    }

    /// The first and the last place of all runs.
    pub fn whole(&self) -> (u64, u64) {
        let points = |run: &ComparedRun| {
            let points = run.elapsed.points();
            let ends = points.first().zip(points.last());
            ends.map(|(first, last)| [first.first, last.last].map(|step| run.place(step, self.axis)))
        };
        let ends: Vec<[u64; 2]> = self.runs.iter().filter_map(points).collect();
        let first = ends.iter().map(|[first, _]| *first).min();
        (first.unwrap_or(0), ends.iter().map(|[_, last]| *last).max().unwrap_or(0))
    }

    pub fn on_action(&mut self, action: Action) {
        match action {
            Action::Stop | Action::Interrupt => self.has_quit = true,
            Action::Suspend => self.suspend = true,
            Action::Help => (self.help, self.help_scroll) = (true, 0),
            Action::Axis => {
                self.axis = if self.axis == ChartAxis::Steps { ChartAxis::Time } else { ChartAxis::Steps };
                // Places of one axis mean nothing on the other.
                self.window = ChartWindow::default();
            }
            Action::Up | Action::Down => self.select(action == Action::Down),
            Action::Logarithm => self.logarithmic = !self.logarithmic,
            Action::Smooth => self.raw = !self.raw,
            _ => self.window.on_action(action, self.whole()),
        }
    }

    fn select(&mut self, next: bool) {
        let names = self.names();
        let index = self.selected(&names);
        let index = if next { index + 1 } else { index.saturating_sub(1) };
        if let Some(name) = names.get(index) {
            self.selected = (*name).to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{Phase, QualityFigure, StepRecord};

    /// A run of `steps` steps, each of `seconds`.
    fn fill(run: &mut ComparedRun, steps: u64, seconds: f32, loss: f32) {
        for step in 1..=steps {
            let record = StepRecord::new(step, Phase::Pretraining, 0.1);
            let elapsed_s = step as f32 * seconds;
            run.apply(Event::Step(StepRecord { elapsed_s, likelihood_loss: Some(loss), ..record }));
        }
    }

    fn comparison() -> RunComparison {
        let mut comparison = RunComparison::new(["one".to_owned(), "other".to_owned()]);
        fill(&mut comparison.runs[0], 100, 1.0, 5.0);
        fill(&mut comparison.runs[1], 300, 0.5, 6.0);
        comparison
    }

    #[test]
    fn runs_lie_over_steps_or_over_time() {
        let mut comparison = comparison();
        assert_eq!(comparison.whole(), (1, 300));
        comparison.on_action(Action::ZoomIn);
        comparison.on_action(Action::Axis);
        assert_eq!(comparison.whole(), (5, 1_500));
        assert_eq!(comparison.window.shown(comparison.whole()), (5, 1_500), "another axis has another window");
        let curves = comparison.curves("likelihood loss");
        let ends = curves.iter().map(|curve| curve.points().last().map(|point| point.last));
        assert_eq!(ends.collect::<Vec<_>>(), [Some(1_000), Some(1_500)]);
        assert_eq!(curves[1].latest(), Some(6.0));
    }

    #[test]
    fn numbers_that_only_some_runs_have_keep_their_order() {
        let mut comparison = comparison();
        let figures = vec![QualityFigure { name: "rhyme".into(), model: 0.5, real: 0.9 }];
        comparison.runs[0].apply(Event::Quality { step: 100, form: "7x4".into(), figures });
        comparison.runs[1].apply(Event::HeldOut { step: 100, loss: 5.5, forms: Vec::new() });
        let expected = ["likelihood loss", "held-out loss", "G learning rate", "tokens per second", "rhyme"];
        assert_eq!(comparison.names(), expected);
        comparison.on_action(Action::Down);
        assert_eq!(comparison.selected(&comparison.names()), 1);
        assert!(comparison.curves("held-out loss")[0].is_empty(), "one run has none");
        (0..9).for_each(|_| comparison.on_action(Action::Down));
        assert_eq!(comparison.selected(&comparison.names()), 4);
        comparison.runs[0].restart();
        assert_eq!(comparison.selected(&comparison.names()), 0, "no run has it any more");
    }

    #[test]
    fn nothing_panics_before_the_first_step() {
        let mut comparison = RunComparison::new(["a".to_owned()]);
        for action in [Action::Down, Action::Axis, Action::Left, Action::ZoomIn, Action::ZoomOut, Action::PageUp] {
            comparison.on_action(action);
        }
        assert_eq!((comparison.whole(), comparison.names().len()), ((0, 0), 0));
    }
}
