//! Checkpoints: everything that a run needs to resume bit for bit, in `checkpoints/step-00012000/`.
//!
//! A checkpoint is written into a temporary folder beside it, synced and renamed, so a folder of that name is whole.
//! `state.json` holds the digest of each part all the same, since disks fail and folders get copied incompletely.

use crate::nn::params::Weights;
use crate::run::disk;
use crate::run::files::{sync_folder, write_atomically, write_durably};
use crate::run::run_dir::{RunDir, RunError};
use crate::run::state::{Pointers, RunState, VERSION};
use candle_core::Device;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a checkpoint cannot be written or read; the message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error("cannot write checkpoint {}: {cause}; {}", path.display(), what_next(path))]
    Write { path: PathBuf, cause: io::Error },
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("cannot remove the old checkpoints in {}: {cause}; the new one is safe", path.display())]
    Prune { path: PathBuf, cause: io::Error },
    #[error("cannot clean {}: {cause}", path.display())]
    Clean { path: PathBuf, cause: io::Error },
    #[error("cannot read {}: {cause}", path.display())]
    Read { path: PathBuf, cause: io::Error },
    #[error("checkpoint {} is damaged: {message}", path.display())]
    Damaged { path: PathBuf, message: String },
    #[error("checkpoint {} has format version {version}, newer than this program's {VERSION}; update poetgan", path.display())]
    Newer { path: PathBuf, version: u32 },
    #[error(
        "checkpoint {} has format version {version}, and this program reads {VERSION}; use the poetgan that trained it, or \
         start over with --fresh (the earlier run is kept)", path.display()
    )]
    Older { path: PathBuf, version: u32 },
    #[error("no checkpoint can be used ({first}); restore one from a copy, or start over with --fresh")]
    NoneValid { first: String },
}

/// The newest checkpoint that can be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Newest {
    pub path: PathBuf,
    /// Why each newer one cannot be used, for the user.
    pub skipped: Vec<String>,
}

/// `state.json`.
#[derive(Serialize, Deserialize)]
struct Manifest {
    state: RunState,
    parts: BTreeMap<String, Digest>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct Digest {
    bytes: u64,
    sha256: String,
}

/// What to do when a checkpoint, or a file that names one, could not be written.
fn what_next(path: &Path) -> &'static str {
    let is_checkpoint = |name: &str| parse_step(name).is_some() && path.file_name().is_none_or(|own| own != name);
    let folders = [path.parent().map(Path::to_path_buf), path.parent().map(|parent| parent.join("checkpoints"))];
    let entries = folders.into_iter().flatten().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    if entries.into_iter().any(|entry| is_checkpoint(&entry.file_name().to_string_lossy())) {
        "the checkpoints before it are untouched, so free some space or repair the folder, then run the same command again"
    } else {
        "it would have been the first, so free some space or repair the folder, then run the same command again, which starts over"
    }
}

/// Writes the checkpoint of `state.step`, then removes old ones: `keep` of the newest stay, those that are pointed to,
/// and that of the best step. The same state and tensors give the same bytes. On an error the earlier
/// checkpoints that are to stay are as they were.
pub fn save(
    run: &RunDir,
    state: &RunState,
    parts: &[(&str, &Weights)],
    keep: usize,
) -> Result<PathBuf, CheckpointError> {
    run.check_place()?;
    let folder = run.path().join("checkpoints");
    let path = folder.join(step_name(state.step));
    let temporary = folder.join(format!("{TEMPORARY}{}", step_name(state.step)));
    // A process that was killed before its second pruning has left one too many.
    prune(run, state, keep)?;
    let written = write_parts(&temporary, state, parts).and_then(|()| put_in_place(&folder, &temporary, &path));
    if let Err(cause) = written {
        // The first error matters; leftovers are removed when the run is opened again.
        let _ = disk::remove_dir_all(&temporary);
        return Err(CheckpointError::Write { path, cause });
    }
    prune(run, state, keep)?;
    Ok(path)
}

/// Reads a checkpoint and checks every byte of it against its digest. Tensors are on the CPU.
pub fn load(path: &Path) -> Result<(RunState, BTreeMap<String, Weights>), CheckpointError> {
    let manifest = read_manifest(path)?;
    let mut parts = BTreeMap::new();
    for (name, digest) in &manifest.parts {
        let bytes = read_part(path, name, digest)?;
        let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).map_err(|error| {
            CheckpointError::Damaged { path: path.to_path_buf(), message: format!("{name}: {error}") }
        })?;
        parts.insert(name.clone(), tensors.into_iter().collect());
    }
    Ok((manifest.state, parts))
}

