//! Checkpoints through crashes: what is on the disk is always a whole checkpoint or none.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use candle_core::{Device, Tensor};
use poetgan::config::PrecisionSetting;
use poetgan::nn::params::Weights;
use poetgan::nn::precision::Precision;
use poetgan::run::checkpoint::{self, CheckpointError, Pointer};
use poetgan::run::event::Phase;
use poetgan::run::run_dir::RunDir;
use poetgan::run::runtime_setting::RuntimeSetting;
use poetgan::run::state::{Best, Cursor, Pointers, RunState, VERSION};
use std::fs;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::{Child, Command};
#[cfg(unix)]
use std::time::{Duration, Instant};

fn state(step: u64) -> RunState {
    RunState {
        from: None,
        version: VERSION,
        run_id: "0123456789abcdef".to_string(),
        step,
        phase: Phase::Adversarial,
        cursor: Cursor { epoch: 2, batch: 7 },
        best: Some(Best { loss: 4.923_456_7, step: step / 2, rhyme: Some(0.7) }),
        pointers: Pointers { best: (step >= 3).then_some(3), pretrained: Some(1) },
        threads: 2,
        precision: Precision::Bf16,
        precision_setting: Some(PrecisionSetting::Auto),
        generator_updates: 3,
        discriminator_updates: 4,
        pretraining_ended: Some(step.min(1)),
        lr_halvings: 1,
        d_lr_halvings: 2,
        d_margin_ema: 0.1,
        runtime_settings: vec![(RuntimeSetting::Beta, 0.1 + 0.2)],
        elapsed_s: 12.5,
        tokens: 1 << 40,
    }
}

/// Some 400 KB that depend on the step.
fn weights(step: u64) -> Weights {
    let values: Vec<f32> = (0..100_000).map(|i| i as f32 / 7.0 + step as f32).collect();
    let large = Tensor::from_vec(values, (100, 1000), &Device::Cpu).unwrap();
    let transposed = large.t().unwrap();
    let odd = Tensor::from_vec(vec![f32::MIN_POSITIVE / 4.0, -0.0, f32::MAX], 3, &Device::Cpu).unwrap();
    Weights::from([("b.large".to_string(), large), ("a.transposed".to_string(), transposed), ("odd".to_string(), odd)])
}

fn save(run: &RunDir, step: u64) -> Result<PathBuf, CheckpointError> {
    let (generator, optimizer) = (weights(step), weights(step + 1));
    checkpoint::save(run, &state(step), &[("generator", &generator), ("optimizer", &optimizer)], 2)
}

fn new_run() -> (tempfile::TempDir, RunDir) {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::open(&folder.path().join("run")).unwrap();
    (folder, run)
}

