//! `poetgan man`: the help as manual pages.

use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::Arguments;
use super::help::{self, Section};
use crate::error::UserError;
use crate::lang::Lang;
use crate::printable::printable;
use crate::run::files::write_atomically;

/// Headings of a page in Chinese.
const HEADINGS: [(&str, &str); 6] = [
    ("NAME", "名称"),
    ("SYNOPSIS", "概要"),
    ("OPTIONS", "选项"),
    ("SUBCOMMANDS", "命令"),
    ("EXAMPLES", "示例"),
    ("NOTES", "说明"),
];

/// The page of the program, poetgan.1; with a folder, which is made if need be, writes the pages of all commands there and
/// says how many.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn run(folder: Option<&Path>, lang: Lang) -> anyhow::Result<Vec<u8>> {
    match folder {
        None => Ok(of_command(&command(lang), lang)?),
        Some(folder) => Ok(write_pages(folder, lang)?.into_bytes()),
    }
}

fn write_pages(folder: &Path, lang: Lang) -> anyhow::Result<String> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |cause: io::Error| UserError(format!("cannot write {path}: {cause}; check the path"))
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let command = command(lang);
    let pages: Vec<&Command> = std::iter::once(&command).chain(command.get_subcommands()).collect();
    for command in &pages {
        let path = folder.join(format!("{}.1", name(command)));
        let page = of_command(command, lang)?;
        write_atomically(&path, &page).map_err(failed(&path))?;
    }
    let (n_pages, folder) = (pages.len(), printable(&folder.display().to_string()));
    Ok(lang.pick(format!("{folder}: {n_pages} pages\n"), format!("{folder}：{n_pages} 页\n")))
}

/// The command line with the texts of a language.
fn command(lang: Lang) -> Command {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    if lang == Lang::Zh { help::with_chinese_texts(command) } else { command }
}

fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn of_command(command: &Command, lang: Lang) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    // The library leaves out an empty date, and with it the order of what follows.
    let title = format!(".TH {} 1 \"\" \"poetgan {}\"\n", name(command).to_uppercase(), env!("CARGO_PKG_VERSION"));
    let mut page = title.into_bytes();
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    after_options(command, lang).to_writer(&mut page)?;
    Ok(if lang == Lang::Zh { in_chinese(&String::from_utf8_lossy(&page)).into_bytes() } else { page })
}

/// The page with the words of the library in Chinese.
fn in_chinese(page: &str) -> String {
    let page = HEADINGS.iter().fold(page.to_string(), |page, (english, chinese)| {
        page.replace(&format!(".SH {english}\n"), &format!(".SH {chinese}\n"))
    });
    page.replace("[default: ", "[默认：").replace("Possible values:", "可选：")
}

/// Examples and notes. The library would run the lines of the examples together.
fn after_options(command: &Command, lang: Lang) -> Roff {
    let mut roff = Roff::new();
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut heading = "";
    let mut begin = |roff: &mut Roff, next: &'static str| {
        if heading != next {
            roff.control("SH", [next]);
            heading = next;
        } else {
            roff.control("PP", []);
        }
    };
    for section in help::sections(&text) {
        match section {
            Section::Examples(examples) => {
                begin(&mut roff, "EXAMPLES");
                for (command, text) in examples {
                    roff.control("TP", []).text([bold(command)]).text([roman(help::in_language(&text, lang))]);
                }
            }
            Section::Note(note) => {
                begin(&mut roff, "NOTES");
                help::in_language(&note, lang).lines().for_each(|line| {
                    roff.text([roman(line)]);
                });
            }
        }
    }
    roff
}
