//! Long runs of the real process: memory and open files stay flat, and neither resizes of the terminal, nor suspensions,
//! nor jumps of the system's clock end or confuse it. Minutes each, so they are run by hand: docs/reliability.md.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;
#[path = "common/terminal.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod terminal;

use common::{Folder, Journal, PATIENCE, send, until};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use terminal::{Terminal, size};

/// The smallest models that have all parts of training.
const SMALLEST: &str = "preset = 'tiny'
[model]
width = 8
z_dim = 4
theme_dims = 2
[model.transformer]
layers = 1
heads = 2
hidden = 8
[discriminator]
embed = 4
filters = 2
widths = [1, 2]
rhyme_embed = 2
couplet_embed = 2
[training]
batch_tokens = 32
held_out_every = 1000
sample_every = 1000
checkpoint_every = 1000
";

/// What a process holds: memory in kB and open files, at a step.
#[derive(Clone, Copy, Debug)]
struct Held {
    step: u64,
    memory: u64,
    files: usize,
}

impl Held {
    fn of(process: u32, step: u64) -> Held {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let memory = line.split_whitespace().next().unwrap().parse().unwrap();
        Held { step, memory, files: fs::read_dir(format!("/proc/{process}/fd")).unwrap().count() }
    }
}

/// The last step of a journal, read from its end: the whole of a long one would take too long.
fn last_step(run: &Journal) -> u64 {
    let Ok(mut file) = File::open(run.0.join("metrics.jsonl")) else { return 0 };
    let end = file.seek(SeekFrom::End(0)).unwrap();
    file.seek(SeekFrom::Start(end.saturating_sub(1 << 14))).unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let step = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?["step"].as_u64();
    text.lines().rev().find_map(step).unwrap_or(0)
}

/// The most that is held in a range of steps.
fn most(held: &[Held], steps: std::ops::Range<u64>) -> (u64, usize) {
    let held: Vec<&Held> = held.iter().filter(|held| steps.contains(&held.step)).collect();
    assert!(!held.is_empty(), "no figures of steps {steps:?}");
    (held.iter().map(|held| held.memory).max().unwrap(), held.iter().map(|held| held.files).max().unwrap())
}

