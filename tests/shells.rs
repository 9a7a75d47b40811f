//! The program and its surroundings: completions in real shells, manual pages, and options that have another name elsewhere.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;

use std::fs;
use std::process::Command;

use common::Folder;

/// A call of a shell that finds the program by its name; `None` if there is no such shell.
fn shell(folder: &Folder, name: &str, script: &str) -> Option<String> {
    let program = assert_cmd::cargo::cargo_bin("poetgan");
    let path = std::env::join_paths(
        std::iter::once(program.parent().unwrap().to_path_buf())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut command = Command::new(name);
    command.args(["-c", script]).current_dir(folder.path(".")).env("PATH", path.unwrap()).env("HOME", folder.path("."));
    let output = command.output().ok()?;
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// A command line, and some of what completes its last word.
const COMPLETED: [(&str, &[&str]); 10] = [
    ("poetgan wri", &["write"]),
    ("poetgan write --mark", &["--markdown"]),
    ("poetgan write --form ''", &["7x4", "七绝", "五律", "lines:14"]),
    ("poetgan write --form 七", &["七绝", "七律"]),
    ("poetgan write --axis 战", &["战="]),
    ("poetgan write --select-by ''", &["best", "draw"]),
    ("poetgan write --checkpoint l", &["last"]),
    ("poetgan write --model ''", &["builtin", "tang", "sonnets"]),
    ("poetgan watch s", &["sonnets"]),
    ("poetgan train verse", &["verse.txt"]),
];

fn with_runs() -> Folder {
    let folder = Folder::new();
    // The second one is the newest, also where both are of the same moment.
    for run in ["sonnets", "tang"] {
        fs::create_dir_all(folder.path(&format!("runs/{run}"))).unwrap();
        folder.write(&format!("runs/{run}/metrics.jsonl"), "");
    }
    fs::create_dir_all(folder.path("runs/not-a-run")).unwrap();
    folder.write("runs/tang/config.toml", folder.done("config --preset tiny"));
    folder.write("runs/tang/corpus.json", "{\"sha256\": \"\", \"forms\": {\"lines:14\": 154}}");
    folder.write("verse.txt", "a\n");
    folder
}

#[test]
fn bash_completes_forms_runs_and_axes() {
    let folder = with_runs();
    for (line, expected) in COMPLETED {
        let script = format!(
            "source <(poetgan completions bash); COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_TYPE=9\n\
             _clap_complete_poetgan poetgan \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"\n\
             printf '%s\\n' \"${{COMPREPLY[@]}}\"; complete -p poetgan"
        );
        let Some(found) = shell(&folder, "bash", &script) else { return };
        let words: Vec<&str> = found.split(['\n', '\u{b}']).map(str::trim).collect();
        assert!(expected.iter().all(|word| words.contains(word)), "{line}: {words:?}");
        assert!(!words.contains(&"not-a-run") && found.contains("-F _clap_complete_poetgan poetgan"), "{found}");
    }
}

#[test]
fn fish_completes_them_too() {
    let folder = with_runs();
    for (line, expected) in COMPLETED {
        let line = line.trim_end_matches("''");
        let script = format!("poetgan completions fish | source; complete -C '{line}'");
        let Some(found) = shell(&folder, "fish", &script) else { return };
        let words: Vec<&str> = found.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert!(expected.iter().all(|word| words.contains(word)), "{line}: {words:?}");
    }
}

#[test]
fn every_shell_has_a_script_that_calls_the_program() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.done(&format!("completions {shell}"));
        assert!(script.contains("POETGAN_COMPLETE") && script.contains("poetgan"), "{shell}: {script}");
    }
    let mut command = folder.command("-- poetgan write --form 7");
    let output = command.env("POETGAN_COMPLETE", "zsh").env("_CLAP_COMPLETE_INDEX", "3").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>(), ["7x4", "7x8"]);
    let mut command = folder.command("-- poetgan wr");
    let output = command.env("POETGAN_COMPLETE", "unknown").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.stdout.is_empty() && said.starts_with("poetgan: "), "{said}");
}

#[test]
fn manual_pages_describe_every_command() {
    let folder = Folder::new();
    let page = folder.done("man");
    assert!(page.contains("\n.SH NAME\n") && page.contains("\n.SH EXAMPLES\n"), "{page}");
    let said = folder.done("man share/man1");
    let names: Vec<_> =
        fs::read_dir(folder.path("share/man1")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(said, format!("share/man1: {} pages\n", names.len()));
    assert!(names.len() > 15 && names.iter().all(|name| name.to_str().unwrap().ends_with(".1")), "{names:?}");
    assert_eq!(folder.read("share/man1/poetgan.1"), page);
    let write = folder.read("share/man1/poetgan-write.1");
    assert!(write.contains(".TH POETGAN-WRITE 1 ") && write.contains("\\-\\-acrostic\\-end"), "{write}");
    folder.done("man share/zh --lang zh");
    let chinese = folder.read("share/zh/poetgan-write.1");
    assert!(
        chinese.contains("\n.SH 选项\n") && chinese.contains("写几首诗") && !chinese.contains("[default"),
        "{chinese}"
    );
    let said = folder.mistake("man poems.txt");
    assert!(said.starts_with("poetgan: cannot write poems.txt: "), "{said}");
    // Where there is a program that checks pages, it finds nothing worse than matters of style.
    for page in ["poetgan.1", "poetgan-write.1", "poetgan-train.1"] {
        let path = folder.path(&format!("share/man1/{page}"));
        let Ok(output) = Command::new("mandoc").args(["-Tlint", "-Werror"]).arg(path).output() else { return };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn options_are_suggested_by_their_meaning() {
    let folder = Folder::new();
    for (words, option) in [
        ("write --head 春", "--start"),
        ("write --begin=春", "--start"),
        ("write --topic moon", "--theme"),
        ("write --about moon", "--theme"),
        ("write --cangtou 春夏", "--acrostic"),
        ("write --number 5", "--count"),
        ("write --temp 1", "--temperature"),
        ("write --out a.txt", "--output"),
        ("write --length 14", "--form"),
        ("write --style 七绝", "--form"),
        ("write --run tang", "--model"),
        ("write --card", "--png"),
        ("train x --epochs 3", "--steps"),
        ("train x --output y", "--run"),
        ("train x --lr 0.1", "--config"),
        ("between --number 3", "--steps"),
        ("bench --jobs 3", "--threads"),
    ] {
        let said = folder.mistake(words);
        assert!(
            said.contains(&format!("found; tip: the option for this is '{option}'; see poetgan ")),
            "{words}: {said}"
        );
    }
    let said = folder.mistake("write --head 春 --lang zh");
    assert_eq!(said, "poetgan: 没有选项或参数“--head”；同义的选项：“--start”；详见 poetgan write --help");
    assert!(folder.mistake("write --sed 4").contains("a similar argument exists: '--seed'"), "by letters otherwise");
    assert!(!folder.mistake("runs --head 4").contains("--start"), "only options of the command itself");
}
