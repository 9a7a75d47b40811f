//! Files of strangers, damaged: no target panics, takes longer than its time, or takes memory without bound. Some hundred
//! inputs each in an ordinary test run; `POETGAN_FUZZ=0..1000000` sets the numbers of the inputs, so that one that fails is
//! repeated by its number.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

#[path = "../common/mod.rs"]
mod common;
mod mutate;
#[cfg(unix)]
mod resume;
mod targets;

use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use targets::Target;

/// Numbers of the inputs, such as `0..1000000`.
const VARIABLE: &str = "POETGAN_FUZZ";
/// Most CPU time for one input.
const MOST_TIME: Duration = Duration::from_secs(5);
/// Most memory of the process, in kB.
const MOST_MEMORY: u64 = 2_000_000;
/// Failures after which a target is given up.
const MOST_FAILURES: usize = 20;

fn numbers(usual: u64) -> Range<u64> {
    let Ok(text) = std::env::var(VARIABLE) else { return 0..usual };
    let bounds = text.split_once("..").and_then(|(first, end)| Some(first.parse().ok()?..end.parse().ok()?));
    bounds.unwrap_or_else(|| panic!("{VARIABLE}={text}: give two numbers, such as 0..1000000"))
}

/// Whether more is asked for than in an ordinary test run.
fn is_long() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Memory of this process in kB, where the system tells it.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// CPU time of this process, where the system tells it; else the time on the clock.
fn cpu_time(begun: Instant) -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the process, in brackets, may hold blanks.
    let ticks = stat.rsplit_once(") ").and_then(|(_, rest)| {
        let mut numbers = rest.split(' ').skip(11).map(str::parse::<u64>);
        Some(numbers.next()?.ok()? + numbers.next()?.ok()?)
    });
    ticks.map_or(begun.elapsed(), |ticks| Duration::from_millis(10 * ticks))
}

/// What a target is doing, for the thread that watches it.
#[derive(Default)]
struct Progress {
    number: AtomicU64,
    most_memory: AtomicU64,
    is_done: AtomicBool,
}

/// Ends the process on an input that takes too long or too much: there is no other way to stop a loop.
fn watch(name: &'static str, progress: Arc<Progress>) {
    let start = Instant::now();
    let (mut number, mut begun) = (u64::MAX, Duration::ZERO);
    while !progress.is_done.load(Ordering::Relaxed) {
        let (now, memory) = (progress.number.load(Ordering::Relaxed), memory());
        progress.most_memory.fetch_max(memory, Ordering::Relaxed);
        if now != number {
            (number, begun) = (now, cpu_time(start));
        }
        let time = cpu_time(start).saturating_sub(begun);
        // All targets of this process share both.
        if time > MOST_TIME || memory > MOST_MEMORY {
            eprintln!("{name}: input {number}: {time:?}, {memory} kB");
            std::process::abort();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn round(name: &'static str, target: Target, usual: u64) {
    let (seeds, folder) = (mutate::seeds(name), tempfile::tempdir().unwrap());
    seeds.iter().for_each(|seed| target(folder.path(), seed));
    let (numbers, progress, begun) = (numbers(usual), Arc::new(Progress::default()), Instant::now());
    let watched = progress.clone();
    let watcher = std::thread::spawn(move || watch(name, watched));
    let mut failures = Vec::new();
    let mut slowest = (Duration::ZERO, 0);
    for number in numbers.clone() {
        progress.number.store(number, Ordering::Relaxed);
        let (input, begun) = (mutate::input(name, &seeds, number), Instant::now());
        if catch_unwind(AssertUnwindSafe(|| target(folder.path(), &input))).is_err() {
            eprintln!("{name}: input {number} failed");
            failures.push(number);
        }
        slowest = slowest.max((begun.elapsed(), number));
        if is_long() && number % 10_000 == 9_999 {
            eprintln!("{name}: {} inputs", number + 1 - numbers.start);
        }
        if failures.len() == MOST_FAILURES {
            break;
        }
    }
    progress.is_done.store(true, Ordering::Relaxed);
    watcher.join().unwrap();
    let megabytes = progress.most_memory.load(Ordering::Relaxed) / 1000;
    println!("{name}: {} inputs in {:.1?}, slowest {slowest:.1?}, {megabytes} MB", numbers.count(), begun.elapsed());
    assert!(failures.is_empty(), "{name}: inputs {failures:?}");
}

/// The time that a line or a file takes must not grow with the square of its length. With less care each of these marks takes
/// minutes.
#[test]
fn marks_without_end_take_no_time() {
    let folder = tempfile::tempdir().unwrap();
    for mark in [
        "{",
        "[[1],",
        "（花）",
        "《か》",
        "a《か》",
        "（a",
        "《a",
        "〔",
        "\r",
        "{\"a\":[1]}\n",
        "<p>",
        "\"",
        "e\u{301}",
        "# ",
    ] {
        let begun = Instant::now();
        targets::corpus(folder.path(), mark.repeat(120_000).as_bytes());
        // Some tenths of a second on an idle machine.
        assert!(begun.elapsed() < 12 * MOST_TIME, "{mark:?} takes {:?}", begun.elapsed());
    }
}

#[test]
fn corpus() {
    round("corpus", targets::corpus, 300);
}

#[test]
fn tokenizer() {
    round("tokenizer", targets::tokenizer, 300);
}

#[test]
fn packed() {
    round("packed", targets::packed, 300);
}

#[test]
fn journal() {
    round("journal", targets::journal, 300);
}

#[test]
fn config() {
    round("config", targets::config, 300);
}

#[test]
fn state() {
    round("state", targets::state, 300);
}
