//! All parts of one command, checked to belong together.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Shard;
use super::part::{Identity, PartFile};
use crate::error::UserError;

/// The parts of one command in their order.
#[derive(Debug)]
pub struct PartSet {
    parts: Vec<PartOfFile>,
    /// Tasks whose results were taken.
    n_taken: usize,
}

#[derive(Debug)]
struct PartOfFile {
    path: PathBuf,
    part: PartFile,
}

impl PartSet {
    /// Reads the parts in `paths`, in any order.
    ///
    /// # Errors
    /// A file that is no whole part of this version, parts of different commands, a part that is missing or there twice.
    pub fn read(paths: &[PathBuf]) -> Result<PartSet> {
        let read = |path: &PathBuf| Ok(PartOfFile { path: path.clone(), part: PartFile::read(path)? });
        let mut parts: Vec<PartOfFile> = paths.iter().map(read).collect::<Result<_>>()?;
        if let Some((first, others)) = parts.split_first() {
            others.iter().try_for_each(|other| belong_together(first, other))?;
        }
        parts.sort_by_key(|part| part.shard().number);
        check_numbers(&parts)?;
        Ok(PartSet { parts, n_taken: 0 })
    }

    pub fn command(&self) -> &str {
        self.parts.first().map_or("", |first| first.part.command())
    }

    /// What the results depend on.
    pub fn identity(&self) -> Identity {
        self.parts.first().map(|first| first.part.header.identity.clone()).unwrap_or_default()
    }

    /// Whether what is here is what the parts were computed with.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn check(&self, here: &Identity) -> Result<(), UserError> {
        let Some(PartOfFile { path, part }) = self.parts.first() else { return Ok(()) };
        let Some((name, theirs, ours)) = difference(&part.header.identity, here) else { return Ok(()) };
        let path = path.display();
        let remedy = "merge needs the model and the poems of the parts";
        Err(UserError(format!("{path}: its {name} is {theirs}, and here it is {ours}; {remedy}")))
    }

    /// The results of the next task, in the order of the items.
    ///
    /// # Errors
    /// A part whose results are not those of this task.
    pub(super) fn take<T: DeserializeOwned>(&mut self, task: &str, n: usize) -> Result<Vec<T>> {
        let number = self.n_taken;
        self.n_taken += 1;
        let mut ranges = Vec::new();
        for PartOfFile { path, part } in &mut self.parts {
            let range = part.range(number, n);
            let found = part.tasks.get_mut(number).filter(|found| found.task == task);
            let items = found.map(|found| std::mem::take(&mut found.items)).filter(|items| items.len() == range.len());
            let items =
                items.and_then(|items| items.into_iter().map(|item| serde_json::from_value(item).ok()).collect());
            let items: Vec<T> = items.ok_or_else(|| {
                UserError(format!("{}: lacks results of '{task}'; compute this part again", path.display()))
            })?;
            ranges.push((range.start, items));
        }
        // Empty ranges may have the start of another one.
        ranges.sort_by_key(|(start, _)| *start);
        Ok(ranges.into_iter().flat_map(|(_, items)| items).collect())
    }
}

impl PartOfFile {
    fn shard(&self) -> Shard {
        self.part.header.shard
    }
}

/// Whether `other` is a part of the same command with the same models, poems and options.
fn belong_together(first: &PartOfFile, other: &PartOfFile) -> Result<(), UserError> {
    let [a, b] = [first, other].map(|part| part.path.display());
    let [command, other_command] = [first, other].map(|part| part.part.command());
    if command != other_command {
        return Err(UserError(format!(
            "{b}: a part of {other_command}, and {a} is one of {command}; merge one command"
        )));
    }
    let [shard, other_shard] = [first, other].map(PartOfFile::shard);
    if shard.of != other_shard.of {
        return Err(UserError(format!("{b}: part {other_shard}, and {a} is part {shard}; all need the same N")));
    }
    let identities = [first, other].map(|part| &part.part.header.identity);
    match difference(identities[0], identities[1]) {
        None => Ok(()),
        Some((name, ours, theirs)) => {
            let remedy = "parts of one command have the same options";
            Err(UserError(format!("{b}: its {name} is {theirs}, and that of {a} is {ours}; {remedy}")))
        }
    }
}

