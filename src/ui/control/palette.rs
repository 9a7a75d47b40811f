//! The command palette: what can be typed after `:`, and how it is completed.

use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::control::keys::{self, Action};
use crate::ui::model::screens::Screen;
use crate::ui::model::state::Connection;

/// What a line of the palette asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// The same as a key.
    Key(Action),
    Set(RuntimeSetting, f32),
    Note(String),
    Filter(String),
    Step(u64),
}

/// A word of the palette, what follows it, and what it does.
pub struct Entry {
    pub word: &'static str,
    pub rest: &'static str,
    pub help: &'static str,
    key: Option<Action>,
}

const fn entry(word: &'static str, key: Action, help: &'static str) -> Entry {
    Entry { word, rest: "", help, key: Some(key) }
}

pub const ENTRIES: &[Entry] = &[
    Entry { word: "set", rest: "SETTING VALUE", help: "change a setting from the next step on", key: None },
    Entry { word: "note", rest: "TEXT", help: "mark this moment", key: None },
    Entry { word: "filter", rest: "TEXT", help: "only verses that hold a text", key: None },
    Entry { word: "goto", rest: "STEP", help: "to a step: of a replay, else of the curves", key: None },
    entry("pause", Action::PauseOrResume, "pause or resume"),
    entry("turn", Action::Turn, "one turn of a model"),
    entry("sample", Action::SampleNow, "write new verses now"),
    entry("checkpoint", Action::CheckpointNow, "write a checkpoint now"),
    entry("best", Action::BackToBest, "back to the best checkpoint"),
    entry("freeze", Action::Freeze, "freeze the display"),
    entry("mouse", Action::Mouse, "mouse on and off"),
    entry("help", Action::Help, "all keys"),
    entry("adversarial", Action::Show(Screen::Adversarial), "screen 1"),
    entry("verses", Action::Show(Screen::Samples), "screen 2"),
    entry("curves", Action::Show(Screen::Curves), "screen 3"),
    entry("quality", Action::Show(Screen::Quality), "screen 4"),
    entry("latent", Action::Show(Screen::Latent), "screen 5"),
    entry("log", Action::Show(Screen::Log), "screen 6"),
    entry("stop", Action::Stop, "stop cleanly"),
];

/// Understands a line, or says why not.
pub fn parse(line: &str) -> Result<Asked, String> {
    let line = line.trim();
    let (word, rest) = line.split_once(' ').map_or((line, ""), |(word, rest)| (word, rest.trim()));
    let Some(entry) = ENTRIES.iter().find(|entry| entry.word == word) else {
        return Err(format!("no command '{word}'; tab completes"));
    };
    if let Some(action) = entry.key {
        return if rest.is_empty() { Ok(Asked::Key(action)) } else { Err(format!("{word} takes nothing more")) };
    }
    match word {
        "set" => set(rest),
        "note" if rest.is_empty() => Err("note needs a text".to_owned()),
        "note" => Ok(Asked::Note(rest.to_owned())),
        "goto" => rest.replace(',', "").parse().map(Asked::Step).map_err(|_| format!("'{rest}' is no step")),
        _ => Ok(Asked::Filter(rest.to_owned())),
    }
}

fn set(rest: &str) -> Result<Asked, String> {
    let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
    let Some(setting) = RuntimeSetting::ALL.into_iter().find(|setting| setting.name() == name) else {
        return Err(format!("no setting '{name}'; tab completes"));
    };
    let (low, high) = setting.range();
    match value.trim().parse::<f32>() {
        Ok(value) if setting == RuntimeSetting::NCritic && value.fract() != 0.0 => {
            Err(format!("{name} needs a whole number, {low} to {high}"))
        }
        Ok(value) if (low..=high).contains(&value) => Ok(Asked::Set(setting, value)),
        Ok(value) if value.is_finite() => Err(format!("{name} can be {low} to {high}")),
        _ => Err(format!("{name} needs a number, {low} to {high}")),
    }
}

