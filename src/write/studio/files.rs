//! The files that the studio writes poems to.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::error::UserError;
use crate::ui::studio::StudioCandidate;

/// Files with this ending get JSON lines.
const JSON_LINES: &str = "jsonl";

/// Appends a poem to a file of poems, below a title that is the command that prints it.
///
/// # Errors
/// A file that cannot be written.
pub fn keep(path: &Path, poem: &StudioCandidate) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let mut file = File::options().append(true).create(true).open(path).with_context(context)?;
    file.write_all(entry(poem).as_bytes()).with_context(context)
}

/// Writes poems to a new file.
///
/// # Errors
/// A file that exists, or cannot be written.
pub fn export(path: &Path, poems: &[StudioCandidate]) -> Result<()> {
    let is_json = path.extension().is_some_and(|extension| extension == JSON_LINES);
    let text = |poem: &StudioCandidate| if is_json { format!("{}\n", poem.json) } else { entry(poem) };
    let context = || format!("cannot write {}", path.display());
    let mut file = match File::create_new(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(UserError(format!("{}: exists already; choose another name", path.display())).into());
        }
        file => file.with_context(context)?,
    };
    file.write_all(poems.iter().map(text).collect::<String>().as_bytes()).with_context(context)
}

/// A title, the poem and a blank line.
fn entry(poem: &StudioCandidate) -> String {
    format!("# {}\n{}\n\n", poem.command.join(" "), poem.text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn poem(text: &str) -> StudioCandidate {
        let command = ["poetgan", "write"].map(String::from).to_vec();
        StudioCandidate {
            text: text.to_string(),
            json: format!("{{\"text\":\"{text}\"}}"),
            command,
            ..Default::default()
        }
    }

    #[test]
    fn poems_are_appended_and_exports_replace_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        [poem("春"), poem("秋")].iter().for_each(|poem| keep(&path("poems.txt"), poem).unwrap());
        let kept = fs::read_to_string(path("poems.txt")).unwrap();
        assert_eq!(kept, "# poetgan write\n春\n\n# poetgan write\n秋\n\n");
        export(&path("all.txt"), &[poem("春"), poem("秋")]).unwrap();
        assert_eq!(fs::read_to_string(path("all.txt")).unwrap(), kept);
        let error = export(&path("poems.txt"), &[poem("冬")]).unwrap_err();
        assert!(error.is::<UserError>() && fs::read_to_string(path("poems.txt")).unwrap() == kept, "{error}");
        export(&path("all.jsonl"), &[poem("春"), poem("秋")]).unwrap();
        assert_eq!(fs::read_to_string(path("all.jsonl")).unwrap(), "{\"text\":\"春\"}\n{\"text\":\"秋\"}\n");
        assert!(keep(&path("none/poems.txt"), &poem("春")).is_err() && export(&path("none/x"), &[]).is_err());
    }
}
