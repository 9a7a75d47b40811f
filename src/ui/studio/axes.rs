//! The directions of z as sliders: how far each is moved by the text of the field, and that text after a slider was moved.

use std::collections::BTreeMap;

use super::form::values;
use crate::run::event::{AxisWords, REACH};

/// A step of a slider, in standard deviations.
const STEP: f32 = 0.5;

/// The directions of z of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudioAxes {
    /// The words at the ends of each; without words for noise.
    pub words: Vec<AxisWords>,
    /// The direction and the sign that a word names, in lower case.
    pub names: BTreeMap<String, (usize, f32)>,
}

impl StudioAxes {
    /// How far a direction is moved.
    pub fn amount(&self, text: &str, axis: usize) -> f32 {
        let moves = values(text).filter_map(|value| self.parsed(value));
        moves.filter(|(other, _)| *other == axis).map(|(_, amount)| amount).sum()
    }

    /// The text with a slider moved by a step, within the reach of the sliders; back to 0 without a direction.
    pub fn moved(&self, text: &str, axis: usize, forward: Option<bool>) -> String {
        let now = self.amount(text, axis);
        let step = match forward {
            Some(true) => STEP,
            Some(false) => -STEP,
            None => -now,
        };
        // An amount that was typed may lie beyond.
        let reach = REACH[REACH.len() - 1].max(now.abs());
        let amount = (((now + step) / STEP).round() * STEP).clamp(-reach, reach);
        let is_other = |value: &&str| self.parsed(value).is_none_or(|(other, _)| other != axis);
        let mut kept: Vec<String> = values(text).filter(is_other).map(str::to_owned).collect();
        if amount != 0.0 {
            kept.push(format!("{axis}={amount:+}"));
        }
        kept.join(", ")
    }

    /// The direction and the amount of a value such as `战=+2`; `None` if it is none.
    fn parsed(&self, value: &str) -> Option<(usize, f32)> {
        let (name, amount) = value.rsplit_once('=')?;
        let (name, amount) = (name.trim(), amount.trim().parse::<f32>().ok().filter(|amount| amount.is_finite())?);
        match name.parse() {
            Ok(axis) => Some((axis, amount)),
            Err(_) => self.names.get(&name.to_lowercase()).map(|&(axis, sign)| (axis, sign * amount)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slider_changes_its_own_direction_only() {
        let names = [("战", (0, 1.0)), ("月", (0, -1.0))].map(|(word, place)| (word.to_owned(), place)).into();
        let axes = StudioAxes { words: vec![AxisWords::default(); 3], names };
        assert_eq!(axes.moved("", 2, Some(true)), "2=+0.5");
        assert_eq!(axes.moved("2=+0.5", 2, Some(false)), "");
        let text = "战=+2, 2=-1，何=1, 1";
        assert_eq!([0, 1, 2].map(|axis| axes.amount(text, axis)), [2.0, 0.0, -1.0]);
        assert_eq!(axes.amount("月=1.5", 0), -1.5);
        assert_eq!(axes.moved(text, 0, Some(true)), "2=-1, 何=1, 1, 0=+2.5");
        assert_eq!(axes.moved(text, 2, None), "战=+2, 何=1, 1");
    }

    #[test]
    fn a_slider_ends_at_its_reach() {
        let axes = StudioAxes::default();
        assert_eq!(axes.moved("0=+4", 0, Some(true)), "0=+4");
        assert_eq!(axes.moved("0=-7", 0, Some(false)), "0=-7");
        assert_eq!(axes.moved("0=-7", 0, Some(true)), "0=-6.5");
    }
}
