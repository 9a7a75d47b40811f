//! Real training processes are killed at random moments and resumed until they are done. What is left is what an
//! uninterrupted run leaves: the weights bit for bit, the pointers, the journal.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Folder, Journal, json};
use poetgan::random;
use poetgan::run::checkpoint;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

/// Kills of each kind in the ordinary tests and in the long ones.
const FEW: usize = 2;
const MANY: usize = 300;

/// Runs that save differently: their names, and their arguments beyond the settings.
const KINDS: [(&str, &str); 7] = [
    ("transformer", "poems.txt --config kills.toml --generator transformer"),
    ("lstm", "poems.txt --config kills.toml --generator lstm"),
    ("wasserstein", "poems.txt --config kills.toml --loss wasserstein"),
    ("noise", "poems.txt --config kills.toml --pretrain-steps 0"),
    ("from", "poems.txt --config kills.toml --from base.safetensors"),
    ("word", "words.txt --config kills.toml --tokenizer word"),
    // Pretraining ends at the best checkpoint, before its schedule does.
    ("early", "poems.txt --config early.toml"),
];

/// Evaluations, samples and checkpoints at different steps, so that a kill falls between any two of them.
const SETTINGS: &str = "\
preset = 'tiny'
[training]
batch_tokens = 128
pretrain_steps = 5
adversarial_steps = 7
held_out_every = 1
sample_every = 2
checkpoint_every = 3
keep_checkpoints = 1
d_warmup_steps = 1
";

/// With these the held-out loss rises, and a checkpoint is due when pretraining ends.
const EARLY: &str = "patience = 1\nlearning_rate = 0.3\n";

const RUN: &str = "killed";

/// A folder with what every kind needs; the packed model is made once.
fn folder(base: &[u8]) -> Folder {
    let folder = Folder::new();
    folder.write("poems.txt", common::quatrains(24));
    folder.write("words.txt", words());
    folder.write("kills.toml", SETTINGS.to_string() + "[tokenizer]\nmin_count = 1\n");
    folder.write("early.toml", SETTINGS.replace("checkpoint_every = 3", "checkpoint_every = 1") + EARLY);
    folder.write("base.safetensors", base);
    folder
}

/// Poems of few words.
fn words() -> String {
    let words = ["the", "moon", "rose", "over", "a", "silent", "river", "and", "night", "fell"];
    let line =
        |i: usize| (0..5).map(|j| words[(i * (j + 3) + i / 7 + 5 * j) % words.len()]).collect::<Vec<_>>().join(" ");
    (0..24).map(|poem| (0..4).map(|row| line(4 * poem + row) + "\n").collect::<String>() + "\n").collect()
}

