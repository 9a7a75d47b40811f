//! A run resumes from a `state.json` with any number in it, or refuses it: no number makes it panic or train for ever.

use std::fs;

use serde_json::{Value, json};

use crate::common::{Folder, json as json_file, quick};

/// What each number becomes.
fn extremes() -> Vec<Value> {
    vec![
        json!(0),
        json!(-1),
        json!(4_294_967_296_u64),
        json!(u64::MAX),
        json!(1e38),
        json!(1e308),
        json!(1e-320),
        json!(0.5),
    ]
}

/// The places of all numbers of a value, as JSON pointers; `null` may be one too.
fn numbers(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Number(_) | Value::Null => found.push(place.to_string()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| numbers(item, &format!("{place}/{i}"), found));
        }
        Value::Object(items) => items.iter().for_each(|(key, item)| numbers(item, &format!("{place}/{key}"), found)),
        _ => {}
    }
}

/// A run of three steps, to be continued, with every runtime setting changed.
fn run() -> (Folder, Value) {
    let folder = Folder::new();
    folder.write("small.toml", quick("checkpoint_every = 1\nheld_out_every = 1\nsample_every = 1"));
    folder.done("train poems.txt --config small.toml --pretrain-steps 1 --adversarial-steps 2 --plain");
    let mut state = json_file(&folder.journal("poems").checkpoint(3).join("state.json"));
    let settings = ["temperature", "beta", "learning_rate", "generator_learning_rate", "discriminator_learning_rate"];
    let mut changed: Vec<Value> = settings.iter().map(|name| json!([name, 0.01])).collect();
    changed.extend([json!(["n_critic", 1.0]), json!(["likelihood_weight", 0.5])]);
    state["state"]["runtime_settings"] = changed.into();
    (folder, state)
}

#[test]
fn numbers_of_a_state_are_taken_or_refused() {
    let (folder, state) = run();
    let mut places = Vec::new();
    numbers(&state["state"], "/state", &mut places);
    assert!(places.len() > 25, "{places:?}");
    fs::rename(folder.path("runs"), folder.path("original")).unwrap();
    let cases: Vec<(&String, Value)> =
        places.iter().flat_map(|place| extremes().into_iter().map(move |number| (place, number))).collect();
    let picked = cases.iter().skip(usize::from(!crate::is_long())).step_by(if crate::is_long() { 1 } else { 7 });
    let mut wrong = Vec::new();
    for (place, number) in picked {
        let mut changed = state.clone();
        *changed.pointer_mut(place).unwrap() = number.clone();
        let _ = fs::remove_dir_all(folder.path("runs"));
        copy(&folder, "original", "runs");
        folder.write("runs/poems/checkpoints/step-00000003/state.json", changed.to_string());
        let words = "train poems.txt --config small.toml --pretrain-steps 1 --adversarial-steps 4 --plain";
        let ended = folder.run(words);
        let is_one_line = ended.err.lines().filter(|line| line.starts_with("poetgan: ")).count() <= 1;
        if !matches!(ended.code, Some(0 | 2)) || !is_one_line || ended.err.contains("panicked") {
            wrong.push(format!("{place} = {number}: {:?}, {}", ended.code, ended.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn copy(folder: &Folder, from: &str, to: &str) {
    let status =
        std::process::Command::new("cp").arg("-r").args([folder.path(from), folder.path(to)]).status().unwrap();
    assert!(status.success());
}
