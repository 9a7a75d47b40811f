//! The command line with its help in Chinese. The help of each command is laid out here, since clap breaks lines at blanks
//! only and takes every character for one column.

mod chinese;
mod columns;

use std::io::{self, IsTerminal};

use clap::{Arg, Command, CommandFactory};

use super::args::Arguments;
use crate::lang::Lang;
use columns::{indented, rows};

/// Columns of the help without a terminal, and at most.
const USUAL: usize = 80;
const MOST: usize = 100;
/// Most columns of the names of options and commands, and of the commands of examples; a longer one has a line of its own.
const NAMES: usize = 30;
const EXAMPLES: usize = 46;

/// The command line, with its help in this language.
pub fn command(lang: Lang) -> Command {
    let mut command = Arguments::command();
    if lang == Lang::Zh {
        let terminal = io::stdout().is_terminal().then(crossterm::terminal::size).and_then(Result::ok);
        command.build();
        translate(&mut command, terminal.map_or(USUAL, |(columns, _)| usize::from(columns)).min(MOST));
    }
    command
}

/// The texts of a language.
pub fn in_language(english: &str, lang: Lang) -> &str {
    if lang == Lang::Zh { translated(english) } else { english }
}

/// A command and those below it with their single texts in Chinese, for pages that are laid out elsewhere.
pub fn with_chinese_texts(command: Command) -> Command {
    let about = command.get_about().map(|about| translated(&about.to_string()).to_string());
    let argument = |argument: Arg| {
        let help = argument.get_help().map(|help| translated(&help.to_string()).to_string());
        let argument = match argument.get_help_heading().and_then(chinese::chinese) {
            Some(heading) => argument.help_heading(heading),
            None => argument,
        };
        argument.help(help.unwrap_or_default())
    };
    command.about(about.unwrap_or_default()).mut_args(argument).mut_subcommands(with_chinese_texts)
}

/// Replaces the help of a command and of those below it.
fn translate(command: &mut Command, width: usize) {
    command.get_subcommands_mut().for_each(|command| translate(command, width));
    let page = page(command, width);
    *command = std::mem::take(command).override_help(page);
}

/// The help of a command.
fn page(command: &mut Command, width: usize) -> String {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").replace("[OPTIONS]", "[选项]").replace("<COMMAND>", "<命令>");
    let usage = usage.replace("[COMMAND]", "[命令]");
    let header = command.get_styles().get_header();
    let title = |title: &str| format!("{header}{title}：{header:#}");
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let mut parts = vec![indented(translated(&about), 0, width), format!("{}{usage}\n", title("用法"))];
    let mut list = |heading: &str, entries: Vec<(String, String)>| {
        if !entries.is_empty() {
            parts.push(format!("{}\n{}", title(translated(heading)), rows(&entries, NAMES, width)));
        }
    };
    let text =
        |command: &Command| translated(&command.get_about().map(ToString::to_string).unwrap_or_default()).to_string();
    let subcommands = command.get_subcommands().filter(|command| !command.is_hide_set());
    list("Commands", subcommands.map(|command| (command.get_name().to_string(), text(command))).collect());
    for heading in headings(command) {
        let arguments = command.get_arguments().filter(|argument| heading_of(argument) == heading);
        list(&heading, arguments.filter(|argument| !argument.is_hide_set()).map(entry).collect());
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    parts.extend(sections(&after).into_iter().map(|section| match section {
        Section::Examples(examples) => {
            let examples: Vec<(String, String)> =
                examples.into_iter().map(|(command, text)| (command, translated(&text).to_string())).collect();
            format!("{}\n{}", title(translated("Examples")), rows(&examples, EXAMPLES, width))
        }
        Section::Note(note) => indented(translated(&note), 0, width),
    }));
    parts.join("\n")
}

/// A text of the help in this language.
pub fn text(lang: Lang, english: &str) -> String {
    lang.pick(english, translated(english)).to_string()
}

fn translated(english: &str) -> &str {
    chinese::chinese(english).unwrap_or(english)
}

/// The headings of the arguments in the order of clap: arguments, options, then those with headings of their own.
fn headings(command: &Command) -> Vec<String> {
    let mut headings = vec!["Arguments".to_string(), "Options".to_string()];
    for heading in command.get_arguments().map(heading_of) {
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    headings
}

fn heading_of(argument: &Arg) -> String {
    let usual = if argument.is_positional() { "Arguments" } else { "Options" };
    argument.get_help_heading().unwrap_or(usual).to_string()
}

/// An argument, and what it means with its default, its possible values and its other names.
fn entry(argument: &Arg) -> (String, String) {
    let name = match argument.get_short() {
        Some(short) if argument.get_long().is_some() => format!("-{short}, {argument}"),
        _ if argument.is_positional() => argument.to_string(),
        _ => format!("    {argument}"),
    };
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let mut parts = vec![translated(&help).to_string()];
    if argument.get_action().takes_values() {
        let defaults = argument.get_default_values().iter().map(|value| value.to_string_lossy());
        let values = argument.get_possible_values();
        let values = values.iter().filter(|value| !value.is_hide_set()).map(|value| value.get_name());
        let lists = [("默认", defaults.collect::<Vec<_>>().join(" ")), ("可选", values.collect::<Vec<_>>().join(", "))];
        let is_hidden = [argument.is_hide_default_value_set(), argument.is_hide_possible_values_set()];
        let shown = lists.into_iter().zip(is_hidden).filter(|((_, list), is_hidden)| !list.is_empty() && !is_hidden);
        parts.extend(shown.map(|((title, list), _)| format!("[{title}：{list}]")));
    }
    let aliases = argument.get_visible_aliases().unwrap_or_default();
    parts.extend(aliases.iter().map(|alias| format!("[别名：--{alias}]")));
    (name, parts.join(" ").trim().to_string())
}

/// A part of what stands below the options.
#[derive(Debug, PartialEq)]
pub enum Section {
    /// Commands and what they do.
    Examples(Vec<(String, String)>),
    /// A paragraph.
    Note(String),
}

/// The parts of what stands below the options.
pub fn sections(text: &str) -> Vec<Section> {
    let section = |block: &str| match block.strip_prefix("Examples:\n") {
        Some(examples) => Section::Examples(examples.lines().map(example).collect()),
        None => Section::Note(block.lines().collect::<Vec<_>>().join(" ")),
    };
    text.split("\n\n").filter(|block| !block.is_empty()).map(section).collect()
}

/// A line such as `  poetgan write   print a poem`; one that is indented more has no command.
fn example(line: &str) -> (String, String) {
    let line = line.strip_prefix("  ").unwrap_or(line);
    let (command, text) = line.split_once("  ").unwrap_or((line, ""));
    (command.trim().to_string(), text.trim().to_string())
}

#[cfg(test)]
mod tests;
