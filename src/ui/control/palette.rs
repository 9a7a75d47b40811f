//! The command palette: what can be typed after `:`, and how it is completed.

use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::control::keys;
use crate::ui::model::action::Action;
use crate::ui::model::connection::Connection;
use crate::ui::model::reply::Reply;
use crate::ui::model::screens::Screen;

/// What a line of the palette means.
#[derive(Clone, Debug, PartialEq)]
pub enum PaletteRequest {
    /// As a key does.
    Do(Action),
    Set(RuntimeSetting, f32),
    Note(String),
    Filter(String),
    Step(u64),
}

/// A command: its word, its argument, and what it does.
pub struct PaletteCommand {
    pub word: &'static str,
    pub argument: &'static str,
    pub help: &'static str,
    action: Option<Action>,
}

const fn command(word: &'static str, action: Action, help: &'static str) -> PaletteCommand {
    PaletteCommand { word, argument: "", help, action: Some(action) }
}

pub const COMMANDS: &[PaletteCommand] = &[
    PaletteCommand {
        word: "set",
        argument: "SETTING VALUE",
        help: "change a setting, from the next step on",
        action: None,
    },
    PaletteCommand { word: "note", argument: "TEXT", help: "add a note to the log", action: None },
    PaletteCommand { word: "filter", argument: "TEXT", help: "only poems that contain a text", action: None },
    PaletteCommand { word: "goto", argument: "STEP", help: "go to a step of a replay or of the curves", action: None },
    command("pause", Action::PauseOrResume, "pause or resume"),
    command("turn", Action::Turn, "one update of D or G"),
    command("sample", Action::SampleNow, "generate samples now"),
    command("checkpoint", Action::CheckpointNow, "write a checkpoint now"),
    command("best", Action::Rollback, "roll back to the best checkpoint"),
    command("freeze", Action::Freeze, "freeze the display"),
    command("mouse", Action::Mouse, "mouse on and off"),
    command("help", Action::Help, "list the keys"),
    command("adversarial", Action::Show(Screen::Adversarial), "screen 1"),
    command("samples", Action::Show(Screen::Samples), "screen 2"),
    command("curves", Action::Show(Screen::Curves), "screen 3"),
    command("quality", Action::Show(Screen::Quality), "screen 4"),
    command("latent", Action::Show(Screen::Latent), "screen 5"),
    command("log", Action::Show(Screen::Log), "screen 6"),
    command("stop", Action::Stop, "stop and save"),
];

/// Parses a line.
///
/// # Errors
/// The reply that says what is wrong with it.
pub fn parse(line: &str) -> Result<PaletteRequest, Reply> {
    let line = line.trim();
    let (word, rest) = line.split_once(' ').map_or((line, ""), |(word, rest)| (word, rest.trim()));
    let Some(command) = COMMANDS.iter().find(|command| command.word == word) else {
        return Err(Reply::UnknownCommand { word: word.to_owned() });
    };
    if let Some(action) = command.action {
        let is_alone = rest.is_empty();
        return if is_alone {
            Ok(PaletteRequest::Do(action))
        } else {
            Err(Reply::NoArgument { word: word.to_owned() })
        };
    }
    match word {
        "set" => set(rest),
        "note" if rest.is_empty() => Err(Reply::EmptyNote),
        "note" => Ok(PaletteRequest::Note(rest.to_owned())),
        "goto" => {
            let step = rest.replace(',', "").parse();
            step.map(PaletteRequest::Step).map_err(|_| Reply::NotAStep { text: rest.to_owned() })
        }
        _ => Ok(PaletteRequest::Filter(rest.to_owned())),
    }
}

fn set(rest: &str) -> Result<PaletteRequest, Reply> {
    let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
    let Some(setting) = RuntimeSetting::ALL.into_iter().find(|setting| setting.name() == name) else {
        return Err(Reply::UnknownSetting { name: name.to_owned() });
    };
    let (low, high) = setting.range();
    match value.trim().parse::<f32>() {
        Ok(value) if setting == RuntimeSetting::NCritic && value.fract() != 0.0 => Err(Reply::NotWhole { setting }),
        Ok(value) if (low..=high).contains(&value) => Ok(PaletteRequest::Set(setting, value)),
        Ok(value) if value.is_finite() => Err(Reply::OutOfRange { setting }),
        _ => Err(Reply::NotANumber { setting }),
    }
}

