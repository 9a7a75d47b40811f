//! Comparison of two quality-diversity curves: whether adversarial training helped.

use serde::Serialize;

use crate::eval::report::Figure;

/// Quality and diversity of a model at one temperature; more is better for both.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SweepPoint {
    pub temperature: f32,
    pub diversity: Figure,
    pub quality: Figure,
}

/// Difference in quality of two curves at equal diversity; above 0 where the first is better.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gain {
    pub temperature: f32,
    pub diversity: f64,
    pub gain: f64,
    /// 95 % interval of the gain.
    pub interval: (f64, f64),
}

/// The gain of `curve` over `other` at the diversity of each of its points, by linear interpolation of `other`. Points
/// outside the range of diversity of `other` have none.
pub fn gains(curve: &[SweepPoint], other: &[SweepPoint]) -> Vec<Gain> {
    let mut other: Vec<&SweepPoint> = other.iter().collect();
    other.sort_by(|a, b| a.diversity.value.total_cmp(&b.diversity.value));
    curve.iter().filter_map(|point| gain(point, &other)).collect()
}

fn gain(point: &SweepPoint, other: &[&SweepPoint]) -> Option<Gain> {
    let diversity = point.diversity.value;
    let (low, high) = other.iter().zip(other.iter().skip(1)).find_map(|(low, high)| {
        (low.diversity.value <= diversity && diversity <= high.diversity.value).then_some((*low, *high))
    })?;
    let width = high.diversity.value - low.diversity.value;
    let share = if width > 0.0 { (diversity - low.diversity.value) / width } else { 0.5 };
    let at = |x: f64, y: f64| x + share * (y - x);
    let gain = point.quality.value - at(low.quality.value, high.quality.value);
    // The errors of the three points are independent; that of the diversity counts times the slope of the other curve.
    let slope = if width > 0.0 { (high.quality.value - low.quality.value) / width } else { 0.0 };
    let square = half(&point.quality).powi(2)
        + at(half(&low.quality), half(&high.quality)).powi(2)
        + (slope * half(&point.diversity)).powi(2);
    let interval = (gain - square.sqrt(), gain + square.sqrt());
    Some(Gain { temperature: point.temperature, diversity, gain, interval })
}

/// Half the width of the interval.
fn half(figure: &Figure) -> f64 {
    figure.interval.map_or(0.0, |(low, high)| (high - low) / 2.0)
}

/// The comparison in one sentence.
pub fn sentence(quality: &str, gains: &[Gain]) -> String {
    let better: Vec<&Gain> = gains.iter().filter(|gain| gain.interval.0 > 0.0).collect();
    let worse: Vec<&Gain> = gains.iter().filter(|gain| gain.interval.1 < 0.0).collect();
    let n = gains.len();
    match (better.is_empty(), worse.is_empty()) {
        _ if n == 0 => {
            format!("{quality}: the two curves have no range of diversity in common, so they cannot be compared.")
        }
        (true, true) => {
            format!("{quality}: no; at equal diversity the model does not differ from the pretrained model.")
        }
        (false, true) => {
            format!("{quality}: yes; the model's curve lies outside the pretrained model's {}.", part(&better, n))
        }
        (true, false) => {
            format!("{quality}: no; the model's curve lies inside the pretrained model's {}.", part(&worse, n))
        }
        (false, false) => {
            let (better, worse) = (part(&better, n), part(&worse, n));
            format!(
                "{quality}: in part; the model's curve lies outside the pretrained model's {better}, but inside {worse}."
            )
        }
    }
}

/// Number, range and size of some gains.
fn part(gains: &[&Gain], of: usize) -> String {
    let diversities = || gains.iter().map(|gain| gain.diversity);
    let (low, high) = (diversities().fold(f64::INFINITY, f64::min), diversities().fold(f64::NEG_INFINITY, f64::max));
    let largest = gains.iter().max_by(|a, b| a.gain.abs().total_cmp(&b.gain.abs())).map_or((0.0, 0.0, 0.0), |gain| {
        let (a, b) = (gain.interval.0.abs(), gain.interval.1.abs());
        (gain.gain.abs(), a.min(b), a.max(b))
    });
    format!(
        "at {} of {of} points (diversity {low:.3} to {high:.3}), by up to {:.3} ({:.3} to {:.3})",
        gains.len(),
        largest.0,
        largest.1,
        largest.2
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points on quality = height - diversity, with intervals of +-0.01.
    fn curve(height: f64) -> Vec<SweepPoint> {
        let figure = |value: f64| Figure { value, interval: Some((value - 0.01, value + 0.01)) };
        let point = |i: usize| {
            let diversity = 0.5 + 0.03 * i as f64;
            SweepPoint { temperature: i as f32, diversity: figure(diversity), quality: figure(height - diversity) }
        };
        (0..10).map(point).collect()
    }

    #[test]
    fn outside_is_better_and_inside_is_worse() {
        let won = gains(&curve(1.1), &curve(1.0));
        assert_eq!(won.len(), 10);
        assert!(won.iter().all(|gain| (gain.gain - 0.1).abs() < 1e-9 && gain.interval.0 > 0.08));
        assert!(
            sentence("rhyme", &won)
                .starts_with("rhyme: yes; the model's curve lies outside the pretrained model's at 10 of 10")
        );
        assert!(
            sentence("rhyme", &gains(&curve(0.9), &curve(1.0))).starts_with("rhyme: no; the model's curve lies inside")
        );
    }

    #[test]
    fn a_difference_within_the_intervals_is_no_gain() {
        let gains = gains(&curve(1.005), &curve(1.0));
        assert_eq!(
            sentence("rhyme", &gains),
            "rhyme: no; at equal diversity the model does not differ from the pretrained model."
        );
    }

    #[test]
    fn a_lower_temperature_alone_is_no_gain() {
        // Points of the same curve at other temperatures.
        let moved: Vec<SweepPoint> = curve(1.0)[2..5].to_vec();
        assert!(gains(&moved, &curve(1.0)).iter().all(|gain| gain.gain.abs() < 1e-9));
    }

    #[test]
    fn curves_without_common_diversity_cannot_be_compared() {
        let far: Vec<SweepPoint> = curve(1.0)
            .into_iter()
            .map(|mut point| {
                point.diversity.value += 10.0;
                point
            })
            .collect();
        assert!(sentence("rhyme", &gains(&far, &curve(1.0))).contains("cannot be compared"));
    }
}
