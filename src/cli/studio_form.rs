//! The form of the studio: a field for each option of `write`, and the reading of what is filled in.

use clap::{Arg, ArgAction, CommandFactory, Parser};

use super::args::{Arguments, CliCommand};
use super::{exit, help};
use crate::lang::{self, Lang};
use crate::ui::studio::{StudioField, StudioFieldKind};
use crate::write::WriteOptions;
use crate::write::explain::ExplainStyle;

/// Candidates of a request.
const CANDIDATES: &str = "12";

/// The options of `write` in the order of the form, and what the form calls them. How each is filled in follows from its
/// definition, see [`kind`].
#[rustfmt::skip]
const FIELDS: &[(&str, &str)] = &[
    ("form", "form"),
    ("theme", "theme"),
    ("start", "start"),
    ("acrostic", "acrostic"),
    ("acrostic-end", "acrostic end"),
    ("acrostic-diagonal", "diagonal"),
    ("contain", "contain"),
    ("avoid", "avoid"),
    ("rhyme", "rhyme"),
    ("tones", "tones"),
    ("no-repeat", "no repeat"),
    ("avoid-copying", "no copying"),
    ("axis", "axes"),
    ("temperature", "temperature"),
    ("top-p", "top-p"),
    ("select", "drafts"),
    ("select-by", "selection"),
    ("seed", "seed"),
    ("count", "candidates"),
    // Its rows are those of the poem, so they come last.
    ("line", "line"),
];

/// The fields with their help in this language.
pub fn fields(lang: Lang) -> Vec<StudioField> {
    let command = Arguments::command();
    let write = command.find_subcommand("write");
    let options: Vec<&Arg> = write.into_iter().flat_map(clap::Command::get_arguments).collect();
    let field = |(name, label): &(&str, &str)| {
        let option = options.iter().find(|option| option.get_long() == Some(name))?;
        let text = option.get_help().map(ToString::to_string).unwrap_or_default();
        Some(StudioField {
            option: format!("--{name}"),
            label: (*label).to_string(),
            kind: kind(option),
            default: if *name == "count" { CANDIDATES.to_string() } else { default(option) },
            help: help::text(lang, &text),
        })
    };
    FIELDS.iter().filter_map(field).collect()
}

fn kind(option: &Arg) -> StudioFieldKind {
    match (option.get_long(), option.get_action()) {
        (Some("form"), _) => StudioFieldKind::Form,
        (Some("line"), _) => StudioFieldKind::Lines,
        (Some("axis"), _) => StudioFieldKind::Axes,
        (Some("seed"), _) => StudioFieldKind::Seed,
        (Some("count"), _) => StudioFieldKind::Count,
        (_, ArgAction::SetTrue) => StudioFieldKind::Flag,
        (_, ArgAction::Append) => StudioFieldKind::List,
        _ => {
            let values = option.get_possible_values().into_iter().map(|value| value.get_name().to_string());
            let values: Vec<String> = values.filter(|value| *value != default(option)).collect();
            if values.is_empty() { StudioFieldKind::Text } else { StudioFieldKind::Choice(values) }
        }
    }
}

/// The default of an option; empty for a flag.
fn default(option: &Arg) -> String {
    let is_flag = matches!(option.get_action(), ArgAction::SetTrue);
    let value = option.get_default_values().first().filter(|_| !is_flag);
    value.map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Reads options of `write` and their values as the command line does.
///
/// # Errors
/// What is wrong with them, in this language.
pub fn read(words: &[String], lang: Lang) -> Result<WriteOptions, String> {
    let all = ["poetgan", "write"].into_iter().chain(words.iter().map(String::as_str));
    match Arguments::try_parse_from(all) {
        Ok(Arguments { command: CliCommand::Write(write), .. }) => {
            Ok(write.options(ExplainStyle { lang, colour: false }))
        }
        Ok(_) => Err(String::new()),
        Err(error) => Err(lang::joined(lang, &exit::parts(&error.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::translate;

    /// Options of `write` that are not about the poem, or that the studio itself has.
    const NOT_IN_THE_FORM: [&str; 16] = [
        "shard",
        "model",
        "checkpoint",
        "json",
        "markdown",
        "vertical",
        "traditional",
        "simplified",
        "output",
        "svg",
        "png",
        "quiet",
        "explain",
        "threads",
        "lang",
        "help",
    ];

    #[test]
    fn the_form_has_every_option_of_write() {
        let mut command = Arguments::command();
        command.build();
        let write = command.find_subcommand("write").unwrap();
        let names = write.get_arguments().filter_map(Arg::get_long);
        let missing: Vec<&str> = names
            .filter(|name| !NOT_IN_THE_FORM.contains(name) && !FIELDS.iter().any(|(field, _)| field == name))
            .collect();
        assert!(missing.is_empty(), "neither fields nor left out: {missing:?}");
        assert_eq!(fields(Lang::En).len(), FIELDS.len(), "every row is an option");
    }

    #[test]
    fn fields_follow_from_the_options() {
        let fields = fields(Lang::Zh);
        let field = |name: &str| fields.iter().find(|field| field.option == name).unwrap();
        assert_eq!(field("--tones").kind, StudioFieldKind::Choice(["strict", "lenient"].map(String::from).to_vec()));
        assert_eq!(field("--select-by").kind, StudioFieldKind::Choice(vec!["best".to_string()]));
        assert_eq!(field("--no-repeat").kind, StudioFieldKind::Flag);
        assert_eq!(field("--contain").kind, StudioFieldKind::List);
        assert_eq!((field("--temperature").default.as_str(), field("--tones").default.as_str()), ("0.7", "off"));
        assert_eq!(field("--start").help, "诗以此文字开头");
        for (_, label) in FIELDS.iter().filter(|(name, _)| *name != "top-p") {
            assert_ne!(translate(Lang::Zh, label), *label, "no Chinese for it");
        }
    }

    #[test]
    fn words_are_read_as_on_the_command_line() {
        let read = |words: &str| read(&words.split(' ').map(String::from).collect::<Vec<_>>(), Lang::En);
        let options = read("--line 2=白日 --axis 战=+2 --seed=7").unwrap();
        assert_eq!(
            (options.constraints.lines, options.axes.len(), options.seed),
            (vec![(2, "白日".to_string())], 1, 7)
        );
        let error = read("--temperature warm").unwrap_err();
        assert_eq!(error, "invalid value 'warm' for '--temperature <T>': 'warm' is not a number above 0");
    }
}
