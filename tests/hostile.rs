//! Names, arguments, corpora, journals and models of a stranger, fed to every command: nothing of them steers the terminal,
//! becomes markup or a formula, or makes the program panic.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

#[path = "hostile/cases.rs"]
mod cases;
#[path = "hostile/clean.rs"]
mod clean;
mod common;
#[path = "common/terminal.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod pseudo;
#[path = "hostile/setup.rs"]
mod setup;

use std::fs;
use std::panic::catch_unwind;

use cases::{CASES, SHORT};
use clean::{assert_clean, assert_clean_file, assert_no_formulas, files, is_hostile};
use common::{Folder, PATIENCE};
use pseudo::Terminal;
use setup::{EVIL, Hostile};

/// What a call has written to both outputs.
fn called(folder: &Folder, words: &[String], environment: &[(&str, &str)]) -> [String; 2] {
    let what = words.join(" ").escape_debug().to_string();
    let mut command = folder.command("");
    command.args(words).envs(environment.iter().copied());
    let output = assert_cmd::Command::from_std(command).timeout(PATIENCE).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    let code = output.status.code();
    assert!(matches!(code, Some(0..=2)) && !err.contains("panicked"), "{what}: {code:?} {err}");
    // Completion scripts are the same for everyone and use tabs; so do shells, between a value and its meaning.
    let tabs: &[char] = if ["completions", "--"].contains(&words[0].as_str()) { &['\t'] } else { &[] };
    assert_clean(&format!("{what}: output"), &out, tabs);
    assert_clean(&format!("{what}: errors"), &err, &[]);
    if code != Some(0) {
        let last = err.lines().last().unwrap_or_default();
        assert!(last.starts_with("poetgan"), "{what}: {err}");
    }
    if words.iter().any(|word| word == "--csv") {
        assert_no_formulas(&what, &out);
    }
    if words.iter().any(|word| ["--json", "--jsonl"].contains(&word.as_str())) {
        let is_json = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
        assert!(out.lines().all(is_json), "{what}: {out}");
    }
    [out, err]
}

/// The commands that the help lists.
fn commands(folder: &Folder) -> Vec<String> {
    let help = folder.done("--help --lang en");
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let is_entry = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names = listed.filter(is_entry).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(String::from).collect()
}

#[test]
fn every_command_has_cases() {
    let commands = commands(&Folder::new());
    assert!(commands.len() > 15, "{commands:?}");
    let cases: Vec<&str> = CASES.iter().map(|(command, _)| *command).collect();
    assert_eq!(commands, cases, "the commands of the help, and those with cases here");
    let n_lines: usize = CASES.iter().map(|(_, lines)| lines.len()).sum();
    assert!(n_lines >= 60, "{n_lines}");
}

#[test]
fn nothing_of_a_stranger_passes_a_command() {
    let hostile = Hostile::new();
    let (mut n_files, mut leaks) = (0, 0);
    for (command, lines) in CASES {
        for line in *lines {
            assert_eq!(line.split_whitespace().next(), Some(*command));
            for lang in ["en", "zh"] {
                let words = [Hostile::words(line), vec!["--lang".into(), lang.into()]].concat();
                // All leaks are told, not only the first.
                let passed = catch_unwind(|| {
                    called(&hostile.folder, &words, &[]);
                    let written = files(&hostile.folder.path("out"));
                    written.iter().for_each(|path| assert_clean_file(line, path));
                    written.len()
                });
                n_files += passed.as_ref().copied().unwrap_or(0);
                leaks += usize::from(passed.is_err());
                fs::remove_dir_all(hostile.folder.path("out")).unwrap();
                fs::create_dir(hostile.folder.path("out")).unwrap();
            }
        }
    }
    assert_eq!(leaks, 0, "leaks, of which each is told above");
    assert!(n_files > 60, "only {n_files} files were looked at");
    let runs = fs::read_dir(hostile.folder.path("runs")).unwrap();
    for run in runs {
        let log = run.unwrap().path().join("log.txt");
        assert!(
            !log.exists() || {
                assert_clean_file("log", &log);
                true
            }
        );
    }
}

