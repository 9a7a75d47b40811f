//! A run whose disk fails at every single change, once for a moment and once for good, resumes to the run that nothing
//! happened to: the same weights, the same pointers, the same journal.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::super::Trainer;
use crate::cluster::Ranks;
use crate::config::LossKind;
use crate::run::checkpoint::Pointer;
use crate::run::disk::faults::{self, Fault};
use crate::run::event::Event;
use crate::run::journal;
use crate::run::notice::Notice;
use crate::train::options::{Display, Settings, TrainOptions};
use crate::train::session::Session;

/// One change in so many is tried; the others with `--ignored`.
const STRIDE: u64 = 5;

/// A run that is tried: its loss, its steps of pretraining, and settings beyond `SETTINGS`.
#[derive(Clone, Copy)]
struct Kind {
    loss: LossKind,
    pretrain_steps: u64,
    more: &'static str,
}

const RELATIVISTIC: Kind = Kind { loss: LossKind::Relativistic, pretrain_steps: 2, more: "" };
const WASSERSTEIN: Kind = Kind { loss: LossKind::Wasserstein, ..RELATIVISTIC };
/// Its held-out loss rises, so pretraining ends before its schedule does.
const ENDED_EARLY: Kind = Kind { pretrain_steps: 9, more: "patience = 1\nlearning_rate = 0.3\n", ..RELATIVISTIC };

fn options(folder: &Path, Kind { loss, pretrain_steps, .. }: Kind) -> TrainOptions {
    let (pretrain_steps, adversarial_steps) = (Some(pretrain_steps), Some(3));
    let settings = Settings {
        preset: Some("tiny".into()),
        config_file: Some(folder.join("often.toml")),
        pretrain_steps,
        adversarial_steps,
        loss: Some(loss),
        ..Settings::default()
    };
    TrainOptions {
        corpus: folder.join("poems.txt"),
        reading: Default::default(),
        run: Some(folder.join("run").display().to_string()),
        fresh: false,
        from: None,
        allow_changes: false,
        settings,
        time_limit: None,
        display: Display::Plain,
        bell: false,
        command: Vec::new(),
    }
}

/// Often: evaluations, samples and checkpoints, of which one is kept.
const SETTINGS: &str = "\
[training]
held_out_every = 1
sample_every = 2
checkpoint_every = 1
keep_checkpoints = 1
d_warmup_steps = 1
";

/// Forty short poems, and the settings.
fn write_corpus(folder: &Path, kind: Kind) {
    fs::write(folder.join("often.toml"), SETTINGS.to_string() + kind.more).unwrap();
    let characters: Vec<char> = "山水风月花鸟云雨春秋夜日人家江天".chars().collect();
    let line = |i: usize| (0..5).map(|j| characters[(i * 7 + j * (i % 5 + 1)) % characters.len()]).collect::<String>();
    let poem = |i: usize| (0..4).map(|j| line(4 * i + j) + "\n").collect::<String>();
    fs::write(folder.join("poems.txt"), (0..40).map(poem).collect::<Vec<_>>().join("\n")).unwrap();
}

/// Trains to the end of the schedule, or to the first failure.
fn train(folder: &Path, kind: Kind) -> anyhow::Result<()> {
    let (events, _) = std::sync::mpsc::sync_channel(1);
    let (_, commands) = std::sync::mpsc::channel();
    let session = Session::open(&options(folder, kind), &Arc::new(Ranks::ALONE))?;
    Trainer::new(session, events, commands, None).train().map(|_| ())
}

/// What is left of a run.
struct Remains {
    /// The bytes of the parts of its checkpoints.
    weights: BTreeMap<String, Vec<u8>>,
    /// Best and pretrained.
    pointers: [Option<u64>; 2],
    /// The events that stand in its journal.
    events: Vec<String>,
}