fn command(folder: &Folder, arguments: &str) -> Command {
    let mut command = folder.command(&format!("train {arguments} --run {RUN} --plain"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// What is compared of a run.
#[derive(PartialEq)]
struct Remains {
    /// The bytes of its checkpoints, and their states without the id of the run and times.
    files: BTreeMap<String, Vec<u8>>,
    pointers: [String; 2],
    /// The events that stand in its journal once for each step.
    events: Vec<Value>,
}

fn remains(run: &Journal) -> Remains {
    let mut files = BTreeMap::new();
    for step in run.checkpoints() {
        for part in fs::read_dir(run.checkpoint(step)).unwrap() {
            let part = part.unwrap();
            let name = part.file_name().into_string().unwrap();
            let bytes = if name == "state.json" { state(run, step) } else { fs::read(part.path()).unwrap() };
            files.insert(format!("{step}/{name}"), bytes);
        }
    }
    let pointers = ["best", "pretrained"].map(|name| fs::read_to_string(run.0.join(name)).unwrap_or_default());
    Remains { files, pointers, events: events(&run.0) }
}

/// `run.state`, without the digest of the tensors, which are compared themselves.
fn state(run: &Journal, step: u64) -> Vec<u8> {
    run.state(step)["state"].to_string().into_bytes()
}

/// The events of steps, in their order, without what the speed of the machine and the room on the disk decide.
fn events(run: &Path) -> Vec<Value> {
    let read = |name: &str| fs::read_to_string(run.join(name)).unwrap_or_default();
    let both = read("metrics.jsonl") + &read("samples.jsonl");
    let of_step = |line: &str| {
        let mut event: Value = serde_json::from_str(line).ok()?;
        let kind = event["event"].as_str()?.to_string();
        let event_of = event.as_object_mut()?;
        ["elapsed_s", "eta_s", "tokens_per_s", "room"].iter().for_each(|name| drop(event_of.remove(*name)));
        // Notices of the beginning and the end of a process come once for each.
        let is_of_step = event["notice"]["kind"] == "pretraining_ended" || event["notice"]["kind"] == "diagnosed";
        let kinds = ["step", "held_out", "quality", "sample", "checkpoint"];
        (kinds.contains(&kind.as_str()) || is_of_step).then_some(event)
    };
    both.lines().filter_map(of_step).collect()
}

/// Fails if a run that was just killed has lost or doubled what its newest checkpoint rests on.
fn assert_whole(run: &Path, expected: &[Value], what: &str) {
    if !run.join("checkpoints").is_dir() {
        return;
    }
    let newest = checkpoint::newest_valid(run).unwrap_or_else(|error| panic!("{what}: {error}"));
    let Some(newest) = newest else { return };
    assert!(newest.skipped.is_empty(), "{what}: {:?}", newest.skipped);
    let step = json(&newest.path.join("state.json"))["state"]["step"].as_u64().unwrap();
    // The event of the checkpoint itself follows it.
    let before = |event: &&Value| event["step"].as_u64() <= Some(step) && event["event"] != "checkpoint";
    let (found, expected) = (events(run), expected.iter().filter(before).collect::<Vec<_>>());
    let found: Vec<&Value> = found.iter().filter(before).collect();
    assert!(found == expected, "{what}: up to step {step} the journal has {found:#?}");
}

/// What the kills of a kind have met.
#[derive(Default)]
struct Tally {
    kills: usize,
    /// Before the run had a checkpoint.
    early: usize,
    runs: usize,
}

/// Kills processes of a kind at least `least` times, and compares every run that comes of it.
fn survives((name, arguments): (&str, &str), least: usize, base: &[u8], rng: &mut ChaCha8Rng) -> Tally {
    let whole = folder(base);
    let begun = Instant::now();
    let output = command(&whole, arguments).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let time = begun.elapsed();
    let expected = remains(&whole.journal(RUN));
    assert!(expected.events.len() > 20, "{name}: {} events", expected.events.len());
    let mut tally = Tally::default();
    while tally.kills < least {
        let torn = folder(base);
        let run = torn.journal(RUN);
        tally.runs += 1;
        let (mut reach, mut newest) = (time, None);
        loop {
            let mut process = command(&torn, arguments).spawn().unwrap();
            std::thread::sleep(moment(reach, rng));
            process.kill().unwrap();
            let output = process.wait_with_output().unwrap();
            if let Some(code) = output.status.code() {
                assert_eq!(code, 0, "{name}: {}", String::from_utf8_lossy(&output.stderr));
                break;
            }
            tally.kills += 1;
            let now = run.checkpoints().last().copied();
            tally.early += usize::from(now.is_none());
            // A machine that has become busier must not let a run start over and over.
            reach = if now > newest { time } else { reach.mul_f64(1.25) };
            newest = now;
            assert_whole(&run.0, &expected.events, &format!("{name}, kill {}", tally.kills));
        }
        let what = format!("{name}, run {} after {} kills", tally.runs, tally.kills);
        assert_same(&remains(&run), &expected, &what);
        println!("{what}: the same");
    }
    tally
}

/// A moment within `time`, and a little after it.
fn moment(time: Duration, rng: &mut ChaCha8Rng) -> Duration {
    const PARTS: usize = 10_000;
    time.mul_f64(1.2 * random::below(rng, PARTS) as f64 / PARTS as f64)
}

fn assert_same(found: &Remains, expected: &Remains, what: &str) {
    let different: Vec<&String> =
        expected.files.keys().filter(|name| found.files.get(*name) != expected.files.get(*name)).collect();
    assert!(
        different.is_empty() && found.files.len() == expected.files.len(),
        "{what}: not the same bytes: {different:?}"
    );
    assert_eq!(found.pointers, expected.pointers, "{what}");
    for (found, expected) in found.events.iter().zip(&expected.events) {
        assert_eq!(found, expected, "{what}");
    }
    assert_eq!(found.events.len(), expected.events.len(), "{what}: events");
}

/// A packed model to start from.
fn base() -> Vec<u8> {
    let folder = folder(&[]);
    folder.done("train poems.txt --config kills.toml --run base --plain");
    folder.done("pack runs/base -o base.safetensors");
    fs::read(folder.path("base.safetensors")).unwrap()
}

fn kill(name: &str, base: &[u8], least: usize) {
    let kind = KINDS.into_iter().find(|kind| kind.0 == name).unwrap();
    let begun = Instant::now();
    let rng = &mut random::stream(1, &format!("moments of kills: {name}"), least as u64);
    let Tally { kills, early, runs } = survives(kind, least, base, rng);
    let seconds = begun.elapsed().as_secs();
    println!("{name}: {kills} kills ({early} before the first checkpoint), {runs} runs, {seconds} s");
    assert!(kills >= least);
}

#[test]
fn killed_runs_end_as_uninterrupted_ones() {
    let base = base();
    KINDS.iter().for_each(|(name, _)| kill(name, &base, FEW));
}

/// Of each kind many, in a test of its own.
macro_rules! many {
    ($($name:ident),*) => {$(
        #[test]
        #[ignore = "takes minutes"]
        fn $name() {
            kill(stringify!($name), &base(), MANY);
        }
    )*};
}

many!(transformer, lstm, wasserstein, noise, from, word, early);
