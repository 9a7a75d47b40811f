//! Runs that are interrupted, through the real binary: by signals, by crashes, by a second process, by a reader that
//! goes away. Whatever happens, the run goes on as if nothing had.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use common::{Folder, Journal, assert_equal, quick, until};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

const KILLED: i32 = 9;

/// Starts training, waits for a sign, sends the signal, and returns how the process ended.
fn interrupt(folder: &Folder, words: &str, signal: &str, mut sign: impl FnMut() -> bool) -> (Option<i32>, Option<i32>) {
    let mut process = folder.start(words);
    until(&format!("poetgan {words} can be interrupted"), || {
        assert!(!process.has_ended(), "it ended too early: {}", folder.read("err.txt"));
        sign().then_some(())
    });
    process.send(signal);
    let status = process.wait();
    (status.code(), status.signal())
}

#[test]
fn an_interrupted_run_ends_with_the_bytes_of_an_uninterrupted_one() {
    let folder = Folder::new();
    folder.write("often.toml", quick("checkpoint_every = 20"));
    // How often checkpoints are written shapes no weight, so a run may change it.
    folder.write("never.toml", quick("checkpoint_every = 100000"));
    for (name, flags) in [("a", ""), ("b", "--generator lstm --loss wasserstein --relaxation soft --n-critic 2")] {
        let steps = "--pretrain-steps 150 --adversarial-steps 150 --threads 2 --plain";
        let (whole, torn) = (folder.journal(&format!("{name}-whole")), folder.journal(&format!("{name}-torn")));
        folder.done(&format!("train poems.txt --config often.toml --run {name}-whole {steps} {flags}"));

        let words = format!("train poems.txt --run {name}-torn {steps} {flags} --config");
        let often = format!("{words} often.toml");
        let lock = torn.0.join("run.lock");
        assert_eq!(interrupt(&folder, &often, "KILL", || lock.exists()), (None, Some(KILLED)));
        let sign = || torn.last_step() >= 3;
        assert_eq!(interrupt(&folder, &format!("{words} never.toml"), "KILL", sign), (None, Some(KILLED)));
        assert_eq!(torn.checkpoints(), [0u64; 0]);
        let sign = || torn.checkpoints().last().is_some_and(|step| *step >= 40);
        assert_eq!(interrupt(&folder, &often, "KILL", sign), (None, Some(KILLED)));
        let stopped_at = torn.last_step();
        assert_eq!(interrupt(&folder, &often, "INT", || torn.last_step() > stopped_at + 5), (Some(0), None));
        let sign = || torn.checkpoints().last().is_some_and(|step| *step >= 180);
        assert_eq!(interrupt(&folder, &often, "KILL", sign), (None, Some(KILLED)));
        folder.done(&often);

        assert_equal(&whole.tensors(300), &torn.tensors(300));
        assert_eq!(torn.steps(), (1..=300).collect::<Vec<_>>(), "the journal tells of one past");
        let cursor = |run: &Journal| run.state(300)["state"]["cursor"].clone();
        assert_eq!(cursor(&whole), cursor(&torn));
    }
}

#[test]
fn one_signal_ends_cleanly_and_the_run_goes_on() {
    let folder = Folder::new();
    let run = folder.journal("poems");
    let mut done = 0;
    for (signal, display) in [("INT", "--plain"), ("TERM", "--json"), ("HUP", "--plain")] {
        let words = format!("train poems.txt --config quick.toml --steps 100000 {display}");
        let sign = || run.last_step() >= done + 3;
        assert_eq!(interrupt(&folder, &words, signal, sign), (Some(0), None), "{}", folder.read("err.txt"));
        let out = folder.read("out.txt");
        let reason = if display == "--json" { "\"reason\":\"stopped\"" } else { "stopped by the user" };
        assert!(out.contains(reason), "{signal}: {out}");
        assert_eq!(run.checkpoints().last(), Some(&run.last_step()), "the last step is saved");
        assert!(run.last_step() > done);
        done = run.last_step();
    }
}

#[test]
fn two_signals_end_at_once() {
    let folder = Folder::new();
    for (name, display) in [("plain", "--plain"), ("json", "--json")] {
        common::hang_while_saving(&folder, name);
        let mut process = folder.start(&format!("train poems.txt --config quick.toml --run {name} {display}"));
        until("the training hangs", || folder.journal(name).checkpoints().contains(&10).then_some(()));
        process.send("INT");
        if name == "plain" {
            until("the first signal is answered", || folder.read("out.txt").contains("stopping ").then_some(()));
        } else {
            // It says nothing. Should this be too short, the second signal is told from the first all the same.
            std::thread::sleep(Duration::from_millis(150));
        }
        assert!(!process.has_ended(), "the first signal waits for the step");
        process.send("INT");
        assert_eq!(process.wait().code(), Some(130));
    }
}

#[test]
fn a_run_has_one_process_at_a_time() {
    let folder = Folder::new();
    let words = "train poems.txt --config quick.toml --steps 100000 --plain";
    let mut process = folder.start(words);
    let run = folder.journal("poems");
    until("there is a checkpoint", || run.0.join("best").exists().then_some(()));
    for words in [words, "train poems.txt --preset tiny --plain --fresh"] {
        let said = folder.mistake(words);
        let holder = format!("runs/poems: another process (pid {}) is training this run", process.id());
        assert!(said.contains(&holder) && said.contains("--run NAME"), "{said}");
    }
    // To write with the run, or to train another one, is no trouble.
    // The best checkpoint changes, and the one before is removed, while poems are written.
    for _ in 0..20 {
        assert!(!folder.done("write --model runs/poems --seed 1").is_empty());
    }
    folder.done("train poems.txt --preset tiny --plain --steps 2 --run other");
    assert!(!process.has_ended());
    process.send("TERM");
    assert_eq!(process.wait().code(), Some(0));
}

#[test]
fn a_reader_that_goes_away_ends_the_training_quietly() {
    for display in ["--plain", "--json"] {
        let folder = Folder::new();
        let (reader, writer) = std::io::pipe().unwrap();
        let words = format!("train poems.txt --config quick.toml --steps 100000 {display}");
        let mut command = folder.command(&words);
        let child = command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
        drop(command);
        let run = folder.journal("poems");
        run.until_step(2);
        drop(reader);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{display}");
        assert_eq!(run.checkpoints().last(), Some(&run.last_step()));
        assert!(run.last_step() < 100_000);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_flat() {
    let folder = Folder::new();
    folder.write("long.toml", quick("checkpoint_every = 50\nsample_every = 25\nkeep_checkpoints = 1"));
    let words = "train poems.txt --config long.toml --pretrain-steps 100 --adversarial-steps 100000 --plain";
    let process = folder.start(words);
    let run = folder.journal("poems");
    let status = format!("/proc/{}/status", process.id());
    // Memory goes up and down within a step, so the least of many looks is compared.
    let least_until = |step: u64| {
        let begun = run.last_step();
        let mut least = u64::MAX;
        until(&format!("step {step} is done"), || {
            let text = std::fs::read_to_string(&status).unwrap();
            let resident = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
            least = least.min(resident.trim().trim_end_matches(" kB").parse().unwrap());
            (run.last_step() >= step.max(begun + 20)).then_some(())
        });
        least
    };
    // Until then the allocator's pools still fill.
    run.until_step(600);
    let early = least_until(640);
    run.until_step(1400);
    let late = least_until(1440);
    // The allocator's own ups and downs are some 7 MB; a forgotten tensor of 50 KB a step would be 40 MB by now.
    assert!(late < early + 12 * 1024, "{early} kB at step 600, {late} kB at step 1400");
}
