//! The documentation against the program: options, settings and links exist, and none is missing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

const GUIDE: &str = "docs/guide.md";
const README_WORDS: usize = 900;

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

fn pages() -> Vec<PathBuf> {
    let folders = [".", "docs", "corpora", "models"];
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

fn output(arguments: &[&str]) -> String {
    let output = Command::cargo_bin("poetgan").unwrap().args(arguments).output().unwrap();
    assert!(output.status.success(), "poetgan {}", arguments.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

fn subcommands() -> Vec<String> {
    let help = output(&["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // Further lines of a description are indented more.
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.map(|line| line.split_whitespace().next().unwrap().to_string()).filter(|name| name != "help").collect()
}

/// Long options named in `text`, such as `--seed`.
fn options(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c == '-';
    let mut found = BTreeSet::new();
    for (start, _) in text.match_indices("--") {
        let name: String = text[start + 2..].chars().take_while(|c| is_part(*c)).collect();
        let is_word = !text[..start].ends_with(|c: char| is_part(c) || c == '|');
        if is_word && name.starts_with(|c: char| c.is_ascii_lowercase()) {
            found.insert(format!("--{name}"));
        }
    }
    found
}

/// The options of a subcommand, without `--help`. Examples in its help may name those of others.
fn options_of(subcommand: &str) -> BTreeSet<String> {
    let help = output(&[subcommand, "--help"]);
    let names = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let mut found: BTreeSet<String> = names.flat_map(|line| options(line.split("  ").next().unwrap())).collect();
    let in_one_line = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let aliases = in_one_line.split("[alias: ").skip(1).filter_map(|rest| rest.split(']').next());
    found.extend(aliases.flat_map(options));
    found.remove("--help");
    found
}

/// The section of the guide that describes a subcommand.
fn section<'a>(guide: &'a str, subcommand: &str) -> &'a str {
    let title = |section: &&str| section.lines().next().unwrap().split(' ').any(|word| word == subcommand);
    guide.split("\n## ").skip(1).find(title).unwrap_or_else(|| panic!("{GUIDE}: no section for {subcommand}"))
}

#[test]
fn the_guide_has_every_option_and_no_other() {
    let guide = read(GUIDE);
    let subcommands = subcommands();
    assert!(subcommands.len() > 10, "{subcommands:?}");
    for subcommand in &subcommands {
        let (known, described) = (options_of(subcommand), options(section(&guide, subcommand)));
        // The options of the dashboard are described once, for `train`.
        let dashboard = ["--lang", "--color", "--glyphs"].map(String::from);
        let missing: Vec<_> =
            known.difference(&described).filter(|name| subcommand == "train" || !dashboard.contains(name)).collect();
        assert!(missing.is_empty(), "{GUIDE}: {subcommand} lacks {missing:?}");
    }
    let known: BTreeSet<String> = subcommands.iter().flat_map(|name| options_of(name)).collect();
    // Those of cargo and TensorBoard, and the one that every command has.
    let foreign = ["--release", "--path", "--logdir", "--help"].map(String::from);
    let unknown: Vec<_> = options(&guide).difference(&known).filter(|name| !foreign.contains(name)).cloned().collect();
    assert!(unknown.is_empty(), "{GUIDE}: the program has no {unknown:?}");
}

#[test]
fn the_guide_has_every_setting_with_its_default() {
    let guide = read(GUIDE);
    let settings = section(&guide, "Settings");
    let base: toml::Table = output(&["config"]).parse().unwrap();
    let mut n_settings = 0;
    for (section, table) in &base {
        for (key, value) in table.as_table().unwrap() {
            n_settings += 1;
            // Sections within `[model]` have rows of their own.
            let row =
                settings.lines().find(|line| line.contains(&format!("`{key}`")) || line.contains(&format!(".{key}")));
            let row = row.unwrap_or_else(|| panic!("{GUIDE}: no row for {section}.{key}"));
            if !value.is_table() {
                let number = value.to_string();
                assert!(row.contains(&number), "{GUIDE}: {section}.{key} is {number}: {row}");
            }
        }
    }
    assert!(n_settings > 30, "only {n_settings} settings were found");
}

#[test]
fn the_readme_is_short() {
    let n_words = read("README.md").split_whitespace().count();
    assert!(n_words <= README_WORDS, "{n_words} words");
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let slug = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-")
    };
    headings.map(slug).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut n_links = 0;
    for path in pages() {
        let page = read(&path);
        for (start, _) in page.match_indices("](") {
            let target = page[start + 2..].split(')').next().unwrap();
            if target.starts_with("http") {
                continue;
            }
            n_links += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let place = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(place.exists(), "{}: {target}", path.display());
            assert!(anchor.is_empty() || anchors(&read(&place)).contains(anchor), "{}: {target}", path.display());
        }
    }
    assert!(n_links > 30, "only {n_links} links were found");
}