fn remains(run: &Path) -> Remains {
    let mut weights = BTreeMap::new();
    for checkpoint in fs::read_dir(run.join("checkpoints")).unwrap() {
        let checkpoint = checkpoint.unwrap();
        for part in fs::read_dir(checkpoint.path()).unwrap() {
            let part = part.unwrap();
            if part.file_name() != "state.json" {
                let name = format!("{}/{}", checkpoint.file_name().display(), part.file_name().display());
                weights.insert(name, fs::read(part.path()).unwrap());
            }
        }
    }
    let name = |event: &Event| match event {
        Event::Step(record) => Some(format!("step {}", record.step)),
        Event::HeldOut { step, .. } => Some(format!("held-out {step}")),
        Event::Quality { step, .. } => Some(format!("quality {step}")),
        Event::Sample { step, .. } => Some(format!("sample {step}")),
        Event::Checkpoint { step, .. } => Some(format!("checkpoint {step}")),
        // Those that every process begins and ends with come once for each.
        Event::Notice { step, notice: notice @ (Notice::PretrainingEnded { .. } | Notice::Diagnosed { .. }) } => {
            Some(format!("notice {step}: {notice}"))
        }
        _ => None,
    };
    let files = ["metrics.jsonl", "samples.jsonl"].map(|name| journal::read(&run.join(name)).unwrap());
    let mut events: Vec<String> = files.into_iter().flatten().filter_map(|event| name(&event)).collect();
    events.sort();
    Remains { weights, pointers: [Pointer::Best, Pointer::Pretrained].map(|pointer| pointer.step(run)), events }
}

/// Names of files that are only there while something is written.
fn leftovers(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().display().to_string());
    entries.filter(|name| name.starts_with('.') || name.ends_with(".new")).collect()
}

/// The events of a run that nothing happened to; fails if one that something happened to is another.
fn survives(kind: Kind, stride: u64, fault: Fault) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), kind);
    faults::plan(u64::MAX, fault);
    train(folder.path(), kind).unwrap();
    let n_changes = faults::end();
    let expected = remains(&folder.path().join("run"));
    assert!(n_changes > 100, "only {n_changes} changes");
    for at in (n_changes % stride..n_changes).step_by(stride as usize) {
        let folder = tempfile::tempdir().unwrap();
        write_corpus(folder.path(), kind);
        faults::plan(at, fault);
        let failed = train(folder.path(), kind);
        faults::end();
        train(folder.path(), kind).unwrap_or_else(|error| panic!("{at} {fault:?} ({failed:?}): {error:#}"));
        let run = folder.path().join("run");
        let left = remains(&run);
        let names = |remains: &Remains| remains.weights.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&left), names(&expected), "{at} {fault:?} {failed:?}");
        assert!(left.weights == expected.weights, "{at} {fault:?}: other weights ({failed:?})");
        assert_eq!((left.pointers, &left.events), (expected.pointers, &expected.events), "{at} {fault:?} ({failed:?})");
        for folder in [run.clone(), run.join("checkpoints")] {
            assert_eq!(leftovers(&folder), [""; 0], "{at} {fault:?}");
        }
    }
    expected.events
}

#[test]
fn a_run_survives_the_end_of_its_process() {
    survives(RELATIVISTIC, STRIDE, Fault::End);
}

#[test]
fn a_run_survives_a_disk_that_is_full_for_a_moment() {
    survives(WASSERSTEIN, STRIDE, Fault::Once);
}

#[test]
fn a_run_whose_pretraining_ends_early_survives_the_end_of_its_process() {
    let events = survives(ENDED_EARLY, STRIDE, Fault::End);
    let n_ends = events.iter().filter(|event| event.starts_with("notice") && event.contains("ends early")).count();
    assert_eq!(n_ends, 1, "{events:?}");
}

#[test]
#[ignore = "takes minutes"]
fn a_run_survives_every_fault() {
    for kind in [RELATIVISTIC, WASSERSTEIN, ENDED_EARLY] {
        survives(kind, 1, Fault::End);
        survives(kind, 1, Fault::Once);
    }
}
