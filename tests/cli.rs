//! The command line through the real binary, as far as it needs no model.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use assert_cmd::Command;
use std::fs;
use std::process::{Output, Stdio};

fn poetgan(arguments: &[&str]) -> Output {
    Command::cargo_bin("poetgan").unwrap().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs the program with `out` as its standard output.
fn into(out: Stdio, arguments: &[&str]) -> Output {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("poetgan"));
    command.args(arguments).stdout(out).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
}

/// The message of a user error, whose exit code is 2.
fn mistake(arguments: &[&str]) -> String {
    let output = poetgan(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
    text(&output.stderr)
}

#[test]
fn presets_are_printed_with_their_comments() {
    for name in ["tiny", "small", "pure", "base"] {
        let output = poetgan(&["config", "--preset", name]);
        assert!(output.status.success());
        assert_eq!(text(&output.stdout), fs::read_to_string(format!("presets/{name}.toml")).unwrap());
    }
    assert_eq!(poetgan(&["config"]).stdout, poetgan(&["config", "--preset", "base"]).stdout);
}

#[test]
fn the_report_of_a_corpus_gives_its_reasons_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poems.txt");
    fs::write(&path, "a\nb\n\nc\nd\n").unwrap();
    let report = |locale: &str, flags: &[&str]| {
        let mut command = Command::cargo_bin("poetgan").unwrap();
        command.arg("corpus").arg(&path).args(flags).env("LC_ALL", locale);
        text(&command.output().unwrap().stdout)
    };
    let (english, chinese) = (report("C.UTF-8", &[]), report("zh_CN.UTF-8", &[]));
    assert!(english.contains("  because: 2 blocks of lines between blank lines\n"), "{english}");
    assert!(english.contains("at least 20: add poems"), "{english}");
    assert!(chinese.contains("版式：blank-lines（以空行分隔的诗）\n  依据：2 段以空行分隔的文字\n"), "{chinese}");
    assert!(chinese.contains("至少需要 20 首：请补充诗歌"), "{chinese}");
    assert_eq!(report("C.UTF-8", &["--lang", "zh"]), chinese);
    assert_eq!(report("zh_CN.UTF-8", &["--lang", "en"]), english);
}

#[test]
fn every_command_has_examples_in_its_help() {
    let commands = [
        "tour",
        "train",
        "watch",
        "replay",
        "write",
        "explore",
        "studio",
        "between",
        "bench",
        "eval",
        "sweep",
        "oracle",
        "check",
        "export",
        "runs",
        "pack",
        "config",
        "completions",
        "man",
    ];
    for arguments in std::iter::once(vec![]).chain(commands.map(|command| vec![command])) {
        let output = poetgan(&[arguments.as_slice(), &["--help"]].concat());
        assert!(output.status.success());
        let help = text(&output.stdout);
        assert!(help.contains("Examples:\n  poetgan "), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        assert!(!help.contains('\u{1b}'), "no colours in a pipe");
    }
}

#[test]
fn invalid_arguments_are_user_errors() {
    let cases: [(&[&str], &str); 20] = [
        (&[], "Usage: poetgan [OPTIONS] <COMMAND>"),
        (&["trian"], "tip: a similar subcommand exists: 'train'"),
        (&["train"], "<CORPUS>"),
        (&["train", "x", "--time-limit", "soon"], "'soon' is not a time; write 90s, 20m or 1h30m"),
        (&["train", "x", "--loss", "hing"], "[possible values: standard, relativistic, hinge, wasserstein]"),
        (&["train", "x", "--device", "cuda"], "unexpected argument '--device' found"),
        (&["train", "x", "--plain", "--json"], "'--plain' cannot be used with '--json'"),
        (&["train", "x", "--threads", "0"], "0 is not in 1.."),
        (&["train", "x", "--seed", "9223372036854775808"], "is not in 0..=9223372036854775807"),
        (&["write", "--form", "8y"], "'8y' is not a form; write 7x4"),
        (&["train", "x", "--steps", "-1"], "-1 is not in 0.."),
        (&["train", "x", "--threads", "1025"], "1025 is not in 1..=1024"),
        (&["train", "x", "--run", ""], "the name is empty; give a name such as tang"),
        (&["bench", "--threads", "200000"], "200000 is not in 1..=1024"),
        (&["write", "--threads", "200000"], "200000 is not in 1..=1024"),
        (&["write", "--temperature", "0"], "'0' is not a number above 0"),
        (&["write", "--temperature", "-1"], "'-1' is not a number above 0"),
        (&["write", "-n", "-3"], "-3 is not in 1.."),
        (&["write", "-n", "0"], "0 is not in 1.."),
        (&["write", "--seed", "-1"], "-1 is not in 0.."),
    ];
    for (arguments, message) in cases {
        let said = mistake(arguments);
        assert!(said.contains(message), "{arguments:?}: {said}");
        // Without arguments the help is printed.
        let command = arguments.first().filter(|word| ["train", "write", "bench"].contains(word));
        let help = command.map_or("; see poetgan --help\n".to_owned(), |word| format!("; see poetgan {word} --help\n"));
        let is_short = said.starts_with("poetgan: ") && said.lines().count() == 1 && said.ends_with(&help);
        assert_eq!(is_short, !arguments.is_empty(), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn threads_that_the_system_refuses_are_a_user_error_of_one_line() {
    // 1024 stacks do not fit into this much memory.
    let script = "ulimit -v 1200000; RAYON_NUM_THREADS=1024 exec \"$0\" write --seed 1";
    let program = assert_cmd::cargo::cargo_bin("poetgan");
    let output = std::process::Command::new("sh").arg("-c").arg(script).arg(program).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{said}");
    assert!(said.starts_with("poetgan: cannot start the threads to compute with: "), "{said}");
    assert!(said.ends_with("ask for fewer with --threads N\n") && said.lines().count() == 1, "{said}");
}

#[test]
fn more_threads_than_processors_are_not_started() {
    let program = assert_cmd::cargo::cargo_bin("poetgan");
    let run = |threads: &str| {
        std::process::Command::new(&program).args(["write", "--seed", "1", "--threads", threads]).output()
    };
    let (many, one) = (run("1024").unwrap(), run("1").unwrap());
    assert_eq!(text(&many.stdout), text(&one.stdout));
    assert!(text(&many.stderr).contains("note: --threads 1024: this process may use "), "{}", text(&many.stderr));
    let program =
        std::process::Command::new(&program).args(["write"]).env("RAYON_NUM_THREADS", "100000").output().unwrap();
    assert_eq!(program.status.code(), Some(2));
    assert!(
        text(&program.stderr).contains("RAYON_NUM_THREADS is 100000, and 1024 is the most"),
        "{}",
        text(&program.stderr)
    );
}

#[test]
fn a_broken_pipe_is_not_an_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = into(writer.into(), &["completions", "bash"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure_of_one_line() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = into(full.into(), &["config"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.starts_with("poetgan: standard output: No space left"), "{said}");
}
