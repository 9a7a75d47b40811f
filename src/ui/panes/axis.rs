//! Round bounds and labels for a vertical axis.

/// The bounds of an axis and its labelled values, lowest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis with round numbers around `low..high`. Bounds move in steps, so the picture does not tremble with
    /// every new value.
    pub fn around(low: f64, high: f64, n_ticks: usize) -> Axis {
        let (low, high) = if low.is_finite() && high.is_finite() && low <= high { (low, high) } else { (0.0, 1.0) };
        // A flat curve gets some room, in proportion, or the step would be zero.
        let room = if high - low > 1e-9 * high.abs().max(1e-3) { 0.0 } else { 0.5 * high.abs().max(0.1) };
        let (low, high) = (low - room, high + room);
        let step = round_step((high - low) / n_ticks.max(1) as f64);
        // Bounds on quarters of a step: round enough to stay constant, close enough to waste no rows.
        let (low, high) = ((low / step * 4.0).floor() / 4.0, (high / step * 4.0).ceil() / 4.0);
        let (first, last) = (low.ceil(), high.floor());
        let n_steps = (last - first).clamp(0.0, 100.0) as usize;
        let ticks = (0..=n_steps).map(|index| {
            let value = (first + index as f64) * step;
            (value, label(value, step))
        });
        Axis { low: low * step, high: high * step, ticks: ticks.collect() }
    }

    /// Labels the powers of ten of an axis whose values are logarithms.
    pub fn name_powers(&mut self) {
        for (value, label) in &mut self.ticks {
            *label = match 10_f64.powf(*value) {
                value if !(0.01..1e4).contains(&value) => format!("{value:.0e}"),
                value if value < 1.0 => format!("{value:.2}"),
                value if value < 100.0 => format!("{value:.1}"),
                value => format!("{value:.0}"),
            };
        }
    }

    /// The axis of a probability.
    pub fn unit() -> Axis {
        let ticks = [(0.0, "0"), (0.5, "0.5"), (1.0, "1")];
        Axis { low: 0.0, high: 1.0, ticks: ticks.map(|(value, label)| (value, label.to_owned())).to_vec() }
    }
}

/// The least of 1, 2, 5 times a power of ten that is not below `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step * 0.999_999).unwrap_or(10.0);
    factor * power
}

fn label(value: f64, step: f64) -> String {
    if value.abs() >= 1e5 || step < 1e-3 {
        return format!("{value:.0e}");
    }
    let n_decimals = (-step.log10().floor()).max(0.0) as usize;
    // Adding zero turns a negative zero into a plain one.
    format!("{:.n_decimals$}", if value.abs() < step / 2.0 { 0.0 } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, n_ticks: usize) -> Vec<String> {
        Axis::around(low, high, n_ticks).ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn bounds_are_round_and_hold_the_values() {
        assert_eq!(labels(4.93, 6.81, 2), ["5", "6", "7"]);
        assert_eq!(labels(-0.31, 0.22, 4), ["-0.2", "0.0", "0.2"]);
        assert_eq!(labels(0.69, 0.71, 2), ["0.69", "0.70", "0.71"]);
        let axis = Axis::around(4.93, 6.81, 2);
        assert_eq!((axis.low, axis.high), (4.75, 7.0));
        for (low, high) in [(3.0, 3.0), (0.0, 0.0), (-1e30, 1e30), (1e-9, 2e-9), (f64::NAN, 1.0), (5.0, -5.0)] {
            let axis = Axis::around(low, high, 3);
            assert!(axis.low < axis.high && axis.low.is_finite() && axis.high.is_finite(), "{low} {high} {axis:?}");
            assert!((1..=101).contains(&axis.ticks.len()), "{axis:?}");
        }
    }

    #[test]
    fn small_changes_do_not_move_the_bounds() {
        assert_eq!(Axis::around(4.93, 6.81, 3), Axis::around(4.91, 6.79, 3));
    }
}