#[test]
fn no_option_lets_its_value_pass() {
    let folder = Folder::new();
    let mut n_options = 0;
    for command in commands(&folder) {
        let help = folder.done(&format!("{command} --help --lang en"));
        let word = |line: &str| {
            line.split_whitespace()
                .find(|word| word.starts_with("--"))
                .map(|word| word.trim_end_matches(',').to_string())
        };
        let options =
            help.lines().map(str::trim).filter(|line| line.starts_with('-') && line.contains('<')).filter_map(word);
        let short = SHORT.iter().find(|(name, _)| *name == command).map_or("", |(_, line)| line);
        let base: Vec<String> =
            std::iter::once(command.as_str()).chain(short.split_whitespace()).map(String::from).collect();
        for option in options.collect::<Vec<_>>() {
            called(&folder, &[base.clone(), vec![format!("{option}={EVIL}")]].concat(), &[]);
            n_options += 1;
        }
        for word in [format!("--{EVIL}"), EVIL.to_string()] {
            called(&folder, &[base.clone(), vec![word]].concat(), &[]);
        }
    }
    called(&folder, &[EVIL.to_string()], &[]);
    assert!(n_options > 60, "{n_options}");
}

#[test]
fn completions_leave_out_what_a_terminal_must_not_show() {
    let folder = Folder::new();
    for name in ["good", EVIL] {
        fs::create_dir_all(folder.path(&format!("runs/{name}"))).unwrap();
        folder.write(&format!("runs/{name}/metrics.jsonl"), "");
        folder.write(&format!("file-{name}.txt"), "");
    }
    for (line, index, expected) in [("-- poetgan watch", "2", "good"), ("-- poetgan watch file", "2", "file-good.txt")]
    {
        for shell in ["zsh", "fish", "elvish", "powershell"] {
            let mut words: Vec<String> = line.split_whitespace().map(String::from).collect();
            if expected == "good" {
                words.push(String::new());
            }
            let [out, _] = called(&folder, &words, &[("POETGAN_COMPLETE", shell), ("_CLAP_COMPLETE_INDEX", index)]);
            assert!(out.contains(expected) && !out.contains("script"), "{shell}: {out}");
        }
    }
}

/// The commands that take over a terminal, and keys that show all of their screens.
const SCREENS: [(&str, &str); 6] = [
    ("watch {made}", "23456?"),
    ("watch {made} {run}", "t"),
    ("replay {made} --speed 1000", "23456"),
    ("explore --model {words}", "nf"),
    ("studio --model {words}", "?"),
    ("train {corpus} --run {made}", "23456"),
];

#[test]
fn no_screen_shows_anything_of_a_stranger_as_it_is() {
    let hostile = Hostile::new();
    let calls = SCREENS.map(|(line, _)| Hostile::words(line));
    let named = |call: usize, word: usize| format!("WORD_{call}_{word}");
    let environment: Vec<(String, String)> = calls
        .iter()
        .enumerate()
        .flat_map(|(call, words)| words.iter().enumerate().map(move |(word, text)| (named(call, word), text.clone())))
        .chain([("PROGRAM".to_string(), assert_cmd::cargo::cargo_bin("poetgan").display().to_string())])
        .collect();
    let variables: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let line = |(call, words): (usize, &Vec<String>)| {
        let words: String = (0..words.len()).map(|word| format!(" \"${}\"", named(call, word))).collect();
        format!("\"$PROGRAM\"{words}; echo \"done {call}.\"; read next")
    };
    let script: Vec<String> = calls.iter().enumerate().map(line).collect();
    let mut terminal = Terminal::run_in(&variables, hostile.folder, &format!("--version; {}", script.join("; ")));
    for (call, (_, keys)) in SCREENS.iter().enumerate() {
        common::until("a screen is drawn", || {
            terminal.screen.lock().unwrap().screen().alternate_screen().then_some(())
        });
        for key in keys.chars() {
            let before = terminal.written.lock().unwrap().len();
            terminal.press(&key.to_string());
            common::until("the key is answered", || (terminal.written.lock().unwrap().len() > before).then_some(()));
        }
        terminal.press(if keys.ends_with('?') { "?q" } else { "q" });
        terminal.until_shows(&format!("done {call}."));
        // The next screen would hide this line.
        terminal.press("\r");
    }
    terminal.until_shows("ended with 0.");
    let written = String::from_utf8(terminal.written.lock().unwrap().clone()).unwrap();
    let strange = written.char_indices().find(|(place, c)| match c {
        // What a terminal is told with: escape sequences that set attributes, modes and places.
        '\u{1b}' => !written[place + 1..].starts_with(['[', '(', '7', '8', '=', '>']),
        '\r' | '\n' => false,
        c => is_hostile(*c),
    });
    let around = |place: usize| written[place..].chars().take(40).collect::<String>();
    assert!(strange.is_none(), "{:?}", strange.map(|(place, c)| (c, around(place))));
}