/// The newest usable checkpoint of the run in `run`, to resume from; `None` for a run without checkpoints. Damaged ones
/// are skipped. An error when there are checkpoints but none can be used, or the newest
/// has another format version: resuming from less would bury them.
pub fn newest_valid(run: &Path) -> Result<Option<Newest>, CheckpointError> {
    let folder = run.join("checkpoints");
    let steps = steps(&folder).map_err(|cause| CheckpointError::Read { path: folder.clone(), cause })?;
    let mut skipped = Vec::new();
    for step in steps.iter().rev() {
        let path = folder.join(step_name(*step));
        match verify(&path) {
            Ok(()) => return Ok(Some(Newest { path, skipped })),
            Err(error @ (CheckpointError::Newer { .. } | CheckpointError::Older { .. })) => return Err(error),
            Err(error) => skipped.push(error.to_string()),
        }
    }
    // If all of them are gone, a pointer still names one; starting over would overwrite the rest of the run.
    let gone = || Pointer::Best.step(run).map(|step| format!("{} is gone", folder.join(step_name(step)).display()));
    match skipped.into_iter().next().or_else(gone) {
        Some(first) => Err(CheckpointError::NoneValid { first }),
        None => Ok(None),
    }
}

/// The state of the newest checkpoint of the run in `run`, without reading its tensors. `None` where there is none, or
/// where it cannot be read.
pub fn newest_state(run: &Path) -> Option<RunState> {
    let folder = run.join("checkpoints");
    let newest = steps(&folder).ok()?.last().copied()?;
    read_manifest(&folder.join(step_name(newest))).ok().map(|manifest| manifest.state)
}

/// A file of the run that names a checkpoint, which is kept however old it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    Best,
    /// The end of pretraining: the baseline of `eval` and `sweep`.
    Pretrained,
}

impl Pointer {
    const ALL: [Pointer; 2] = [Pointer::Best, Pointer::Pretrained];

    fn file(self) -> &'static str {
        match self {
            Pointer::Best => "best",
            Pointer::Pretrained => "pretrained",
        }
    }

    /// The step of that checkpoint, if the run points to one: what the newest checkpoint says, or the file for one of an
    /// earlier version.
    pub fn step(self, run: &Path) -> Option<u64> {
        let newest = newest_state(run).and_then(|state| self.of(&state));
        newest.or_else(|| self.in_file(run))
    }

    fn of(self, state: &RunState) -> Option<u64> {
        match self {
            Pointer::Best => state.pointers.best,
            Pointer::Pretrained => state.pointers.pretrained,
        }
    }

    fn in_file(self, run: &Path) -> Option<u64> {
        let path = run.join(self.file());
        // To read from a pipe would wait for a writer.
        fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        parse_step(fs::read_to_string(path).ok()?.trim())
    }

    /// Fills in what a state of an earlier version lacks.
    pub fn complete(run: &RunDir, state: &mut RunState) {
        let file = |pointer: Pointer| pointer.in_file(run.path()).filter(|&step| existing(run.path(), step).is_some());
        let Pointers { best, pretrained } = state.pointers;
        state.pointers = Pointers {
            best: best.or_else(|| file(Pointer::Best)),
            pretrained: pretrained.or_else(|| file(Pointer::Pretrained)),
        };
    }

    /// Writes the files of the pointers that `state` has and that differ.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_all(run: &RunDir, state: &RunState) -> Result<(), CheckpointError> {
        for pointer in Pointer::ALL {
            let step = pointer.of(state).filter(|&step| existing(run.path(), step).is_some());
            if let Some(step) = step.filter(|&step| pointer.in_file(run.path()) != Some(step)) {
                let path = run.path().join(pointer.file());
                write_atomically(&path, format!("{}\n", step_name(step)).as_bytes())
                    .map_err(|cause| CheckpointError::Write { path: path.clone(), cause })?;
            }
        }
        Ok(())
    }

    /// The checkpoint that it points to, if there is one.
    pub fn get(self, run: &Path) -> Option<PathBuf> {
        self.step(run).and_then(|step| existing(run, step))
    }
}

/// The steps that the run in `run` has checkpoints of.
pub fn steps_of(run: &Path) -> BTreeSet<u64> {
    steps(&run.join("checkpoints")).unwrap_or_default()
}

/// The checkpoint of a step of the run in `run`, if there is one.
pub fn existing(run: &Path, step: u64) -> Option<PathBuf> {
    Some(run.join("checkpoints").join(step_name(step))).filter(|path| path.exists())
}

/// The folder of the checkpoint of a step.
pub fn path_of(run: &RunDir, step: u64) -> PathBuf {
    run.path().join("checkpoints").join(step_name(step))
}

/// Removes what an interrupted `save` has left behind.
///
/// # Errors
/// Files that cannot be renamed or removed.
pub fn clean(run: &RunDir) -> Result<(), CheckpointError> {
    let folder = run.path().join("checkpoints");
    clean_folder(&folder).map_err(|cause| CheckpointError::Clean { path: folder.clone(), cause })
}

fn clean_folder(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if let Some(step) = name.strip_prefix(REPLACED).filter(|step| !folder.join(step).exists()) {
            // The process ended between the two renames of `put_in_place`.
            disk::rename(&entry.path(), &folder.join(step))?;
        } else if name.starts_with(TEMPORARY) || name.starts_with(REPLACED) {
            disk::remove_dir_all(&entry.path())?;
        }
    }
    Ok(())
}

const TEMPORARY: &str = ".writing-";
const REPLACED: &str = ".replaced-";
const STATE: &str = "state.json";

