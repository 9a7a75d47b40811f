//! The invariants that lib.rs states, held against the sources, and the two READMEs against each other.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const MAX_LINES: usize = 400;

/// A file below `src/`.
struct Source {
    path: PathBuf,
    /// Its place in the crate: `nn`, `ops`, `linear` for `src/nn/ops/linear.rs`.
    module: Vec<String>,
    /// Its lines with their numbers, without comments and without the tests at its end.
    code: Vec<(usize, String)>,
}

impl Source {
    fn read(path: &Path) -> Source {
        let text = fs::read_to_string(path).unwrap();
        let mut module: Vec<String> = path.with_extension("").iter().skip(1).map(name).collect();
        module.retain(|name| name != "mod" && name != "lib");
        let lines =
            text.lines().take_while(|line| !["#[cfg(test)]", "#![cfg(test)]"].contains(line)).map(without_comment);
        Source { path: path.to_path_buf(), module, code: whole_imports(lines) }
    }

    fn is_below(&self, module: &str) -> bool {
        self.module.first().is_some_and(|first| first == module)
    }

    /// What the file names of the crate, as paths from its root, with the line.
    fn references(&self) -> Vec<(usize, Vec<String>)> {
        let mut found = Vec::new();
        for (number, line) in &self.code {
            for root in ["crate::", "poetgan::"] {
                found.extend(after(line, root).flat_map(paths).map(|path| (*number, path)));
            }
            for rest in after(line, "super::") {
                let more = rest.split("super::").take_while(|between| between.is_empty()).count();
                let base = self.module.len().saturating_sub(1 + more);
                let rest = &rest["super::".len() * more..];
                let outer = &self.module[..base];
                found.extend(paths(rest).into_iter().map(|path| (*number, [outer, path.as_slice()].concat())));
            }
        }
        found
    }
}

fn name(part: &std::ffi::OsStr) -> String {
    part.to_string_lossy().into_owned()
}

/// Good enough for this code: no string of it holds two slashes after a space.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") { "" } else { line.split(" // ").next().unwrap() }
}

/// Numbers the lines; those of an import are joined into one.
fn whole_imports<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(usize, String)> {
    let mut code: Vec<(usize, String)> = Vec::new();
    for (line, number) in lines.zip(1..) {
        match code.last_mut() {
            Some((_, import)) if is_import(import) && !import.contains(';') => import.push_str(line.trim()),
            _ => code.push((number, line.to_string())),
        }
    }
    code
}

fn is_import(line: &str) -> bool {
    line.trim_start().trim_start_matches("pub ").starts_with("use ")
}

/// What follows each `prefix` that begins a path.
fn after<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    let begins = |start: &usize| !line[..*start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
    line.match_indices(prefix).map(|(start, _)| start).filter(begins).map(|start| &line[start + prefix.len()..])
}

/// The paths that a text begins with, each as far as its names go: one, or those of a list in braces.
fn paths(text: &str) -> Vec<Vec<String>> {
    let Some(list) = text.strip_prefix('{') else {
        let path = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).next().unwrap();
        return vec![path.split("::").filter(|name| !name.is_empty()).map(String::from).collect()];
    };
    // Commas inside further braces part what is deeper than we look.
    let (mut items, mut depth) = (vec![String::new()], 0);
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ => {}
        }
        if depth == 0 && c != ',' && c != ' ' {
            items.last_mut().unwrap().push(c);
        }
    }
    items.iter().filter(|item| !item.is_empty()).flat_map(|item| paths(item)).collect()
}

