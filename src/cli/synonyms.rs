//! Options by their meaning: what a user may have meant by an option that the command does not have.

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Names that other programs have for an option, without hyphens, and the option. Of several rows with a name the first
/// counts whose option the command has.
const SYNONYMS: &[(&str, &[&str])] = &[
    (
        "start",
        &[
            "head",
            "first",
            "begin",
            "begins",
            "beginning",
            "starts-with",
            "prefix",
            "prompt",
            "opening",
            "首句",
            "开头",
        ],
    ),
    ("acrostic", &["cangtou", "hidden-head", "initials", "藏头", "藏头诗"]),
    ("acrostic-end", &["cangwei", "tail", "end", "endings", "ends-with", "藏尾"]),
    ("contain", &["contains", "include", "with", "word", "words", "having"]),
    ("avoid", &["exclude", "without", "ban", "forbid", "not"]),
    ("rhyme", &["rhymes", "rhyme-with", "rhyming", "押韵", "韵"]),
    ("tones", &["tone", "pingze", "regulated", "strict", "metre", "meter", "平仄"]),
    ("no-repeat", &["unique", "no-repeats", "distinct"]),
    ("theme", &["topic", "about", "subject", "keyword", "keywords", "key", "title", "主题"]),
    ("axis", &["direction", "move"]),
    ("form", &["length", "lines", "type", "genre", "style", "kind", "metre", "meter", "shape"]),
    ("count", &["number", "num", "n", "poems", "amount", "many"]),
    ("samples", &["number", "num", "n", "poems", "count"]),
    ("temperature", &["temp", "creativity", "randomness"]),
    ("top-p", &["nucleus", "topp", "p"]),
    ("select", &["drafts", "candidates", "samples", "best", "best-of", "tries"]),
    ("seed", &["random", "random-seed", "random-state", "rng"]),
    ("checkpoint", &["step", "epoch", "version"]),
    ("model", &["run", "weights", "network", "from", "load"]),
    ("mark", &["replace", "rewrite", "edit"]),
    ("markdown", &["md"]),
    ("vertical", &["columns", "tategaki", "upright"]),
    ("traditional", &["trad", "hant", "zh-hant", "script", "convert"]),
    ("simplified", &["simp", "hans", "zh-hans"]),
    ("png", &["card", "image", "picture", "jpg", "jpeg"]),
    ("output", &["out", "file", "save", "save-to", "to-file", "dest", "destination"]),
    ("shard", &["part", "parts", "split", "chunk", "slice"]),
    ("quiet", &["silent", "no-messages"]),
    ("json", &["format", "machine", "ndjson"]),
    ("steps", &["epochs", "iterations", "iters", "max-steps", "count", "number"]),
    ("time-limit", &["time", "timeout", "minutes", "hours", "duration", "max-time"]),
    ("run", &["name", "out", "output", "output-dir", "model", "save"]),
    ("from", &["init", "pretrained", "finetune", "fine-tune", "base", "load"]),
    ("fresh", &["restart", "overwrite", "force", "reset", "new"]),
    ("config", &["lr", "learning-rate", "batch-size", "batch", "dropout", "settings"]),
    ("plain", &["no-tui", "no-dashboard", "no-ui", "log", "headless", "text"]),
    ("threads", &["jobs", "cores", "cpus", "workers", "parallel"]),
    ("lang", &["language", "locale"]),
    ("color", &["colour", "colors", "colours", "no-color"]),
    ("glyphs", &["ascii", "unicode"]),
];

/// The option of `command` for an unknown one, such as `--start` for `--head`.
pub fn meant(error: &clap::Error, command: &Command) -> Option<String> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else { return None };
    option_for(unknown.strip_prefix("--")?, command).map(|option| format!("--{option}"))
}

fn option_for(unknown: &str, command: &Command) -> Option<&'static str> {
    let has = |option: &str| command.get_arguments().any(|argument| argument.get_long() == Some(option));
    let unknown = unknown.to_ascii_lowercase().replace('_', "-");
    let rows = SYNONYMS.iter().filter(|(option, names)| names.contains(&unknown.as_str()) && has(option));
    rows.map(|(option, _)| *option).next()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::args::Arguments;
    use super::*;

    #[test]
    fn a_name_leads_to_an_option_of_the_command_itself() {
        let mut command = Arguments::command();
        command.build();
        let of = |name: &str, unknown: &str| option_for(unknown, command.find_subcommand(name).unwrap());
        assert_eq!(
            (of("write", "head"), of("write", "Topic"), of("write", "out")),
            (Some("start"), Some("theme"), Some("output"))
        );
        assert_eq!((of("train", "out"), of("train", "head")), (Some("run"), None));
        assert_eq!((of("write", "run"), of("write", "best_of")), (Some("model"), Some("select")));
    }

    #[test]
    fn the_table_has_options_that_exist_and_no_name_twice_for_one() {
        let mut command = Arguments::command();
        command.build();
        for (option, names) in SYNONYMS {
            let has = |command: &&Command| command.get_arguments().any(|argument| argument.get_long() == Some(option));
            assert!(command.get_subcommands().any(|command| has(&command)), "--{option}");
            let unique: std::collections::BTreeSet<_> = names.iter().collect();
            assert_eq!(unique.len(), names.len(), "{names:?}");
        }
    }
}