fn names(run: &Path) -> Vec<String> {
    let entries = fs::read_dir(run.join("checkpoints")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn newest(run: &Path) -> u64 {
    let newest = checkpoint::newest_valid(run).unwrap().unwrap();
    checkpoint::load(&newest.path).unwrap().0.step
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
}

#[test]
fn everything_comes_back_bit_for_bit() {
    let (_folder, run) = new_run();
    let path = save(&run, 12_000).unwrap();
    assert!(path.ends_with("checkpoints/step-00012000"));
    let (loaded, parts) = checkpoint::load(&path).unwrap();
    assert_eq!(loaded, state(12_000));
    assert_eq!(parts.keys().collect::<Vec<_>>(), ["generator", "optimizer"]);
    for (name, tensor) in weights(12_000) {
        assert_eq!(parts["generator"][&name].dims(), tensor.dims());
        assert_eq!(bits(&parts["generator"][&name]), bits(&tensor));
    }
}

#[test]
fn equal_tensors_give_equal_bytes() {
    let ((_folder, run), (_other_folder, other)) = (new_run(), new_run());
    let (one, two) = (save(&run, 5).unwrap(), save(&other, 5).unwrap());
    for file in ["generator.safetensors", "optimizer.safetensors", "state.json"] {
        assert_eq!(fs::read(one.join(file)).unwrap(), fs::read(two.join(file)).unwrap(), "{file}");
    }
}

#[test]
fn the_newest_and_those_pointed_to_are_kept() {
    let (_folder, run) = new_run();
    for step in 1..=6 {
        save(&run, step).unwrap();
    }
    assert_eq!(names(run.path()), ["step-00000001", "step-00000003", "step-00000005", "step-00000006"]);
    assert!(Pointer::Pretrained.get(run.path()).unwrap().ends_with("step-00000001"));
    assert!(Pointer::Best.get(run.path()).unwrap().ends_with("step-00000003"));
    assert_eq!(newest(run.path()), 6);
}

/// A process may end between the rename of a checkpoint and the files that name it, which may also be stale or no files.
#[test]
fn the_newest_checkpoint_says_which_ones_are_pointed_to() {
    let (_folder, run) = new_run();
    (1..=3).for_each(|step| drop(save(&run, step).unwrap()));
    let pointed = || [Pointer::Best, Pointer::Pretrained].map(|pointer| pointer.step(run.path()));
    assert_eq!(pointed(), [Some(3), Some(1)], "there are no files yet");
    fs::write(run.path().join("best"), "step-00000002\n").unwrap();
    assert_eq!(pointed(), [Some(3), Some(1)]);
    Pointer::write_all(&run, &state(3)).unwrap();
    let files = ["best", "pretrained"].map(|name| fs::read_to_string(run.path().join(name)).unwrap());
    assert_eq!(files, ["step-00000003\n", "step-00000001\n"]);
}

#[test]
fn the_files_of_an_earlier_version_are_read() {
    let (_folder, run) = new_run();
    let old = |step| RunState { pointers: Pointers::default(), ..state(step) };
    let save = |step| drop(checkpoint::save(&run, &old(step), &[("generator", &weights(step))], 2).unwrap());
    save(1);
    fs::write(run.path().join("best"), "step-00000001\n").unwrap();
    (2..=5).for_each(save);
    assert_eq!(Pointer::Best.step(run.path()), Some(1));
    assert_eq!(names(run.path()), ["step-00000001", "step-00000002", "step-00000004", "step-00000005"]);
    let mut state = old(5);
    Pointer::complete(&run, &mut state);
    assert_eq!(state.pointers, Pointers { best: Some(1), pretrained: None });
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_pointer_is_not_read() {
    let (_folder, run) = new_run();
    let made = Command::new("mkfifo").arg(run.path().join("best")).status().unwrap();
    assert!(made.success());
    assert_eq!(Pointer::Best.step(run.path()), None);
}

#[test]
fn a_run_without_checkpoints_begins_at_the_beginning() {
    let (_folder, run) = new_run();
    assert_eq!(checkpoint::newest_valid(run.path()).unwrap(), None);
    assert_eq!(Pointer::Best.get(run.path()), None);
}

#[test]
fn damaged_checkpoints_are_skipped_and_named() {
    type Damage = fn(&Path);
    let truncate: Damage = |path| {
        let file = fs::File::options().write(true).open(path.join("generator.safetensors")).unwrap();
        file.set_len(1000).unwrap();
    };
    let flip: Damage = |path| {
        let mut bytes = fs::read(path.join("optimizer.safetensors")).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(path.join("optimizer.safetensors"), bytes).unwrap();
    };
    let lose: Damage = |path| fs::remove_file(path.join("generator.safetensors")).unwrap();
    let tear: Damage = |path| fs::write(path.join("state.json"), "{\"state\": {").unwrap();
    let cases = [
        (truncate, "generator.safetensors has 1000 of "),
        (flip, "optimizer.safetensors does not match its sha256"),
        (lose, "generator.safetensors: "),
        (tear, "state.json: "),
    ];
    for (damage, message) in cases {
        let (_folder, run) = new_run();
        save(&run, 1).unwrap();
        damage(&save(&run, 2).unwrap());
        let found = checkpoint::newest_valid(run.path()).unwrap().unwrap();
        assert!(found.path.ends_with("step-00000001"));
        assert!(found.skipped[0].contains(message), "{:?}", found.skipped);

        save(&run, 2).expect("the damaged one is replaced");
        assert_eq!(newest(run.path()), 2);

        damage(&run.path().join("checkpoints/step-00000001"));
        damage(&run.path().join("checkpoints/step-00000002"));
        let error = checkpoint::newest_valid(run.path()).unwrap_err().to_string();
        assert!(error.starts_with("no checkpoint can be used (") && error.contains("--fresh"), "{error}");
    }
}

#[test]
fn a_checkpoint_of_another_format_version_is_refused() {
    let (_folder, run) = new_run();
    save(&run, 1).unwrap();
    let file = save(&run, 2).unwrap().join("state.json");
    let state = fs::read_to_string(&file).unwrap();
    for (version, advice) in
        [(999, "update poetgan"), (1, "use the poetgan that trained it, or start over with --fresh")]
    {
        let other = state.replace(&format!("\"version\": {VERSION}"), &format!("\"version\": {version}"));
        assert_ne!(other, state);
        fs::write(&file, other).unwrap();
        let error = checkpoint::newest_valid(run.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("format version {version},")) && error.contains(advice), "{error}");
    }
}

#[test]
fn leftovers_of_a_crash_are_cleaned_and_harm_nothing() {
    let (_folder, run) = new_run();
    save(&run, 1).unwrap();
    let path = save(&run, 2).unwrap();
    let checkpoints = run.path().join("checkpoints");
    // A crash while a third was written, and one between the two renames that replace the second.
    fs::create_dir(checkpoints.join(".writing-step-00000003")).unwrap();
    fs::write(checkpoints.join(".writing-step-00000003/generator.safetensors"), "half").unwrap();
    fs::rename(&path, checkpoints.join(".replaced-step-00000002")).unwrap();
    assert_eq!(newest(run.path()), 1);

    let path = run.path().to_path_buf();
    drop(run);
    let run = RunDir::open(&path).unwrap();
    checkpoint::clean(&run).unwrap();
    assert_eq!(names(run.path()), ["step-00000001", "step-00000002"]);
    assert_eq!(newest(run.path()), 2);
}

#[test]
fn a_folder_that_cannot_be_written_loses_nothing() {
    let (_folder, run) = new_run();
    save(&run, 1).unwrap();
    let checkpoints = run.path().join("checkpoints");
    fs::write(checkpoints.join(".writing-step-00000002"), "a file where a folder must be").unwrap();
    let error = save(&run, 2).unwrap_err().to_string();
    assert!(error.starts_with("cannot write checkpoint ") && error.contains("are untouched"), "{error}");
    assert_eq!(newest(run.path()), 1);
}

#[test]
fn a_state_that_could_not_be_read_again_is_not_written() {
    let (_folder, run) = new_run();
    save(&run, 1).unwrap();
    let state = RunState { best: Some(Best { loss: f32::NAN, step: 1, rhyme: None }), ..state(2) };
    assert!(checkpoint::save(&run, &state, &[("generator", &weights(2))], 1).is_err());
    assert_eq!(names(run.path()), ["step-00000001"]);
}

/// Not a test of its own: the process that the tests below start and hurt. Saves checkpoint after checkpoint, and
/// writes what goes wrong to `error.txt`.
#[test]
#[ignore = "run by other tests"]
fn victim() {
    let path = std::env::var("POETGAN_TEST_RUN").expect("set by the tests that start this process");
    let run = RunDir::open(Path::new(&path)).unwrap();
    let first = checkpoint::newest_valid(run.path()).unwrap().map_or(1, |_| newest(run.path()) + 1);
    for step in first..first + 10_000 {
        let state = RunState { pointers: Pointers { best: Some(step), pretrained: None }, ..state(step) };
        let (generator, optimizer) = (weights(step), weights(step + 1));
        let saved = checkpoint::save(&run, &state, &[("generator", &generator), ("optimizer", &optimizer)], 2);
        if let Err(error) = saved.and_then(|_| Pointer::write_all(&run, &state)) {
            fs::write(run.path().join("error.txt"), error.to_string()).unwrap();
            return;
        }
    }
}

#[cfg(unix)]
fn victim_of(run: &Path, shell: &str) -> Child {
    let binary = std::env::current_exe().unwrap();
    let script = format!("{shell} exec '{}' --exact victim --ignored", binary.display());
    let mut command = Command::new("sh");
    command.args(["-c", &script]).env("POETGAN_TEST_RUN", run);
    command.stdout(std::process::Stdio::null()).spawn().unwrap()
}

#[cfg(unix)]
#[test]
fn a_killed_process_leaves_a_whole_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let mut last = 0;
    for round in 0..12 {
        let mut child = victim_of(&run, "");
        wait_for_progress(&run, last);
        std::thread::sleep(Duration::from_millis(7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        // Also shows that the lock of a killed process is gone.
        let run = RunDir::open(&run).unwrap();
        let found = checkpoint::newest_valid(run.path()).unwrap().unwrap();
        assert_eq!(found.skipped, [""; 0], "no checkpoint is ever half there");
        assert!(newest(run.path()) > last);
        last = newest(run.path());
        assert!(names(run.path()).len() <= 4, "{:?}", names(run.path()));
    }
}

/// Waits until the run has a checkpoint after that of step `last`.
#[cfg(unix)]
fn wait_for_progress(run: &Path, last: u64) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let later = |name: &String| name.starts_with("step-") && *name > format!("step-{last:08}");
    while !run.join("checkpoints").exists() || !names(run).iter().any(later) {
        assert!(Instant::now() < deadline, "no checkpoint after step {last}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    save(&RunDir::open(&run).unwrap(), 1).unwrap();
    // A limit on the size of files is the full disk of those who may not mount one: writes fail halfway.
    let mut child = victim_of(&run, "trap '' XFSZ; ulimit -f 200;");
    assert!(child.wait().unwrap().success());
    let error = fs::read_to_string(run.join("error.txt")).unwrap();
    assert!(error.starts_with("cannot write checkpoint ") && error.contains("free some space"), "{error}");
    assert_eq!(newest(&run), 1);
    assert_eq!(names(&run), ["step-00000001"]);
}
