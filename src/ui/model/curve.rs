//! The history of one number, in bounded memory: when it is full, neighbours merge, so a curve of a million steps
//! still spans the whole run and still shows its extremes.

use std::collections::VecDeque;

/// Most points that a curve keeps.
pub const CAPACITY: usize = 4_000;

/// Latest values that are kept one by one, for a look at the newest steps of a long run.
const TAIL: usize = 1_000;

/// Share of the newest value in the smoothed one: about the last ten values count, so the digits stand still.
const NEWEST: f64 = 0.1;

/// A run of successive values that became one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Steps of the first and the last value.
    pub first: u64,
    pub last: u64,
    pub low: f64,
    pub high: f64,
    sum: f64,
    n_values: u64,
}

impl Point {
    fn new(step: u64, value: f64) -> Point {
        Point { first: step, last: step, low: value, high: value, sum: value, n_values: 1 }
    }

    pub fn mean(&self) -> f64 {
        self.sum / self.n_values as f64
    }

    /// The step in the middle of the run, where the point is drawn.
    pub fn step(&self) -> u64 {
        self.first + (self.last - self.first) / 2
    }

    fn absorb(&mut self, next: &Point) {
        self.last = next.last;
        self.low = self.low.min(next.low);
        self.high = self.high.max(next.high);
        self.sum += next.sum;
        self.n_values += next.n_values;
    }
}

#[derive(Clone, Debug)]
pub struct Curve {
    points: Vec<Point>,
    tail: VecDeque<Point>,
    /// Values that make a full point; doubles whenever the curve was full.
    values_per_point: u64,
    smoothed: f64,
    latest: f64,
    n_values: u64,
}

impl Default for Curve {
    fn default() -> Curve {
        Curve {
            points: Vec::new(),
            tail: VecDeque::new(),
            values_per_point: 1,
            smoothed: 0.0,
            latest: 0.0,
            n_values: 0,
        }
    }
}

impl Curve {
    /// Adds a value. Absent and non-finite values are left out: they have no place on a chart, and the trainer
    /// reports them in words. Points that lie after `step` are dropped, since a step that was undone is not history.
    pub fn push(&mut self, step: u64, value: Option<f32>) {
        let Some(value) = value.filter(|value| value.is_finite()).map(f64::from) else { return };
        while self.points.last().is_some_and(|point| point.last > step) {
            self.points.pop();
        }
        while self.tail.back().is_some_and(|point| point.last > step) {
            self.tail.pop_back();
        }
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(Point::new(step, value));
        match self.points.last_mut() {
            Some(last) if last.n_values < self.values_per_point => last.absorb(&Point::new(step, value)),
            _ => self.points.push(Point::new(step, value)),
        }
        if self.points.len() >= CAPACITY {
            self.merge_pairs();
        }
        self.n_values += 1;
        self.latest = value;
        // The plain mean of the first values: a fixed share would drag the very first one along for long.
        self.smoothed += (value - self.smoothed) * NEWEST.max(1.0 / self.n_values as f64);
    }

    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The points from `first` on, one by one where they are new enough.
    pub fn points_from(&self, first: u64) -> Box<dyn Iterator<Item = &Point> + '_> {
        if self.tail.front().is_some_and(|oldest| oldest.first <= first) {
            return Box::new(self.tail.iter().filter(move |point| point.last >= first));
        }
        Box::new(self.points.iter().filter(move |point| point.last >= first))
    }

    /// The value at `step`, or the one before it.
    pub fn at(&self, step: u64) -> Option<f64> {
        let newest = self.tail.iter().rev().find(|point| point.first <= step);
        newest.or_else(|| self.points.iter().rev().find(|point| point.first <= step)).map(Point::mean)
    }

    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Mean of the latest values, for print.
    pub fn recent(&self) -> Option<f64> {
        (!self.is_empty()).then_some(self.smoothed)
    }

    /// The value that was added last.
    pub fn latest(&self) -> Option<f64> {
        (!self.is_empty()).then_some(self.latest)
    }

    /// The curve in at most `most` points, for a picture that has no room for more.
    pub fn thinned(&self, most: usize) -> Vec<Point> {
        merged(&self.points, self.points.len().div_ceil(most.max(1)))
    }

    fn merge_pairs(&mut self) {
        self.points = merged(&self.points, 2);
        self.values_per_point *= 2;
    }
}

/// Each `n` neighbours as one point.
fn merged(points: &[Point], n: usize) -> Vec<Point> {
    let merge = |neighbours: &[Point]| {
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
    fn a_picture_gets_as_many_points_as_it_has_room_for() {
        let mut curve = Curve::default();
        (1..=1000).for_each(|step| curve.push(step, Some(step as f32)));
        let points = curve.thinned(300);
        assert_eq!((points.len(), points[0].mean(), points[249].high), (250, 2.5, 1000.0));
        assert_eq!(curve.thinned(5000), curve.points());
        assert!(Curve::default().thinned(5).is_empty());
    }

    #[test]
    fn a_long_history_stays_small_and_keeps_its_extremes() {
        let mut curve = Curve::default();
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
    fn values_that_are_not_finite_leave_no_trace() {
        let mut curve = Curve::default();
        for value in [None, Some(f32::NAN), Some(f32::INFINITY), Some(f32::NEG_INFINITY)] {
            curve.push(1, value);
        }
        assert!(curve.is_empty() && curve.recent().is_none());
        curve.push(2, Some(3.0));
        assert_eq!((curve.recent(), curve.latest()), (Some(3.0), Some(3.0)));
    }

    #[test]
    fn an_undone_step_takes_its_later_points_with_it() {
        let mut curve = Curve::default();
        for step in [1, 2, 3, 4, 2, 3] {
            curve.push(step, Some(step as f32));
        }
        let steps: Vec<u64> = curve.points().iter().map(Point::step).collect();
        assert_eq!(steps, [1, 2, 2, 3]);
    }

    #[test]
    fn the_recent_value_follows_slowly() {
        let mut curve = Curve::default();
        (0..100).for_each(|step| curve.push(step, Some(1.0)));
        curve.push(100, Some(2.0));
        let recent = curve.recent().unwrap();
        assert!((recent - 1.1).abs() < 1e-6, "{recent}");
    }
}
