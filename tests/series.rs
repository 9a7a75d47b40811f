//! `poetgan metrics` on a journal with known numbers, and during training.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, quick};
use serde_json::{Value, json};
use std::fs;

/// A run in `runs/made` with four steps, a held-out loss and two quality checks.
fn made() -> Folder {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("runs/made")).unwrap();
    let step = |step: u64, rest: &str| {
        format!(
            r#"{{"event":"step","step":{step},"phase":"pretraining","total_steps":4,"progress":0.5,"elapsed_s":{step},"eta_s":null,"tokens_per_s":100,"learning_rate":0.00025{rest}}}"#
        )
    };
    let quality = |step: u64, rhyme: f32| {
        format!(
            r#"{{"event":"quality","step":{step},"form":"7x4","figures":[{{"name":"rhyme","model":{rhyme},"real":0.875}},{{"name":"rhyme twice","model":0.5,"real":0.25}}]}}"#
        )
    };
    let events = [
        step(1, r#","likelihood_loss":5.25"#),
        step(2, r#","likelihood_loss":4"#),
        r#"{"event":"held_out","step":2,"loss":4.5,"forms":[["5x4",4.25],["7x4",4.75]]}"#.to_string(),
        quality(2, 0.25),
        step(3, r#","d_real":0.75"#),
        step(4, r#","d_real":0.625"#),
        quality(4, 0.5),
    ];
    folder.write("runs/made/metrics.jsonl", events.join("\n") + "\n{\"event\":\"st");
    folder
}

fn objects(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn values_are_listed_in_the_order_of_the_steps() {
    let folder = made();
    let table = "\
metric  step   value    real  form
rhyme      2  0.2500  0.8750  7x4
rhyme      4  0.5000  0.8750  7x4
d_real     3  0.7500
d_real     4  0.6250
";
    assert_eq!(folder.done("metrics made --metric rhyme --metric d_real --metric rhyme"), table);
    let csv = "metric,step,value,real,form\nlikelihood_loss,1,5.25,,\nlikelihood_loss,2,4,,\n";
    assert_eq!(folder.done("metrics ./runs/made --metric likelihood-loss --csv"), csv);
    let out = folder.done("metrics --metric rhyme-twice --metric held_out/7x4 --json");
    let twice = |step| json!({"metric": "rhyme twice", "step": step, "value": 0.5, "real": 0.25, "form": "7x4"});
    assert_eq!(objects(&out), [twice(2), twice(4), json!({"metric": "held_out/7x4", "step": 2, "value": 4.75})]);
}

#[test]
fn values_are_chosen_by_step_and_number() {
    let folder = made();
    let rhyme = |step: u64, value: f32| format!("rhyme,{step},{value},0.875,7x4\n");
    let chosen = |flags: &str| folder.done(&format!("metrics made --metric rhyme --csv {flags}"));
    let head = "metric,step,value,real,form\n";
    assert_eq!(chosen("--last 1"), head.to_string() + &rhyme(4, 0.5));
    assert_eq!(chosen("--to-step 3"), head.to_string() + &rhyme(2, 0.25));
    assert_eq!(chosen("--from-step 2 --to-step 4 --last 5"), head.to_string() + &rhyme(2, 0.25) + &rhyme(4, 0.5));
    assert_eq!(chosen("--from-step 5"), head);
}

#[test]
fn without_a_name_the_metrics_are_listed() {
    let folder = made();
    let out = folder.done("metrics made --to-step 3");
    assert!(out.starts_with("metric           count  first_step     first  last_step      last\n"), "{out}");
    for row in [
        "likelihood_loss      2           1    5.2500          2    4.0000\n",
        "learning_rate        3           1  2.500e-4          3  2.500e-4\n",
        "held_out/5x4         1           2    4.2500          2    4.2500\n",
    ] {
        assert!(out.contains(row), "{row}{out}");
    }
    let found = objects(&folder.done("metrics made --json"));
    let of = |name: &str| found.iter().find(|object| object["metric"] == name).unwrap();
    let expected =
        json!({"metric": "d_real", "count": 2, "first_step": 3, "first": 0.75, "last_step": 4, "last": 0.625});
    assert_eq!((of("d_real"), of("rhyme")["last"].as_f64()), (&expected, Some(0.5)));
    assert_eq!(folder.done("metrics made --csv").lines().next(), Some("metric,count,first_step,first,last_step,last"));
}

#[test]
fn a_metric_without_values_is_no_mistake_and_an_unknown_one_is() {
    let folder = made();
    assert_eq!(folder.done("metrics made --metric g_loss --json"), "");
    assert_eq!(folder.done("metrics made --metric g_loss"), "generator_loss: no values\n");
    let said = folder.mistake("metrics made --metric d_rael");
    assert_eq!(said, "poetgan: --metric d_rael: no such metric; did you mean d_real?");
    let said = folder.mistake("metrics made --metric rhyme --from-step 3 --to-step 2");
    assert_eq!(said, "poetgan: --from-step 3 lies behind --to-step 2; exchange them");
    assert!(folder.mistake("metrics other").starts_with("poetgan: runs/other: not a run (no metrics.jsonl); "));
    folder.write("runs/made/metrics.jsonl", "no event\n");
    assert!(folder.mistake("metrics made").contains("the journal has no readable events"));
    assert_eq!(folder.run("metrics made --last 1").code, Some(2), "the last values of what?");
}

#[cfg(unix)]
#[test]
fn metrics_are_read_while_the_run_trains() {
    let folder = Folder::new();
    folder.write("long.toml", quick("checkpoint_every = 1000\nheld_out_every = 10"));
    let mut training = folder.start("train poems.txt --config long.toml --steps 1000000 --plain");
    folder.journal("poems").until_step(25);
    let out = objects(&folder.done("metrics poems --metric held_out --metric tokens_per_s --last 1 --json"));
    assert_eq!((out.len(), &out[0]["metric"]), (2, &json!("held_out")));
    assert!(out[0]["step"].as_u64().unwrap() >= 20 && out[1]["step"].as_u64().unwrap() >= 25, "{out:?}");
    assert!(!training.has_ended());
    training.send("TERM");
    assert!(training.wait().success());
}