/// What can be typed, given who is at the other end.
pub fn entries(connection: Connection) -> impl Iterator<Item = &'static Entry> {
    let is_possible = move |entry: &&Entry| {
        let is_for_training = matches!(entry.word, "set" | "note" | "stop");
        let has_key = entry.key.is_none_or(|action| keys::is_possible(action, connection));
        connection == Connection::Trainer || (has_key && !is_for_training)
    };
    ENTRIES.iter().filter(is_possible)
}

/// The settings that the line can go on with; none where it sets nothing.
pub fn settings(line: &str) -> impl Iterator<Item = RuntimeSetting> {
    let rest = line.strip_prefix("set ");
    let fits = |setting: RuntimeSetting, rest: &str| match rest.split_once(' ') {
        // What is typed behind the name is the value.
        Some((name, _)) => setting.name() == name,
        None => setting.name().starts_with(rest),
    };
    RuntimeSetting::ALL.into_iter().filter(move |setting| rest.is_some_and(|rest| fits(*setting, rest)))
}

/// Everything that the line can become.
pub fn completions(line: &str, connection: Connection) -> Vec<String> {
    if line.contains(' ') {
        return settings(line).map(|setting| format!("set {} ", setting.name())).collect();
    }
    let words = entries(connection).filter(|entry| entry.word.starts_with(line));
    words.map(|entry| if entry.key.is_some() { entry.word.to_owned() } else { format!("{} ", entry.word) }).collect()
}

/// The line as far as it can only go on in one way.
pub fn complete(line: &str, connection: Connection) -> String {
    let all = completions(line, connection);
    let Some(first) = all.first() else { return line.to_owned() };
    let common = |other: &String| first.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let length = all.iter().map(common).min().unwrap_or(0);
    // The words are ASCII, so every length is a boundary.
    first.get(..length).filter(|common| common.len() > line.len()).unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_understood_and_words_are_unique() {
        for (index, entry) in ENTRIES.iter().enumerate() {
            assert!(!ENTRIES[..index].iter().any(|other| other.word == entry.word), "{}", entry.word);
            let rest = match entry.word {
                "set" => "beta 2",
                "note" | "filter" => "春",
                "goto" => "4,000",
                _ => "",
            };
            assert!(parse(&format!("{} {rest}", entry.word)).is_ok(), "{}", entry.word);
        }
    }

    #[test]
    fn a_setting_needs_a_name_and_a_number() {
        assert_eq!(parse("set beta 2.5"), Ok(Asked::Set(RuntimeSetting::Beta, 2.5)));
        assert_eq!(parse("set gamma 1"), Err("no setting 'gamma'; tab completes".to_owned()));
        assert_eq!(parse("set beta much"), Err("beta needs a number, 0.01 to 100".to_owned()));
        assert_eq!(parse("set n_critic 2.5"), Err("n_critic needs a whole number, 1 to 50".to_owned()));
        assert_eq!(parse("set beta NaN"), Err("beta needs a number, 0.01 to 100".to_owned()));
        assert_eq!(parse("set beta 1e30"), Err("beta can be 0.01 to 100".to_owned()));
        assert_eq!(parse("set temperature 50"), Err("temperature can be 0.05 to 10".to_owned()));
        assert_eq!(parse("dance"), Err("no command 'dance'; tab completes".to_owned()));
        assert_eq!(parse("pause now"), Err("pause takes nothing more".to_owned()));
        assert_eq!(parse("goto 4,000"), Ok(Asked::Step(4_000)));
    }

    #[test]
    fn tab_goes_as_far_as_there_is_one_way() {
        for (line, expected) in [
            ("ch", "checkpoint"),
            ("s", "s"),
            ("se", "set "),
            ("set d", "set discriminator_learning_rate "),
            ("set l", "set l"),
            ("l", "l"),
            ("set li", "set likelihood_weight "),
            ("xyz", "xyz"),
        ] {
            assert_eq!(complete(line, Connection::Trainer), expected, "{line}");
        }
        assert_eq!(completions("set ", Connection::Trainer).len(), RuntimeSetting::ALL.len());
        assert_eq!(completions("se", Connection::Journal), [""; 0], "whoever watches sets nothing");
        assert_eq!(complete("ch", Connection::Playback), "ch");
    }
}
