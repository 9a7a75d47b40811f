//! Parsers of option values.

use crate::config::Config;
use crate::write::AxisMove;
use crate::write::constraints::RhymeConstraint;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use std::ops::RangeInclusive;
use std::time::Duration;

/// One of the names of the values of `T` in the configuration; clap lists them in help and completions.
pub fn choice<T>(names: &[&'static str]) -> impl TypedValueParser<Value = T> + use<T>
where
    T: for<'de> Deserialize<'de> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names.iter().copied()).try_map(|name| {
        let name: StrDeserializer<'_, Error> = name.as_str().into_deserializer();
        T::deserialize(name)
    })
}

/// The name of a preset.
pub fn preset() -> PossibleValuesParser {
    PossibleValuesParser::new(Config::preset_names())
}

/// A whole number in `range`. Unlike clap's own parser, it also reports the range for negative numbers.
pub fn whole<T>(range: RangeInclusive<u64>) -> impl TypedValueParser<Value = T> + use<T>
where
    T: TryFrom<u64> + Clone + Send + Sync + 'static,
{
    move |text: &str| {
        let number: Option<u64> = text.parse().ok().filter(|number| range.contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| match (range.start(), *range.end()) {
            (least, u64::MAX) => format!("{text} is not in {least}.."),
            (least, most) => format!("{text} is not in {least}..={most}"),
        })
    }
}

/// A whole number from `least` on.
pub fn number(least: u64) -> impl TypedValueParser<Value = u64> {
    whole(least..=u64::MAX)
}

/// A seed within the range of TOML's signed integers.
pub fn seed() -> impl TypedValueParser<Value = u64> {
    whole(0..=i64::MAX as u64)
}

/// A size from `least` to one million.
pub fn size(least: u64) -> impl TypedValueParser<Value = usize> {
    whole(least..=1_000_000)
}

/// A number of threads; the bound is above any machine's number of cores.
pub fn threads() -> impl TypedValueParser<Value = usize> {
    whole(1..=1024)
}

/// The name or path of a run.
pub fn run(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("the name is empty; give a name such as tang, or a path such as ./tang".to_string());
    }
    Ok(text.to_string())
}

/// A time such as `90s`, `20m` or `1h30m`; above 0.
pub fn duration(text: &str) -> Result<Duration, String> {
    let time = text.parse::<SignedDuration>().ok().filter(SignedDuration::is_positive);
    time.map(|time| time.unsigned_abs()).ok_or_else(|| format!("'{text}' is not a time; write 90s, 20m or 1h30m"))
}

/// A finite number above 0.
pub fn positive(text: &str) -> Result<f32, String> {
    let number: Option<f32> = text.parse().ok();
    number
        .filter(|number| *number > 0.0 && number.is_finite())
        .ok_or_else(|| format!("'{text}' is not a number above 0"))
}

/// A probability above 0.
pub fn probability(text: &str) -> Result<f32, String> {
    let number: Option<f32> = text.parse().ok();
    number
        .filter(|number| *number > 0.0 && *number <= 1.0)
        .ok_or_else(|| format!("'{text}' is not a number above 0 and at most 1"))
}

/// A move along an axis such as `war=+2`.
pub fn axis_move(text: &str) -> Result<AxisMove, String> {
    let parts = text.rsplit_once('=').map(|(axis, amount)| (axis.trim(), amount.trim().parse::<f32>()));
    match parts {
        Some((axis, Ok(amount))) if !axis.is_empty() && amount.is_finite() => {
            Ok(AxisMove { axis: axis.to_string(), amount })
        }
        _ => Err(format!("'{text}' is not a word or number, '=' and an amount, such as war=+2 or 0=-1.5")),
    }
}

/// The number of a line, from 1, and its text.
pub fn given_line(text: &str) -> Result<(usize, String), String> {
    let parts = text.split_once(['=', '＝']).map(|(number, line)| (number.trim().parse::<usize>(), line.trim()));
    match parts {
        Some((Ok(number), line)) if number > 0 && !line.is_empty() => Ok((number, line.to_string())),
        _ => Err(format!("'{text}' is not the number of a line, '=' and its text, such as 2=春眠不觉晓")),
    }
}

/// `auto`, or a word or an ending to rhyme with.
pub fn rhyme_constraint(text: &str) -> Result<RhymeConstraint, String> {
    match text.trim() {
        "auto" => Ok(RhymeConstraint::Auto),
        // A forgotten value would take the next option.
        text if text.is_empty() || text.starts_with("--") || text.contains(char::is_whitespace) => {
            Err("a character, a word or an ending to rhyme with, or auto".to_string())
        }
        text => Ok(RhymeConstraint::With(text.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_have_an_axis_and_an_amount() {
        let found = |axis: &str, amount| Ok(AxisMove { axis: axis.to_string(), amount });
        assert_eq!((axis_move("war=+2"), axis_move("0=-1.5")), (found("war", 2.0), found("0", -1.5)));
        assert_eq!(axis_move("==1"), found("=", 1.0));
        for text in ["war", "war=", "=2", "war=NaN", "war=much", ""] {
            assert!(axis_move(text).unwrap_err().starts_with(&format!("'{text}' is not")));
        }
    }

    #[test]
    fn given_lines_have_a_number_and_a_text() {
        assert_eq!(given_line("2=春眠 = 晓"), Ok((2, "春眠 = 晓".to_string())));
        for text in ["0=春", "春", "2=", "=春", "x=春"] {
            assert!(given_line(text).unwrap_err().starts_with(&format!("'{text}' is not")));
        }
        assert_eq!(
            (rhyme_constraint("auto"), rhyme_constraint("山")),
            (Ok(RhymeConstraint::Auto), Ok(RhymeConstraint::With("山".to_string())))
        );
        assert!(
            [" ", "the night", "--seed"].map(rhyme_constraint).iter().all(Result::is_err)
                && rhyme_constraint("-ight").is_ok()
        );
    }

    #[test]
    fn times_are_parsed() {
        for (text, seconds) in [
            ("90s", 90),
            ("20m", 1200),
            ("1h30m", 5400),
            ("1h 30m", 5400),
            ("1h0m5s", 3605),
            ("1.5h", 5400),
            ("2h", 7200),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        let too_long = format!("{}h", u64::MAX);
        for text in ["", "0s", "20", "m", "1m1h", "-5s", "5s5s", "1d", "分", &too_long] {
            let message = duration(text).unwrap_err();
            assert_eq!(message, format!("'{text}' is not a time; write 90s, 20m or 1h30m"));
        }
    }

    #[test]
    fn names_of_runs_are_not_empty() {
        assert_eq!(run("tang"), Ok("tang".to_string()));
        assert!(run("").is_err() && run(" ").is_err());
    }

    #[test]
    fn numbers_above_zero_are_parsed() {
        assert_eq!(positive("0.8"), Ok(0.8));
        for text in ["0", "-1", "inf", "NaN", "warm", ""] {
            assert_eq!(positive(text), Err(format!("'{text}' is not a number above 0")));
        }
    }
}