/// Every file of the crate, but for those that hold tests.
fn sources() -> Vec<Source> {
    let sources: Vec<Source> = files(Path::new("src")).iter().map(|path| Source::read(path)).collect();
    assert!(sources.len() > 50, "{}", sources.len());
    sources.into_iter().filter(|source| source.module.last().is_none_or(|name| name != "tests")).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    paths
        .into_iter()
        .flat_map(below)
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// Fails with every line of these sources that holds one of `words`.
fn assert_none(words: &[&str], why: &str, concerns: impl Fn(&Source) -> bool) {
    let mut found = Vec::new();
    for source in sources().into_iter().filter(concerns) {
        for (number, line) in &source.code {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", source.path.display(), line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

/// The modules as lib.rs lists them, from the one that knows all to the one that knows none.
fn order() -> Vec<String> {
    let text = fs::read_to_string("src/lib.rs").unwrap().replace("\n//!  ", "");
    let list = text.split("to its right in ").nth(1).and_then(|rest| rest.split('.').next()).unwrap();
    list.split(',').map(|name| name.trim().to_string()).collect()
}

#[test]
fn imports_go_one_way() {
    let order = order();
    let rank = |module: &str| order.iter().position(|name| name == module);
    let (mut wrong, mut n_edges) = (Vec::new(), 0);
    for source in sources() {
        let Some(from) = source.module.first() else { continue };
        assert!(rank(from).is_some(), "lib.rs does not say where '{from}' stands");
        for (number, path) in source.references() {
            let Some(to) = path.first().filter(|to| *to != from) else { continue };
            let place = || format!("{}:{number}: {from} knows {}", source.path.display(), path.join("::"));
            n_edges += 1;
            if rank(to).is_none_or(|to| Some(to) <= rank(from)) {
                wrong.push(place());
            }
        }
    }
    assert!(wrong.is_empty(), "lib.rs says otherwise:\n{}", wrong.join("\n"));
    assert!(n_edges > 100, "only {n_edges} imports were found");
}

/// The modules that two paths part at, below what they share: `ui::model` and `ui::panes` for two files in these folders.
/// `None` where one path leads through the other, as from a module to its child.
fn siblings(from: &[String], to: &[String]) -> Option<[String; 2]> {
    let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let part = |path: &[String]| path.get(..=shared).map(|names| names.join("::"));
    Some([part(from)?, part(to)?])
}

#[test]
fn no_two_modules_import_each_other() {
    let sources = sources();
    let is_module = |path: &str| sources.iter().any(|source| source.module.join("::").starts_with(path));
    let mut edges: BTreeMap<[String; 2], String> = BTreeMap::new();
    for source in &sources {
        for (number, path) in source.references() {
            if let Some(pair) = siblings(&source.module, &path).filter(|[_, to]| is_module(to)) {
                let place = format!("{}:{number}: {}", source.path.display(), path.join("::"));
                edges.entry(pair).or_insert(place);
            }
        }
    }
    assert!(edges.len() > 200, "only {} imports were found", edges.len());
    let back = |[from, to]: &[String; 2]| edges.get(&[to.clone(), from.clone()]);
    let both = edges.iter().filter(|([from, to], _)| from < to);
    let circles: Vec<String> =
        both.filter_map(|(pair, there)| Some(format!("{there}\n    and {}", back(pair)?))).collect();
    assert!(circles.is_empty(), "these import each other:\n{}", circles.join("\n"));
}

/// Type names that stand in two modules on purpose.
const SHARED_NAMES: [&str; 0] = [];

#[test]
fn public_types_have_names_of_their_own() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources() {
        for (number, line) in &source.code {
            let words: Vec<&str> = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
            let is_public = line.trim_start().starts_with("pub");
            let at = words.iter().position(|word| ["struct", "enum", "trait", "type", "union"].contains(word));
            if let Some(name) = at.filter(|_| is_public).and_then(|at| words.get(at + 1)) {
                places.entry(name.to_string()).or_default().push(format!("{}:{number}", source.path.display()));
            }
        }
    }
    assert!(places.len() > 100, "only {} types were found", places.len());
    places.retain(|name, places| places.len() > 1 && !SHARED_NAMES.contains(&name.as_str()));
    assert!(places.is_empty(), "one name, one type: {places:#?}");
}

#[test]
fn the_dashboard_knows_events_only() {
    let known = ["best_choice", "event", "limits", "notice", "runtime_setting"];
    let tools = ["ui", "lang", "printable"];
    for source in sources().iter().filter(|source| source.is_below("ui")) {
        for (number, path) in source.references() {
            let is_known = tools.contains(&path[0].as_str()) || (path[0] == "run" && known.contains(&path[1].as_str()));
            assert!(is_known, "{}:{number}: ui knows {}", source.path.display(), path.join("::"));
        }
    }
    assert_none(&["candle"], "no tensors in the dashboard", |source| source.is_below("ui"));
}

#[test]
fn only_cli_knows_clap() {
    assert_none(&["clap::", "clap_complete", "use clap"], "below cli there are options only", |source| {
        !source.is_below("cli")
    });
}

#[test]
fn nn_is_pure() {
    let words = [
        "std::fs",
        "fs::",
        "File",
        "std::io",
        "std::net",
        "std::env",
        "print!",
        "println!",
        "ratatui",
        "crossterm",
        "std::time",
        "Instant",
        "SystemTime",
        "Duration",
        "stdout",
        "stderr",
    ];
    assert_none(&words, "nn computes and nothing else", |source| source.is_below("nn"));
}

#[test]
fn output_goes_through_printable() {
    // The last three write escape sequences of their own, and nothing of a file or a name.
    let may = [
        &["printable"][..],
        &["cli", "output"],
        &["ui", "term", "terminal"],
        &["eval", "progress"],
        &["train", "closing"],
    ];
    let (mut wrong, mut n_uses) = (Vec::new(), 0);
    for source in sources() {
        for (number, line) in &source.code {
            let uses = ["io::stdout()", "io::stderr()"].iter().flat_map(|name| line.split(name).skip(1));
            n_uses += uses.clone().count();
            let writes = uses.clone().any(|rest| !rest.starts_with(".is_terminal()"));
            let prints = ["print!(", "println!("].iter().any(|name| line.contains(name));
            if prints || writes && !may.iter().any(|module| source.module == *module) {
                wrong.push(format!("{}:{number}: {}", source.path.display(), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "write with printable::out or printable::tell:\n{}", wrong.join("\n"));
    assert!(n_uses > 10, "only {n_uses} uses were found");
}

#[test]
fn files_are_renamed_and_removed_with_retries() {
    let words = ["fs::rename", "fs::remove_"];
    assert_none(&words, "another program may hold them for a moment: use retry", |source| {
        source.module.last().is_none_or(|name| name != "retry")
    });
}

#[test]
fn every_draw_comes_from_a_named_stream() {
    let words = [
        "from_seed",
        "seed_from_u64",
        "from_rng",
        "from_os_rng",
        "from_entropy",
        "thread_rng",
        "rand::rng",
        "OsRng",
        "StdRng",
        "SmallRng",
        "getrandom",
        "RandomState",
        "Tensor::rand",
        "Tensor::randn",
        "rand_like",
        "randn_like",
        "Init::Rand",
        "fastrand",
    ];
    assert_none(&words, "draw from random::stream", |source| !source.is_below("random"));
    assert_none(&["SystemTime", "UNIX_EPOCH"], "a clock makes no seed", |source| !source.is_below("cli"));
    // The id of a run comes from the clock: it tells runs apart, and no draw depends on it.
    let is_lock = |source: &Source| source.module == ["run", "lock"];
    assert_none(&["Timestamp::now"], "a clock makes no seed", |source| !is_lock(source));
}

#[test]
fn only_tests_may_panic() {
    let words = [
        ".unwrap()",
        ".expect(",
        ".unwrap_err()",
        "panic!(",
        "todo!(",
        "unimplemented!(",
        "unreachable!(",
        "dbg!(",
        "allow(clippy::unwrap",
        "allow(clippy::expect",
        "allow(clippy::panic",
        "allow(clippy::too_many_lines",
        "allow(dead_code",
        "allow(unused",
    ];
    assert_none(&words, "return an error instead", |_| true);
}

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for path in files(Path::new("src")).into_iter().chain(files(Path::new("tests"))) {
        let n_lines = fs::read_to_string(&path).unwrap().lines().count();
        if n_lines > MAX_LINES {
            long.push(format!("{}: {n_lines} lines", path.display()));
        }
    }
    assert!(long.is_empty(), "one idea a file, {MAX_LINES} lines at most:\n{}", long.join("\n"));
}

/// The commands of the `sh` blocks of a page, without their comments.
fn commands(page: &str) -> Vec<String> {
    let (mut found, mut is_shell) = (Vec::new(), false);
    for line in fs::read_to_string(page).unwrap().lines() {
        if line.starts_with("```") {
            is_shell = line == "```sh";
        } else if is_shell {
            found.push(line.split(" # ").next().unwrap().trim().to_string());
        }
    }
    found
}

#[test]
fn both_readmes_have_the_same_commands() {
    let english = commands("README.md");
    assert_eq!(commands("README.zh.md"), english);
    let first = ["cargo run --release -- train corpora/tang.txt", "cargo test --release"];
    assert!(first.iter().all(|command| english.iter().any(|found| found == command)), "{english:?}");
}

/// The tests above find nothing when all is well; this shows that they would find something.
#[test]
fn references_are_found() {
    let module = ["nn", "ops", "linear"].map(String::from).to_vec();
    let lines = [
        "use crate::nn::{self, simd};",
        "use super::super::simd;",
        "    let x = crate::random::stream(super::seed, 1);",
        "use crate::{",
        "    config::{Config, Kind},",
        "    corpus,",
        "};",
        "use super::super::super::train;",
        "let scrate::no = 1;",
    ];
    let source = Source { path: PathBuf::new(), module, code: whole_imports(lines.into_iter()) };
    let found: Vec<String> =
        source.references().iter().map(|(line, path)| format!("{line} {}", path.join("::"))).collect();
    let expected = ["1 nn", "2 nn::simd", "3 random::stream", "3 nn::ops::seed", "4 config", "4 corpus", "8 train"];
    assert_eq!(found, expected);
    assert_eq!(without_comment("    /// crate::ui"), "");
    assert_eq!(without_comment("a(b); // crate::ui"), "a(b);");
}
