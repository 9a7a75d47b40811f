//! Training on few poems, through the real binary: a short schedule, and pretraining that ends before it memorises them.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, assert_equal, quick};
use serde_json::Value;

/// The notice of a kind in the journal of a run, with its step.
fn notice(folder: &Folder, run: &str, kind: &str) -> Option<Value> {
    let mut events = folder.journal(run).events().into_iter();
    events.find(|event| event["event"] == "notice" && event["notice"]["kind"] == kind)
}

#[test]
fn pretraining_that_only_memorises_ends_early_and_resumes_bit_for_bit() {
    let folder = Folder::new();
    // Random poems: nothing about those that are held out can be learned.
    let training = "patience = 2\nheld_out_every = 10\ncheckpoint_every = 50\nlearning_rate = 0.03";
    folder.write("patient.toml", quick(training));
    let words = "train poems.txt --config patient.toml --pretrain-steps 500 --threads 2 --plain";
    let out = folder.done(&format!("{words} --adversarial-steps 8 --run whole"));
    assert!(out.contains("pretraining ends early, since the held-out loss stays above its lowest value"), "{out}");
    let ended = notice(&folder, "whole", "pretraining_ended").unwrap();
    let end = ended["step"].as_u64().unwrap();
    assert!(end < 500 && ended["notice"]["total_steps"] == end + 8, "{ended}");

    // The generator at the end is that of the best step, two evaluations earlier.
    let best = ended["notice"]["rollback"]["step"].as_u64().unwrap();
    assert_eq!(best + 20, end, "{ended}");
    let evaluations: Vec<Value> = folder.journal("whole").events();
    let loss = |event: &Value| event["loss"].as_f64().unwrap();
    let losses = evaluations.iter().filter(|event| event["event"] == "held_out" && event["step"].as_u64() <= Some(end));
    let lowest = losses.min_by(|one, other| loss(one).total_cmp(&loss(other))).unwrap();
    assert_eq!(lowest["step"], best);
    // A run that ends there still has both checkpoints.
    folder.done(&format!("{words} --adversarial-steps 0 --run pretrained"));
    let generator = |step| folder.journal("pretrained").tensors(step).remove("generator.safetensors").unwrap();
    assert!(generator(end) == generator(best));
    assert_eq!(folder.read("runs/whole/pretrained").trim(), format!("step-{end:08}"));

    folder.done(&format!("{words} --adversarial-steps 3 --run torn"));
    let out = folder.done(&format!("{words} --adversarial-steps 8 --run torn"));
    assert!(out.contains(&format!("step {} of {}, pretraining until step {end}", end + 3, end + 8)), "{out}");
    assert_equal(&folder.journal("whole").tensors(end + 8), &folder.journal("torn").tensors(end + 8));
}

#[test]
fn a_preset_is_shortened_for_few_poems_and_flags_are_not() {
    let folder = Folder::new();
    let out = folder.done("train poems.txt --preset small --time-limit 1ms --plain");
    assert!(
        out.contains("small corpus: 100 steps of pretraining (30 passes over the poems) and 100 adversarial"),
        "{out}"
    );
    assert!(out.contains("step 0 of 200, pretraining until step 100"), "{out}");
    // The same command resumes.
    let out = folder.done("train poems.txt --preset small --time-limit 1ms --plain");
    assert!(out.contains("of 200, pretraining until step 100"), "{out}");
    let out = folder.done("train poems.txt --preset small --pretrain-steps 300 --time-limit 1ms --plain --run other");
    assert!(!out.contains("small corpus") && out.contains("step 0 of 700, pretraining until step 300"), "{out}");
}
