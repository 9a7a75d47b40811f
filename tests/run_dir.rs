//! The folder of a run: its name, its lock, and what it refuses.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use poetgan::config::{Config, LossKind};
use poetgan::run::changes::{RunProgress, Saved};
use poetgan::run::lock::is_training;
use poetgan::run::run_dir::{RunDir, RunError};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn corpus(sha256: &str) -> Value {
    json!({"path": "corpora/tang.txt", "bytes": 1000, "sha256": sha256})
}

fn described() -> (tempfile::TempDir, RunDir) {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::open(&folder.path().join("runs/tang")).unwrap();
    run.describe(&Config::preset("tiny").unwrap(), &corpus("aaaaaaaaaaaa")).unwrap();
    (folder, run)
}

/// What `check` says of a tiny run when its configuration is altered.
fn message(allow_changes: bool, sha256: &str, alter: impl Fn(&mut Config)) -> Option<String> {
    let (_folder, run) = described();
    let mut config = Config::preset("tiny").unwrap();
    alter(&mut config);
    let saved = run.saved().unwrap().unwrap();
    let now = Saved { config, corpus: corpus(sha256) };
    let progress = RunProgress { step: 70, pretraining_ended: None };
    run.check(&saved, &now, progress, allow_changes).err().map(|error| error.to_string())
}

#[test]
fn a_run_is_called_after_its_corpus() {
    let locate = |run| RunDir::locate(Path::new("corpora/tang.txt"), run);
    assert_eq!(locate(None), Path::new("runs/tang"));
    assert_eq!(locate(Some("other")), Path::new("runs/other"));
    assert_eq!(locate(Some("./other")), Path::new("./other"));
    assert_eq!(locate(Some("/data/other")), Path::new("/data/other"));
}

#[test]
fn what_was_described_comes_back() {
    let (_folder, run) = described();
    let saved = run.saved().unwrap().unwrap();
    assert_eq!(saved.config, Config::preset("tiny").unwrap());
    assert_eq!(saved.corpus, corpus("aaaaaaaaaaaa"));
    assert_eq!(RunDir::open(&run.path().join("new")).unwrap().saved().unwrap(), None);
}

#[test]
fn a_run_has_one_owner_at_a_time() {
    let (_folder, run) = described();
    for error in [RunDir::open(run.path()).unwrap_err(), RunDir::open_fresh(run.path()).unwrap_err()] {
        assert!(matches!(error, RunError::Locked { .. }));
        // On Windows nobody can read who holds a lock.
        let holder = if cfg!(windows) { String::new() } else { format!(" (pid {})", std::process::id()) };
        let pid = format!("another process{holder} is training this run");
        assert!(error.to_string().contains(&pid), "{error}");
    }
    let path = run.path().to_path_buf();
    drop(run);
    RunDir::open(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_no_longer_there_is_noticed() {
    let (folder, run) = described();
    run.check_place().unwrap();
    let place = folder.path().join("runs/elsewhere");
    fs::rename(run.path(), &place).unwrap();
    assert!(matches!(run.check_place(), Err(RunError::Displaced { .. })));
    // Another run of the same name is not the same folder.
    let other = RunDir::open(run.path()).unwrap();
    assert!(matches!(run.check_place(), Err(RunError::Displaced { .. })));
    other.check_place().unwrap();
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let (_folder, mut run) = described();
    let id = run.settle_id("").unwrap();
    assert_eq!((id.len(), run.settle_id("").unwrap(), run.settle_id(&id).unwrap()), (16, id.clone(), id.clone()));
    assert!(matches!(run.settle_id("0000000000000000"), Err(RunError::OtherRun { .. })));
    let path = run.path().to_path_buf();
    drop(run);
    // The lock keeps the id; without the lock that of the checkpoint counts.
    assert!(RunDir::open(&path).unwrap().settle_id("0000000000000000").is_err());
    fs::remove_file(path.join("run.lock")).unwrap();
    assert_eq!(RunDir::open(&path).unwrap().settle_id(&id).unwrap(), id);
}

#[test]
fn looking_whether_a_run_is_training_disturbs_nobody() {
    let (_folder, run) = described();
    let path = run.path().to_path_buf();
    assert!(is_training(&path).unwrap());
    drop(run);
    assert!(!is_training(&path).unwrap());
    assert!(!is_training(&path.join("checkpoints")).unwrap(), "no lock");
    // Somebody looks, longer than anybody would.
    let looking = fs::File::open(path.join("run.lock")).unwrap();
    looking.try_lock_shared().unwrap();
    let look = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        drop(looking);
    });
    RunDir::open(&path).unwrap();
    look.join().unwrap();
}

