//! `poetgan runs` through the real binary: runs in every state, and folders that are not runs.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::Folder;
use poetgan::run::run_dir::RunDir;
use serde_json::Value;
use std::fs;

/// A folder with `runs/poems`, which has done its 20 steps.
fn folder() -> Folder {
    Folder::trained()
}

/// A run beside it with the same settings, but without checkpoints, whose journal holds these lines.
fn add(folder: &Folder, name: &str, journal: &[&str]) {
    fs::create_dir_all(folder.path(&format!("runs/{name}"))).unwrap();
    for file in ["config.toml", "corpus.json", "tokenizer.json"] {
        folder.write(&format!("runs/{name}/{file}"), folder.read(&format!("runs/poems/{file}")));
    }
    folder.write(&format!("runs/{name}/metrics.jsonl"), journal.join("\n") + "\n");
}

const STARTED: &str = r#"{"event":"started","run":"r","corpus":{"path":"c","forms":[],"held_out":0,"left_out":0},"model":{"generator":"lstm","generator_parameters":1,"discriminator_parameters":1,"threads":1},"step":0,"total_steps":20,"pretrain_steps":13,"settings":[],"runtime_settings":[]}"#;
const STEP: &str = r#"{"event":"step","step":7,"phase":"pretraining","total_steps":20,"progress":0.3,"elapsed_s":65.0,"eta_s":null,"tokens_per_s":1.0,"learning_rate":0.1}"#;
const HELD_OUT: &str = r#"{"event":"held_out","step":7,"loss":4.125,"forms":[]}"#;
const QUALITY: &str = r#"{"event":"quality","step":7,"form":"7x4","figures":[{"name":"rhyme","model":0.5,"real":0.9},{"name":"distinct-2","model":0.75,"real":0.8}]}"#;
const FAILED: &str = r#"{"event":"failed","step":7,"message":"no luck"}"#;

/// The words of the row of a run.
fn row(table: &str, name: &str) -> Vec<String> {
    let line = table.lines().find(|line| line.split_whitespace().next() == Some(name)).unwrap();
    line.split_whitespace().map(String::from).collect()
}

