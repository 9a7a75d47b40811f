//! `poetgan explore` in a pseudo-terminal, through the real binary.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;
#[path = "common/terminal.rs"]
#[allow(dead_code, reason = "another test needs the rest")]
mod pseudo;

use common::Folder;
use pseudo::Terminal;

fn explore() -> Terminal {
    let terminal = Terminal::run(Folder::trained(), "explore --seed 7");
    terminal.until_shows("of characters change");
    terminal
}

#[test]
fn keys_move_a_poem_and_the_terminal_comes_back() {
    let mut terminal = explore();
    terminal.until_shows("seed 7  z[0] of");
    // The poem of the seed, as `write` prints it.
    let form = |screen: &str| ["5x4", "7x4"].into_iter().find(|form| screen.contains(&format!(" {form}  seed")));
    let first = form(&terminal.text()).unwrap();
    let poem = terminal.folder.done(&format!("write --seed 7 --select 1 --form {first}"));
    let line = poem.split('，').next().unwrap();
    assert!(terminal.text().replace(' ', "").contains(line), "{poem}\n{}", terminal.text());
    for (key, shown) in [
        ("\u{1b}[B", "z[1] of"),
        ("\u{1b}[C", "+1 ╮"),
        ("\u{1b}[A", "z[0] of"),
        ("\u{1b}[D", "-1 ╮"),
        ("n", "seed 8 "),
        ("p", "seed 7 "),
        ("0", "+0 ╮"),
        ("?", "help for Latent"),
    ] {
        terminal.press(key);
        terminal.until_shows(shown);
    }
    terminal.press("?");
    terminal.until("the help is gone", |screen| !screen.contains("help for"));
    terminal.press("f");
    terminal.until("the form is another", |screen| form(screen).is_some_and(|now| now != first));
    for (columns, rows) in [(200, 50), (40, 12), (80, 24)] {
        terminal.resize(columns, rows);
        let is_last = |line: &str| line.contains("left right");
        terminal.until(&format!("the screen fills {columns}x{rows}"), |screen| {
            screen.lines().count() == usize::from(rows) && screen.lines().last().is_some_and(is_last)
        });
    }
    terminal.press("q");
    let screen = terminal.ends_with(0);
    assert!(!screen.contains('╭'), "nothing of the screen is left:\n{screen}");
}

#[test]
fn control_c_ends_it_at_once() {
    let mut terminal = explore();
    terminal.press("\u{3}");
    terminal.ends_with(0);
}
