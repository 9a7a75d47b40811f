//! Work as tasks of items, computed here, or in parts and then joined.

use std::ops::Range;

use anyhow::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::part::{Identity, PartFile};
use super::set::PartSet;

/// The work of a command.
pub enum DividedWork {
    /// All of it is computed here.
    Whole,
    /// One part is computed here.
    Part(PartFile),
    /// All parts have been computed.
    Merged(PartSet),
}

impl DividedWork {
    /// Whether other parts have results that the command needs.
    pub fn is_part(&self) -> bool {
        matches!(self, DividedWork::Part(_))
    }

    /// Records what the results depend on in a part; for joined parts it must be what they record.
    ///
    /// # Errors
    /// Other models or poems than those of the parts, or whatever `identity` fails with.
    pub fn identify(&mut self, identity: impl FnOnce() -> Result<Identity>) -> Result<()> {
        match self {
            DividedWork::Whole => {}
            DividedWork::Part(part) => part.identify(identity()?),
            DividedWork::Merged(parts) => parts.check(&identity()?)?,
        }
        Ok(())
    }

    /// The results of the `n` items of a task; `None` for a part, which keeps those of its own items, a range that `compute`
    /// gets. The result of an item may depend on no other item, and it holds no decimal number, since JSON might round it.
    ///
    /// # Errors
    /// Whatever `compute` fails with, or a part that lacks results.
    pub fn items<T: Serialize + DeserializeOwned>(
        &mut self,
        task: &str,
        n: usize,
        compute: impl FnOnce(Range<usize>) -> Result<Vec<T>>,
    ) -> Result<Option<Vec<T>>> {
        match self {
            DividedWork::Whole => compute(0..n).map(Some),
            DividedWork::Part(part) => {
                let range = part.next_range(n);
                let items = if range.is_empty() { Vec::new() } else { compute(range)? };
                part.add(task, &items)?;
                Ok(None)
            }
            DividedWork::Merged(parts) => Ok(Some(parts.take(task, n)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shard::PartOptions;
    use serde_json::json;
    use std::path::PathBuf;

    /// The sum of each item of two tasks, one of them with three items only.
    fn compute(work: &mut DividedWork) -> Option<Vec<(String, u64)>> {
        work.identify(|| Ok(json!({"seed": 1}).as_object().unwrap().clone())).unwrap();
        let mut squares = |task: &str, n: usize| {
            work.items(task, n, |range| Ok(range.map(|i| (task.to_string(), (i * i) as u64)).collect())).unwrap()
        };
        let (many, few) = (squares("many", 20), squares("few", 3));
        Some([many?, few?].concat())
    }

    #[test]
    fn joined_parts_equal_the_whole() {
        let whole = compute(&mut DividedWork::Whole).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for of in [1, 3, 40] {
            let path = |number: u64| folder.path().join(format!("{number}-{of}"));
            for number in 1..=of {
                let options =
                    PartOptions { shard: format!("{number}/{of}").parse().unwrap(), file: Some(path(number)) };
                let mut work = options.begin("test").unwrap();
                assert_eq!(compute(&mut work), None);
                options.finish(&work, crate::lang::Lang::En, &mut Vec::new()).unwrap();
            }
            let paths: Vec<PathBuf> = (1..=of).rev().map(path).collect();
            let mut merged = DividedWork::Merged(PartSet::read(&paths).unwrap());
            assert_eq!(compute(&mut merged), Some(whole.clone()), "{of} parts");
        }
    }
}