/// The commands that are possible with this connection.
pub fn commands(connection: Connection) -> impl Iterator<Item = &'static PaletteCommand> {
    let is_possible = move |command: &&PaletteCommand| {
        let is_for_training = matches!(command.word, "set" | "note" | "stop");
        let has_key = command.action.is_none_or(|action| keys::is_possible(action, connection));
        connection == Connection::Trainer || (has_key && !is_for_training)
    };
    COMMANDS.iter().filter(is_possible)
}

/// The settings that can complete a `set` line.
pub fn settings(line: &str) -> impl Iterator<Item = RuntimeSetting> {
    let rest = line.strip_prefix("set ");
    let fits = |setting: RuntimeSetting, rest: &str| match rest.split_once(' ') {
        // The name is complete, and the value is being typed.
        Some((name, _)) => setting.name() == name,
        None => setting.name().starts_with(rest),
    };
    RuntimeSetting::ALL.into_iter().filter(move |setting| rest.is_some_and(|rest| fits(*setting, rest)))
}

/// All completions of a line.
pub fn completions(line: &str, connection: Connection) -> Vec<String> {
    if line.contains(' ') {
        return settings(line).map(|setting| format!("set {} ", setting.name())).collect();
    }
    let words = commands(connection).filter(|command| command.word.starts_with(line));
    words
        .map(|command| if command.action.is_some() { command.word.to_owned() } else { format!("{} ", command.word) })
        .collect()
}

/// The line, extended by what all its completions have in common.
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
    fn every_command_parses_and_words_are_unique() {
        for (index, command) in COMMANDS.iter().enumerate() {
            assert!(!COMMANDS[..index].iter().any(|other| other.word == command.word), "{}", command.word);
            let rest = match command.word {
                "set" => "beta 2",
                "note" | "filter" => "春",
                "goto" => "4,000",
                _ => "",
            };
            assert!(parse(&format!("{} {rest}", command.word)).is_ok(), "{}", command.word);
        }
    }

    #[test]
    fn a_setting_needs_a_name_and_a_number_in_its_range() {
        let beta = RuntimeSetting::Beta;
        let word = |word: &str| word.to_owned();
        assert_eq!(parse("set beta 2.5"), Ok(PaletteRequest::Set(beta, 2.5)));
        assert_eq!(parse("set gamma 1"), Err(Reply::UnknownSetting { name: word("gamma") }));
        assert_eq!(parse("set n_critic 2.5"), Err(Reply::NotWhole { setting: RuntimeSetting::NCritic }));
        for line in ["set beta much", "set beta NaN", "set beta"] {
            assert_eq!(parse(line), Err(Reply::NotANumber { setting: beta }), "{line}");
        }
        assert_eq!(parse("set beta 1e30"), Err(Reply::OutOfRange { setting: beta }));
        assert_eq!(parse("set temperature 50"), Err(Reply::OutOfRange { setting: RuntimeSetting::Temperature }));
        assert_eq!(parse("dance"), Err(Reply::UnknownCommand { word: word("dance") }));
        assert_eq!(parse("pause now"), Err(Reply::NoArgument { word: word("pause") }));
        assert_eq!(parse("note"), Err(Reply::EmptyNote));
        assert_eq!(parse("goto 4,000"), Ok(PaletteRequest::Step(4_000)));
        assert_eq!(parse("goto x"), Err(Reply::NotAStep { text: word("x") }));
    }

    #[test]
    fn tab_completes_what_all_completions_share() {
        for (line, expected) in [
            ("ch", "checkpoint"),
            ("s", "s"),
            ("sa", "sample"),
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
        assert_eq!(completions("se", Connection::Journal), [""; 0], "a journal cannot be set");
        assert_eq!(complete("ch", Connection::Playback), "ch");
    }
}
