//! The history of one number in bounded memory: when it is full, neighbouring points merge, so a curve of a million steps
//! still spans the whole run and keeps its extremes.

use std::collections::VecDeque;

use crate::run::event::journal_stride;

/// Most points that a curve keeps.
pub const CAPACITY: usize = 4_000;

/// Latest values that are kept unmerged, for the window on the newest steps of a long run.
const RECENT: usize = 1_000;

/// Weight of the newest value in the moving average: about the last ten values count, so the digits change slowly.
const NEWEST: f64 = 0.1;

/// A run of successive values that became one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Steps of the first and the last value.
    pub first: u64,
    pub last: u64,
    pub low: f64,
    pub high: f64,
    sum: f64,
    n_values: u64,
}

impl CurvePoint {
    fn new(step: u64, value: f64) -> CurvePoint {
        CurvePoint { first: step, last: step, low: value, high: value, sum: value, n_values: 1 }
    }

    pub fn mean(&self) -> f64 {
        self.sum / self.n_values as f64
    }

    /// The step in the middle of the run, where the point is drawn.
    pub fn step(&self) -> u64 {
        self.first + (self.last - self.first) / 2
    }

    fn absorb(&mut self, next: &CurvePoint) {
        self.last = next.last;
        self.low = self.low.min(next.low);
        self.high = self.high.max(next.high);
        self.sum += next.sum;
        self.n_values += next.n_values;
    }
}

#[derive(Clone, Debug)]
pub struct MetricCurve {
    points: Vec<CurvePoint>,
    recent: VecDeque<CurvePoint>,
    /// Values that make a full point; doubles whenever the curve was full.
    values_per_point: u64,
    smoothed: f64,
    latest: f64,
    n_values: u64,
}

impl Default for MetricCurve {
    fn default() -> MetricCurve {
        MetricCurve {
            points: Vec::new(),
            recent: VecDeque::new(),
            values_per_point: 1,
            smoothed: 0.0,
            latest: 0.0,
            n_values: 0,
        }
    }
}

impl MetricCurve {
    /// Adds a value. Absent and non-finite values are ignored; the trainer reports those in a notice. Points after `step`
    /// are dropped: the run went back to an earlier checkpoint.
    pub fn push(&mut self, step: u64, value: Option<f32>) {
        let Some(value) = value.filter(|value| value.is_finite()).map(f64::from) else { return };
        while self.points.last().is_some_and(|point| point.last > step) {
            self.points.pop();
        }
        while self.recent.back().is_some_and(|point| point.last > step) {
            self.recent.pop_back();
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(CurvePoint::new(step, value));
        match self.points.last_mut() {
            Some(last) if last.n_values < self.values_per_point => last.absorb(&CurvePoint::new(step, value)),
            _ => self.points.push(CurvePoint::new(step, value)),
        }
        if self.points.len() >= CAPACITY {
            self.merge_pairs();
        }
        self.n_values += 1;
        self.latest = value;
        // At first the plain mean: with a fixed weight the first value would count for long.
        self.smoothed += (value - self.smoothed) * NEWEST.max(1.0 / self.n_values as f64);
    }

    pub fn points(&self) -> &[CurvePoint] {
        &self.points
    }

    /// The points from step `first` on, unmerged if all of them are recent.
    pub fn points_from(&self, first: u64) -> Box<dyn Iterator<Item = &CurvePoint> + '_> {
        if self.recent.front().is_some_and(|oldest| oldest.first <= first) {
            return Box::new(self.recent.iter().filter(move |point| point.last >= first));
        }
        Box::new(self.points.iter().filter(move |point| point.last >= first))
    }

    /// The value at `step`, or the one before it.
    pub fn at(&self, step: u64) -> Option<f64> {
        let begins = |point: &CurvePoint| point.first <= step;
        let newest = self.recent.partition_point(begins).checked_sub(1).and_then(|index| self.recent.get(index));
        let older = || self.points.partition_point(begins).checked_sub(1).and_then(|index| self.points.get(index));
        newest.or_else(older).map(CurvePoint::mean)
    }

    /// The same values at other places of the axis, in the same order: `place` says where a step lies.
    pub fn moved(&self, place: impl Fn(u64) -> u64) -> MetricCurve {
        let moved = |point: &CurvePoint| CurvePoint { first: place(point.first), last: place(point.last), ..*point };
        let (points, recent) = (self.points.iter().map(moved).collect(), self.recent.iter().map(moved).collect());
        MetricCurve { points, recent, ..*self }
    }

    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Moving average of the values.
    pub fn smoothed(&self) -> Option<f64> {
        (!self.is_empty()).then_some(self.smoothed)
    }

    /// Whether there is a value for fewer than every second step of the journal.
    fn is_sparse(&self) -> bool {
        let ends = self.recent.front().zip(self.recent.back());
        ends.is_some_and(|(front, back)| {
            back.first - front.first >= 2 * journal_stride(back.first) * (self.recent.len() as u64 - 1)
        })
    }