fn json(folder: &Folder, words: &str) -> Vec<Value> {
    folder.done(words).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_run_is_listed_with_its_newest_figures() {
    let folder = folder();
    let table = folder.done("runs");
    let events = folder.journal("poems").events();
    let newest = |kind: &str| events.iter().rev().find(|event| event["event"] == kind).unwrap();
    let figure = |value: &Value| format!("{:.3}", value.as_f64().unwrap());
    let figures = &newest("quality")["figures"];
    let row = row(&table, "poems");
    let expected = ["poems", "finished", "20/20", "adversarial", &figure(&newest("held_out")["loss"])];
    assert_eq!(row[..5], expected, "{table}");
    assert_eq!(row[5], folder.read("runs/poems/best").trim().trim_start_matches("step-").trim_start_matches('0'));
    let named = |name: &str| match figures.as_array().unwrap().iter().find(|figure| figure["name"] == name) {
        Some(found) => figure(&found["model"]),
        None => "-".into(),
    };
    assert_eq!(row[6..8], [named("rhyme"), named("distinct-2")], "{table}");
    assert_eq!(row[9], "poems.txt");

    let json = &json(&folder, "runs --json")[0];
    assert_eq!(
        (&json["name"], &json["path"], &json["state"]),
        (&"poems".into(), &"runs/poems".into(), &"finished".into())
    );
    assert_eq!((&json["held_out"], &json["figures"]), (&newest("held_out")["loss"], figures));
    let elapsed = newest("step")["elapsed_s"].as_f64().unwrap();
    assert_eq!(json["trained_s"].as_f64().unwrap() as f32, elapsed as f32, "{json}");
    assert!(json["started"].as_str().unwrap().ends_with('Z'), "{json}");
}

#[test]
fn states_are_distinguished() {
    let folder = folder();
    add(&folder, "stopped", &[STARTED, STEP, HELD_OUT, QUALITY]);
    add(&folder, "failed", &[STARTED, STEP, HELD_OUT, FAILED]);
    add(&folder, "again", &[STARTED, STEP, FAILED, STARTED]);
    add(&folder, "new", &[]);
    add(&folder, "training", &[STARTED, STEP, FAILED]);
    let _lock = RunDir::open(&folder.path("runs/training")).unwrap();
    let table = folder.done("runs");
    for (name, state) in [
        ("stopped", ["stopped", "7/20", "pretraining", "4.125", "-", "0.500", "0.750", "1:05"].as_slice()),
        ("failed", &["failed", "7/20", "pretraining", "4.125", "-", "-", "-", "1:05"]),
        ("again", &["stopped", "7/20"]),
        ("new", &["stopped", "0/20", "-", "-", "-", "-", "-", "0:00"]),
        ("training", &["training", "7/20"]),
        ("poems", &["finished", "20/20"]),
    ] {
        assert_eq!(row(&table, name)[1..=state.len()], *state, "{table}");
    }
    assert!(
        table.is_ascii() && table.lines().next().unwrap().starts_with("name      state      step  phase"),
        "{table}"
    );
}

#[test]
fn time_is_that_of_all_processes() {
    let folder = Folder::new();
    for steps in [10, 20] {
        folder.done(&format!("train poems.txt --config quick.toml --steps {steps} --plain"));
    }
    let events = folder.journal("poems").events();
    let seconds = |event: &Value| event["elapsed_s"].as_f64();
    let seconds: Vec<f64> = events.iter().filter_map(seconds).collect();
    assert!(seconds.len() == 20 && seconds[0] > 0.0 && seconds.is_sorted(), "{seconds:?}");
    let trained = json(&folder, "runs --json")[0]["trained_s"].as_f64().unwrap();
    assert_eq!(trained as f32, seconds[19] as f32);
}

#[test]
fn a_folder_that_cannot_be_read_has_its_reason() {
    let folder = folder();
    for (name, file, text) in
        [("foreign", "letter.txt", "dear all"), ("broken", "config.toml", "[model\n"), ("half", "checkpoints/x", "")]
    {
        let path = folder.path(&format!("runs/{name}/{file}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    add(&folder, "nameless", &[]);
    folder.write("runs/nameless/corpus.json", "{}");
    fs::create_dir(folder.path("runs/empty")).unwrap();
    folder.write("runs/a-file", "");
    let table = folder.done("runs");
    for (name, reason) in [
        ("foreign", "foreign   not a run"),
        ("empty", "empty     not a run"),
        ("broken", "broken    is damaged: runs/broken/config.toml:1: "),
        ("half", "half      is damaged: config.toml is missing"),
        ("nameless", "nameless  is damaged: the record of the corpus: it lacks the sha256 of the corpus"),
    ] {
        let line = table.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line.starts_with(reason), "{table}");
    }
    assert_eq!((row(&table, "poems")[1].as_str(), table.contains("a-file")), ("finished", false));
    let errors = json(&folder, "runs --json").into_iter().filter(|row| row["error"].is_string()).count();
    assert_eq!(errors, 5);
    let said = folder.mistake("runs poems foreign");
    assert_eq!(said, "poetgan: runs/foreign: not a run; name two runs that can be read");
}

#[test]
fn two_runs_are_compared() {
    let folder = folder();
    add(&folder, "other", &[STARTED, STEP, HELD_OUT, QUALITY]);
    let config = folder.read("runs/other/config.toml");
    let changed = config.replace("loss = \"standard\"", "loss = \"hinge\"").replace("seed = 0", "seed = 5");
    assert_ne!(config, changed);
    folder.write("runs/other/config.toml", changed);
    let text = folder.done("runs poems ./runs/other");
    let words = |line: &str| line.split_whitespace().map(String::from).collect::<Vec<_>>();
    let line = |name: &str| words(text.lines().find(|line| line.starts_with(name)).unwrap());
    assert_eq!(words(text.lines().next().unwrap()), ["poems", "./runs/other"], "{text}");
    assert_eq!(line("state"), ["state", "finished", "stopped"], "{text}");
    assert_eq!(line("held-out")[2], "4.125", "{text}");
    assert_eq!(line("distinct-2")[2], "0.750", "{text}");
    let (_, settings) = text.split_once("\nsettings that differ:\n").unwrap();
    let expected = [["training.loss", "\"standard\"", "\"hinge\""], ["training.seed", "0", "5"]];
    assert_eq!(settings.lines().map(words).collect::<Vec<_>>(), expected, "{text}");

    let json = &json(&folder, "runs poems other --json")[0];
    assert_eq!(json["settings"]["training.loss"], serde_json::json!(["\"standard\"", "\"hinge\""]));
    assert_eq!(json["runs"][1]["held_out"], 4.125);
    assert!(folder.done("runs poems poems").ends_with("\nsame settings\n"));
}

#[test]
fn runs_are_named_or_those_of_a_folder() {
    let folder = folder();
    add(&folder, "other", &[STARTED]);
    let table = folder.done("runs other");
    assert_eq!((table.lines().count(), row(&table, "other")[1].as_str()), (4, "stopped"));
    assert_eq!(folder.done("runs --dir ./runs").lines().count(), 5);
    fs::create_dir(folder.path("none")).unwrap();
    assert_eq!(folder.done("runs --dir none"), "none: no runs yet\n");
    assert_eq!(folder.done("runs --dir none --json"), "");
    let said = folder.mistake("runs --dir nowhere");
    assert!(said.starts_with("poetgan: nowhere: cannot list its runs: "), "{said}");
    assert!(said.ends_with("; poetgan train creates it, or name another folder with --dir"), "{said}");
    let said = folder.mistake("runs nobody");
    assert_eq!(said, "poetgan: runs/nobody: no such run; poetgan runs lists all runs");
}

/// The names in the order of a table.
fn names(table: &str) -> Vec<&str> {
    let rows = table.lines().skip(1).take_while(|line| !line.starts_with("held-out:"));
    rows.filter_map(|line| line.split_whitespace().next()).collect()
}

/// Three runs with held-out losses, seeds and learning rates, and one without a step.
fn several() -> Folder {
    let folder = folder();
    for (name, loss, rate) in [("a", "4.5", "0.001"), ("b", "3.5", "0.01"), ("c", "5.5", "0.0005")] {
        let held_out = HELD_OUT.replace("4.125", loss);
        add(&folder, name, &[STARTED, STEP, &held_out, QUALITY]);
        let config = folder.read(&format!("runs/{name}/config.toml"));
        let old = config.lines().find(|line| line.starts_with("learning_rate = ")).unwrap();
        folder.write(&format!("runs/{name}/config.toml"), config.replace(old, &format!("learning_rate = {rate}")));
    }
    add(&folder, "new", &[]);
    fs::remove_dir_all(folder.path("runs/poems")).unwrap();
    folder
}

#[test]
fn runs_are_sorted_by_a_column_or_a_setting() {
    let folder = several();
    for (options, expected) in [
        ("", ["a", "b", "c", "new"]),
        ("--reverse", ["new", "c", "b", "a"]),
        ("--sort held-out", ["b", "a", "c", "new"]),
        ("--sort held-out --reverse", ["c", "a", "b", "new"]),
        ("--sort step", ["new", "a", "b", "c"]),
        ("--sort training.learning_rate --reverse", ["b", "new", "a", "c"]),
    ] {
        let table = folder.done(&format!("runs {options}"));
        let rate = folder.read("runs/new/config.toml");
        let rate = rate.lines().find(|line| line.starts_with("learning_rate = ")).unwrap().to_owned();
        assert_eq!(names(&table), expected, "{options} ({rate})\n{table}");
    }
    let said = folder.mistake("runs --sort held_out");
    assert!(
        said.starts_with("poetgan: cannot sort by 'held_out'; did you mean held-out?; write name, state,"),
        "{said}"
    );
}

#[test]
fn settings_are_columns() {
    let folder = several();
    let table = folder.done("runs --setting training.loss --settings");
    let heads: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(heads[heads.len() - 2..], ["training.loss", "training.learning_rate"], "{table}");
    let row = row(&table, "c");
    assert_eq!(row[row.len() - 2..], ["standard", "0.0005"], "{table}");
    let rows = json(&folder, "runs --json --settings --sort training.learning_rate");
    assert_eq!(rows[0]["settings"], serde_json::json!({"training.learning_rate": 0.0005}));
    assert!(json(&folder, "runs --json")[0].get("settings").is_none());
    // Two names make a list where an option for the list is given.
    assert_eq!(names(&folder.done("runs a b --sort held-out")), ["b", "a"]);
    let said = folder.mistake("runs --setting learning_rate");
    assert!(said.contains("'learning_rate' is not a setting; did you mean training.learning_rate?"), "{said}");
}
