//! The axes of a model's themes by name, and their table.

use std::io::{self, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::config::AXES;
use crate::error::UserError;
use crate::lang::Lang;
use crate::printable;
use crate::run::event::AxisWords;
use crate::theme::{AxisEnds, Themes};
use crate::tokenizer::Tokenizer;

/// Words that are listed of each end of an axis; any of them names it.
const WORDS: usize = 12;
/// Words of each end in the table and in messages.
const LISTED: usize = 8;
const IN_MESSAGES: usize = 3;

/// A move along a direction that the user names.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisMove {
    /// A number, or a word at one end of an axis.
    pub axis: String,
    /// In standard deviations; for a word towards its end.
    pub amount: f32,
}

/// The words at the ends of each axis, [dims].
pub fn axis_words(themes: &Themes, tokenizer: &Tokenizer) -> Vec<AxisWords> {
    let texts = |tokens: Vec<u32>| -> Vec<String> {
        let text = |token| tokenizer.token_text(token).map(|text| text.trim_start_matches('▁').to_string());
        tokens.into_iter().filter_map(text).collect()
    };
    let of_axis = |(axis, keep): (usize, &f32)| {
        // An axis that is not kept is noise.
        let AxisEnds { positive, negative } = themes.ends(axis, if *keep > 0.0 { WORDS } else { 0 });
        AxisWords { positive: texts(positive), negative: texts(negative) }
    };
    themes.keep.iter().enumerate().map(of_axis).collect()
}

impl AxisMove {
    /// The direction of z and the shift along it. `strength` tells how much a word has to do with an axis.
    ///
    /// # Errors
    /// A number beyond `z_dim`, or a word at no end of `axes`.
    pub fn find(
        &self,
        axes: &[AxisWords],
        z_dim: usize,
        strength: impl Fn(usize, &str) -> f32,
    ) -> Result<(usize, f32), UserError> {
        if let Ok(direction) = self.axis.parse::<usize>() {
            return match direction {
                _ if direction < z_dim => Ok((direction, self.amount)),
                _ => Err(UserError(format!("--axis {direction}: this model has the directions 0 to {}", z_dim - 1))),
            };
        }
        let wanted = self.axis.to_lowercase();
        let ends = axes
            .iter()
            .enumerate()
            .flat_map(|(axis, words)| [(axis, self.amount, &words.positive), (axis, -self.amount, &words.negative)]);
        let found = ends.filter_map(|(axis, amount, words)| {
            let word = words.iter().find(|word| word.to_lowercase() == wanted)?;
            Some((strength(axis, word), (axis, amount)))
        });
        // A word may stand at several ends.
        found.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, found)| found).ok_or_else(|| self.unknown(axes))
    }

    fn unknown(&self, axes: &[AxisWords]) -> UserError {
        let named = axes.iter().enumerate().filter(|(_, words)| !words.positive.is_empty());
        let name = |(axis, words): (usize, &AxisWords)| {
            let [negative, positive] = words.ends(IN_MESSAGES);
            format!("{axis} ({negative} - {positive})")
        };
        let names: Vec<String> = named.map(name).collect();
        let known = match names.as_slice() {
            [] => "this model has no named axes; give the number of a direction".to_string(),
            names => format!("no axis has this word at an end; the axes are {}", names.join(", ")),
        };
        UserError(format!("--axis {}: {known}", self.axis))
    }
}

/// How much a word tells about the place of its poem along an axis: its coordinate times the correlation.
pub(super) fn strength(themes: &Themes, tokenizer: &Tokenizer, axis: usize, word: &str) -> f32 {
    let token = tokenizer.token_id(&format!("▁{word}")).or_else(|| tokenizer.token_id(word));
    token.map_or(0.0, |token| themes.correlations[axis] * themes.table()[token as usize * AXES + axis].abs())
}

/// An axis as a JSON object.
#[derive(Serialize)]
struct AxisRow<'a> {
    axis: usize,
    /// Canonical correlation between neighbouring couplets or lines, 0 to 1.
    correlation: f32,
    /// Correlation of the dimension of z with the poem's theme, 0 to 1.
    keep: f32,
    negative: &'a [String],
    positive: &'a [String],
}

/// Writes the axes, one JSON object a line.
///
/// # Errors
/// Output that cannot be written.
pub(super) fn json(themes: &Themes, axes: &[AxisWords], out: &mut impl Write) -> io::Result<()> {
    for (axis, words) in axes.iter().enumerate() {
        let (correlation, keep) = (themes.correlations[axis], themes.keep[axis]);
        let row = AxisRow { axis, correlation, keep, negative: &words.negative, positive: &words.positive };
        writeln!(out, "{}", printable::json(&row)?)?;
    }
    Ok(())
}

/// Writes the axes as a table.
///
/// # Errors
/// Output that cannot be written.
pub(super) fn table(themes: &Themes, axes: &[AxisWords], lang: Lang, out: &mut impl Write) -> io::Result<()> {
    let ends: Vec<[String; 2]> = axes.iter().map(|words| words.ends(LISTED)).collect();
    let width = ends.iter().map(|[negative, _]| negative.width()).max().unwrap_or(0).max("negative end".len());
    let pad = |text: &str| " ".repeat(width - text.width());
    let [head, negative, positive] =
        lang.pick(["axis  correlation", "negative end", "positive end"], ["  轴       相关度", "负端", "正端"]);
    writeln!(out, "{head}  {negative}{}  {positive}", pad(negative))?;
    for (axis, [negative, positive]) in ends.iter().enumerate() {
        let correlation = themes.correlations[axis];
        writeln!(out, "{axis:>4}  {correlation:>11.2}  {negative}{}  {positive}", pad(negative))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(axis: &str, amount: f32) -> Result<(usize, f32), String> {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let axes = [
            AxisWords { negative: words("moon star"), positive: words("war king sword") },
            AxisWords { negative: words("sword love"), positive: words("sea") },
            AxisWords::default(),
        ];
        let strength = |axis: usize, _: &str| [1.0, 2.0, 0.0][axis];
        AxisMove { axis: axis.to_owned(), amount }.find(&axes, 5, strength).map_err(|error| error.to_string())
    }

    #[test]
    fn an_axis_has_a_number_and_the_words_at_its_ends() {
        assert_eq!(found("1", 2.0), Ok((1, 2.0)));
        assert_eq!(found("4", -1.0), Ok((4, -1.0)), "noise has numbers only");
        assert_eq!(found("War", 2.0), Ok((0, 2.0)));
        assert_eq!(found("moon", 2.0), Ok((0, -2.0)), "towards the end of the word");
        assert_eq!(found("star", -1.5), Ok((0, 1.5)));
        assert_eq!(found("sword", 1.0), Ok((1, -1.0)), "the axis that it has more to do with");
    }

    #[test]
    fn unknown_axes_are_answered_with_the_known_ones() {
        let expected = "--axis x: no axis has this word at an end; the axes are 0 (moon star - war king sword), 1 (sword \
                        love - sea)";
        assert_eq!(found("x", 1.0), Err(expected.to_owned()));
        assert_eq!(found("5", 1.0), Err("--axis 5: this model has the directions 0 to 4".to_owned()));
        let none = AxisMove { axis: "x".to_owned(), amount: 1.0 }.find(&[], 5, |_, _| 0.0).unwrap_err().to_string();
        assert_eq!(none, "--axis x: this model has no named axes; give the number of a direction");
    }
}
