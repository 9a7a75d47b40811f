//! Processes that `mpirun` starts train the weights of one process, bit for bit; one that is lost ends the run with a checkpoint.
//!
//! ```sh
//! cargo test --release --features mpi --test mpi
//! ```

#![cfg(all(unix, feature = "mpi"))]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::fs::File;
use std::process::{Child, Command, Output};

use common::{Folder, assert_equal, quick, until};

const STEPS: &str = "--pretrain-steps 12 --adversarial-steps 12 --plain";

/// `ranks` processes of `poetgan WORDS` with a thread each, more than the machine has cores.
fn mpirun(folder: &Folder, ranks: usize, words: &str) -> Command {
    let mut command = Command::new("mpirun");
    command.args(["-n", &ranks.to_string(), "--oversubscribe", "--bind-to", "none", env!("CARGO_BIN_EXE_poetgan")]);
    command.args(words.split_whitespace()).args(["--threads", "1"]).current_dir(folder.path("."));
    // Where tests run as root, as in a container.
    command.envs([("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")]);
    // A busy machine needs more than a second to save.
    command.env("OMPI_MCA_odls_base_sigkill_timeout", "5");
    command
}

fn done(folder: &Folder, ranks: usize, words: &str) -> String {
    let Output { status, stdout, stderr } = mpirun(folder, ranks, words).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{words}: {out}{err}");
    out.into_owned()
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("parts.toml", quick("parts = 4\ncheckpoint_every = 10\nd_warmup_steps = 1"));
    folder
}

#[test]
fn ranks_train_the_weights_of_one_process() {
    let folder = folder();
    for (name, flags) in [("transformer", ""), ("lstm", "--generator lstm --loss wasserstein --n-critic 2")] {
        let words = |run: &str| format!("train poems.txt --config parts.toml --run {name}-{run} {STEPS} {flags}");
        folder.done(&words("alone"));
        let tensors = |run: &str| folder.journal(&format!("{name}-{run}")).tensors(24);
        for ranks in [2, 4] {
            let out = done(&folder, ranks, &words(&ranks.to_string()));
            assert!(out.contains(&format!("1 threads on each of {ranks} ranks")), "{out}");
            assert_equal(&tensors("alone"), &tensors(&ranks.to_string()));
        }
    }
}

/// The process ids of the ranks of `mpirun`, by rank.
fn ranks_of(mpirun: &Child) -> Vec<u32> {
    let children = format!("/proc/{0}/task/{0}/children", mpirun.id());
    let children = std::fs::read_to_string(children).unwrap_or_default();
    let mut ranks: Vec<u32> = children.split_whitespace().map(|id| id.parse().unwrap()).collect();
    ranks.sort_unstable();
    ranks
}

/// Over shared memory, and over the network, whose errors Open MPI handles itself.
#[test]
#[cfg(target_os = "linux")]
fn a_lost_rank_ends_the_run_with_a_checkpoint_from_which_it_resumes() {
    let folder = folder();
    // The adversarial phase, in which the number of steps shapes none of them.
    let words = |run: &str, steps: u64| {
        format!(
            "train poems.txt --config parts.toml --run {run} --pretrain-steps 0 --adversarial-steps {steps} --plain"
        )
    };
    for transport in ["self,vader", "self,tcp"] {
        let (torn, err) = (folder.journal(transport), folder.path("err.txt"));
        let mut command = mpirun(&folder, 3, &words(transport, 100_000));
        command.env("OMPI_MCA_btl", transport).stderr(File::create(&err).unwrap());
        let mut process = command.spawn().unwrap();
        until("the ranks have trained", || (torn.last_step() > 15).then_some(()));
        common::send(ranks_of(&process)[2], "KILL");
        assert!(!process.wait().unwrap().success());
        let told = std::fs::read_to_string(&err).unwrap();
        let saved = *torn.checkpoints().last().unwrap();
        let expected = format!("another rank has ended or does not answer; the run is saved at step {saved}");
        assert!(told.contains(&expected), "{transport}: {told}");
        assert_eq!(saved, torn.last_step());
        // With another number of ranks it goes on to the weights of a run that nothing happened to.
        done(&folder, 2, &words(transport, saved + 20));
        folder.done(&words(&format!("whole-{transport}"), saved + 20));
        let tensors = |run: &str| folder.journal(run).tensors(saved + 20);
        assert_equal(&tensors(&format!("whole-{transport}")), &tensors(transport));
    }
}

#[test]
fn a_mistake_ends_all_ranks_with_one_line() {
    let folder = folder();
    let output = mpirun(&folder, 3, "train nothing.txt --plain").output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && err.matches("poetgan: ").count() == 1 && err.contains("nothing.txt"), "{err}");
}