fn step_name(step: u64) -> String {
    format!("step-{step:08}")
}

fn parse_step(name: &str) -> Option<u64> {
    name.strip_prefix("step-")?.parse().ok()
}

fn part_file(name: &str) -> String {
    format!("{name}.safetensors")
}

fn write_parts(folder: &Path, state: &RunState, parts: &[(&str, &Weights)]) -> io::Result<()> {
    if folder.exists() {
        disk::remove_dir_all(folder)?;
    }
    disk::create_dir_all(folder)?;
    let mut digests = BTreeMap::new();
    for (name, weights) in parts {
        let bytes = safetensors::serialize(weights.iter(), None).map_err(io::Error::other)?;
        write_durably(&folder.join(part_file(name)), &bytes)?;
        digests.insert(name.to_string(), digest(&bytes));
    }
    let mut json = serde_json::to_vec_pretty(&Manifest { state: state.clone(), parts: digests })?;
    json.push(b'\n');
    // JSON has no NaN: an error now is better than a checkpoint that cannot be read.
    serde_json::from_slice::<Manifest>(&json)?;
    write_durably(&folder.join(STATE), &json)?;
    sync_folder(folder)
}

/// A folder cannot be renamed over another one, so an older checkpoint of the same step steps aside first.
fn put_in_place(folder: &Path, temporary: &Path, path: &Path) -> io::Result<()> {
    let aside = folder.join(format!("{REPLACED}{}", path.file_name().unwrap_or_default().to_string_lossy()));
    if path.exists() {
        disk::rename(path, &aside)?;
    }
    disk::rename(temporary, path)?;
    sync_folder(folder)?;
    if aside.exists() { disk::remove_dir_all(&aside) } else { Ok(()) }
}

/// Removes old checkpoints, as [`save`] does: a process that ended within that has left one too many. Checkpoints beyond the
/// step of `state` can only be damaged ones that the run did not resume from. They are kept for inspection until the run
/// reaches their step.
///
/// # Errors
/// Folders that cannot be removed.
pub fn prune(run: &RunDir, state: &RunState, keep: usize) -> Result<(), CheckpointError> {
    let folder = run.path().join("checkpoints");
    let pointed = Pointer::ALL.iter().flat_map(|pointer| [pointer.of(state), pointer.step(run.path())]).flatten();
    let pointed: Vec<u64> = pointed.chain(state.best.map(|best| best.step)).collect();
    let pruned = || -> io::Result<()> {
        let steps = steps(&folder)?;
        let old = steps.range(..=state.step).rev().skip(keep.max(1)).filter(|step| !pointed.contains(step));
        old.into_iter().try_for_each(|step| disk::remove_dir_all(&folder.join(step_name(*step))))
    };
    pruned().map_err(|cause| CheckpointError::Prune { path: folder.clone(), cause })
}

fn steps(folder: &Path) -> io::Result<BTreeSet<u64>> {
    let mut steps = BTreeSet::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(steps),
        entries => entries?,
    };
    for entry in entries {
        steps.extend(parse_step(&entry?.file_name().to_string_lossy()));
    }
    Ok(steps)
}

fn verify(path: &Path) -> Result<(), CheckpointError> {
    for (name, digest) in &read_manifest(path)?.parts {
        read_part(path, name, digest)?;
    }
    Ok(())
}

fn read_manifest(path: &Path) -> Result<Manifest, CheckpointError> {
    let damaged = |message: String| CheckpointError::Damaged { path: path.to_path_buf(), message };
    let json = fs::read(path.join(STATE)).map_err(|cause| damaged(format!("{STATE}: {cause}")))?;
    let value: serde_json::Value =
        serde_json::from_slice(&json).map_err(|error| damaged(format!("{STATE}: {error}")))?;
    let version = value["state"]["version"].as_u64().unwrap_or_default();
    match u32::try_from(version) {
        Ok(version) if version > VERSION => Err(CheckpointError::Newer { path: path.to_path_buf(), version }),
        Ok(version) if version < VERSION => Err(CheckpointError::Older { path: path.to_path_buf(), version }),
        _ => {
            let manifest: Manifest =
                serde_json::from_value(value).map_err(|error| damaged(format!("{STATE}: {error}")))?;
            manifest.state.check().map_err(|error| damaged(format!("{STATE}: {error}")))?;
            Ok(manifest)
        }
    }
}

fn read_part(path: &Path, name: &str, expected: &Digest) -> Result<Vec<u8>, CheckpointError> {
    let file = part_file(name);
    let damaged = |message: String| CheckpointError::Damaged { path: path.to_path_buf(), message };
    let bytes = fs::read(path.join(&file)).map_err(|cause| damaged(format!("{file}: {cause}")))?;
    if bytes.len() as u64 != expected.bytes {
        return Err(damaged(format!("{file} has {} of {} bytes", bytes.len(), expected.bytes)));
    }
    if digest(&bytes) != *expected {
        return Err(damaged(format!("{file} does not match its sha256")));
    }
    Ok(bytes)
}

fn digest(bytes: &[u8]) -> Digest {
    let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Digest { bytes: bytes.len() as u64, sha256 }
}