#[test]
fn an_unchanged_run_goes_on() {
    assert_eq!(message(false, "aaaaaaaaaaaa", |_| {}), None);
}

#[test]
fn a_changed_corpus_is_named() {
    let message = message(true, "bbbbbbbbbbbb", |_| {}).unwrap();
    let expected = "settings differ from this run's: corpus: run has corpora/tang.txt (1000 bytes, sha256 aaaaaaaa), now \
                    corpora/tang.txt (1000 bytes, sha256 bbbbbbbb); use --fresh to start over (the earlier run is \
                    kept) or --run NAME for another run";
    assert!(message.ends_with(expected), "{message}");
}

#[test]
fn a_changed_model_is_named() {
    let message = message(true, "aaaaaaaaaaaa", |config| config.model.width = 128).unwrap();
    assert!(message.contains("model.width: run has 32, now 128;"), "{message}");
    assert!(!message.contains("--allow-changes"), "{message}");
}

#[test]
fn a_changed_training_is_named_unless_it_is_wanted() {
    let alter = |config: &mut Config| config.training.loss = LossKind::Hinge;
    let unwanted = message(false, "aaaaaaaaaaaa", alter).unwrap();
    assert!(unwanted.contains("training.loss: run has \"standard\", now \"hinge\""), "{unwanted}");
    assert!(unwanted.ends_with("use --allow-changes to resume with them"), "{unwanted}");
    assert_eq!(message(true, "aaaaaaaaaaaa", alter), None);
}

#[test]
fn fresh_keeps_the_old_run_beside() {
    let (folder, run) = described();
    let path = run.path().to_path_buf();
    drop(run);
    for number in 1..=2 {
        fs::write(path.join("log.txt"), number.to_string()).unwrap();
        let (run, moved) = RunDir::open_fresh(&path).unwrap();
        let place = folder.path().join(format!("runs/tang.old-{number}"));
        assert_eq!(moved.as_deref(), Some(place.as_path()));
        assert_eq!(fs::read_to_string(place.join("log.txt")).unwrap(), number.to_string());
        assert_eq!(run.saved().unwrap(), None);
    }
    let (_run, moved) = RunDir::open_fresh(&folder.path().join("runs/new")).unwrap();
    assert_eq!(moved, None);
}

#[test]
fn folders_of_other_things_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "words").unwrap();
    for error in [RunDir::open(folder.path()).unwrap_err(), RunDir::open_fresh(folder.path()).unwrap_err()] {
        assert!(error.to_string().contains("holds no run"), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let file = folder.path().join("thesis.txt");
    assert!(matches!(RunDir::open(&file).unwrap_err(), RunError::Io { .. }));
}

#[test]
fn a_damaged_record_is_named() {
    let (_folder, run) = described();
    fs::write(run.path().join("corpus.json"), "{").unwrap();
    let error = run.saved().unwrap_err().to_string();
    assert!(error.contains("corpus.json") && error.contains("--fresh"), "{error}");
    fs::write(run.path().join("config.toml"), "[model]\nwidth = 0\n").unwrap();
    let error = run.saved().unwrap_err().to_string();
    assert!(error.contains("config.toml:2: model.width: 0 is too few"), "{error}");
}
