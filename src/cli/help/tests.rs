#![cfg(test)]

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr;

use super::*;

/// A command and all below it, but for those of `help`, which repeat them.
fn commands(command: &Command) -> Vec<&Command> {
    let below = command.get_subcommands().filter(|command| command.get_name() != "help").flat_map(commands);
    std::iter::once(command).chain(below).collect()
}

fn built() -> Command {
    let mut command = Arguments::command();
    command.build();
    command
}

/// Every text of the help.
fn texts() -> BTreeSet<String> {
    let mut texts = BTreeSet::from(["Commands", "Examples"].map(String::from));
    let command = built();
    texts.extend(command.find_subcommand("help").and_then(|help| help.get_about()).map(ToString::to_string));
    for command in commands(&command) {
        texts.extend(command.get_about().map(ToString::to_string));
        for argument in command.get_arguments() {
            texts.insert(heading_of(argument));
            texts.extend(argument.get_help().map(ToString::to_string));
        }
        for section in sections(&command.get_after_help().unwrap().to_string()) {
            match section {
                Section::Examples(examples) => texts.extend(examples.into_iter().map(|(_, text)| text)),
                Section::Note(note) => drop(texts.insert(note)),
            }
        }
    }
    texts.remove("");
    texts
}

#[test]
fn every_text_of_the_help_has_chinese_and_no_chinese_is_left_over() {
    let (texts, known) = (texts(), chinese::english().map(String::from).collect::<BTreeSet<_>>());
    let missing: Vec<_> = texts.difference(&known).collect();
    let unused: Vec<_> = known.difference(&texts).collect();
    assert!(missing.is_empty() && unused.is_empty(), "without Chinese: {missing:#?}\nunused: {unused:#?}");
    assert!(texts.len() > 150, "{}", texts.len());
}

#[test]
fn every_help_fits_into_80_columns() {
    for width in [80, 100] {
        let mut command = built();
        translate(&mut command, width);
        for command in commands(&command) {
            let help = command.clone().render_long_help().to_string();
            assert!(help.contains("\n用法：poetgan") && help.contains("\n示例：\n  poetgan "), "{help}");
            assert!(
                !["Usage", "Options", "default", "possible", "OPTIONS"].iter().any(|word| help.contains(word)),
                "{help}"
            );
            let too_wide: Vec<&str> = help.lines().filter(|line| line.width() > width).collect();
            // A command has to stay on one line to be copied.
            assert!(too_wide.iter().all(|line| line.starts_with("  poetgan ")), "{too_wide:#?}");
        }
    }
}

#[test]
fn the_help_names_every_option_that_clap_shows() {
    let mut command = built();
    translate(&mut command, 80);
    for (english, chinese) in commands(&built()).into_iter().zip(commands(&command)) {
        let (english, chinese) =
            (english.clone().render_long_help().to_string(), chinese.clone().render_long_help().to_string());
        let options = english.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
        let names: Vec<&str> = options.map(|line| line.split("  ").next().unwrap()).collect();
        assert!(names.len() > 1 && names.iter().all(|name| chinese.contains(name)), "{names:?}\n{chinese}");
    }
}

#[test]
fn examples_and_notes_are_told_apart() {
    let text = "Examples:\n  a b   what it does\n  c\n          more\n\nA note\nof two lines.";
    let examples = [("a b", "what it does"), ("c", ""), ("", "more")].map(|(a, b)| (a.to_string(), b.to_string()));
    assert_eq!(
        sections(text),
        [Section::Examples(examples.to_vec()), Section::Note("A note of two lines.".to_string())]
    );
}