#[test]
#[ignore = "takes ten minutes"]
fn memory_and_files_are_flat_over_a_hundred_thousand_steps() {
    let folder = Folder::new();
    folder.write("soak.toml", SMALLEST);
    let (begun, mut held) = (Instant::now(), Vec::new());
    let words = "train poems.txt --config soak.toml --pretrain-steps 50000 --adversarial-steps 50000 --plain";
    let mut running = folder.start(words);
    let run = folder.journal("poems");
    while !running.has_ended() {
        let step = last_step(&run);
        let is_due = held.last().is_none_or(|held: &Held| held.step + 500 <= step);
        // The process may end at any moment.
        if is_due && fs::exists(format!("/proc/{}/status", running.id())).unwrap() && !running.has_ended() {
            held.push(Held::of(running.id(), step));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(running.wait().success());
    assert_eq!(last_step(&run), 100_000);
    for held in held.iter().step_by(held.len().div_ceil(25)) {
        println!("{held:?}");
    }
    println!("100,000 steps in {:.0?}", begun.elapsed());
    // The first part of each phase fills caches; what comes after it must not grow.
    for [begin, middle, end] in [[5_000, 25_000, 49_000], [55_000, 75_000, 99_000]] {
        let ((memory, files), (later, later_files)) = (most(&held, begin..middle), most(&held, middle..end));
        println!("steps {begin} to {middle}: {memory} kB, {files} files; to {end}: {later} kB, {later_files} files");
        assert!(later < memory + memory / 20 + 2_000, "{memory} kB, then {later} kB");
        assert!(later_files <= files, "{files} files, then {later_files}");
    }
}

#[test]
#[ignore = "takes minutes"]
fn five_hundred_sizes_and_fifty_suspensions_do_no_harm() {
    let folder = Folder::new();
    folder.write("soak.toml", SMALLEST);
    let mut terminal = Terminal::run(folder, "train poems.txt --config soak.toml --steps 1000000");
    terminal.until_shows("pretraining");
    let process = terminal.trainer();
    let (begun, mut held) = (Instant::now(), Vec::new());
    // The parser of the test cannot follow such a storm: it would halve characters. A fresh one sees what is drawn then.
    *terminal.screen.lock().unwrap() = vt100::Parser::new(90, 260, 0);
    for number in 0_u16..500 {
        let (columns, rows) = (1 + number * 37 % 250, 1 + number * 23 % 90);
        terminal.master.resize(size(columns, rows)).unwrap();
        if number.is_multiple_of(10) {
            send(process, "STOP");
            std::thread::sleep(Duration::from_millis(100));
            let step = last_step(&terminal.run);
            send(process, "CONT");
            until("it trains on", || (last_step(&terminal.run) > step).then_some(()));
            held.push(Held::of(process, step));
        }
        std::thread::sleep(Duration::from_millis(40));
    }
    *terminal.screen.lock().unwrap() = vt100::Parser::new(24, 80, 0);
    terminal.resize(81, 24);
    terminal.resize(80, 24);
    terminal.until("the screen is drawn anew", |screen| screen.lines().count() == 24 && screen.contains("pretraining"));
    println!("{:?}\n{:?}\nin {:.0?}", held.first().unwrap(), held.last().unwrap(), begun.elapsed());
    let steps = |part: std::ops::Range<usize>| held[part.start].step..held[part.end - 1].step + 1;
    let ((memory, files), (later, later_files)) = (most(&held, steps(10..25)), most(&held, steps(25..50)));
    println!("resizes 100 to 250: {memory} kB, {files} files; to 500: {later} kB, {later_files} files");
    assert!(later < memory + memory / 20 + 2_000 && later_files <= files, "{memory} kB, then {later} kB");
    terminal.press("q");
    terminal.ends_with(0);
}

/// Seconds of training that the last step of a journal tells.
fn elapsed(run: &Journal) -> f64 {
    let steps: Vec<_> = run.events().into_iter().filter(|event| event["event"] == "step").collect();
    let seconds = |event: &serde_json::Value| event["elapsed_s"].as_f64().unwrap();
    assert!(steps.is_sorted_by_key(seconds), "the time never goes back");
    steps.last().map_or(0.0, seconds)
}

/// Trains for twelve seconds by the time limit while the system's clock jumps.
#[test]
#[ignore = "needs libfaketime (Debian: faketime)"]
fn a_clock_that_jumps_changes_no_time() {
    let library = ["x86_64", "aarch64"].map(|name| format!("/usr/lib/{name}-linux-gnu/faketime/libfaketime.so.1"));
    let library = library.iter().find(|path| fs::exists(path).unwrap()).unwrap();
    let folder = Folder::new();
    folder.write("soak.toml", SMALLEST);
    folder.write("clock", "+0\n");
    let words = "train poems.txt --config soak.toml --pretrain-steps 900000 --adversarial-steps 100000 --time-limit 12s \
                 --plain";
    let pretend = |command: &mut Command| {
        command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", folder.path("clock"));
        // As when somebody sets the clock: that which counts from the start of the system goes on.
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("FAKETIME_NO_CACHE", "1");
    };
    let mut command = folder.command(words);
    pretend(&mut command);
    let out = Stdio::from(File::create(folder.path("out.txt")).unwrap());
    let (begun, mut child) = (Instant::now(), command.stdin(Stdio::null()).stdout(out).spawn().unwrap());
    let jumps = ["+3650d\n", "-3650d\n", "+1h\n", "-30000d\n", "+0\n"];
    let mut years = BTreeSet::new();
    let status = until("the time limit ends it", || {
        let second = begun.elapsed().as_secs() as usize;
        folder.write("clock", jumps[second % jumps.len()]);
        let mut date = Command::new("date");
        pretend(&mut date);
        years.insert(String::from_utf8(date.arg("+%Y").output().unwrap().stdout).unwrap());
        child.try_wait().unwrap()
    });
    let (took, told) = (begun.elapsed().as_secs_f64(), elapsed(&folder.journal("poems")));
    assert!(years.len() >= 4, "the clock did not jump: {years:?}");
    println!("a limit of 12 s ended it after {took:.1} s; its journal tells of {told:.1} s");
    assert!(status.success() && took > 10.0 && took < 12.0 + PATIENCE.as_secs_f64() / 4.0, "{took} s");
    assert!(told > 5.0 && told < took, "{told} of {took} s");
}
