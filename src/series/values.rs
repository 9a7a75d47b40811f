//! The values of a metric in the order of the steps, and the names of metrics.

use std::collections::VecDeque;

use super::numbers::{HELD_OUT, MetricValue};
use crate::error::UserError;
use crate::run::event::QualityFigure;
use crate::run::step_metrics::STEP_METRICS;

/// Most names that are suggested for a wrong one.
const SUGGESTIONS: usize = 3;

/// The values of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricSeries {
    pub metric: String,
    /// All values that were pushed: their number, and the first.
    pub count: u64,
    pub first: Option<MetricValue>,
    /// The newest values, at most `most`.
    pub values: VecDeque<MetricValue>,
    most: usize,
}

impl MetricSeries {
    pub fn new(metric: &str, most: usize) -> MetricSeries {
        MetricSeries { metric: metric.to_string(), count: 0, first: None, values: VecDeque::new(), most }
    }

    pub fn push(&mut self, value: MetricValue) {
        self.count += 1;
        if self.first.is_none() {
            self.first = Some(value.clone());
        }
        self.values.push_back(value);
        if self.values.len() > self.most {
            self.values.pop_front();
        }
    }
}

/// Short names of two metrics.
const SHORT_NAMES: [(&str, &str); 2] = [("g_loss", "generator_loss"), ("d_loss", "discriminator_loss")];

/// Whether the user's `wanted` is the name of `metric`: `rhyme-twice` is `rhyme twice`, `held-out` is `held_out`.
pub fn matches(wanted: &str, metric: &str) -> bool {
    let wanted = plain(wanted);
    wanted == plain(metric) || SHORT_NAMES.contains(&(wanted.as_str(), metric))
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

/// The metrics that any run has sooner or later.
pub fn known_names() -> impl Iterator<Item = &'static str> {
    STEP_METRICS.iter().map(|metric| metric.name).chain([HELD_OUT]).chain(QualityFigure::NAMES)
}

/// The error for a metric that neither the run nor the program has, with the names that it may have meant.
pub fn unknown(wanted: &str, series: &[MetricSeries]) -> UserError {
    let mut names: Vec<&str> = series.iter().map(|series| series.metric.as_str()).collect();
    known_names().for_each(|name| names.push(name));
    names.sort_unstable();
    names.dedup();
    let distance = |name: &str| strsim::osa_distance(&plain(wanted), &plain(name));
    let is_near =
        |name: &str| distance(name) <= wanted.chars().count().div_ceil(3) || plain(name).contains(&plain(wanted));
    let mut near: Vec<&str> = names.iter().copied().filter(|name| is_near(name)).collect();
    near.sort_by_key(|name| distance(name));
    near.truncate(SUGGESTIONS);
    UserError(match near.as_slice() {
        [] => format!("--metric {wanted}: no such metric; there are {}", names.join(", ")),
        near => format!("--metric {wanted}: no such metric; did you mean {}?", near.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(step: u64) -> MetricValue {
        MetricValue { step, value: step as f32, real: None, form: None }
    }

    #[test]
    fn only_what_is_asked_for_is_kept() {
        for (most, steps) in [(0, vec![]), (usize::MAX, vec![1, 2, 3]), (2, vec![2, 3])] {
            let mut series = MetricSeries::new("x", most);
            (1..=3).for_each(|step| series.push(value(step)));
            assert_eq!(series.values.iter().map(|value| value.step).collect::<Vec<_>>(), steps);
            assert_eq!((series.count, series.first), (3, Some(value(1))));
        }
    }

    #[test]
    fn names_need_not_be_exact_in_signs() {
        assert!(matches("rhyme-twice", "rhyme twice") && matches("Held-Out", "held_out"));
        assert!(matches("g_loss", "generator_loss") && matches("D_loss", "discriminator_loss"));
        assert!(!matches("rhyme", "rhyme twice") && !matches("g_loss", "discriminator_loss"));
    }

    #[test]
    fn a_wrong_name_is_answered_with_near_ones() {
        let said = |wanted: &str| unknown(wanted, &[MetricSeries::new("held_out/7x4", 0)]).to_string();
        assert_eq!(said("rime"), "--metric rime: no such metric; did you mean rhyme?");
        assert_eq!(said("7x4"), "--metric 7x4: no such metric; did you mean held_out/7x4?");
        assert!(said("d_rael").ends_with("did you mean d_real?"), "{}", said("d_rael"));
        assert!(said("perplexity").contains("; there are beta, char twice, coherence, "), "{}", said("perplexity"));
    }
}
