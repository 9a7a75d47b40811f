//! The commands that the program prints are those that a shell runs: with names that need quotes, and for a run that the
//! page promises to be the same.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, Journal, assert_equal, quatrains};
use std::fs;
use std::process::Command;

const CORPUS: &str = "my poems/it's.csv";
const RUN: &str = "runs/a \"b\" $HOME";

/// Poems in a column of a table.
fn table() -> String {
    let rows: Vec<String> = quatrains(60).split("\n\n").map(|poem| format!("x,\"{}\"\n", poem.trim())).collect();
    format!("title,the verses\n{}", rows.concat())
}

/// The output of the program with these words, which must succeed.
fn run(folder: &Folder, words: &[&str]) -> String {
    let output = folder.command("").args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command line as the user would, with the program in the path.
fn shell(folder: &Folder, command: &str) -> String {
    let program = assert_cmd::cargo::cargo_bin("poetgan");
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let output =
        Command::new("sh").args(["-c", command]).current_dir(folder.path("")).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The command below a title of the page.
fn command(page: &str, title: &str) -> String {
    let after = page.split(&format!("<h3>{title}</h3>\n<pre>")).nth(1).unwrap();
    let text = after.split("</pre>").next().unwrap();
    text.replace("&#39;", "'").replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
}

/// The words that train the run.
const WORDS: [&str; 22] = [
    "train",
    CORPUS,
    "--from",
    "base",
    "--column",
    "the verses",
    "--script",
    "traditional",
    "--cut",
    "5",
    "--config",
    "quick.toml",
    "--seed",
    "7",
    "--pretrain-steps",
    "12",
    "--adversarial-steps",
    "8",
    "--run",
    RUN,
    "--plain",
    "--bell",
];

/// A folder with the run in it, and what its training has printed.
fn trained() -> (Folder, String) {
    let folder = Folder::new();
    folder.done("train poems.txt --config quick.toml --steps 12 --pretrain-steps 10 --run base --plain");
    fs::create_dir(folder.path("my poems")).unwrap();
    folder.write(CORPUS, table());
    let told = run(&folder, &WORDS);
    (folder, told)
}

#[test]
fn the_commands_of_a_run_are_exact() {
    let (folder, told) = trained();
    let write = told.lines().find(|line| line.starts_with("poetgan write")).unwrap();
    let write = write.split("    ").next().unwrap();
    let poem = run(&folder, &["write", "--model", RUN, "--seed", "3", "--json"]);
    assert_eq!(shell(&folder, &format!("{write} --seed 3 --json")), poem);
    run(&folder, &["export", RUN, "--html"]);
    let page = folder.read(&format!("{RUN}/export/report.html"));
    assert_eq!(shell(&folder, &format!("{} --seed 3 --json", command(&page, "Write poems"))), poem);
    let given: Vec<&str> = std::iter::once("poetgan").chain(WORDS).collect();
    let read_back = shell(&folder, &format!("printf '%s\\n' {}", command(&page, "This run was trained with")));
    assert_eq!(read_back, given.join("\n") + "\n");
    shell(&folder, &command(&page, "Train the same run again"));
    let [first, second] = [RUN.to_string(), format!("{RUN}-again")].map(|run| Journal(folder.path(&run)));
    assert_eq!(first.checkpoints(), second.checkpoints());
    assert_equal(&first.tensors(20), &second.tensors(20));
}

#[test]
fn every_command_that_trained_the_run_is_recorded() {
    let folder = Folder::new();
    let [first, more] = [15, 20].map(|steps| format!("train poems.txt --config quick.toml --steps {steps} --plain"));
    folder.done(&first);
    folder.done(&first);
    folder.done(&more);
    assert_eq!(folder.read("runs/poems/commands.txt"), format!("poetgan {first}\npoetgan {more}\n"));
    folder.done(&format!("{more} --fresh"));
    assert_eq!(folder.read("runs/poems/commands.txt"), format!("poetgan {more} --fresh\n"));
    // Refused, so it trains nothing.
    folder.mistake(&format!("{more} --seed 9"));
    assert_eq!(folder.read("runs/poems/commands.txt").lines().count(), 1);
}
