//! One part as a file of JSON lines: what it is a part of, the results of each task, and a checksum of these lines.

use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Shard;
use crate::error::UserError;
use crate::input;
use crate::printable;
use crate::run::files::write_atomically;

/// What results depend on: models, poems and options, by name.
pub type Identity = Map<String, Value>;

/// The version of the program, since another one may give other results.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The first line of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartHeader {
    /// Version of the program.
    pub poetgan: String,
    pub command: String,
    pub shard: Shard,
    pub identity: Identity,
}

/// Results of one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskResults {
    pub task: String,
    pub items: Vec<Value>,
}

/// The results of one part.
#[derive(Debug)]
pub struct PartFile {
    pub header: PartHeader,
    pub tasks: Vec<TaskResults>,
}

impl PartFile {
    /// A part without results.
    pub fn new(command: &str, shard: Shard) -> PartFile {
        let header =
            PartHeader { poetgan: VERSION.to_string(), command: command.to_string(), shard, identity: Map::new() };
        PartFile { header, tasks: Vec::new() }
    }

    pub fn command(&self) -> &str {
        &self.header.command
    }

    pub(super) fn identify(&mut self, identity: Identity) {
        self.header.identity = identity;
    }

    /// The items of the next task, of `n` in all.
    pub(super) fn next_range(&self, n: usize) -> Range<usize> {
        self.range(self.tasks.len(), n)
    }

    /// The items of a task, given by its number; `n` in all.
    pub(super) fn range(&self, task: usize, n: usize) -> Range<usize> {
        let range = self.header.shard.range_in_task(task as u64, n as u64);
        range.start as usize..range.end as usize
    }

    /// Adds the results of the next task.
    pub(super) fn add(&mut self, task: &str, items: &[impl Serialize]) -> Result<()> {
        let items = items.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
        self.tasks.push(TaskResults { task: task.to_string(), items });
        Ok(())
    }

    /// # Errors
    /// A file that cannot be written.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let mut text = printable::json(&self.header)? + "\n";
        for task in &self.tasks {
            text += &printable::json(task)?;
            text.push('\n');
        }
        let checksum = crc32c::crc32c(text.as_bytes());
        text += &format!("{}\n", json!({ "crc32c": checksum }));
        let failed = |cause| UserError(format!("cannot write {}: {cause}; check the path", path.display()));
        Ok(write_atomically(path, text.as_bytes()).map_err(failed)?)
    }

    /// # Errors
    /// A file that is no part, is damaged, or is of another version.
    pub(super) fn read(path: &Path) -> Result<PartFile> {
        let shown = path.display();
        let bytes =
            input::read(path).map_err(|cause| UserError(format!("cannot read {shown}: {cause}; check the path")))?;
        if bytes.is_empty() {
            return Err(UserError(format!("{shown}: the file is empty; compute this part again")).into());
        }
        let foreign = || {
            UserError(format!("{shown}: no part of eval or sweep; the parts of write are joined as they are, with cat"))
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| foreign())?;
        let first = text.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
        let version = first.as_ref().filter(|header| header["shard"].is_string()).and_then(|h| h["poetgan"].as_str());
        let version = version.ok_or_else(foreign)?;
        if version != VERSION {
            let message = format!("{shown}: computed by poetgan {version}, and this is {VERSION}; use one version");
            return Err(UserError(message).into());
        }
        let damaged = || UserError(format!("{shown}: the file is damaged or incomplete; compute this part again"));
        Ok(parsed(text).ok_or_else(damaged)?)
    }
}

/// `None` if the checksum is wrong or something is missing.
fn parsed(text: &str) -> Option<PartFile> {
    let end = text.strip_suffix('\n')?.rfind('\n')? + 1;
    let (lines, checksum) = text.split_at(end);
    let checksum: Value = serde_json::from_str(checksum).ok()?;
    if checksum["crc32c"].as_u64()? != u64::from(crc32c::crc32c(lines.as_bytes())) {
        return None;
    }
    let mut lines = lines.lines();
    let header = serde_json::from_str(lines.next()?).ok()?;
    let tasks = lines.map(serde_json::from_str).collect::<Result<_, _>>().ok()?;
    Some(PartFile { header, tasks })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The error of reading these bytes.
    fn error(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, bytes).unwrap();
        PartFile::read(&path).unwrap_err().to_string()
    }

    fn bytes() -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut part = PartFile::new("eval", "1/2".parse().unwrap());
        part.add("poems", &["春", "a\u{1b}b\u{202e}"]).unwrap();
        part.add("nothing", &[0u8; 0]).unwrap();
        part.write(&path).unwrap();
        let read = PartFile::read(&path).unwrap();
        assert_eq!((&read.header, &read.tasks), (&part.header, &part.tasks));
        fs::read(&path).unwrap()
    }

    #[test]
    fn a_file_that_is_cut_or_changed_anywhere_is_refused() {
        let whole = bytes();
        for end in 0..whole.len() {
            let said = error(&whole[..end]);
            let expected = if end == 0 { ["empty"; 2] } else { ["no part of", "damaged or incomplete"] };
            assert!(expected.iter().any(|words| said.contains(words)), "{end}: {said}");
        }
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert!(!error(&changed).is_empty());
        }
    }

    #[test]
    fn poems_and_other_versions_are_told_apart() {
        let text = String::from_utf8(bytes()).unwrap();
        let other = text.replacen(&format!("\"poetgan\":\"{VERSION}\""), "\"poetgan\":\"0.0.7\"", 1);
        assert!(error(other.as_bytes()).contains("computed by poetgan 0.0.7"), "{}", error(other.as_bytes()));
        for foreign in ["春眠不觉晓\n", "{\"seed\": 1}\n", "[]", "null\n", "\n\n"] {
            assert!(error(foreign.as_bytes()).contains("no part of eval or sweep"), "{foreign}");
        }
    }
}
