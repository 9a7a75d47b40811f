//! `train --time-limit`: a new run plans both phases, and a resumed one follows the plan; through the real binary.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, json, until};

/// Seconds of the least part of the schedule that is planned, as a run says whose limit is too short for it.
fn least(out: &str) -> u64 {
    let (_, rest) = out.split_once("which take at least about ").unwrap();
    let (minutes, seconds) = rest[..rest.find(';').unwrap()].split_once(':').unwrap();
    60 * minutes.parse::<u64>().unwrap() + seconds.parse::<u64>().unwrap()
}

#[test]
fn a_plan_is_written_down_and_followed() {
    let folder = Folder::new();
    let words = format!("train {}/corpora/tang.txt --preset small --plain", env!("CARGO_MANIFEST_DIR"));
    // The whole schedule takes some hundred times as long as its least part.
    let limit = 10 * least(&folder.done(&format!("{words} --time-limit 1ms --run short")));
    let running = folder.start(&format!("{words} --time-limit {limit}s"));
    let notice = until("the schedule is planned", || {
        let events = folder.journal("tang").events();
        events.into_iter().map(|event| event["notice"].clone()).find(|notice| notice["kind"] == "schedule_fitted")
    });
    drop(running);
    let steps = |name: &str| notice[name].as_u64().unwrap();
    let (pretraining, adversarial) = (steps("pretrain_steps"), steps("adversarial_steps"));
    assert_eq!((steps("limit_s"), steps("of_pretrain"), steps("of_adversarial")), (limit, 2000, 400));
    assert!(pretraining < 2000 && adversarial.abs_diff(pretraining / 5) <= 1, "{notice}");
    let plan = json(&folder.path("runs/tang/time_plan.json"));
    assert_eq!((&plan["pretrain_steps"], &plan["adversarial_steps"]), (&pretraining.into(), &adversarial.into()));
    let config = folder.read("runs/tang/config.toml");
    assert!(config.contains(&format!("\npretrain_steps = {pretraining}\n")), "{config}");

    let out = folder.done(&format!("{words} --time-limit 1ms"));
    let total = pretraining + adversarial;
    assert!(out.contains(&format!("of {total}, pretraining until step {pretraining}")), "{out}");
    assert!(!out.contains("are planned") && !out.contains("too short"), "{out}");
}

#[test]
fn a_limit_that_is_too_short_says_so_and_steps_that_are_asked_for_stay() {
    let folder = Folder::new();
    let out = folder.done("train poems.txt --preset tiny --time-limit 1ms --plain");
    assert!(out.contains("time limit 0:01: too short for both phases") && least(&out) > 0, "{out}");
    assert!(out.contains("step 0 of 90, pretraining until step 60"), "{out}");
    let out = folder.done("train poems.txt --preset tiny --steps 9 --time-limit 1ms --plain --run asked");
    assert!(out.contains("step 0 of 9, pretraining until step 6") && !out.contains("too short"), "{out}");
}

/// A refused `--fresh` leaves the earlier run where it is, and no other folder.
#[test]
fn a_refused_fresh_run_leaves_nothing_behind() {
    let folder = Folder::new();
    let long = "春花秋月何时了往事知多少小楼昨夜又东风".repeat(5);
    let poems: Vec<String> = (0..30).map(|i| format!("{long}\n{}", &long[3 * i..3 * i + 15 + 3 * (i / 19)])).collect();
    folder.write("long.txt", poems.join("\n\n"));
    folder.write("wrong.toml", "[training]\nbatch_tokens = 'many'\n");
    let refused = [
        "train nowhere.txt --fresh --run poems",
        "train quick.toml --fresh --run poems",
        "train poems.txt --fresh --config wrong.toml",
        "train poems.txt --fresh --from nowhere",
        "train long.txt --fresh --run poems --preset tiny",
        "train poems.txt --fresh --preset tiny --vocab-size 8",
    ];
    for words in refused {
        folder.mistake(words);
        assert!(!folder.path("runs").exists(), "{words}");
    }
    folder.done("train poems.txt --config quick.toml --steps 20 --plain");
    let tensors = folder.journal("poems").tensors(20);
    for words in refused {
        folder.mistake(words);
        let runs = std::fs::read_dir(folder.path("runs")).unwrap();
        let names: Vec<_> = runs.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["poems"], "{words}");
        common::assert_equal(&folder.journal("poems").tensors(20), &tensors);
    }
    let out = folder.done("train poems.txt --config quick.toml --steps 20 --plain");
    assert!(out.contains("step 20 of 20"), "{out}");
}