    /// The value of now: smoothed if there is one for every step, otherwise the one that was added last.
    pub fn newest(&self) -> Option<f64> {
        if self.is_sparse() { self.latest() } else { self.smoothed() }
    }

    /// The value that was added last.
    pub fn latest(&self) -> Option<f64> {
        (!self.is_empty()).then_some(self.latest)
    }

    /// The curve in at most `most` points, for a chart of limited width.
    pub fn thinned(&self, most: usize) -> Vec<CurvePoint> {
        merged(&self.points, self.points.len().div_ceil(most.max(1)))
    }

    fn merge_pairs(&mut self) {
        self.points = merged(&self.points, 2);
        self.values_per_point *= 2;
    }
}

/// Each `n` neighbours as one point.
fn merged(points: &[CurvePoint], n: usize) -> Vec<CurvePoint> {
    let merge = |neighbours: &[CurvePoint]| {
        let mut point = neighbours[0];
        neighbours[1..].iter().for_each(|next| point.absorb(next));
        point
    };
    points.chunks(n.max(1)).map(merge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_now_is_smoothed_only_if_there_is_one_for_every_step() {
        let (mut dense, mut sparse) = (MetricCurve::default(), MetricCurve::default());
        for step in 0..100 {
            let value = if step == 99 { 1.0 } else { 0.0 };
            dense.push(step, Some(value));
            sparse.push(50 * step, Some(value));
        }
        assert!(dense.newest().is_some_and(|value| value < 0.2));
        assert_eq!(sparse.newest(), Some(1.0));
        let mut of_journal = MetricCurve::default();
        let steps = (100_000..110_000).filter(|step| step % journal_stride(*step) == 0);
        steps.for_each(|step| of_journal.push(step, Some(step as f32 / 110_000.0)));
        assert!(of_journal.newest() < of_journal.latest());
        assert_eq!(MetricCurve::default().newest(), None);
    }

    #[test]
    fn a_chart_gets_at_most_as_many_points_as_it_asks_for() {
        let mut curve = MetricCurve::default();
        (1..=1000).for_each(|step| curve.push(step, Some(step as f32)));
        let points = curve.thinned(300);
        assert_eq!((points.len(), points[0].mean(), points[249].high), (250, 2.5, 1000.0));
        assert_eq!(curve.thinned(5000), curve.points());
        assert!(MetricCurve::default().thinned(5).is_empty());
    }

    #[test]
    fn a_long_history_stays_small_and_keeps_its_extremes() {
        let mut curve = MetricCurve::default();
        for step in 0..1_000_000_u64 {
            let value = if step == 123_456 { 99.0 } else { (step % 7) as f32 };
            curve.push(step, Some(value));
        }
        let points = curve.points();
        assert!(points.len() < CAPACITY && points.len() > CAPACITY / 4, "{} points", points.len());
        assert_eq!((points[0].first, points[points.len() - 1].last), (0, 999_999));
        assert!(points.iter().any(|point| point.high == 99.0));
        assert!(points.windows(2).all(|pair| pair[0].last < pair[1].first));
        let n_values: u64 = points.iter().map(|point| point.n_values).sum();
        assert_eq!(n_values, 1_000_000);
    }

    #[test]
    fn non_finite_values_are_ignored() {
        let mut curve = MetricCurve::default();
        for value in [None, Some(f32::NAN), Some(f32::INFINITY), Some(f32::NEG_INFINITY)] {
            curve.push(1, value);
        }
        assert!(curve.is_empty() && curve.smoothed().is_none());
        curve.push(2, Some(3.0));
        assert_eq!((curve.smoothed(), curve.latest()), (Some(3.0), Some(3.0)));
    }

    #[test]
    fn a_rollback_drops_later_points() {
        let mut curve = MetricCurve::default();
        for step in [1, 2, 3, 4, 2, 3] {
            curve.push(step, Some(step as f32));
        }
        let steps: Vec<u64> = curve.points().iter().map(CurvePoint::step).collect();
        assert_eq!(steps, [1, 2, 2, 3]);
    }

    #[test]
    fn a_value_is_found_by_its_step_and_on_another_axis() {
        let mut curve = MetricCurve::default();
        (1..=5_000).for_each(|step| curve.push(2 * step, Some(step as f32)));
        assert_eq!((curve.at(1), curve.at(9_001), curve.at(10_000)), (None, Some(4_500.0), Some(5_000.0)));
        // Old values have been merged in pairs.
        assert_eq!((curve.at(2), curve.at(41)), (Some(1.5), Some(19.5)));
        let halved = curve.moved(|step| step / 2);
        assert_eq!((halved.at(4_500), halved.at(0), halved.smoothed()), (Some(4_500.0), None, curve.smoothed()));
        assert_eq!(halved.points().last().map(|point| point.last), Some(5_000));
    }

    #[test]
    fn the_average_follows_slowly() {
        let mut curve = MetricCurve::default();
        (0..100).for_each(|step| curve.push(step, Some(1.0)));
        curve.push(100, Some(2.0));
        let recent = curve.smoothed().unwrap();
        assert!((recent - 1.1).abs() < 1e-6, "{recent}");
    }
}