/// The first value that differs: its name, and both values as JSON.
fn difference(a: &Identity, b: &Identity) -> Option<(String, String, String)> {
    let shown = |value: Option<&Value>| value.map_or("null".to_string(), Value::to_string);
    let names = a.keys().chain(b.keys());
    let mut different = names.filter(|name| a.get(*name) != b.get(*name));
    different.next().map(|name| (name.clone(), shown(a.get(name)), shown(b.get(name))))
}

/// Whether every part is there once.
fn check_numbers(sorted: &[PartOfFile]) -> Result<(), UserError> {
    for (part, expected) in sorted.iter().zip(1..) {
        let Shard { number, of } = part.shard();
        if number > expected {
            return Err(missing(part.part.command(), expected, of, &part.path));
        }
        if number < expected {
            let twin = sorted.iter().find(|other| other.shard().number == number);
            let (twin, path) = (twin.map_or(Path::new(""), |twin| &twin.path).display(), part.path.display());
            return Err(UserError(format!("{path}: part {number} of {of}, and so is {twin}; leave one of them out")));
        }
    }
    match sorted.last() {
        Some(last) if last.shard().number < last.shard().of => {
            let Shard { number, of } = last.shard();
            Err(missing(last.part.command(), number + 1, of, &last.path))
        }
        _ => Ok(()),
    }
}

fn missing(command: &str, number: u64, of: u64, beside: &Path) -> UserError {
    let (beside, shard) = (beside.display(), Shard { number, of });
    UserError(format!(
        "part {number} of {of}, which belongs to {beside}, is missing; poetgan {command} --shard {shard} computes it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shard::PartOptions;
    use serde_json::json;

    /// Writes a part of each of these commands, seeds and shards, and joins them.
    fn error(parts: &[(&str, u64, &str)]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        for (index, (command, seed, shard)) in parts.iter().enumerate() {
            let path = folder.path().join(format!("file-{index}"));
            let options = PartOptions { shard: shard.parse().unwrap(), file: Some(path.clone()) };
            let mut work = options.begin(command).unwrap();
            work.identify(|| Ok(json!({"samples": 20, "seed": seed}).as_object().unwrap().clone())).unwrap();
            work.items("poems", 2, |range| Ok(range.collect::<Vec<usize>>())).unwrap();
            options.finish(&work, crate::lang::Lang::En, &mut Vec::new()).unwrap();
            paths.push(path);
        }
        let said = PartSet::read(&paths).map(|mut set| set.take::<usize>("other", 2).unwrap_err());
        let said = said.unwrap_or_else(|error| error).to_string();
        said.replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn parts_of_different_commands_are_named() {
        let first = ("eval", 0, "1/3");
        for (parts, said) in [
            (vec![first, ("sweep", 0, "2/3")], "file-1: a part of sweep, and file-0 is one of eval"),
            (vec![first, ("eval", 0, "2/4")], "file-1: part 2/4, and file-0 is part 1/3"),
            (vec![first, ("eval", 7, "2/3")], "file-1: its seed is 7, and that of file-0 is 0"),
            (vec![first, ("eval", 0, "3/3")], "part 2 of 3, which belongs to file-1, is missing"),
            (vec![("eval", 0, "2/3"), ("eval", 0, "3/3")], "part 1 of 3, which belongs to file-0, is missing"),
            (vec![first, ("eval", 0, "2/3")], "part 3 of 3, which belongs to file-1, is missing"),
            (vec![first, ("eval", 0, "2/3"), first], "file-2: part 1 of 3, and so is file-0"),
            (vec![("eval", 0, "1/1")], "file-0: lacks results of 'other'"),
        ] {
            assert!(error(&parts).starts_with(said), "{}", error(&parts));
        }
    }
}
