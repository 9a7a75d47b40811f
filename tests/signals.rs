//! Signals through a real process: once means a clean end, twice means now.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Not a test of its own: the process that the tests below send signals to. It leaves notes of what happens, and ends
/// cleanly at the first signal, unless it is told to be slow.
#[test]
#[ignore = "run by other tests"]
fn worker() {
    let folder = std::env::var("POETGAN_TEST_FOLDER").expect("set by the tests that start this process");
    let folder = PathBuf::from(folder);
    let note = |name: &str| fs::write(folder.join(name), "").unwrap();
    let restored = folder.join("restored");
    let hangs = folder.join("hangs").exists();
    let stop = poetgan::signals::watch(move || {
        fs::write(&restored, "").unwrap();
        if hangs {
            std::thread::sleep(Duration::from_secs(60));
        }
    })
    .unwrap();
    note("ready");
    while !stop.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(1));
    }
    note("stopping");
    if folder.join("slow").exists() {
        std::thread::sleep(Duration::from_secs(60));
    }
}

fn start(folder: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "worker", "--ignored"]).env("POETGAN_TEST_FOLDER", folder).stdout(Stdio::null());
    let child = command.spawn().unwrap();
    wait_for(folder, "ready");
    child
}

fn wait_for(folder: &Path, note: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !folder.join(note).exists() {
        assert!(Instant::now() < deadline, "no note '{note}'");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn send(child: &Child, signal: &str) {
    let status = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn the_first_signal_asks_for_a_clean_end() {
    for signal in ["INT", "TERM", "HUP"] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = start(folder.path());
        send(&child, signal);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
        assert!(folder.path().join("stopping").exists());
        assert!(!folder.path().join("restored").exists(), "the clean end restores the terminal itself");
    }
}

#[test]
fn the_second_signal_restores_the_terminal_and_ends_at_once() {
    for hangs in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("slow"), "").unwrap();
        if hangs {
            fs::write(folder.path().join("hangs"), "").unwrap();
        }
        let mut child = start(folder.path());
        send(&child, "INT");
        wait_for(folder.path(), "stopping");
        let begin = Instant::now();
        send(&child, "TERM");
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
        assert!(folder.path().join("restored").exists());
    }
}

#[test]
fn signals_that_were_ignored_stay_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "trap '' HUP INT; exec '{}' --exact worker --ignored > /dev/null",
        std::env::current_exe().unwrap().display()
    );
    let mut child = Command::new("sh").args(["-c", &script]).env("POETGAN_TEST_FOLDER", folder.path()).spawn().unwrap();
    wait_for(folder.path(), "ready");
    for signal in ["HUP", "INT", "HUP"] {
        send(&child, signal);
    }
    std::thread::sleep(Duration::from_millis(300));
    assert!(!folder.path().join("stopping").exists() && child.try_wait().unwrap().is_none());
    send(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn quit_restores_the_terminal_first() {
    use std::os::unix::process::ExitStatusExt;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("slow"), "").unwrap();
    let mut child = start(folder.path());
    send(&child, "QUIT");
    assert_eq!(child.wait().unwrap().signal(), Some(3));
    assert!(folder.path().join("restored").exists());
}

#[test]
fn what_the_process_was_stopped_for_is_no_training() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let mut command = Command::new(env!("CARGO_BIN_EXE_poetgan"));
    command.args(["train", "corpora/sonnets.txt", "--preset", "tiny", "--plain", "--steps", "100000", "--run"]);
    let begun = Instant::now();
    let mut child = command.arg(&run).stdout(Stdio::null()).spawn().unwrap();
    wait_for(&run, "metrics.jsonl");
    std::thread::sleep(Duration::from_secs(1));
    send(&child, "STOP");
    std::thread::sleep(Duration::from_secs(4));
    send(&child, "CONT");
    std::thread::sleep(Duration::from_millis(300));
    send(&child, "INT");
    assert!(child.wait().unwrap().success());
    let journal = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let events = journal.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let elapsed: Vec<f64> = events.filter_map(|event| event["elapsed_s"].as_f64()).collect();
    assert!(elapsed.is_sorted(), "time does not run backwards");
    let last = *elapsed.last().unwrap();
    assert!(last > 0.0 && last < begun.elapsed().as_secs_f64() - 2.5, "{last} s");
}

#[test]
fn a_run_whose_folder_is_moved_ends_with_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (run, moved) = (folder.path().join("run"), folder.path().join("moved"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_poetgan"));
    command.args(["train", "corpora/sonnets.txt", "--preset", "tiny", "--plain", "--steps", "100000", "--run"]);
    let child = command.arg(&run).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&run, "best");
    fs::rename(&run, &moved).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("was moved, removed or replaced"), "{said}");
    assert!(!run.exists(), "nothing is written in its place");
    let write = Command::new(env!("CARGO_BIN_EXE_poetgan")).args(["write", "--model"]).arg(&moved).output().unwrap();
    assert!(write.status.success(), "what was saved can be used");
}
